#!/bin/sh
# run.sh - run golden cases: what opk prints and leaves behind, compared with what stands in files.
#
# usage: run.sh [--update] OPK [CASE...]
#
# A case is a folder:
#   cmd      shell lines, run by sh in a scratch copy of in/, with opk on PATH and FIXTURES set
#   in/      the files it starts from; may be absent
#   stdout   what it must print; absent means nothing
#   stderr   likewise
#   exit     the exit status; absent means 0
#   tree/    the files after it, only where the case has this folder
#   needs    programs that cmd cannot do without; the case is skipped where one is absent
# With --update the expected files are rewritten: read the diff before you commit it.
set -u

update=
if [ "${1-}" = --update ]; then
    update=yes
    shift
fi
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo 'usage: run.sh [--update] OPK [CASE...]' >&2
    exit 2
fi
bin=$(cd "$(dirname "$1")" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- "$here"/*/
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Run the case in $scratch/at; what it printed and its status stand beside that folder.
run_case() {
    rm -rf "$scratch/at"
    mkdir "$scratch/at"
    [ ! -d "$case/in" ] || cp -R "$case/in/." "$scratch/at"
    (
        cd "$scratch/at" || exit 70
        env -i PATH="$bin:/usr/bin:/bin" HOME="$scratch" LC_ALL=C TZ=UTC0 TERM=dumb \
            SOURCE_DATE_EPOCH=1767225600 FIXTURES="$here/../../fixtures" \
            ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
            TSAN_OPTIONS="${TSAN_OPTIONS-}" \
            sh "$case/cmd" >"$scratch/stdout" 2>"$scratch/stderr" </dev/null
    )
    echo $? >"$scratch/exit"
}

has_needs() {
    [ -e "$case/needs" ] || return 0
    while read -r program; do
        command -v "$program" >/dev/null || {
            echo "skipped: $(basename "$case"): no $program"
            return 1
        }
    done <"$case/needs"
}

# want NAME: the expected file, or what its absence stands for.
want() {
    if [ -e "$case/$1" ]; then
        cat "$case/$1"
    elif [ "$1" = exit ]; then
        echo 0
    fi
}

# same NAME: compare, or rewrite.
same() {
    if want "$1" | cmp -s - "$scratch/$1"; then
        return 0
    fi
    if [ -n "$update" ]; then
        cp "$scratch/$1" "$case/$1"
        [ -s "$case/$1" ] || rm "$case/$1"
        return 0
    fi
    echo "$(basename "$case"): $1 differs (- expected, + got)"
    want "$1" | diff -u - "$scratch/$1" | sed 1,2d
    return 1
}

same_tree() {
    [ -d "$case/tree" ] || return 0
    if diff -r -x .opk "$case/tree" "$scratch/at" >/dev/null; then
        return 0
    fi
    if [ -n "$update" ]; then
        rm -rf "$case/tree" "$scratch/at/.opk"
        cp -R "$scratch/at" "$case/tree"
        return 0
    fi
    echo "$(basename "$case"): the files differ (- expected, + got)"
    diff -ru -x .opk "$case/tree" "$scratch/at"
    return 1
}

status=0
for case in "$@"; do
    case=$(cd "$case" && pwd) || exit 2
    has_needs || continue
    run_case
    same stdout || status=1
    same stderr || status=1
    same exit || status=1
    same_tree || status=1
done
exit "$status"
