#!/bin/sh
# durable.sh - is every file that takes another's place on the disk before it does, and its folder
# after it?
#
# usage: durable.sh CASE PROGRAM     or: durable.sh --trace FILE
#
# CASE as in points.sh. The run's system calls are read: no file is renamed while what was written
# to it waits to be synced, a folder is synced after a rename into it, no file is cut in place, and
# nothing under the tree is left unsynced. --trace reads a recorded trace instead.
set -eu

# check FILE: the trace's problems, a line each.
check() {
    awk '
    { sub(/^[0-9]+ +/, "") }
    !/ = [0-9]/ { next }
    function name_of(text) { # 5</a/b> is /a/b
        sub(/^[^<]*</, "", text); sub(/>.*/, "", text)
        return text
    }
    function strings(line, parts, count) { # the folder and name of each path argument
        count = 0
        while (match(line, /(AT_FDCWD|[0-9]+)<[^>]*>, "[^"]*"/)) {
            parts[++count] = substr(line, RSTART, RLENGTH)
            sub(/^[^<]*</, "", parts[count]); sub(/>, "/, "/", parts[count]); sub(/"$/, "", parts[count])
            line = substr(line, RSTART + RLENGTH)
        }
        return count
    }
    /^(write|pwrite64|writev|ftruncate)\([0-9]+<\// { dirty[name_of($0)] = 1; next }
    /^(fsync|fdatasync)\(/ { delete dirty[name_of($0)]; delete waiting[name_of($0)]; next }
    /^rename/ {
        if (strings($0, path) != 2) { print "a rename that cannot be read: " $0; next }
        if (path[1] in dirty) print "renamed before it was synced: " path[2]
        folder = path[2]; sub(/\/[^\/]*$/, "", folder)
        waiting[folder] = path[2]
        renames++
        next
    }
    /^open.*O_TRUNC/ { if ($0 !~ /O_EXCL|\/dev\//) print "cut in place: " $0 }
    END {
        for (folder in waiting) print "its folder is not synced after the rename: " waiting[folder]
        for (file in dirty) if (file ~ /\/tree\// && system("test -e \"" file "\"") == 0)
            print "left unsynced: " file
        if (!renames) print "nothing was renamed"
    }' "$1"
}

if [ "$1" = --trace ]; then
    check "$2"
    exit 0
fi
case_file=$1
# The case files use these.
# shellcheck disable=SC2034
program=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/opk-durable-XXXXXX")
trap 'rm -rf "$work"' EXIT
# /proc gives paths without links, and so does strace.
tree=$(cd "$work" && pwd -P)/tree
if ! strace -qq -o "$work/trace" true 2>/dev/null; then
    echo 'skipped: no strace'
    exit 0
fi
# shellcheck source=/dev/null
. "$case_file"
mkdir "$tree"
setup
run strace -f -y -qq -s 0 -o "$work/trace" \
    -e trace=openat,openat2,write,pwrite64,writev,fsync,fdatasync,ftruncate,rename,renameat,renameat2 \
    >/dev/null
problems=$(check "$work/trace")
if [ -n "$problems" ]; then
    printf '%s\n' "$problems"
    exit 1
fi
# A gate must be seen to fail: the same trace without its fsync calls.
grep -v '^[0-9]* *fsync' "$work/trace" >"$work/bad"
[ -n "$(check "$work/bad")" ] || {
    echo 'a trace without fsync passes'
    exit 1
}
echo 'every file was synced before it took its place'
