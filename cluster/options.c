#include "cluster/options.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "cluster/hints.h"
#include "cluster/reduced.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* Bundles longer than this are options of one name (-verbose). */
#define BUNDLE_MAX 6

/* Fewer uses in an operation say less than those in the whole program. */
#define USES_MIN 3

/* One use in so many may lack the value: a line cut short, a help text. */
#define BARE_SHARE 16

/* An option stands in front of operation words when it was seen before so many of them. */
#define FRONT_WORDS 3

/* An option takes a value when so much of its uses have the operand between it and another. */
#define BETWEEN_SHARE 8

/* The tally of an option in one operation, or in a whole program. */
struct use {
    uint32_t slot;
    uint32_t next; /* of the same operation; NONE at the end */
    uint64_t commands;
    uint64_t free;     /* operands behind no option, in those commands */
    uint64_t seen;     /* without an attached value */
    uint64_t attached; /* with one */
    uint64_t bare;     /* without an operand behind it */
    uint64_t between;  /* with an operand, and another option behind that */
    uint64_t front;    /* in front of operands, where operation words could stand */
    uint64_t front_flag;
    uint64_t front_value;
    uint32_t front_words[FRONT_WORDS]; /* some of the operation words it stood before; NONE */
    uint32_t first_company;            /* index into companies; NONE at the end */
    uint32_t pair;                     /* of a letter: the long name that it may stand for; NONE */
    uint32_t means;                    /* the use whose spelling is shown; itself when it is that */
    bool candidate;                    /* may be a synonym */
    bool takes_value;
    bool sure; /* that it takes one */
    enum opk_option_front place;
    struct opk_str fact; /* spelling told by a table; else empty */
};

/* All commands of an operation. */
struct operation {
    uint64_t commands;
    uint64_t free;
    uint32_t first; /* use; NONE at the end */
};

/* The other options and the operands beside one use, as a hash. */
struct company {
    uint64_t hash;
    uint64_t count;
    uint32_t next; /* of the same use */
};

struct opk_options {
    const struct opk_words *words; /* borrowed */
    bool with_hints;
    struct opk_map *keys; /* level, slot, name */
    struct use *uses;     /* owned; by index in keys */
    size_t use_cap;
    struct operation *operations; /* owned; by slot */
    struct operation *programs;   /* likewise: with the operations of the program */
    struct opk_map *company_keys; /* use, hash */
    struct company *companies;    /* owned; by index in company_keys */
    size_t company_cap;
    struct opk_map *together; /* two uses of one command */
    struct opk_buf key;
};

/* Tallies of an option in an operation, and in all operations of its program. */
enum level {
    IN_OPERATION = 'o',
    IN_PROGRAM = 'p',
};

/* Bytes of a key in front of the option's name. */
#define KEY_NAME (sizeof(uint32_t) + 1)

/* Room for a key: options have shorter names (shape.c). */
#define KEY_MAX 80

static struct opk_str use_key(char room[KEY_MAX], enum level level, uint32_t slot,
                              struct opk_str name)
{
    size_t len = name.len < KEY_MAX - KEY_NAME ? name.len : KEY_MAX - KEY_NAME;

    room[0] = (char)level;
    memcpy(room + 1, &slot, sizeof(slot));
    memcpy(room + KEY_NAME, name.data, len);
    return (struct opk_str){room, KEY_NAME + len};
}

static uint32_t find_use(const struct opk_options *options, enum level level, uint32_t slot,
                         struct opk_str name)
{
    char room[KEY_MAX];
    uint32_t index = NONE;

    if (slot == NONE || !opk_map_find(options->keys, use_key(room, level, slot, name), &index))
        return NONE;
    return index;
}

static struct opk_str use_name(const struct opk_options *options, uint32_t use)
{
    return opk_str_skip(opk_map_key(options->keys, use), KEY_NAME);
}

static enum opk_status add_use(struct opk_options *options, enum level level, uint32_t slot,
                               struct opk_str name, uint32_t *out_use)
{
    struct use *grown = opk_grow(options->uses, &options->use_cap,
                                 (size_t)opk_map_count(options->keys) + 1, sizeof(*grown));
    char room[KEY_MAX];
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown)
        return OPK_E_NOMEM;
    options->uses = grown;
    status = opk_map_add(options->keys, use_key(room, level, slot, name), &index, &is_new, NULL);
    if (status != OPK_OK)
        return status;
    if (is_new) {
        struct operation *operation =
            level == IN_OPERATION ? &options->operations[slot] : &options->programs[slot];
        grown[index] = (struct use){.slot = slot,
                                    .next = operation->first,
                                    .front_words = {NONE, NONE, NONE},
                                    .first_company = NONE,
                                    .pair = NONE,
                                    .means = index,
                                    .fact = OPK_STR_EMPTY};
        operation->first = index;
    }
    *out_use = index;
    return OPK_OK;
}

struct opk_str opk_option_letter(char letter)
{
    static const char LETTERS[] = "-a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z"
                                  "-A-B-C-D-E-F-G-H-I-J-K-L-M-N-O-P-Q-R-S-T-U-V-W-X-Y-Z";
    size_t at = opk_is_lower(letter) ? (size_t)(letter - 'a') : (size_t)(letter - 'A') + 26;

    return (struct opk_str){LETTERS + at * 2, 2};
}

bool opk_options_is_bundle(const struct opk_options *options, const struct opk_option_place *place,
                           struct opk_str name)
{
    if (name.len < 3 || name.len > BUNDLE_MAX + 1 || name.data[1] == '-')
        return false;
    for (size_t i = 1; i < name.len; i++) {
        if (!opk_is_alpha(name.data[i]))
            return false;
    }
    if (options->with_hints && opk_hint_bundles(place->program))
        return true;
    for (size_t i = 1; i < name.len; i++) {
        if (find_use(options, IN_PROGRAM, place->program_slot, opk_option_letter(name.data[i])) ==
            NONE)
            return false;
    }
    return true;
}

/* How one option stands in its command. */
struct standing {
    bool attached;
    bool bare;
    bool between;
    bool front;
    bool front_flag;
    bool front_value;
    uint32_t front_word; /* slot of the operation word, with either of the two */
};

static bool is_operand(const struct opk_parts *parts, size_t at)
{
    return at < parts->count && parts->items[at].kind == OPK_PART_OPERAND;
}

/* Is this operand a word that names an operation in front of the options? */
static bool is_operation(const struct opk_words *words, const struct opk_parts *parts, size_t at,
                         uint32_t *out_slot)
{
    return is_operand(parts, at) && parts->items[at].plain &&
           opk_words_is_operation(words, parts->slot, opk_buf_str(parts->path),
                                  parts->items[at].text, out_slot, NULL) &&
           *out_slot != OPK_WORDS_NO_SLOT;
}

static struct standing stand(const struct opk_words *words, const struct opk_parts *parts,
                             size_t at)
{
    const struct opk_part *part = &parts->items[at];
    struct standing s = {.attached = part->kind == OPK_PART_ATTACHED};

    s.bare = !s.attached && !is_operand(parts, at + 1) && !opk_parts_is_signed(parts, at + 1);
    s.between = !s.attached && is_operand(parts, at + 1) && at + 2 < parts->count &&
                parts->items[at + 2].kind != OPK_PART_OPERAND;
    s.front = part->front && is_operand(parts, at + 1) && !s.between;
    s.front_flag = s.front && is_operation(words, parts, at + 1, &s.front_word);
    s.front_value = s.front && !s.front_flag && !s.attached &&
                    is_operation(words, parts, at + 2, &s.front_word);
    return s;
}

static void add_standing(struct use *use, const struct standing *s, uint64_t free, uint64_t count)
{
    use->commands += count;
    use->free += free * count;
    use->seen += s->attached ? 0 : count;
    use->attached += s->attached ? count : 0;
    use->bare += s->bare ? count : 0;
    use->between += s->between ? count : 0;
    use->front += s->front ? count : 0;
    use->front_flag += s->front_flag ? count : 0;
    use->front_value += s->front_value ? count : 0;
    for (size_t i = 0; i < FRONT_WORDS && (s->front_flag || s->front_value); i++) {
        if (use->front_words[i] == NONE)
            use->front_words[i] = s->front_word;
        if (use->front_words[i] == s->front_word)
            break;
    }
}

/* Operands that stand behind no option, and so are nobody's value. */
static uint64_t free_operands(const struct opk_parts *parts)
{
    uint64_t free = 0;

    for (size_t i = 0; i < parts->count; i++)
        free += parts->items[i].kind == OPK_PART_OPERAND &&
                (i == 0 || parts->items[i - 1].kind != OPK_PART_OPTION);
    return free;
}

static enum opk_status count_use(struct opk_options *options, const struct opk_parts *parts,
                                 struct opk_str name, const struct standing *s, uint64_t count)
{
    uint64_t free = free_operands(parts);
    uint32_t use;
    enum opk_status status = add_use(options, IN_OPERATION, parts->slot, name, &use);

    if (status != OPK_OK)
        return status;
    add_standing(&options->uses[use], s, free, count);
    status = add_use(options, IN_PROGRAM, parts->program_slot, name, &use);
    if (status == OPK_OK)
        add_standing(&options->uses[use], s, free, count);
    return status;
}

static enum opk_status count_command(void *context, const struct opk_parts *parts, uint64_t count)
{
    struct opk_options *options = context;
    enum opk_status status = OPK_OK;

    options->operations[parts->slot].commands += count;
    options->operations[parts->slot].free += free_operands(parts) * count;
    options->programs[parts->program_slot].commands += count;
    options->programs[parts->program_slot].free += free_operands(parts) * count;
    for (size_t i = 0; i < parts->count && status == OPK_OK; i++) {
        struct standing s;
        if (parts->items[i].kind == OPK_PART_OPERAND)
            continue;
        s = stand(options->words, parts, i);
        status = count_use(options, parts, parts->items[i].text, &s, count);
    }
    return status;
}

/* What is known of whether an option takes a value. */
enum value_sign {
    SIGN_NO = -2, /* seen without one */
    SIGN_RATHER_NO = -1,
    SIGN_RATHER = 1,
    SIGN_YES = 2, /* seen with what can only be one */
};

static enum value_sign value_sign(const struct use *use, const struct operation *operation)
{
    uint64_t others = operation->commands - use->commands;

    if (use->bare * BARE_SHARE > use->seen)
        return SIGN_NO;
    if (use->attached > 0 || (use->bare == 0 && use->between * BETWEEN_SHARE >= use->seen))
        return SIGN_YES;
    /* On average half a free operand less than without it: the one behind it is that operand. */
    if (others > 0 && 2 * (operation->free - use->free) * use->commands >=
                          2 * use->free * others + use->commands * others)
        return SIGN_RATHER_NO;
    return SIGN_RATHER;
}

/* Does letter begin the long name (2), or another of its words (1)? */
static unsigned letter_fits(char letter, struct opk_str name)
{
    if (name.len > 2 && opk_to_lower(name.data[2]) == opk_to_lower(letter))
        return name.data[2] == letter ? 3 : 2;
    for (size_t i = 3; i < name.len; i++) {
        if (name.data[i - 1] == '-' && opk_to_lower(name.data[i]) == opk_to_lower(letter))
            return 1;
    }
    return 0;
}

static bool is_long(struct opk_str name)
{
    return name.len > 3 && name.data[0] == '-' && name.data[1] == '-';
}

static bool is_letter(struct opk_str name)
{
    return name.len == 2 && opk_is_alpha(name.data[1]);
}

static bool signs_agree(const struct opk_options *options, uint32_t a, uint32_t b)
{
    const struct operation *operation = &options->operations[options->uses[a].slot];
    int x = value_sign(&options->uses[a], operation);
    int y = value_sign(&options->uses[b], operation);

    return !(x * y < 0 && x + y == 0 && (x == SIGN_NO || x == SIGN_YES));
}

/* Could the letter and the long name be one option, as far as names and values go? */
static unsigned may_be_synonyms(const struct opk_options *options, uint32_t letter, uint32_t name)
{
    unsigned fits;

    if (!is_letter(use_name(options, letter)))
        return 0;
    fits = letter_fits(use_name(options, letter).data[1], use_name(options, name));
    return fits > 0 && signs_agree(options, letter, name) ? fits : 0;
}

static void mark_candidates(struct opk_options *options, uint32_t slot)
{
    uint32_t first = options->operations[slot].first;

    for (uint32_t i = first; i != NONE; i = options->uses[i].next) {
        if (!is_long(use_name(options, i)))
            continue;
        for (uint32_t k = first; k != NONE; k = options->uses[k].next) {
            if (may_be_synonyms(options, k, i) > 0)
                options->uses[i].candidate = options->uses[k].candidate = true;
        }
    }
}

/* The names of a command's options, bundles taken apart. */
struct names {
    struct opk_str items[OPK_SHAPE_ITEMS_MAX * BUNDLE_MAX];
    uint32_t uses[OPK_SHAPE_ITEMS_MAX * BUNDLE_MAX];
    size_t count;
    uint64_t operands;
};

static void collect_names(const struct opk_options *options, const struct opk_parts *parts,
                          struct names *names)
{
    struct opk_option_place place = {parts->slot, parts->program_slot, parts->program,
                                     opk_buf_str(parts->path)};

    names->count = 0;
    names->operands = 0;
    for (size_t i = 0; i < parts->count; i++) {
        struct opk_str name = parts->items[i].text;
        if (parts->items[i].kind == OPK_PART_OPERAND)
            names->operands++;
        else if (opk_options_is_bundle(options, &place, name))
            for (size_t k = 1; k < name.len; k++)
                names->items[names->count++] = opk_option_letter(name.data[k]);
        else
            names->items[names->count++] = name;
        names->operands += parts->items[i].kind == OPK_PART_ATTACHED;
    }
    for (size_t i = 0; i < names->count; i++)
        names->uses[i] = find_use(options, IN_OPERATION, parts->slot, names->items[i]);
}

/* The same for -m and --message: company must not depend on how the others are spelt. */
static uint64_t name_hash(struct opk_str name)
{
    size_t at = 0;

    while (at < name.len && name.data[at] == '-')
        at++;
    char letter = at < name.len ? opk_to_lower(name.data[at]) : '-';
    return opk_hash64((struct opk_str){&letter, 1});
}

static enum opk_status add_company(struct opk_options *options, uint32_t use, uint64_t hash,
                                   uint64_t count)
{
    struct company *grown =
        opk_grow(options->companies, &options->company_cap,
                 (size_t)opk_map_count(options->company_keys) + 1, sizeof(*grown));
    char key[sizeof(use) + sizeof(hash)];
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown)
        return OPK_E_NOMEM;
    options->companies = grown;
    memcpy(key, &use, sizeof(use));
    memcpy(key + sizeof(use), &hash, sizeof(hash));
    status = opk_map_add(options->company_keys, (struct opk_str){key, sizeof(key)}, &index, &is_new,
                         NULL);
    if (status != OPK_OK)
        return status;
    if (is_new) {
        grown[index] = (struct company){hash, 0, options->uses[use].first_company};
        options->uses[use].first_company = index;
    }
    grown[index].count += count;
    return OPK_OK;
}

static struct opk_str pair_key(char room[2 * sizeof(uint32_t)], uint32_t a, uint32_t b)
{
    uint32_t low = a < b ? a : b;
    uint32_t high = a < b ? b : a;

    memcpy(room, &low, sizeof(low));
    memcpy(room + sizeof(low), &high, sizeof(high));
    return (struct opk_str){room, 2 * sizeof(low)};
}

/* The company of each candidate, and which of them stand together. */
static enum opk_status count_company(void *context, const struct opk_parts *parts, uint64_t count)
{
    struct opk_options *options = context;
    enum opk_status status = OPK_OK;
    struct names names;
    uint64_t all;

    if (options->operations[parts->slot].first == NONE)
        return OPK_OK;
    collect_names(options, parts, &names);
    all = names.operands < 4 ? names.operands : 4;
    for (size_t i = 0; i < names.count; i++)
        all += name_hash(names.items[i]);
    for (size_t i = 0; i < names.count && status == OPK_OK; i++) {
        uint32_t use = names.uses[i];
        if (use == NONE || !options->uses[use].candidate)
            continue;
        status = add_company(options, use, all - name_hash(names.items[i]), count);
        for (size_t k = 0; k < i && status == OPK_OK; k++) {
            char room[2 * sizeof(uint32_t)];
            uint32_t index;
            bool is_new;
            if (names.uses[k] != NONE && options->uses[names.uses[k]].candidate)
                status = opk_map_add(options->together, pair_key(room, names.uses[k], use), &index,
                                     &is_new, NULL);
        }
    }
    return status;
}

/* Of a's uses, how many are in company that b is seen in as well. */
static uint64_t shared_company(const struct opk_options *options, uint32_t a, uint32_t b)
{
    uint64_t shared = 0;

    for (uint32_t i = options->uses[a].first_company; i != NONE; i = options->companies[i].next) {
        char key[sizeof(uint32_t) + sizeof(uint64_t)];
        memcpy(key, &b, sizeof(b));
        memcpy(key + sizeof(b), &options->companies[i].hash, sizeof(uint64_t));
        if (opk_map_find(options->company_keys, (struct opk_str){key, sizeof(key)}, NULL))
            shared += options->companies[i].count;
    }
    return shared;
}

static bool seen_together(const struct opk_options *options, uint32_t a, uint32_t b)
{
    char room[2 * sizeof(uint32_t)];

    return opk_map_find(options->together, pair_key(room, a, b), NULL);
}

/* How well a letter stands for a long name; 0 when it does not. */
static uint64_t synonym_score(const struct opk_options *options, uint32_t letter, uint32_t name)
{
    unsigned fits = may_be_synonyms(options, letter, name);
    const struct use *a = &options->uses[letter];
    const struct use *b = &options->uses[name];
    uint32_t rarer = a->commands < b->commands ? letter : name;
    uint64_t shared;

    if (fits == 0 || options->uses[rarer].commands == 0 || seen_together(options, letter, name))
        return 0;
    shared = shared_company(options, rarer, rarer == letter ? name : letter);
    /* A letter inside the name is weaker evidence, and needs company that is all the same. */
    if (shared * (fits > 1 ? 2 : 1) < options->uses[rarer].commands)
        return 0;
    return (uint64_t)fits * 1000 + shared * 999 / options->uses[rarer].commands;
}

/* Add b's tally to a's: they are one option. */
static void pool(struct use *a, const struct use *b)
{
    a->commands += b->commands;
    a->free += b->free;
    a->seen += b->seen;
    a->attached += b->attached;
    a->bare += b->bare;
    a->between += b->between;
}

/* Of two long names, does a stand better for the letter? Ties go to the name that sorts first. */
static bool stands_better(const struct opk_options *options, uint32_t letter, uint32_t a,
                          uint32_t b)
{
    uint64_t x = synonym_score(options, letter, a);
    uint64_t y = synonym_score(options, letter, b);

    return x != y ? x > y : opk_str_cmp(use_name(options, a), use_name(options, b)) < 0;
}

/* Of two letters, does a stand better for the long name? */
static bool stands_better_letter(const struct opk_options *options, uint32_t name, uint32_t a,
                                 uint32_t b)
{
    uint64_t x = synonym_score(options, a, name);
    uint64_t y = synonym_score(options, b, name);

    return x != y ? x > y : opk_str_cmp(use_name(options, a), use_name(options, b)) < 0;
}

/* Give each letter the long name that it stands for best; a name has one letter likewise. */
static void pair_letters(struct opk_options *options, uint32_t first)
{
    for (uint32_t i = first; i != NONE; i = options->uses[i].next) {
        uint32_t best = NONE;
        if (!options->uses[i].candidate || !is_letter(use_name(options, i)))
            continue;
        for (uint32_t k = first; k != NONE; k = options->uses[k].next) {
            const struct use *use = &options->uses[k];
            bool is_free = use->candidate && use->fact.len == 0 && use->means == k &&
                           is_long(use_name(options, k));
            if (is_free && synonym_score(options, i, k) > 0 &&
                (best == NONE || stands_better(options, i, k, best)))
                best = k;
        }
        if (best != NONE)
            options->uses[i].pair = best;
    }
    for (uint32_t i = first; i != NONE; i = options->uses[i].next) {
        uint32_t name = options->uses[i].pair;
        if (name == NONE)
            continue;
        uint32_t held = options->uses[name].means;
        if (held == name || stands_better_letter(options, name, i, held))
            options->uses[name].means = i;
    }
}

/* Facts of the tables hold unless the log shows that the two are not one. */
static void apply_fact(struct opk_options *options, uint32_t use, struct opk_str path)
{
    struct opk_str means = opk_hint_synonym(path, use_name(options, use));
    uint32_t other;

    if (opk_str_eq(means, use_name(options, use)))
        return;
    other = find_use(options, IN_OPERATION, options->uses[use].slot, means);
    if (other == NONE)
        options->uses[use].fact = means;
    else if (!seen_together(options, use, other) && signs_agree(options, use, other)) {
        options->uses[use].means = other;
        options->uses[other].candidate = false; /* a letter stands for one name */
    }
}

static void find_synonyms(struct opk_options *options, uint32_t slot)
{
    uint32_t first = options->operations[slot].first;

    if (options->with_hints && first != NONE)
        opk_words_path(options->words, slot, &options->key);
    for (uint32_t i = first; i != NONE; i = options->uses[i].next) {
        if (options->with_hints && is_long(use_name(options, i)))
            apply_fact(options, i, opk_buf_str(&options->key));
    }
    pair_letters(options, first);
    for (uint32_t i = first; i != NONE; i = options->uses[i].next) {
        if (options->uses[i].means != i)
            pool(&options->uses[options->uses[i].means], &options->uses[i]);
    }
}

/* What the words in the place of operation words say of the option in front of them. */
static enum opk_option_front decide_front(const struct use *use)
{
    if (use->front_words[FRONT_WORDS - 1] == NONE)
        return OPK_FRONT_NEVER;
    if (use->front_flag * 5 >= use->front * 4)
        return OPK_FRONT_FLAG;
    return use->front_value * 5 >= use->front * 4 ? OPK_FRONT_VALUE : OPK_FRONT_NEVER;
}

static enum opk_option_front hinted_front(struct opk_str program, struct opk_str name)
{
    if (!opk_hint_is_global(program, name))
        return OPK_FRONT_NEVER;
    return opk_hint_takes_value(program, name) ? OPK_FRONT_VALUE : OPK_FRONT_FLAG;
}

static void decide_value(struct opk_options *options, uint32_t index, struct opk_str program,
                         uint32_t program_slot)
{
    struct use *use = &options->uses[index];
    enum value_sign sign = value_sign(use, &options->operations[use->slot]);

    if (options->with_hints && sign != SIGN_NO &&
        opk_hint_takes_value(program, use_name(options, index)))
        sign = SIGN_YES;
    if (use->seen + use->attached < USES_MIN && (sign == SIGN_RATHER || sign == SIGN_RATHER_NO)) {
        uint32_t whole = find_use(options, IN_PROGRAM, program_slot, use_name(options, index));
        if (whole != NONE)
            sign = value_sign(&options->uses[whole], &options->programs[program_slot]);
    }
    use->takes_value = sign > 0;
    use->sure = sign == SIGN_YES;
}

static void decide(struct opk_options *options, uint32_t slot)
{
    uint32_t program_slot = opk_words_root(options->words, slot);
    struct opk_str program = opk_words_text(options->words, program_slot);

    for (uint32_t i = options->operations[slot].first; i != NONE; i = options->uses[i].next) {
        struct use *use = &options->uses[i];
        use->place = decide_front(use);
        if (use->place == OPK_FRONT_NEVER && options->with_hints)
            use->place = hinted_front(program, use_name(options, i));
        if (use->means == i)
            decide_value(options, i, program, program_slot);
    }
    for (uint32_t i = options->operations[slot].first; i != NONE; i = options->uses[i].next) {
        options->uses[i].takes_value = options->uses[options->uses[i].means].takes_value;
        options->uses[i].sure = options->uses[options->uses[i].means].sure;
    }
}

static enum opk_status learn(struct opk_options *options, const struct opk_reduced *reduced)
{
    uint32_t slots = opk_words_count(options->words);
    enum opk_status status = opk_reduced_show(reduced, options->words, NULL,
                                              (struct opk_reduced_viewer){count_command, options});

    for (uint32_t i = 0; i < slots && status == OPK_OK; i++)
        mark_candidates(options, i);
    if (status == OPK_OK)
        status = opk_reduced_show(reduced, options->words, NULL,
                                  (struct opk_reduced_viewer){count_company, options});
    for (uint32_t i = 0; i < slots && status == OPK_OK; i++)
        find_synonyms(options, i);
    for (uint32_t i = 0; i < slots && status == OPK_OK; i++)
        decide(options, i);
    return status == OPK_OK && options->key.failed ? OPK_E_NOMEM : status;
}

static enum opk_status prepare(struct opk_options *options)
{
    size_t slots = (size_t)opk_words_count(options->words) + 1;
    enum opk_status status = opk_map_new(&options->keys, NULL);

    if (status == OPK_OK)
        status = opk_map_new(&options->company_keys, NULL);
    if (status == OPK_OK)
        status = opk_map_new(&options->together, NULL);
    options->operations = malloc(slots * sizeof(*options->operations));
    options->programs = malloc(slots * sizeof(*options->programs));
    if (status != OPK_OK || !options->operations || !options->programs)
        return OPK_E_NOMEM;
    for (size_t i = 0; i < slots; i++)
        options->operations[i] = options->programs[i] = (struct operation){.first = NONE};
    return OPK_OK;
}

enum opk_status opk_options_new(const struct opk_reduced *reduced, const struct opk_words *words,
                                bool with_hints, struct opk_options **out_options)
{
    struct opk_options *options = calloc(1, sizeof(*options));
    enum opk_status status;

    if (!options)
        return OPK_E_NOMEM;
    options->words = words;
    options->with_hints = with_hints;
    status = prepare(options);
    if (status == OPK_OK)
        status = learn(options, reduced);
    if (status == OPK_OK)
        *out_options = options;
    else
        opk_options_free(options);
    return status;
}

void opk_options_free(struct opk_options *options)
{
    if (!options)
        return;
    opk_map_free(options->keys);
    opk_map_free(options->company_keys);
    opk_map_free(options->together);
    free(options->uses);
    free(options->operations);
    free(options->programs);
    free(options->companies);
    opk_buf_done(&options->key);
    free(options);
}

enum opk_option_front opk_options_front(const struct opk_options *options, uint32_t slot,
                                        struct opk_str program, struct opk_str name)
{
    uint32_t use;

    if (!options)
        return OPK_FRONT_NEVER;
    use = find_use(options, IN_OPERATION, slot, name);
    if (use != NONE)
        return options->uses[use].place;
    return options->with_hints ? hinted_front(program, name) : OPK_FRONT_NEVER;
}

struct opk_option_use opk_options_find(const struct opk_options *options,
                                       const struct opk_option_place *place, struct opk_str name)
{
    uint32_t use = find_use(options, IN_OPERATION, place->slot, name);

    if (use != NONE) {
        const struct use *known = &options->uses[use];
        return (struct opk_option_use){known->fact.len > 0 ? known->fact
                                                           : use_name(options, known->means),
                                       known->takes_value, known->sure};
    }
    use = find_use(options, IN_PROGRAM, place->program_slot, name);
    struct opk_option_use unknown = {name, false, true};
    if (use != NONE)
        unknown.takes_value =
            value_sign(&options->uses[use], &options->programs[place->program_slot]) > 0;
    if (options->with_hints) {
        unknown.spelling = opk_hint_synonym(place->path, name);
        unknown.takes_value =
            unknown.takes_value || opk_hint_takes_value(place->program, unknown.spelling);
    }
    return unknown;
}
