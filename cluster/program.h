/*
 * program.h - what the name of a program says: whose wrapper it is, whether it is a reserved word.
 *
 * Shape:   a name in, what the tables say of it out. Logs name the same few programs all the time:
 *          what was looked up is remembered, one name in each place.
 * Memory:  a fixed array; zeroed storage is empty. What is found is borrowed until the next call.
 */
#ifndef OPK_CLUSTER_PROGRAM_H
#define OPK_CLUSTER_PROGRAM_H

#include "base/str.h"
#include "cluster/wrapper.h"

/* A longer name is not remembered. */
#define OPK_PROGRAM_KNOWN_MAX 16

#define OPK_PROGRAM_PLACES 512

struct opk_program {
    uint64_t halves[2]; /* of the name: its first and its last bytes, which may overlap */
    size_t len;         /* 0: nothing is remembered here */
    const struct opk_wrapper *wrapper; /* opk_wrapper_find_name */
    bool is_reserved;                  /* opk_lex_is_reserved */
};

struct opk_programs {
    struct opk_program places[OPK_PROGRAM_PLACES];
};

/** What is known of a name, of at most OPK_PROGRAM_KNOWN_MAX bytes and not empty. */
const struct opk_program *opk_programs_find(struct opk_programs *programs, struct opk_str name);

#endif
