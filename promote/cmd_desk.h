/*
 * cmd_desk.h - find, read and parse the three files that every verb of this stage works on.
 *
 * Shape:   locate (from --drafts, --registry and the current folder), read, use desk, done.
 * Paths:   without --registry, the registry of the pattern repository that the current folder lies
 *          in (where its opk.yaml says), or outside of one the registry beside --drafts; without
 *          --drafts, the drafts beside the registry; the audit is always beside it. The root of
 *          transactions is the pattern repository that the registry lies in, or else the registry's
 *          own folder.
 * Memory:  texts and parsed files are owned by the struct; the options' texts are borrowed.
 * Errors:  OPK_E_USAGE outside of a repository without --registry; those of the files' readers.
 */
#ifndef OPK_PROMOTE_CMD_DESK_H
#define OPK_PROMOTE_CMD_DESK_H

#include "base/file.h"
#include "base/opt.h"
#include "promote/promote.h"

struct opk_cmd_desk {
    struct opk_root root;
    const char *registry_path; /* for messages; in the verb's arena, as are the next three */
    const char *registry;      /* beneath root */
    const char *decisions;     /* beneath root */
    const char *drafts_path;   /* as the user would name it */
    bool has_registry;
    bool has_decisions;
    struct opk_buf registry_text;
    struct opk_buf decisions_text;
    struct opk_buf drafts_text;
    struct opk_registry parsed_registry;
    struct opk_decisions parsed_decisions;
    struct opk_drafts parsed_drafts;
    struct opk_desk desk; /* views of all of it */
};

#define OPK_CMD_DESK_EMPTY ((struct opk_cmd_desk){.root = {-1}})

/** Find the files and open the root. drafts and registry may be NULL. */
OPK_MUST_USE enum opk_status opk_cmd_desk_locate(const struct opk_cli *cli, const char *drafts,
                                                 const char *registry,
                                                 struct opk_cmd_desk *out_desk,
                                                 struct opk_err *err);

/** Read and parse the files; a registry or audit that does not exist is an empty one. */
OPK_MUST_USE enum opk_status opk_cmd_desk_read(const struct opk_cli *cli, struct opk_cmd_desk *desk,
                                               struct opk_err *err);

/** Safe on OPK_CMD_DESK_EMPTY and on what locate or read left half done. */
void opk_cmd_desk_done(struct opk_cmd_desk *desk);

/** The draft with this id, or an error that says where it was looked for. */
OPK_MUST_USE enum opk_status opk_cmd_desk_draft(const struct opk_cmd_desk *desk, const char *id,
                                                const struct opk_draft **out_draft,
                                                struct opk_err *err);

#endif
