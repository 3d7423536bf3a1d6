#!/bin/sh
# check_names.sh - what another file can see is called opk_ or OPK_; structs and enums keep their tag.
#
# usage: check_names.sh ROOT BUILD
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$2" && pwd)
cd "$1"
. "$here/sources.sh"

# Names that begin with two underscores are the compiler's own.
symbols=$(find "$build" -name 'libopk_*.a' | LC_ALL=C sort | while read -r library; do
    nm -g --defined-only "$library" 2>/dev/null |
        awk -v library="${library##*/}" 'NF == 3 && $3 !~ /^(opk_|OPK_|__)/ {
            print library ": " $3 " is exported and not called opk_"
        }'
done)
# shellcheck disable=SC2046
typedefs=$(awk -f "$here/strip.awk" $(all_sources) | grep -E ':[0-9]+:.*\btypedef\b' |
    sed 's/$/ : no typedef; structs and enums keep their tag/') || :
# shellcheck disable=SC2046
macros=$(grep -nE '^[ \t]*#[ \t]*define[ \t]+' $(program_sources | grep '\.h$') /dev/null |
    grep -vE 'define[ \t]+(OPK|opk)_' | sed 's/$/ : a macro in a header is called OPK_ or opk_/') || :

report "$symbols$typedefs$macros"
