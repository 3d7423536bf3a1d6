/*
 * redact.h - commands and other short texts without their secrets.
 *
 * Shape:   text in, the same text out with every secret replaced by a typed, stable placeholder
 *          such as <secret:mysql-password>. A placeholder tells nothing of the secret: no hash, no
 *          prefix, no length. Text that holds no secret comes out byte for byte.
 * Layers:  (a) argv: what the options and operands of known programs carry, through nested shells,
 *          substitutions and here-documents (redact_argv.c); (b) names: assignments, options,
 *          headers, query parameters, JSON, YAML and INI keys, URL user info (redact_names.c); (c)
 *          shapes: tokens that providers mark, PEM blocks, password hashes, webhooks (the table in
 *          redact_rules.c). A value found once is redacted wherever it recurs in the text.
 *          References ($NAME, $(...), ${{...}}, @file) and plain placeholders are no secrets.
 * Units:   bytes; lines and columns are 1-based.
 * Memory:  a redactor owns its patterns and its scratch; output is appended to the caller's buffer.
 * Errors:  OPK_E_NOMEM; OPK_E_LIMIT when a search was given up, or a limit below was passed:
 *          nothing is appended then, and the text must be withheld.
 * Threads: one redactor a thread.
 */
#ifndef OPK_CLUSTER_REDACT_H
#define OPK_CLUSTER_REDACT_H

#include "base/buf.h"
#include "base/err.h"

/* A longer text is refused; an output to be scanned may be larger (OPK_REDACT_SCAN_MAX). */
#define OPK_REDACT_TEXT_MAX ((size_t)1 << 20)
#define OPK_REDACT_SCAN_MAX ((size_t)256 << 20)

/* Scripts within scripts and substitutions are followed this deep. */
#define OPK_REDACT_DEPTH_MAX 6

/* Bytes that values and scripts within scripts may make the redactor look at again. */
#define OPK_REDACT_WORK_MAX ((size_t)64 << 20)

struct opk_redactor;

struct opk_redaction {
    size_t secrets; /* placeholders written */
    bool opaque;    /* a part of the command could not be read: layer (a) did not see it */
};

/* What the gate found, without the secret itself. */
struct opk_redact_finding {
    const char *rule; /* static */
    uint64_t line;
    uint64_t column;
};

OPK_MUST_USE enum opk_status opk_redactor_new(struct opk_redactor **out_redactor,
                                              struct opk_err *err);
void opk_redactor_free(struct opk_redactor *redactor);

/** Append command to out without its secrets. out_redaction may be NULL. */
OPK_MUST_USE enum opk_status opk_redact(struct opk_redactor *redactor, struct opk_str command,
                                        struct opk_buf *out, struct opk_redaction *out_redaction,
                                        struct opk_err *err);

/**
 * The gate in front of every output: does any byte of text belong to a secret that layers (b) and
 * (c) know? OPK_OK: yes, out_finding says where. OPK_END: no. Each line is judged alone, so that a
 * text is clean when its parts are.
 */
OPK_MUST_USE enum opk_status opk_redact_scan(struct opk_redactor *redactor, struct opk_str text,
                                             struct opk_redact_finding *out_finding,
                                             struct opk_err *err);

#endif
