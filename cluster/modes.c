#include "cluster/modes.h"

#include "base/map.h"
#include "base/mem.h"
#include "cluster/canon.h"
#include "cluster/hints.h"
#include "cluster/wrapper.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fewer uses of an option, or one use in more commands than this, say nothing. */
#define USES_MIN   3
#define USES_SHARE 20

/* Options of a choice: each has this share of the commands and begins this share of its own; one
 * use in so many may be together with another, where chance would bring one; and so many
 * of sixteen commands have exactly one of them. */
#define CHOICE_SHARE    10
#define CHOICE_FIRST    4
#define CHOICE_TOGETHER 16
#define CHOICE_COVERED  12

/* What follows must say so many thousandths of whether the option is there, and so much in all. */
#define FOLLOWS_TOLD      600
#define FOLLOWS_MILLIBITS 10000

/* Ways in which operands follow that are told apart; the rest is one more. */
#define FOLLOWS_MAX 15

#define NONE UINT32_MAX

/* An option of an operation. */
struct flag {
    uint64_t with;
    uint32_t rank; /* among the modes of its operation; NONE: it is none */
    struct opk_mode_reason reason;
};

struct opk_modes {
    struct opk_map *keys; /* operation, newline, description */
    uint64_t *counts;     /* owned; by index in keys */
    size_t count_cap;
    struct opk_map *names; /* operation, newline, option */
    struct flag *flags;    /* owned; by index in names */
    size_t flag_cap;
    bool any; /* is there a mode at all? */
    struct opk_buf key;
};

/* ---- counting ---- */

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to learn mode flags");
}

enum opk_status opk_modes_new(struct opk_modes **out_modes, struct opk_err *err)
{
    struct opk_modes *modes = calloc(1, sizeof(*modes));
    enum opk_status status = modes ? opk_map_new(&modes->keys, err) : no_memory(err);

    if (status == OPK_OK)
        status = opk_map_new(&modes->names, err);
    if (status == OPK_OK)
        *out_modes = modes;
    else
        opk_modes_free(modes);
    return status;
}

void opk_modes_free(struct opk_modes *modes)
{
    if (!modes)
        return;
    opk_map_free(modes->keys);
    opk_map_free(modes->names);
    free(modes->counts);
    free(modes->flags);
    opk_buf_done(&modes->key);
    free(modes);
}

/* A class as far as what follows matters: a name may be that of a file, a branch, an image, and a
 * file without its type looks like any of them; what is quoted is none of these. */
static char family_letter(struct opk_str word_class)
{
    static const char *const TEXTS[] = {"code", "json", "pattern", "text"};

    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        if (opk_str_eq(word_class, opk_str_of(TEXTS[i])))
            return 't';
    }
    return 'w';
}

/* Equal neighbours are one: how many files there are changes nothing. */
static void append_operand(struct opk_buf *out, size_t begin, struct opk_str word_class)
{
    char letter = family_letter(word_class);

    if (out->len == begin || (out->len > begin && out->data[out->len - 1] != letter))
        opk_buf_append_byte(out, letter);
}

/* "---" is none. */
static bool is_name(struct opk_str option)
{
    return option.len > 1 &&
           (opk_is_alnum(option.data[1]) || (option.len > 2 && opk_is_alnum(option.data[2])));
}

/* An option whose value may as well be an operand is taken for one without, and is marked. */
void opk_modes_describe(const struct opk_form *form, struct opk_buf *out)
{
    size_t begin;

    opk_buf_append(out, form->lead);
    opk_buf_append_byte(out, '\t');
    for (size_t i = 0; i < form->option_count; i++) {
        bool has_value = form->options[i].value.len > 0;
        struct opk_str name = form->options[i].name;
        if ((has_value && form->options[i].sure) || !is_name(name))
            continue;
        opk_buf_append(out, name);
        opk_buf_append_cstr(out, has_value ? "= " : " ");
    }
    opk_buf_append_byte(out, '\t');
    begin = out->len;
    for (size_t i = 0; i < form->option_count; i++) {
        if (form->options[i].value.len > 0 && !form->options[i].sure)
            append_operand(out, begin, form->options[i].value);
    }
    for (size_t i = 0; i < form->operand_count; i++)
        append_operand(out, begin, form->operands[i]);
}

static struct opk_str make_key(struct opk_buf *key, struct opk_str operation, struct opk_str rest)
{
    opk_buf_clear(key);
    opk_buf_append(key, operation);
    opk_buf_append_byte(key, '\n');
    opk_buf_append(key, rest);
    return opk_buf_str(key);
}

enum opk_status opk_modes_count(struct opk_modes *modes, struct opk_str operation,
                                struct opk_str description, uint64_t commands, struct opk_err *err)
{
    uint64_t *grown = opk_grow(modes->counts, &modes->count_cap,
                               (size_t)opk_map_count(modes->keys) + 1, sizeof(*grown));
    struct opk_str key = make_key(&modes->key, operation, description);
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown)
        return no_memory(err);
    modes->counts = grown;
    if (modes->key.failed)
        return no_memory(err);
    status = opk_map_add(modes->keys, key, &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    grown[index] = (is_new ? 0 : grown[index]) + commands;
    return OPK_OK;
}

enum opk_status opk_modes_learn(const struct opk_model *model, const struct opk_summary *summary,
                                struct opk_modes **out_modes, struct opk_err *err)
{
    struct opk_buf signature = OPK_BUF_EMPTY;
    struct opk_buf shape = OPK_BUF_EMPTY;
    struct opk_buf description = OPK_BUF_EMPTY;
    struct opk_modes *modes = NULL;
    struct opk_walk *walk = NULL;
    struct opk_seen seen;
    enum opk_status status = opk_modes_new(&modes, err);

    if (status != OPK_OK)
        return status;
    status = opk_walk_new(summary, true, &walk, err);
    while (status == OPK_OK && (status = opk_walk_next(walk, &seen, err)) == OPK_OK) {
        opk_buf_clear(&signature);
        opk_buf_clear(&shape);
        opk_buf_clear(&description);
        enum opk_kind_type type =
            opk_canon_write(model, seen.shape, &signature, &shape, &description);
        if (signature.failed || shape.failed || description.failed)
            status = no_memory(err);
        else if (type == OPK_KIND_COMMAND)
            status = opk_modes_count(modes, opk_buf_str(&signature), opk_buf_str(&description),
                                     seen.commands, err);
    }
    if (status == OPK_END)
        status = opk_modes_decide(modes, err);
    opk_walk_free(walk);
    opk_buf_done(&signature);
    opk_buf_done(&shape);
    opk_buf_done(&description);
    if (status == OPK_OK)
        *out_modes = modes;
    else
        opk_modes_free(modes);
    return status;
}

/* ---- deciding ---- */

/* A description as it is read back. */
struct entry {
    struct opk_str operation;
    struct opk_str lead;
    struct opk_str options; /* each with a blank behind it */
    struct opk_str operands;
    uint64_t count;
};

static struct entry entry_at(const struct opk_modes *modes, uint32_t index)
{
    struct opk_str key = opk_map_key(modes->keys, index);
    size_t line = opk_str_find_byte(key, '\n', 0);
    size_t first = opk_str_find_byte(key, '\t', line);
    size_t second = opk_str_find_byte(key, '\t', first + 1);

    return (struct entry){
        .operation = opk_str_slice(key, 0, line),
        .lead = opk_str_slice(key, line + 1, first),
        .options = opk_str_slice(key, first + 1, second),
        .operands = opk_str_skip(key, second + 1),
        .count = modes->counts[index],
    };
}

/* The next option of an entry, and whether an operand may be its value; false at the end. */
static bool next_option(struct opk_str *rest, struct opk_str *out_name, bool *out_valued)
{
    size_t end = opk_str_find_byte(*rest, ' ', 0);

    if (end == OPK_NPOS)
        return false;
    *out_valued = end > 0 && rest->data[end - 1] == '=';
    *out_name = opk_str_slice(*rest, 0, end - *out_valued);
    *rest = opk_str_skip(*rest, end + 1);
    return true;
}

/* One operation while it is decided: the options that may be modes, most frequent first. */
struct group {
    uint64_t commands;
    uint64_t plain; /* with none of them */
    size_t count;
    struct opk_str names[OPK_MODES_FLAGS_MAX];
    struct flag *flags[OPK_MODES_FLAGS_MAX];
    uint64_t together[OPK_MODES_FLAGS_MAX][OPK_MODES_FLAGS_MAX];
    size_t follow_count;
    struct opk_str follows[FOLLOWS_MAX];
    uint64_t after[OPK_MODES_FLAGS_MAX][FOLLOWS_MAX + 1];
    uint64_t after_plain[FOLLOWS_MAX + 1];
};

static struct opk_str option_name(const struct opk_modes *modes, uint32_t index)
{
    struct opk_str key = opk_map_key(modes->names, index);

    return opk_str_skip(key, opk_str_find_byte(key, '\n', 0) + 1);
}

/* Count the options of an operation; theirs are the indexes of names from *out_first on. */
static enum opk_status count_options(struct opk_modes *modes, const uint32_t *entries, size_t count,
                                     struct group *group, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < count; i++) {
        struct entry entry = entry_at(modes, entries[i]);
        struct opk_str name;
        bool valued;
        group->commands += entry.count;
        while (status == OPK_OK && next_option(&entry.options, &name, &valued)) {
            struct flag *grown = opk_grow(modes->flags, &modes->flag_cap,
                                          (size_t)opk_map_count(modes->names) + 1, sizeof(*grown));
            struct opk_str key = make_key(&modes->key, entry.operation, name);
            uint32_t index;
            bool is_new;
            if (!grown)
                return no_memory(err);
            modes->flags = grown;
            status = modes->key.failed ? no_memory(err)
                                       : opk_map_add(modes->names, key, &index, &is_new, err);
            if (status != OPK_OK)
                return status;
            if (is_new)
                grown[index] = (struct flag){.rank = NONE};
            grown[index].with += entry.count;
            grown[index].reason.valued += valued ? entry.count : 0;
        }
    }
    return status;
}

/* Take the most frequent options from first on into the group. */
static void choose_options(struct opk_modes *modes, uint32_t first, struct group *group)
{
    for (uint32_t i = first; i < opk_map_count(modes->names); i++) {
        struct flag *flag = &modes->flags[i];
        struct opk_str name = option_name(modes, i);
        size_t at = group->count;
        if (flag->with < USES_MIN || flag->with * USES_SHARE < group->commands)
            continue;
        while (at > 0 && (group->flags[at - 1]->with < flag->with ||
                          (group->flags[at - 1]->with == flag->with &&
                           opk_str_cmp(name, group->names[at - 1]) < 0)))
            at--;
        if (at == OPK_MODES_FLAGS_MAX)
            continue;
        group->count += group->count < OPK_MODES_FLAGS_MAX;
        for (size_t k = group->count - 1; k > at; k--) {
            group->names[k] = group->names[k - 1];
            group->flags[k] = group->flags[k - 1];
        }
        group->names[at] = name;
        group->flags[at] = flag;
    }
}

static size_t find_follow(struct group *group, struct opk_str operands)
{
    size_t at = 0;

    while (at < group->follow_count && !opk_str_eq(group->follows[at], operands))
        at++;
    if (at == group->follow_count && at < FOLLOWS_MAX)
        group->follows[group->follow_count++] = operands;
    return at;
}

/* Count what stands together, what stands first, and what follows. */
static void count_company(const struct opk_modes *modes, const uint32_t *entries, size_t count,
                          struct group *group)
{
    for (size_t i = 0; i < count; i++) {
        struct entry entry = entry_at(modes, entries[i]);
        size_t follow = find_follow(group, entry.operands);
        size_t here[OPK_MODES_FLAGS_MAX];
        size_t here_count = 0;
        struct opk_str name;
        bool valued;
        while (next_option(&entry.options, &name, &valued)) {
            for (size_t k = 0; k < group->count; k++) {
                if (opk_str_eq(group->names[k], name) && here_count < OPK_MODES_FLAGS_MAX)
                    here[here_count++] = k;
            }
        }
        for (size_t a = 0; a < here_count; a++) {
            for (size_t b = 0; b < here_count; b++)
                group->together[here[a]][here[b]] += entry.count;
            group->after[here[a]][follow] += entry.count;
            if (opk_str_eq(group->names[here[a]], entry.lead))
                group->flags[here[a]]->reason.first += entry.count;
        }
        group->plain += here_count == 0 ? entry.count : 0;
        group->after_plain[follow] += here_count == 0 ? entry.count : 0;
    }
}

/* Could these two be options of one choice? */
static bool excludes(const struct group *group, size_t a, size_t b)
{
    uint64_t x = group->flags[a]->with;
    uint64_t y = group->flags[b]->with;
    uint64_t less = x < y ? x : y;

    return group->together[a][b] * CHOICE_TOGETHER <= less && x * y >= group->commands;
}

static bool may_choose(const struct group *group, size_t option)
{
    const struct flag *flag = group->flags[option];

    return flag->with * CHOICE_SHARE >= group->commands &&
           flag->reason.first * CHOICE_FIRST >= flag->with;
}

/* Options that exclude one another, from a first one on. */
struct choice {
    size_t options[OPK_MODES_FLAGS_MAX];
    size_t count;
    uint64_t covered;
};

static struct choice make_choice(const struct group *group, size_t first)
{
    struct choice choice = {.options = {first}, .count = 1, .covered = group->flags[first]->with};

    for (size_t i = 0; i < group->count; i++) {
        uint64_t together = 0;
        bool fits = i != first && may_choose(group, i);
        for (size_t k = 0; k < choice.count && fits; k++) {
            fits = excludes(group, choice.options[k], i);
            together += group->together[choice.options[k]][i];
        }
        if (!fits)
            continue;
        choice.options[choice.count++] = i;
        choice.covered += group->flags[i]->with;
        choice.covered -= 2 * together < choice.covered ? 2 * together : choice.covered;
    }
    return choice;
}

/* Is the operand behind the option rather its value? */
static bool may_have_value(const struct flag *flag)
{
    return flag->reason.valued * 2 > flag->with;
}

/* The way in which operands mostly follow an option. */
static size_t usual_follow(const struct group *group, size_t option)
{
    size_t best = 0;

    for (size_t i = 1; i <= FOLLOWS_MAX; i++)
        best = group->after[option][i] > group->after[option][best] ? i : best;
    return best;
}

/* Options that each bring a value of their own are no choice: -m TEXT, --file FILE. The operand is
 * the operation's when one of them stands without, or when all have the same. */
static bool is_choice(const struct group *group, const struct choice *choice)
{
    bool same = true;

    for (size_t i = 0; i < choice->count; i++) {
        if (!may_have_value(group->flags[choice->options[i]]))
            return choice->count > 1;
        same = same &&
               usual_follow(group, choice->options[i]) == usual_follow(group, choice->options[0]);
    }
    return choice->count > 1 && same;
}

/* Is there a choice of which nearly every command has exactly one? Its options become modes. */
static bool decide_choice(struct group *group)
{
    struct choice best = {.covered = 0};

    for (size_t i = 0; i < group->count; i++) {
        if (!may_choose(group, i))
            continue;
        struct choice choice = make_choice(group, i);
        if (!is_choice(group, &choice))
            continue;
        group->flags[i]->reason.choices = choice.count;
        group->flags[i]->reason.covered = choice.covered;
        if (choice.covered > best.covered)
            best = choice;
    }
    if (best.count < 2 || best.covered * 16 < group->commands * CHOICE_COVERED)
        return false;
    for (size_t i = 0; i < best.count; i++) {
        struct flag *flag = group->flags[best.options[i]];
        flag->reason.verdict = OPK_MODE_CHOICE;
        flag->reason.choices = best.count;
        flag->reason.covered = best.covered;
        flag->rank = (uint32_t)best.options[i];
    }
    return true;
}

/* Bits that one of part's kind takes among whole, for all of part. */
static double bits(uint64_t part, uint64_t whole)
{
    return part > 0 ? (double)part * log2((double)whole / (double)part) : 0;
}

/* How much what follows says of whether the option is there: mutual information, in bits. */
static void weigh_follows(const struct group *group, size_t option)
{
    struct flag *flag = group->flags[option];
    uint64_t all = flag->with + group->plain;
    double presence = bits(flag->with, all) + bits(group->plain, all);
    double left = 0;

    for (size_t i = 0; i <= FOLLOWS_MAX; i++) {
        uint64_t with = group->after[option][i];
        uint64_t both = with + group->after_plain[i];
        left += bits(with, both) + bits(group->after_plain[i], both);
    }
    if (presence <= 0 || left >= presence)
        return;
    flag->reason.millibits = (uint64_t)((presence - left) * 1000);
    flag->reason.told = (uint64_t)((presence - left) / presence * 1000);
}

static void decide_follows(struct opk_str operation, struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        struct flag *flag = group->flags[i];
        if (may_have_value(flag) && !opk_hint_mode(operation, group->names[i]))
            continue;
        if (flag->reason.told < FOLLOWS_TOLD || flag->reason.millibits < FOLLOWS_MILLIBITS ||
            group->plain * USES_SHARE < group->commands)
            continue;
        flag->reason.verdict = OPK_MODE_FOLLOWS;
        flag->rank = (uint32_t)i;
    }
}

static struct opk_str operation_of(struct opk_str key)
{
    return opk_str_slice(key, 0, opk_str_find_byte(key, '\n', 0));
}

/* Entries of one operation, in order of their keys. */
static enum opk_status decide_group(struct opk_modes *modes, const uint32_t *entries, size_t count,
                                    struct opk_err *err)
{
    uint32_t first = opk_map_count(modes->names);
    struct group group = {.commands = 0};
    enum opk_status status = count_options(modes, entries, count, &group, err);

    if (status != OPK_OK)
        return status;
    choose_options(modes, first, &group);
    if (group.count == 0)
        return OPK_OK;
    count_company(modes, entries, count, &group);
    for (size_t i = 0; i < group.count; i++) {
        struct opk_mode_reason *reason = &group.flags[i]->reason;
        reason->commands = group.commands;
        reason->with = group.flags[i]->with;
        reason->plain = group.plain;
        weigh_follows(&group, i);
    }
    if (!decide_choice(&group))
        decide_follows(operation_of(opk_map_key(modes->keys, entries[0])), &group);
    for (size_t i = 0; i < group.count; i++)
        modes->any = modes->any || group.flags[i]->rank != NONE;
    return OPK_OK;
}

/* A key and its index. */
struct ordered {
    struct opk_str key;
    uint32_t index;
};

static int by_key(const void *a, const void *b)
{
    const struct ordered *x = a;
    const struct ordered *y = b;

    return opk_str_cmp(x->key, y->key);
}

enum opk_status opk_modes_decide(struct opk_modes *modes, struct opk_err *err)
{
    size_t count = opk_map_count(modes->keys);
    struct ordered *ordered = calloc(count + 1, sizeof(*ordered));
    uint32_t *entries = calloc(count + 1, sizeof(*entries));
    enum opk_status status = ordered && entries ? OPK_OK : no_memory(err);

    for (uint32_t i = 0; i < count && status == OPK_OK; i++)
        ordered[i] = (struct ordered){opk_map_key(modes->keys, i), i};
    if (status == OPK_OK && count > 0)
        qsort(ordered, count, sizeof(*ordered), by_key);
    for (size_t begin = 0, end = 0; begin < count && status == OPK_OK; begin = end) {
        struct opk_str operation = operation_of(ordered[begin].key);
        while (end < count && opk_str_eq(operation_of(ordered[end].key), operation)) {
            entries[end] = ordered[end].index;
            end++;
        }
        status = decide_group(modes, entries + begin, end - begin, err);
    }
    free(ordered);
    free(entries);
    return status;
}

/* ---- asking ---- */

/* The longest name of an operation and an option that is looked up. */
#define NAME_MAX_BYTES 512

static const struct flag *find_flag(const struct opk_modes *modes, struct opk_str operation,
                                    struct opk_str name)
{
    char room[NAME_MAX_BYTES];
    uint32_t index;

    if (operation.len + 1 + name.len > sizeof(room))
        return NULL;
    memcpy(room, operation.data, operation.len);
    room[operation.len] = '\n';
    memcpy(room + operation.len + 1, name.data, name.len);
    struct opk_str key = {room, operation.len + 1 + name.len};
    return opk_map_find(modes->names, key, &index) ? &modes->flags[index] : NULL;
}

bool opk_modes_reason(const struct opk_modes *modes, struct opk_str operation, struct opk_str name,
                      struct opk_mode_reason *out_reason)
{
    const struct flag *flag = find_flag(modes, operation, name);

    if (!flag || flag->reason.commands == 0)
        return false;
    *out_reason = flag->reason;
    return true;
}

/* An operation without the wrappers that show in front of it: "xargs grep" is "grep". */
static struct opk_str skip_wrappers(struct opk_str operation)
{
    size_t blank = opk_str_find_byte(operation, ' ', 0);

    while (blank != OPK_NPOS) {
        const struct opk_wrapper *row = opk_wrapper_find(opk_str_slice(operation, 0, blank));
        if (!row || !row->shown)
            break;
        operation = opk_str_skip(operation, blank + 1);
        blank = opk_str_find_byte(operation, ' ', 0);
    }
    return operation;
}

/* The mode of one simple command, of which words are what stands behind its operation. */
static struct opk_str find_mode(const struct opk_modes *modes, struct opk_str operation,
                                struct opk_str words)
{
    struct opk_split split = OPK_SPLIT(words, ' ');
    struct opk_str mode = OPK_STR_EMPTY;
    uint32_t rank = NONE;
    struct opk_str word;

    operation = skip_wrappers(operation);
    while (opk_split_next(&split, &word)) {
        const struct flag *flag = NULL;
        if (word.len > 1 && word.data[0] == '-')
            flag = find_flag(modes, operation, word);
        if (flag && flag->rank < rank) {
            rank = flag->rank;
            mode = word;
        }
    }
    return mode;
}

/* Take the text before the next " | " off rest; false at the end. */
static bool next_command(struct opk_str *rest, struct opk_str *out_command)
{
    static const struct opk_str PIPE = OPK_STR_INIT(" | ");
    size_t end = opk_str_find(*rest, PIPE, 0);

    if (rest->len == 0)
        return false;
    *out_command = opk_str_slice(*rest, 0, end == OPK_NPOS ? rest->len : end);
    *rest = end == OPK_NPOS ? OPK_STR_EMPTY : opk_str_skip(*rest, end + PIPE.len);
    return true;
}

void opk_modes_sign(const struct opk_modes *modes, struct opk_str operations, struct opk_str shape,
                    struct opk_buf *out)
{
    struct opk_str operation;
    struct opk_str command;
    bool is_first = true;

    if (!modes->any) {
        opk_buf_append(out, operations);
        return;
    }
    while (next_command(&operations, &operation)) {
        if (!is_first)
            opk_buf_append_cstr(out, " | ");
        is_first = false;
        opk_buf_append(out, operation);
        if (!next_command(&shape, &command) || !opk_str_starts(command, operation))
            continue;
        struct opk_str mode = find_mode(modes, operation, opk_str_skip(command, operation.len));
        if (mode.len > 0) {
            opk_buf_append_byte(out, ' ');
            opk_buf_append(out, mode);
        }
    }
}
