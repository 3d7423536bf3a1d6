/*
 * vt.h - a parser of terminal output: bytes in, characters, controls and sequences out.
 *
 * Source:  ECMA-48 and the DEC VT500 state diagram as xterm reads it; UTF-8 throughout. A C1
 *          control is taken as the code point U+0080 to U+009F, and as a bare byte only where it is
 *          not part of well-formed UTF-8.
 * Shape:   push any bytes, cut anywhere: the calls are the same for every cut.
 * Limits:  a control string (OSC, DCS, SOS, PM, APC) is kept up to OPK_VT_STRING_MAX bytes, and its
 *          call is dropped past that; ST, CAN, SUB, ESC or a newline ends it, so that an
 *          unterminated one costs a line, not the session. BEL ends an OSC. Parameters saturate at
 *          OPK_VT_PARAM_MAX; those past OPK_VT_PARAMS are dropped.
 * Memory:  a parser owns the buffer of one string; a zeroed one is ready, done frees it.
 * Errors:  a string that finds no memory is dropped like one past the limit.
 * Threads: one parser per thread.
 */
#ifndef OPK_INGEST_VT_H
#define OPK_INGEST_VT_H

#include "base/buf.h"

#define OPK_VT_STRING_MAX ((size_t)128 * 1024)
#define OPK_VT_PARAM_MAX  16384U
#define OPK_VT_PARAMS     16U

/* A control sequence: ESC [ prefix params intermediate final. */
struct opk_vt_csi {
    char prefix;       /* one of < = > ?, or 0 */
    char intermediate; /* the last one, or 0 */
    char final;
    unsigned count; /* of params; an absent one is 0 */
    uint16_t params[OPK_VT_PARAMS];
};

/* What a parser calls; NULL where the caller does not care. Text is borrowed for the call. */
struct opk_vt_handlers {
    void (*print)(void *context, uint32_t code_point);
    void (*control)(void *context, unsigned char code); /* C0, without ESC */
    void (*escape)(void *context, char intermediate, char final);
    void (*csi)(void *context, const struct opk_vt_csi *csi);
    void (*osc)(void *context, struct opk_str text);
};

struct opk_vt {
    unsigned state;
    unsigned char utf8[4]; /* an unfinished sequence */
    unsigned char utf8_len;
    unsigned char utf8_need;
    char intermediate;
    bool has_digit;
    bool is_osc;
    bool too_long;
    bool failed; /* there was no memory for a string: stays so until done */
    struct opk_vt_csi csi;
    struct opk_buf string; /* owned */
};

void opk_vt_done(struct opk_vt *vt);

/** Back to the ground state, keeping the buffer. */
void opk_vt_clear(struct opk_vt *vt);

void opk_vt_push(struct opk_vt *vt, const struct opk_vt_handlers *handlers, void *context,
                 struct opk_str bytes);

/** Between characters and sequences: a printable ASCII byte would be printed as it is. */
bool opk_vt_is_ground(const struct opk_vt *vt);

/** The parameter at an index, or fallback where it is absent or 0. */
unsigned opk_vt_param(const struct opk_vt_csi *csi, unsigned index, unsigned fallback);

#endif
