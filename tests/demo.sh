#!/bin/sh
# demo.sh - the whole line on the fixtures: five nights of transcripts in, drafts, one promotion, one
# sync, guard clean. Works in a scratch copy of the demo pattern repository and leaves nothing behind.
#
# usage: demo.sh OPK
set -eu
opk=$(realpath "$1")
fixtures=$(cd "$(dirname "$0")/../fixtures" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What is written does not depend on who runs this and when.
export SOURCE_DATE_EPOCH=1796000400 NO_COLOR=1
export GIT_AUTHOR_NAME='Demo Reviewer' GIT_AUTHOR_EMAIL=reviewer@box.example
export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"

KIND=OPK-GIT-COMMIT
PATTERN=PAT-PATCH-001

say() {
    printf '\n== %s\n' "$*"
}

# Show a command and run it.
run() {
    printf '$ opk %s\n' "$*"
    "$opk" "$@"
}

cp -R "$fixtures/patterns" "$scratch/patterns"
cp -R "$fixtures/transcripts" "$scratch/transcripts"
cd "$scratch/patterns"

say 'Five nights of terminal recordings, histories and agent sessions become drafts'
run discover ../transcripts

say 'What a reviewer sees: id, support and summary, the most valuable first'
run drafts list >"$scratch/drafts"
head -n 13 "$scratch/drafts"
[ "$(grep -c '^DRF-' "$scratch/drafts")" -ge 5 ] || {
    echo 'fewer than five drafts' >&2
    exit 1
}

say 'The evidence for one of them'
draft=$(awk -v kind="$KIND" '{ for (i = 2; i <= NF; i++) if ($i == kind) { print $1; exit } }' \
    "$scratch/drafts")
run drafts show "$draft"

say 'A person decides; the entry goes into the registry, the decision into the audit'
run promote "$draft" --as "$KIND" --name 'Commit staged changes'

say "The card of $PATTERN says that the pattern uses it: one line of one file"
card=$(grep -l "^pattern_id: $PATTERN\$" ids/patterns/cards/*.yaml)
sed "s/^operation_kinds:.*/&\\n  - $KIND/" "$card" >"$scratch/card"
diff "$card" "$scratch/card" || :
cp "$scratch/card" "$card"

say 'What derives from the card has drifted'
if run sync "$PATTERN" --check; then
    echo 'the drift was not seen' >&2
    exit 1
fi

say 'One sync brings all of it in step, byte by byte'
run sync "$PATTERN" --diff

say 'And the repository is clean; the next night knows the kind'
run guard
run discover ../transcripts 2>&1 | grep ' steps = '
