#!/bin/sh
# points.sh - break a program at each system call that it makes, one run a point, and see that its
# promise holds.
#
# usage: points.sh CASE PROGRAM [EVERY]
#
# CASE is a shell file that is read here and defines
#     setup     make the folder "$tree" as it is before the run
#     run       run the program as it is to be broken, under "$@" (strace, or nothing)
#     recover   what the next start of the program does before anything else
#     picture   for what is no file of "$tree" as it stands: fill the folder "$1" with files that show
#               it; what may be left until the next run is called .opk-*.tmp there
# and sets one_by_one=yes where files change each for itself, not all together.
# After every point: each file has its old or its new bytes; after recover all have their old or
# all have their new bytes; after another run the folder is that of a run that nothing broke, and
# a file of somebody else's is still there.
#
# strace counts when=N for each system call's name, so points are pairs of a name and a number.
# EVERY=7 tries each seventh of them; OPK_FAULT_EVERY in the environment goes before it.
set -eu

case_file=$1
# The case files use it.
# shellcheck disable=SC2034
program=$2
every=${OPK_FAULT_EVERY:-${3:-1}}

work=$(mktemp -d "${TMPDIR:-/tmp}/opk-fault-XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/tree
points=0
broken=0

if ! strace -qq -o "$work/trace" true 2>/dev/null; then
    echo 'skipped: no strace'
    exit 0
fi

# shellcheck source=/dev/null
. "$case_file"

# look: the folder that is compared; the tree, or what the case shows of it.
look() {
    shown=$tree
    if command -v picture >/dev/null; then
        shown=$work/view
        rm -rf "$shown"
        mkdir "$shown"
        picture "$shown"
    fi
}

# same A B: are the folders equal, but for opk's own files?
same() {
    diff -r -x .opk -x '.opk-*.tmp' "$1" "$2" >/dev/null 2>&1
}

# clean: does the folder hold nothing but what an unbroken run leaves, opk's own files included?
clean() {
    look
    diff -r -x lock "$shown" "$work/after" >/dev/null 2>&1
}

# Each file has its old or its new bytes.
each_old_or_new() {
    look
    (cd "$shown" && find . -type f ! -path './.opk/*' ! -name '.opk-*.tmp') >"$work/files"
    while read -r file; do
        cmp -s "$shown/$file" "$work/before/$file" || cmp -s "$shown/$file" "$work/after/$file" ||
            return 1
    done <"$work/files"
}

fresh() {
    rm -rf "$tree"
    mkdir "$tree"
    setup
}

complain() {
    broken=$((broken + 1))
    echo "broken: $1 at $2"
}

# check POINT STATUS: the promise.
check() {
    case $2 in
    0 | 3 | 4 | 5 | 70) ;;
    127 | 137) ;; # the dynamic loader gave up; SIGKILL
    *) complain "exit $2" "$1" ;;
    esac
    each_old_or_new || complain 'a file is neither old nor new' "$1"
    recover >/dev/null 2>&1 || complain 'recovery fails' "$1"
    look
    [ -n "${one_by_one-}" ] || same "$shown" "$work/before" || same "$shown" "$work/after" ||
        complain 'some, not all' "$1"
    run >/dev/null 2>&1 || complain 'the next run fails' "$1"
    clean || complain 'the next run ends elsewhere' "$1"
}

# break_at FAULT NAMES: try FAULT at every call of the names ("all", or a list with commas).
break_at() {
    fresh
    run strace -f -qq -e trace="$2" -o "$work/trace" >/dev/null
    sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' "$work/trace" | sort | uniq -c >"$work/calls"
    while read -r count name; do
        number=0
        while [ "$number" -lt "$count" ]; do
            number=$((number + 1))
            seen=$((seen + 1))
            [ $((seen % every)) -eq 0 ] || continue
            fresh
            status=0
            run strace -f -qq -o /dev/null -e trace="$name" \
                -e inject="$name:$1:when=$number" >"$work/output" 2>&1 </dev/null || status=$?
            points=$((points + 1))
            check "$name #$number, $1" "$status"
        done
    done <"$work/calls"
}

fresh
look
cp -a "$shown" "$work/before"
run >/dev/null
look
cp -a "$shown" "$work/after"
clean
seen=0
break_at signal=SIGKILL all
break_at error=ENOSPC write,openat,mkdirat,fsync
break_at error=EIO read,write,fsync,ftruncate,fchmod,close,renameat,unlinkat,getdents64
break_at error=EINTR openat,openat2,read,write,fsync
break_at error=ENOSYS openat2
echo "$points points, $broken broken"
[ "$broken" -eq 0 ]
