/*
 * gen_sessions.c - agent sessions for the benchmark: the same bytes on every machine.
 *
 * usage: gen_sessions MEGABYTES [SIZE]
 *
 * One JSON record a line in the form of Claude Code's session logs, in threes: what the agent
 * says, a tool call, its result. SIZE scales texts and results: at 100, the default, they are as
 * long as in logs of real work (1.8 KB a record on average); 0 leaves hardly more than the records'
 * own fields. Six calls in ten are of Bash, and results are repeated in toolUseResult, as they are
 * in such logs.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLS_PER_SESSION = 80, SECONDS_PER_CALL = 9 };

struct generator {
    uint64_t chance;
    uint64_t written; /* bytes */
    uint64_t calls;
    unsigned size; /* percent */
};

static const char *const WORDS[] = {
    "order",   "basket",  "invoice", "session", "refund", "total",  "export",  "report",
    "stock",   "price",   "the",     "a",       "of",     "and",    "with",    "checks",
    "parser",  "fails",   "returns", "before",  "after",  "module", "service", "customer",
    "because", "request", "timeout", "retry",   "cache",  "queue",  "worker",  "test",
};

/* Lines of sources as a tool shows them, already escaped for JSON; %s is a word, %u a number. */
static const char *const LINES[] = {
    "def %s_%s(order, basket):\\n",
    "    \\\"\\\"\\\"Return the %s of %s.\\\"\\\"\\\"\\n",
    "    if not %s or len(%s) > 12:\\n",
    "        raise ValueError(f\\\"no %s: {%s!r}\\\")\\n",
    "    result = self.%s.%s(limit=20)\\n",
    "    return [row for row in %s if row[\\\"%s\\\"]]\\n",
    "\\n",
    "    # the %s comes first, then the %s\\n",
    "        self.log.info(\\\"%s done\\\", extra={\\\"%s\\\": 1})\\n",
};

static const char *const COMMANDS[] = {
    "git status --short",
    "git commit -m 'fix the %s of %s'",
    "git switch -c fix/%s-%s",
    "pytest -q tests/test_%s.py -k %s",
    "grep -rn '%s' src/%s | head -20",
    "cd shop && npm run build:%s 2>&1 | tail -n 40",
    "docker build -t registry.box.example/%s:%s .",
    "kubectl logs deployment/%s -n %s --tail=200",
    "sed -n '1,80p' src/%s/%s.py",
    "python3 -m shop.%s --out /tmp/%s.json",
};

static unsigned below(struct generator *gen, unsigned limit)
{
    gen->chance ^= gen->chance << 13;
    gen->chance ^= gen->chance >> 7;
    gen->chance ^= gen->chance << 17;
    return (unsigned)((gen->chance >> 11) % limit);
}

static const char *word(struct generator *gen)
{
    return WORDS[below(gen, sizeof(WORDS) / sizeof(WORDS[0]))];
}

/* Print as printf does, and count. */
#define PUT(gen, ...) ((gen)->written += (uint64_t)printf(__VA_ARGS__))

/* A template of a table with two words in it. */
static void put_line(struct generator *gen, const char *form)
{
    const char *first = word(gen);
    const char *second = word(gen);

    for (; *form; form++) {
        if (form[0] == '%' && form[1] == 's') {
            PUT(gen, "%s", first);
            first = second;
            form++;
        } else {
            gen->written += putchar(*form) != EOF;
        }
    }
}

static void put_uuid(struct generator *gen, uint64_t number)
{
    const uint64_t mixed = (number + 1) * UINT64_C(0x9E3779B97F4A7C15);

    PUT(gen, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(mixed >> 32), (unsigned)mixed & 0xFFFFU,
        (unsigned)(mixed >> 16) & 0xFFFU, (unsigned)(mixed >> 48) & 0xFFFU,
        (unsigned long long)(mixed & 0xFFFFFFFFFFFFU));
}

static void put_prose(struct generator *gen, unsigned words)
{
    for (unsigned i = 0; i < words; i++)
        PUT(gen, "%s%s", word(gen), i % 17 == 16 ? ".\\n\\n" : " ");
}

/* The fields that every record begins with, up to its message. */
static void put_head(struct generator *gen, unsigned part, const char *type)
{
    const uint64_t record = gen->calls * 3 + part;

    PUT(gen, "{\"parentUuid\":\"");
    put_uuid(gen, record);
    PUT(gen, "\",\"isSidechain\":false,\"userType\":\"external\",\"cwd\":\"/home/dev/shop\",");
    PUT(gen, "\"sessionId\":\"");
    put_uuid(gen, UINT64_C(1) << 40 | gen->calls / CALLS_PER_SESSION);
    PUT(gen, "\",\"version\":\"2.1.16\",\"gitBranch\":\"main\",\"type\":\"%s\",\"message\":", type);
}

static void put_tail(struct generator *gen, unsigned part)
{
    const uint64_t seconds = gen->calls * SECONDS_PER_CALL + part * 2;

    PUT(gen, ",\"uuid\":\"");
    put_uuid(gen, gen->calls * 3 + part + 1);
    PUT(gen, "\",\"timestamp\":\"2026-11-%02uT%02u:%02u:%02u.%03uZ\"}\n",
        (unsigned)(1 + seconds / 86400 % 28), (unsigned)(seconds / 3600 % 24),
        (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60), below(gen, 1000));
}

static void put_usage(struct generator *gen)
{
    PUT(gen,
        "],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":%u,"
        "\"cache_creation_input_tokens\":%u,\"cache_read_input_tokens\":%u,\"output_tokens\":%u,"
        "\"service_tier\":\"standard\"}},\"requestId\":\"req_%016llx\"",
        below(gen, 20), below(gen, 4000), below(gen, 90000), below(gen, 900),
        (unsigned long long)gen->calls * UINT64_C(0xD1342543DE82EF95));
}

static void put_said(struct generator *gen)
{
    put_head(gen, 0, "assistant");
    PUT(gen, "{\"id\":\"msg_%012llx\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[",
        (unsigned long long)gen->calls);
    PUT(gen, "{\"type\":\"%s\":\"", below(gen, 3) == 0 ? "text\",\"text" : "thinking\",\"thinking");
    put_prose(gen, 4 + below(gen, 160) * gen->size / 100);
    PUT(gen, "\"}");
    put_usage(gen);
    put_tail(gen, 0);
}

static void put_call(struct generator *gen, unsigned kind)
{
    put_head(gen, 1, "assistant");
    PUT(gen, "{\"id\":\"msg_%012llx\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[",
        (unsigned long long)gen->calls);
    PUT(gen, "{\"type\":\"tool_use\",\"id\":\"toolu_%024llx\",",
        (unsigned long long)gen->calls * UINT64_C(0x9E3779B97F4A7C15));
    if (kind < 6) {
        PUT(gen, "\"name\":\"Bash\",\"input\":{\"command\":\"");
        put_line(gen, COMMANDS[below(gen, sizeof(COMMANDS) / sizeof(COMMANDS[0]))]);
        PUT(gen, "\",\"description\":\"Look at the %s\"}}", word(gen));
    } else if (kind < 9) {
        PUT(gen, "\"name\":\"Read\",\"input\":{\"file_path\":\"/home/dev/shop/src/%s/%s.py\"}}",
            word(gen), word(gen));
    } else {
        PUT(gen, "\"name\":\"Edit\",\"input\":{\"file_path\":\"/home/dev/shop/src/%s.py\",",
            word(gen));
        PUT(gen, "\"old_string\":\"%s = %s\",\"new_string\":\"%s = ", word(gen), word(gen),
            word(gen));
        put_prose(gen, 40 * gen->size / 100);
        PUT(gen, "\"}}");
    }
    put_usage(gen);
    put_tail(gen, 1);
}

static void put_output(struct generator *gen, unsigned kind, unsigned lines)
{
    const uint64_t chance = gen->chance;

    for (unsigned i = 0; i < lines; i++) {
        if (kind < 6) {
            PUT(gen, "src/%s.py:%u: %s\\n", word(gen), below(gen, 900), word(gen));
        } else {
            PUT(gen, "%6u\xE2\x86\x92", i + 1);
            put_line(gen, LINES[below(gen, sizeof(LINES) / sizeof(LINES[0]))]);
        }
    }
    gen->chance = chance; /* so that the same comes again */
}

static void put_result(struct generator *gen, unsigned kind)
{
    const unsigned lines = below(gen, kind < 6 ? 50 : 90) * gen->size / 100;

    put_head(gen, 2, "user");
    PUT(gen, "{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"toolu_%024llx\",",
        (unsigned long long)gen->calls * UINT64_C(0x9E3779B97F4A7C15));
    PUT(gen, "\"type\":\"tool_result\",\"content\":\"");
    put_output(gen, kind, lines);
    PUT(gen, kind < 6 ? "\",\"is_error\":false}]}" : "\"}]}");
    PUT(gen, ",\"toolUseResult\":{\"%s\":\"", kind < 6 ? "stdout" : "content");
    put_output(gen, kind, lines);
    PUT(gen, kind < 6 ? "\",\"stderr\":\"\",\"interrupted\":false,\"isImage\":false}" : "\"}");
    (void)below(gen, 2);
    put_tail(gen, 2);
}

int main(int argc, char **argv)
{
    struct generator gen = {.chance = UINT64_C(88172645463325252), .size = 100};
    const uint64_t wanted = argc > 1 ? strtoull(argv[1], NULL, 10) << 20 : 0;

    if (argc > 2)
        gen.size = (unsigned)strtoul(argv[2], NULL, 10);
    for (; gen.written < wanted; gen.calls++) {
        const unsigned kind = below(&gen, 10);
        put_said(&gen);
        put_call(&gen, kind);
        put_result(&gen, kind);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
