#include "cluster/known.h"

#include "base/map.h"
#include "cluster/shape.h"
#include "cluster/word.h"

#include <stdlib.h>
#include <string.h>

/* How a program is told which target to run. */
struct runner {
    const char *program;
    const char *verb; /* the word before the target; NULL: there is none */
    enum opk_known_format format;
    bool only_targets; /* every operand is a target (make a b), not only the first */
};

static const struct runner RUNNERS[] = {
    {"make", NULL, OPK_KNOWN_MAKE, true},
    {"gmake", NULL, OPK_KNOWN_MAKE, true},
    {"just", NULL, OPK_KNOWN_JUST, false},
    {"npm", "run", OPK_KNOWN_PACKAGE, false},
    {"npm", "run-script", OPK_KNOWN_PACKAGE, false},
    {"npm", NULL, OPK_KNOWN_PACKAGE, false}, /* npm test, npm start */
    {"yarn", "run", OPK_KNOWN_PACKAGE, false},
    {"yarn", NULL, OPK_KNOWN_PACKAGE, false},
    {"pnpm", "run", OPK_KNOWN_PACKAGE, false},
    {"pnpm", NULL, OPK_KNOWN_PACKAGE, false},
    {"bun", "run", OPK_KNOWN_PACKAGE, false},
};

/* The scripts that npm runs without "run"; the rest of its verbs are its own. */
static const char *const NPM_SHORT[] = {"test", "start", "stop", "restart"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct opk_known {
    struct opk_map *names; /* a letter for the format, then the name */
};

enum opk_status opk_known_new(struct opk_known **out_known, struct opk_err *err)
{
    struct opk_known *known = calloc(1, sizeof(*known));
    enum opk_status status;

    if (!known)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for known targets");
    status = opk_map_new(&known->names, err);
    if (status != OPK_OK) {
        opk_known_free(known);
        return status;
    }
    *out_known = known;
    return OPK_OK;
}

void opk_known_free(struct opk_known *known)
{
    if (!known)
        return;
    opk_map_free(known->names);
    free(known);
}

uint32_t opk_known_count(const struct opk_known *known)
{
    return opk_map_count(known->names);
}

/* name is at most OPK_KNOWN_NAME_MAX bytes long. */
static struct opk_str name_key(char room[OPK_KNOWN_NAME_MAX + 1], enum opk_known_format format,
                               struct opk_str name)
{
    room[0] = (char)('0' + format);
    memcpy(room + 1, name.data, name.len);
    return opk_str_bytes(room, name.len + 1);
}

enum opk_status opk_known_add(struct opk_known *known, enum opk_known_format format,
                              struct opk_str name, struct opk_err *err)
{
    char room[OPK_KNOWN_NAME_MAX + 1];
    uint32_t index;
    bool is_new;

    if (name.len == 0 || name.len > OPK_KNOWN_NAME_MAX)
        return OPK_OK;
    struct opk_str key = name_key(room, format, name);
    if (opk_map_count(known->names) == OPK_KNOWN_TARGETS_MAX &&
        !opk_map_find(known->names, key, NULL))
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %u known targets",
                        OPK_KNOWN_TARGETS_MAX);
    return opk_map_add(known->names, key, &index, &is_new, err);
}

static bool has_target(const struct opk_known *known, enum opk_known_format format,
                       struct opk_str name)
{
    char room[OPK_KNOWN_NAME_MAX + 1];

    return name.len <= OPK_KNOWN_NAME_MAX &&
           opk_map_find(known->names, name_key(room, format, name), NULL);
}

/* npm's own verbs are no scripts, even where a script has the same name ("npm install"). */
static bool is_callable(const struct runner *runner, struct opk_str word)
{
    if (runner->verb || strcmp(runner->program, "npm") != 0)
        return true;
    for (size_t i = 0; i < COUNT(NPM_SHORT); i++) {
        if (opk_str_eq(word, opk_str_of(NPM_SHORT[i])))
            return true;
    }
    return false;
}

/*
 * Does the runner, whose program stands before items, call known targets? What stands right behind
 * an option may be its value, so it need not be a target.
 */
static bool calls_target(const struct opk_known *known, const struct runner *runner,
                         struct opk_items items)
{
    bool wants_verb = runner->verb != NULL;
    bool behind_option = false;
    bool found = false;
    struct opk_item item;

    while (opk_items_next(&items, &item)) {
        bool may_be_value = behind_option;
        behind_option = item.kind == OPK_ITEM_OPTION;
        if (item.kind == OPK_ITEM_WORD && wants_verb) {
            wants_verb = !opk_str_eq(item.text, opk_str_of(runner->verb));
            if (wants_verb && !may_be_value)
                return false;
        } else if (item.kind == OPK_ITEM_WORD && is_callable(runner, item.text) &&
                   has_target(known, runner->format, item.text)) {
            found = true;
        } else if (item.kind == OPK_ITEM_ATTACHED || item.kind == OPK_ITEM_REDIRECT) {
            (void)opk_items_next(&items, &item);
        } else if (item.kind != OPK_ITEM_OPTION && !may_be_value &&
                   !opk_str_eq(item.text, OPK_STR("key=value"))) {
            return false;
        }
        if (found && !runner->only_targets)
            return true;
    }
    return found;
}

/* Is this raw shape more than one simple command? */
static bool is_pipeline(struct opk_items items)
{
    struct opk_item item;

    while (opk_items_next(&items, &item)) {
        if (item.kind == OPK_ITEM_PROGRAM)
            return true;
    }
    return false;
}

bool opk_known_has(const struct opk_known *known, struct opk_str raw)
{
    struct opk_items items = OPK_ITEMS(raw);
    struct opk_item program;

    if (opk_map_count(known->names) == 0 || !opk_items_next(&items, &program) ||
        program.kind != OPK_ITEM_PROGRAM || is_pipeline(items))
        return false;
    for (size_t i = 0; i < COUNT(RUNNERS); i++) {
        if (opk_str_eq(program.text, opk_str_of(RUNNERS[i].program)) &&
            calls_target(known, &RUNNERS[i], items))
            return true;
    }
    return false;
}
