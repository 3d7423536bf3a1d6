#include "promote/cmd_git.h"

#include "base/file_fd.h"
#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Is this one of the variables that would point Git at another repository than ours? opk may be run
 * by one of Git's hooks, which sets them. */
static bool is_of_a_repository(const char *variable)
{
    static const char *const NAMES[] = {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    };
    size_t len = strcspn(variable, "=");

    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        if (strlen(NAMES[i]) == len && memcmp(variable, NAMES[i], len) == 0)
            return true;
    }
    return false;
}

char **opk_git_environment(struct opk_arena *arena)
{
    size_t count = 0;
    char **kept;

    while (environ[count])
        count++;
    kept = opk_arena_array(arena, count + 1, sizeof(*kept));
    count = 0;
    for (size_t i = 0; kept && environ[i]; i++) {
        if (!is_of_a_repository(environ[i]))
            kept[count++] = environ[i];
    }
    return kept;
}

char *opk_git_word(const char *text)
{
    char *same;

    memcpy(&same, &text, sizeof(same));
    return same;
}

/* Start git: its output goes into the pipe's end, its complaints into a file or nowhere. */
static int spawn_git(const struct opk_git_call *call, int output, int complaints, pid_t *out_pid)
{
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);

    if (code != 0)
        return code;
    code = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (code == 0)
        code = complaints < 0
                   ? posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
                                                      O_WRONLY, 0)
                   : posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (code == 0)
        code = posix_spawnp(out_pid, "git", &actions, NULL, call->argv, call->environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

static enum opk_status wait_for(pid_t pid, int *out_code, struct opk_err *err)
{
    int result = 0;
    pid_t ended;

    do
        ended = waitpid(pid, &result, 0);
    while (ended < 0 && errno == EINTR);
    if (ended != pid)
        return opk_fail_errno(err, NULL, "waiting for git", errno);
    *out_code = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
    return OPK_OK;
}

/* A pipe that no other program inherits. */
static enum opk_status open_pipe(int ends[2], struct opk_err *err)
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return opk_fail_errno(err, NULL, "making a pipe for git", errno);
    }
    if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0)
        return opk_fail_errno(err, NULL, "making a pipe for git", errno);
    return OPK_OK;
}

/* What git said on standard error; the rest of a long complaint is left. */
static enum opk_status read_complaint(int fd, struct opk_buf *complaint, struct opk_err *err)
{
    enum opk_status status;

    if (lseek(fd, 0, SEEK_SET) != 0)
        return opk_fail_errno(err, NULL, "reading what git says", errno);
    status = opk_fd_read(fd, "git", OPK_GIT_COMPLAINT_MAX, complaint, err);
    return status == OPK_E_LIMIT ? OPK_OK : status;
}

enum opk_status opk_cmd_git(const struct opk_git_call *call, struct opk_buf *answer,
                            struct opk_buf *complaint, int *out_code, struct opk_err *err)
{
    int ends[2];
    int complaints = -1;
    pid_t pid = -1;
    enum opk_status status = open_pipe(ends, err);

    if (status == OPK_OK && complaint) {
        const char *folder = getenv("TMPDIR");
        status = opk_scratch_open(folder && *folder ? folder : "/tmp", &complaints, err);
    }
    if (status == OPK_OK) {
        int code = spawn_git(call, ends[1], complaints, &pid);
        if (code == ENOENT)
            status = opk_fail(err, OPK_E_NOENT, OPK_NOWHERE, "there is no git on the PATH");
        else if (code != 0)
            status = opk_fail_errno(err, NULL, "starting git", code);
    }
    opk_fd_drop(ends[1]);
    if (status == OPK_OK) {
        status = opk_fd_read(ends[0], "git", call->max, answer, err);
        opk_fd_drop(ends[0]); /* a git that says too much ends by it */
        ends[0] = -1;
        enum opk_status waited = wait_for(pid, out_code, status == OPK_OK ? err : NULL);
        status = status == OPK_OK ? waited : status;
    }
    opk_fd_drop(ends[0]);
    if (status == OPK_OK && complaint)
        status = read_complaint(complaints, complaint, err);
    opk_fd_drop(complaints);
    return status;
}
