/*
 * reverse.h - the one way back: a changed spec changes its card.
 *
 * Shape:   a spec that was changed, and the texts of the spec and of its card before that (the
 *          base: what version control holds), in; the card's new text, in the repository's files,
 *          out. The rules with the source pattern_spec say which fields (spec_to_card_version:
 *          semver from version, status from status); opk.yaml must allow it (sync.reverse). The
 *          card is read again, so that a plan (plan.h) then brings everything else in step with it.
 * Changes: a field is taken over when the spec changed it against its base and the card did not. A
 *          card that says the same already is left; one that was changed to something else is a
 *          conflict.
 * Memory:  texts lie in the arena of the repository's files.
 * Errors:  OPK_E_NOENT: no such spec, no card for it; OPK_E_CONFLICT: both changed, differently;
 *          OPK_E_REFUSED: a status that the old one may not become; OPK_E_INVALID: what would be no
 *          card, or a template of the rule.
 */
#ifndef OPK_SYNC_REVERSE_H
#define OPK_SYNC_REVERSE_H

#include "sync/repo.h"
#include "sync/rules.h"

/* The texts before the change. */
struct opk_reverse_base {
    struct opk_str spec;
    struct opk_str card;
};

/**
 * The card that names a spec and agrees with it on the field that a rule matches by (match_field),
 * where the spec says it; NULL when no rule is for specs, opk.yaml does not allow it, or the spec
 * is not there.
 */
OPK_MUST_USE enum opk_status opk_reverse_find(struct opk_repo *repo, const struct opk_rules *rules,
                                              struct opk_str spec_path,
                                              const struct opk_card **out_card,
                                              struct opk_err *err);

/** Take the spec's changes over into a card that opk_reverse_find gave; base may be NULL. */
OPK_MUST_USE enum opk_status opk_reverse_apply(struct opk_repo *repo, const struct opk_rules *rules,
                                               struct opk_str spec_path,
                                               const struct opk_card *card,
                                               const struct opk_reverse_base *base,
                                               struct opk_err *err);

#endif
