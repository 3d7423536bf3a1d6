#include "sync/glob.h"

/* Where to go on when what follows a star did not fit: one byte more is the star's. */
struct retry {
    size_t pattern; /* OPK_NPOS: there was no star */
    size_t path;
};

static bool is_star(struct opk_str pattern, size_t at)
{
    return at < pattern.len && pattern.data[at] == '*';
}

bool opk_glob_fits(struct opk_str pattern, struct opk_str path)
{
    struct retry star = {OPK_NPOS, 0};
    struct retry stars = {OPK_NPOS, 0};
    bool folders = false; /* the double star takes whole folders */
    size_t p = 0;
    size_t t = 0;

    for (;;) {
        if (is_star(pattern, p) && is_star(pattern, p + 1)) {
            folders = p + 2 < pattern.len && pattern.data[p + 2] == '/';
            p += folders ? 3 : 2;
            stars = (struct retry){p, t};
            star.pattern = OPK_NPOS;
        } else if (is_star(pattern, p)) {
            star = (struct retry){++p, t};
        } else if (p < pattern.len && t < path.len &&
                   (pattern.data[p] == path.data[t] ||
                    (pattern.data[p] == '?' && path.data[t] != '/'))) {
            p++;
            t++;
        } else if (p == pattern.len && t == path.len) {
            return true;
        } else if (star.pattern != OPK_NPOS && star.path < path.len &&
                   path.data[star.path] != '/') {
            p = star.pattern;
            t = ++star.path;
        } else if (stars.pattern != OPK_NPOS && stars.path < path.len) {
            size_t slash = opk_str_find_byte(path, '/', stars.path);
            if (folders && slash == OPK_NPOS)
                return false;
            stars.path = folders ? slash + 1 : stars.path + 1;
            p = stars.pattern;
            t = stars.path;
            star.pattern = OPK_NPOS;
        } else {
            return false;
        }
    }
}
