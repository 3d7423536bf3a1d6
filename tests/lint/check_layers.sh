#!/bin/sh
# check_layers.sh - who may include whom (CONTRIBUTING.md, "The dependency law").
#
# usage: check_layers.sh ROOT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
. "$here/sources.sh"

# The law: folder, what it may include (regular expression).
LAW='base base/
ingest (base|ingest)/
cluster (base|cluster)/|ingest/command[.]h
promote (base|promote)/|cluster/kind[.]h
sync (base|sync)/|promote/registry[.]h
cmd (base|ingest|cluster|promote|sync)/
main base/|[a-z]+/cmd_[a-z]+[.]h'

# The only file that sees each third-party header.
THIRD_PARTY='archive.h ingest/inflate.c
archive_entry.h ingest/inflate.c
emmintrin.h base/scan.c
malloc.h cluster/cmd_memory.c
linux/landlock.h sync/cmd_plugin_run.c
git2.h base/git.c
linux/openat2.h base/file.c
pcre2.h base/regex.c
sys/prctl.h sync/cmd_plugin_run.c
xxhash.h base/hash.c
yaml.h base/yaml.c
zstd.h base/zstd.c
zstd_errors.h base/zstd.c'

# C17 and POSIX.1-2008, without what depends on a locale.
SYSTEM='assert dirent errno fcntl inttypes limits math poll pthread setjmp signal spawn stdalign stdarg
stdatomic stdbool stddef stdint stdio stdlib string strings sys/file sys/mman sys/random sys/resource
sys/stat sys/syscall sys/time sys/types sys/uio sys/wait termios time unistd'

# program_sources names no file with a blank.
# shellcheck disable=SC2046
found=$(awk -v law="$LAW" -v third="$THIRD_PARTY" -v system_headers="$SYSTEM" '
BEGIN {
    count = split(law, rows, "\n")
    for (i = 1; i <= count; i++) {
        blank = index(rows[i], " ")
        may[substr(rows[i], 1, blank - 1)] = "^(" substr(rows[i], blank + 1) ")"
    }
    count = split(third, rows, "\n")
    for (i = 1; i <= count; i++) {
        split(rows[i], pair, " ")
        home[pair[1]] = pair[2]
    }
    count = split(system_headers, rows, /[ \n]+/)
    for (i = 1; i <= count; i++)
        is_system[rows[i] ".h"] = 1
}
function say(message) { print FILENAME ":" FNR ": " message }
FNR == 1 {
    file = FILENAME
    sub(/.*\//, "", file)
    layer = FILENAME
    sub(/\/.*/, "", layer)
    if (file == "main.c")
        layer = "main"
    else if (file ~ /^cmd_/)
        layer = "cmd"
}
/^[ \t]*#[ \t]*define[ \t]+_(GNU|POSIX|POSIX_C|XOPEN|DEFAULT|BSD)_SOURCE/ {
    say("feature macros are set by the build alone")
}
/^[ \t]*#[ \t]*include/ {
    if (!match($0, /["<][^">]*[">]/)) {
        say("an include names its header")
        next
    }
    header = substr($0, RSTART + 1, RLENGTH - 2)
    if (substr($0, RSTART, 1) == "<") {
        if (header in home) {
            if (home[header] != FILENAME)
                say("<" header "> belongs to " home[header] " alone")
        } else if (!(header in is_system))
            say("<" header "> is not on the list of system headers")
    } else if (header ~ /(^|\/)cmd_/ && layer != "main" && layer != "cmd")
        say(layer " must not include \"" header "\": only main.c and cmd_*.c see verbs")
    else if (header !~ may[layer])
        say(layer " must not include \"" header "\"")
}' $(program_sources) /dev/null)

# _GNU_SOURCE: on one line of the build, for these files.
gnu=$(grep -n '_GNU_SOURCE' CMakeLists.txt cmake/*.cmake 2>/dev/null |
    grep -vE '^CMakeLists\.txt:[0-9]+:(#.*|set_source_files_properties\(((base/(file|pages|txn|sandbox)|sync/cmd_plugin_run)\.c )+PROPERTIES COMPILE_DEFINITIONS _GNU_SOURCE\))$' |
    sed 's/$/ : _GNU_SOURCE is for base\/file.c, base\/pages.c, base\/txn.c and the sandboxes/') || :

report "$found$gnu"
