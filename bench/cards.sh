#!/bin/sh
# cards.sh - a pattern repository with many cards, the same bytes everywhere.
#
# usage: cards.sh OPK DIR COUNT
#
# The worked pattern of 'opk init' is copied under other names and identities; one sync makes what
# derives from the cards, and one build their ledger.
set -eu
opk=$1
dir=$2
count=$3
"$opk" init "$dir" >/dev/null
cd "$dir"
card=$(echo ids/patterns/cards/*.yaml)
ulid=$(basename "$card" .yaml)
# The worked pattern's own files, each copied under every name; the folders are made first.
files=$(find . -type f -path '*atomic_create_files*' ! -path './.opk/*' | sort)
for folder in patterns/atomic_create_files patterns/examples/atomic_create_files; do
    seq -f "${folder%atomic_create_files}bench_%04.0f" 2 "$count"
done | xargs mkdir -p
# The names of the worked pattern have no blanks.
# shellcheck disable=SC2086
awk -v count="$count" -v ulid="$ulid" '
function copy(text, four) {
    gsub(/atomic_create_files/, "bench_" four, text)
    gsub(/ATOMIC_CREATE_FILES/, "BENCH_" four, text)
    gsub(/ATOMIC-CREATE-001/, "BENCH-" four, text)
    gsub(ulid, substr(ulid, 1, 22) four, text)
    return text
}
function flush_file(number, four, path) {
    for (number = 2; number <= count; number++) {
        four = sprintf("%04d", number)
        path = copy(name, four)
        printf "%s", copy(lines, four) >path
        close(path)
    }
}
FNR == 1 { if (name != "") flush_file(); name = FILENAME; lines = "" }
{ lines = lines $0 "\n" }
END { flush_file() }' $files "$card"
"$opk" sync --all >/dev/null
"$opk" build >/dev/null
