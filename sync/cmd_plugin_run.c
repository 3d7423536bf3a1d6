#include "sync/cmd_plugin_run.h"

#include "base/out.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS     10            /* between two counts of processes */
#define COMPLAINT   ((size_t)200) /* bytes of standard error that are told */
#define ARGS_MAX    64
#define CHUNK       ((size_t)16384)
#define NOT_STARTED 127

enum { IN, OUT, ERR, PIPES };

/* A program that runs. */
struct process {
    const struct opk_plugin *plugin;
    struct opk_err *err;
    pid_t pid;
    int document;         /* a file in memory, -1 when there is none */
    int ends[PIPES];      /* of ours; -1 when closed */
    struct opk_str event; /* what is not written yet */
    struct opk_buf *answer;
    size_t answer_begin;
    struct opk_buf complaint;
    bool has_ended;
    int status;
};

/* ---- the child, between fork and exec: system calls only ---- */

static void limit(int resource, rlim_t most)
{
    struct rlimit value = {most, most};

    if (setrlimit((__rlimit_resource_t)resource, &value) != 0)
        _exit(NOT_STARTED);
}

/* Nothing may be written but /dev/null. A kernel that has no Landlock leaves it at the limits. */
static void forbid_writing(void)
{
    const struct landlock_ruleset_attr attr = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                             LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                             LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                             LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                             LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM};
    struct landlock_path_beneath_attr null = {.allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

    if (rules < 0)
        return;
    null.parent_fd = open("/dev/null", O_PATH | O_CLOEXEC);
    if (null.parent_fd >= 0)
        (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &null, 0);
    if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        _exit(NOT_STARTED);
}

static _Noreturn void become(const struct process *process, const struct opk_plugin_home *home,
                             const int theirs[PIPES], char **argv, char **environment,
                             unsigned seconds)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    bool is_placed = setpgid(0, 0) == 0 && dup2(theirs[IN], STDIN_FILENO) >= 0 &&
                     dup2(theirs[OUT], STDOUT_FILENO) >= 0 &&
                     dup2(theirs[ERR], STDERR_FILENO) >= 0 &&
                     fcntl(process->document, F_SETFD, 0) == 0 && fchdir(home->root) == 0 &&
                     chdir(process->plugin->folder.data) == 0;

    if (!is_placed || sigaction(SIGPIPE, &normal, NULL) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        _exit(NOT_STARTED);
    forbid_writing();
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, seconds + 1);
    limit(RLIMIT_AS, OPK_PLUGIN_MEMORY_MAX);
    limit(RLIMIT_NOFILE, OPK_PLUGIN_FILES_MAX);
    limit(RLIMIT_FSIZE, 0);
    assert(argv[0]); /* the schema of specifications wants one */
    (void)execvpe(argv[0], argv, environment);
    _exit(NOT_STARTED);
}

/* ---- processes ---- */

/* The children of a process, as text; 0 bytes where they cannot be known. */
static size_t read_children(pid_t pid, char *out, size_t size)
{
    char path[64];
    ssize_t len;

    (void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)pid, (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    do {
        len = read(fd, out, size - 1);
    } while (len < 0 && errno == EINTR);
    (void)close(fd);
    return len > 0 ? (size_t)len : 0;
}

/* Add the children of a process to a list; those past its end are not counted. */
static size_t list_children(pid_t pid, pid_t *list, size_t count, size_t most)
{
    char text[4096];
    struct opk_split parts =
        OPK_SPLIT(opk_str_bytes(text, read_children(pid, text, sizeof(text))), ' ');
    struct opk_str part;
    uint64_t child;

    while (count < most && opk_split_next(&parts, &part)) {
        if (opk_str_to_u64(part, &child))
            list[count++] = (pid_t)child;
    }
    return count;
}

/* How many processes there are below ours, up to one more than there may be. */
static size_t count_processes(void)
{
    pid_t list[OPK_PLUGIN_PROCESSES_MAX + 1];
    size_t most = OPK_PLUGIN_PROCESSES_MAX + 1;
    size_t count = list_children(getpid(), list, 0, most);

    for (size_t i = 0; i < count; i++)
        count = list_children(list[i], list, count, most);
    return count;
}

/* Kill the group, and then whoever left it: a process whose parent is gone becomes a child of ours
 * (it is a subreaper), so that in the end there is none. */
static void kill_all(struct process *process)
{
    pid_t list[OPK_PLUGIN_PROCESSES_MAX];
    int status;
    pid_t pid;

    (void)kill(-process->pid, SIGKILL);
    do {
        size_t count = list_children(getpid(), list, 0, OPK_PLUGIN_PROCESSES_MAX);
        for (size_t i = 0; i < count; i++)
            (void)kill(list[i], SIGKILL);
        pid = waitpid(-1, &status, 0);
        if (pid == process->pid) {
            process->has_ended = true;
            process->status = status;
        }
    } while (pid > 0 || (pid < 0 && errno == EINTR));
}

/* ---- pipes ---- */

static void close_end(struct process *process, int end)
{
    if (process->ends[end] >= 0)
        (void)close(process->ends[end]);
    process->ends[end] = -1;
}

static void write_event(struct process *process)
{
    ssize_t len = write(process->ends[IN], process->event.data, process->event.len);

    if (len > 0)
        process->event = opk_str_skip(process->event, (size_t)len);
    else if (errno != EINTR && errno != EAGAIN)
        process->event = OPK_STR_EMPTY; /* it does not care */
    if (process->event.len == 0)
        close_end(process, IN);
}

static void read_output(struct process *process, int end, struct opk_buf *out)
{
    char *room = opk_buf_extend(out, CHUNK);
    size_t before = out->len - (room ? CHUNK : 0);
    ssize_t len;

    if (!room) {
        close_end(process, end);
        return;
    }
    len = read(process->ends[end], room, CHUNK);
    opk_buf_truncate(out, before + (len > 0 ? (size_t)len : 0));
    if (len == 0 || (len < 0 && errno != EINTR && errno != EAGAIN))
        close_end(process, end);
}

/* What is ready, for at most one tick. */
static void exchange(struct process *process)
{
    static const short EVENTS[PIPES] = {[IN] = POLLOUT, [OUT] = POLLIN, [ERR] = POLLIN};
    struct pollfd fds[PIPES];

    for (int i = 0; i < PIPES; i++)
        fds[i] = (struct pollfd){.fd = process->ends[i], .events = EVENTS[i]};
    if (poll(fds, PIPES, TICK_MS) <= 0)
        return;
    if (fds[IN].revents)
        write_event(process);
    if (fds[OUT].revents)
        read_output(process, OUT, process->answer);
    if (fds[ERR].revents)
        read_output(process, ERR, &process->complaint);
    if (process->complaint.len > COMPLAINT) /* the rest is read and dropped */
        opk_buf_truncate(&process->complaint, COMPLAINT);
}

/* ---- one run ---- */

static OPK_MUST_USE enum opk_status over(const struct process *process, const char *limit_name,
                                         size_t most)
{
    return opk_fail(process->err, OPK_E_LIMIT, OPK_AT_PATH(process->plugin->path),
                    "%.*s: more than %zu %s; it was ended, and nothing is written",
                    OPK_STR_FMT(process->plugin->id), most, limit_name);
}

static uint64_t now_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void look_for_end(struct process *process)
{
    int status;

    if (waitpid(process->pid, &status, WNOHANG) != process->pid)
        return;
    process->has_ended = true;
    process->status = status;
}

/* Until it has ended and all that it wrote is read, or it passes a limit. */
static enum opk_status attend(struct process *process, unsigned seconds)
{
    uint64_t until = now_ms() + (uint64_t)seconds * 1000;

    while (!process->has_ended) {
        exchange(process);
        if (process->answer->len - process->answer_begin > OPK_PLUGIN_OUTPUT_MAX)
            return over(process, "bytes of output", OPK_PLUGIN_OUTPUT_MAX);
        if (count_processes() > OPK_PLUGIN_PROCESSES_MAX)
            return over(process, "processes", OPK_PLUGIN_PROCESSES_MAX);
        if (now_ms() > until)
            return over(process, "seconds", seconds);
        look_for_end(process);
    }
    kill_all(process); /* whoever is left holds the pipe open */
    while (process->ends[OUT] >= 0) {
        read_output(process, OUT, process->answer);
        if (process->answer->len - process->answer_begin > OPK_PLUGIN_OUTPUT_MAX)
            return over(process, "bytes of output", OPK_PLUGIN_OUTPUT_MAX);
    }
    while (process->ends[ERR] >= 0 && process->complaint.len < COMPLAINT)
        read_output(process, ERR, &process->complaint);
    return OPK_OK;
}

static enum opk_status check_status(struct process *process)
{
    struct opk_str said =
        opk_str_trim(opk_str_slice(opk_buf_str(&process->complaint), 0, COMPLAINT));
    size_t line = opk_str_find_byte(said, '\n', 0);
    int number =
        WIFSIGNALED(process->status) ? WTERMSIG(process->status) : WEXITSTATUS(process->status);

    said = opk_str_slice(said, 0, line);
    if (number == 0)
        return OPK_OK;
    if (number == NOT_STARTED && said.len == 0)
        return opk_fail(process->err, OPK_E_INVALID, OPK_AT_PATH(process->plugin->path),
                        "%.*s: %s cannot be run", OPK_STR_FMT(process->plugin->id),
                        process->plugin->run->first->text.data);
    return opk_fail(process->err, OPK_E_INVALID, OPK_AT_PATH(process->plugin->path),
                    "%.*s: it %s %d%s%.*s", OPK_STR_FMT(process->plugin->id),
                    WIFSIGNALED(process->status) ? "was ended by signal" : "ends with status",
                    number, said.len > 0 ? ": " : "", OPK_STR_FMT(said));
}

/* The document as it is by now, where a program can read it and nobody else. */
static enum opk_status hold_document(struct process *process, struct opk_str document)
{
    process->document = memfd_create("document", MFD_CLOEXEC);
    while (process->document >= 0 && document.len > 0) {
        ssize_t len = write(process->document, document.data, document.len);
        if (len < 0 && errno != EINTR)
            break;
        document = opk_str_skip(document, len > 0 ? (size_t)len : 0);
    }
    if (process->document >= 0 && document.len == 0)
        return OPK_OK;
    return opk_fail(process->err, OPK_E_IO, OPK_AT_PATH(process->plugin->path),
                    "%.*s: its document: %s", OPK_STR_FMT(process->plugin->id), strerror(errno));
}

static bool open_pipes(struct process *process, int theirs[PIPES])
{
    for (int i = 0; i < PIPES; i++) {
        int pair[2];
        int ours = i == IN ? 1 : 0;
        if (pipe2(pair, O_CLOEXEC) != 0)
            return false;
        process->ends[i] = pair[ours];
        theirs[i] = pair[1 - ours];
        if (fcntl(pair[ours], F_SETFL, O_NONBLOCK) != 0)
            return false;
    }
    return true;
}

static enum opk_status start(struct process *process, const struct opk_plugin_home *home,
                             char **argv, unsigned seconds)
{
    char root[OPK_PATH_MAX + 16];
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char locale[] = "LC_ALL=C.UTF-8";
    char document[64];
    char *environment[] = {path, locale, root, document, NULL};
    int theirs[PIPES] = {-1, -1, -1};
    enum opk_status status = OPK_OK;

    (void)snprintf(root, sizeof(root), "OPK_ROOT=%s", home->root_path);
    (void)snprintf(document, sizeof(document), "OPK_DOCUMENT=/dev/fd/%d", process->document);
    if (!open_pipes(process, theirs) || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        process->pid = -1;
    else
        process->pid = fork();
    if (process->pid == 0)
        become(process, home, theirs, argv, environment, seconds);
    if (process->pid < 0)
        status =
            opk_fail(process->err, OPK_E_IO, OPK_AT_PATH(process->plugin->path),
                     "%.*s: starting it: %s", OPK_STR_FMT(process->plugin->id), strerror(errno));
    else
        (void)setpgid(process->pid, process->pid); /* whoever comes first */
    for (int i = 0; i < PIPES; i++) {
        if (theirs[i] >= 0)
            (void)close(theirs[i]);
    }
    return status;
}

static enum opk_status read_argv(const struct opk_plugin *plugin, char *argv[ARGS_MAX + 1],
                                 struct opk_err *err)
{
    size_t count = 0;

    if (plugin->run->count > ARGS_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(plugin->path), "%.*s: more than %d arguments",
                        OPK_STR_FMT(plugin->id), ARGS_MAX);
    for (const struct opk_node *word = plugin->run->first; word; word = word->next) {
        if (opk_str_find_byte(word->text, '\0', 0) != OPK_NPOS)
            return opk_fail(err, OPK_E_INVALID, opk_node_place(word, plugin->path),
                            "%.*s: an argument with a zero byte", OPK_STR_FMT(plugin->id));
        /* exec does not change them, but for C's sake takes char *. */
        memcpy(&argv[count++], &word->text.data, sizeof(argv[0]));
    }
    argv[count] = NULL;
    return OPK_OK;
}

enum opk_status opk_plugin_run(void *context, const struct opk_question *question,
                               struct opk_buf *answer, struct opk_err *err)
{
    const struct opk_plugin *plugin = question->plugin;
    struct process process = {.plugin = plugin,
                              .err = err,
                              .pid = -1,
                              .ends = {-1, -1, -1},
                              .document = -1,
                              .event = question->event,
                              .answer = answer,
                              .answer_begin = answer->len};
    char *argv[ARGS_MAX + 1];
    enum opk_status status = read_argv(plugin, argv, err);

    if (status == OPK_OK)
        status = hold_document(&process, question->document);
    if (status == OPK_OK)
        status = start(&process, context, argv, question->seconds);
    if (status == OPK_OK) {
        status = attend(&process, question->seconds);
        kill_all(&process);
    }
    (void)prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
    if (status == OPK_OK)
        status = check_status(&process);
    for (int i = 0; i < PIPES; i++)
        close_end(&process, i);
    if (process.document >= 0)
        (void)close(process.document);
    opk_buf_done(&process.complaint);
    return status;
}
