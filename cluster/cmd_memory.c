#include "cluster/cmd_memory.h"

#include "base/file.h"
#include "base/str.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Pages, in the order of the file: size resident shared text lib data dt. */
#define STATM      "/proc/self/statm"
#define STATM_DATA 5
#define STATM_MAX  ((size_t)256)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#define IS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define IS_SANITIZED false
#endif

/* Bytes of data that the process has; false when nobody tells. */
static bool held_bytes(size_t *out_bytes)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_str word = OPK_STR_EMPTY;
    uint64_t pages;
    const long page = sysconf(_SC_PAGESIZE);
    bool is_known = page > 0 && opk_file_read(STATM, STATM_MAX, &text, NULL) == OPK_OK;
    struct opk_split words = OPK_SPLIT(opk_buf_str(&text), ' ');

    for (size_t i = 0; is_known && i <= STATM_DATA; i++)
        is_known = opk_split_next(&words, &word);
    is_known = is_known && opk_str_to_u64(word, &pages) && pages <= SIZE_MAX / (size_t)page;
    if (is_known)
        *out_bytes = (size_t)pages * (size_t)page;
    opk_buf_done(&text);
    return is_known;
}

static size_t stack_bytes(void)
{
    pthread_attr_t attributes;
    size_t bytes = 0;

    if (pthread_attr_init(&attributes) != 0)
        return 0;
    if (pthread_attr_getstacksize(&attributes, &bytes) != 0)
        bytes = 0;
    (void)pthread_attr_destroy(&attributes);
    return bytes;
}

bool opk_memory_wall(size_t bytes, size_t threads)
{
    struct rlimit limit;
    size_t held;

    if (IS_SANITIZED || !held_bytes(&held) || getrlimit(RLIMIT_DATA, &limit) != 0)
        return false;
    const rlim_t wall = (rlim_t)held + bytes + (rlim_t)(threads - 1) * stack_bytes();
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= wall)
        return true; /* there is a nearer one */
    limit.rlim_cur = wall;
    return setrlimit(RLIMIT_DATA, &limit) == 0;
}

void opk_memory_give_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}
