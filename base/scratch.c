#include "base/scratch.h"

#include "base/buf.h"
#include "base/file_fd.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum opk_status opk_scratch_open(const char *folder, int *out_fd, struct opk_err *err)
{
    struct opk_buf path = OPK_BUF_EMPTY;
    enum opk_status status;
    int fd = -1;

    opk_buf_printf(&path, "%s/opk-XXXXXX%c", folder, '\0');
    status = opk_buf_check(&path, err);
    if (status == OPK_OK) {
        fd = mkstemp(path.data);
        if (fd < 0)
            status = opk_fail_errno(err, folder, "cannot make a scratch file", errno);
        else
            (void)unlink(path.data);
    }
    opk_buf_done(&path);
    if (status == OPK_OK)
        *out_fd = fd;
    return status;
}
