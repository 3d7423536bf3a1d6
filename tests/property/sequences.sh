#!/bin/sh
# sequences.sh - workflows that were planted in sessions are found: all of them, whole, and hardly
# anything else; and the drafts are the same bytes whatever the order of the files and the threads.
#
# usage: sequences.sh OPK
set -eu
opk=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# The signatures of the sequences in a drafts file, one a line.
signatures() {
    awk '/^    type: / { is_sequence = $2 == "sequence" }
         /^    signature: / && is_sequence { sub(/^    signature: "/, ""); sub(/"$/, ""); print }' "$1"
}

for seed in 1 2 3 4 5 6; do
    mkdir "$seed"
    awk -v seed="$seed" -v out="$seed" -v sessions=90 -f "$here/sequences.awk" </dev/null
    "$opk" discover --jobs 1 --drafts one.yaml "$seed"/*.jsonl 2>/dev/null
    # shellcheck disable=SC2046 # the names have no blanks
    "$opk" discover --jobs 4 --drafts four.yaml $(ls -r "$seed"/*.jsonl) 2>/dev/null
    cmp one.yaml four.yaml
    signatures one.yaml | sort >got
    sort "$seed/want" >want
    comm -13 got want >missed
    comm -23 got want >wrong
    if [ -s missed ] || [ "$(wc -l <wrong)" -gt 2 ]; then
        echo "seed $seed: missed:"
        cat missed
        echo "seed $seed: found beside what was planted:"
        cat wrong
        exit 1
    fi
    # A part of a workflow never stands beside it.
    while read -r line; do
        if grep -F -e "$line > " -e " > $line" want; then
            echo "seed $seed: a fragment: $line"
            exit 1
        fi
    done <wrong
done
