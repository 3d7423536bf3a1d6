#!/bin/sh
# formats.sh - the examples of a page of docs/formats, run as they stand.
#
# usage: formats.sh [--update] OPK PAGE...
#
# A fenced block that opens with "```LANGUAGE FILE" is that file. One that opens with "```console"
# is a session: a line "$ COMMAND" is run by sh in a folder with those files, the lines below it
# are what it prints on either output, and a last line "[N]" its exit status, when that is not 0.
# "<!-- needs: PROGRAM -->" on a line of its own: the page is skipped where there is none.
# A page without a session is a failure. With --update the sessions are rewritten: read the diff.
set -eu

update=
if [ "$1" = --update ]; then
    update=yes
    shift
fi
bin=$(cd "$(dirname "$1")" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# script PAGE: the page's files and sessions as one shell script; session N prints into out.N.
script() {
    awk -v quote="'" '
    /^```/ && inside == "" {
        if ($0 == "```console") { inside = "session"; sessions++; print "exec >\"$OUT." sessions "\" 2>&1"; next }
        if (split($0, word, " ") == 2) {
            inside = "file"
            folder = word[2]
            if (sub(/\/[^\/]*$/, "", folder)) printf "mkdir -p %s\n", folder
            printf "cat >%s <<%sEND_OF_EXAMPLE%s\n", word[2], quote, quote
            next
        }
        inside = "other"; next
    }
    /^```$/ { if (inside == "file") print "END_OF_EXAMPLE"; inside = ""; next }
    inside == "file" { print }
    inside == "session" && /^\$ / {
        command = substr($0, 3)
        shown = $0
        gsub(quote, quote "\\" quote quote, shown)
        printf "printf \"%%s\\n\" %s%s%s\n%s\ncode=$?\n", quote, shown, quote, command
        print "[ $code -eq 0 ] || echo \"[$code]\""
    }
    END { print sessions + 0 >"/dev/stderr" }' "$1"
}

# merge PAGE: the page with what its sessions printed.
merge() {
    awk -v out="$work/out." '
    $0 == "```console" && !inside {
        inside = 1; print; sessions++; name = out sessions
        while ((getline line <name) > 0) print line
        close(name); next
    }
    /^```$/ && inside { inside = 0 }
    !inside { print }' "$1"
}

status=0
for page in "$@"; do
    rm -rf "$work"/out.* "$work/at"
    mkdir "$work/at"
    script "$page" >"$work/script" 2>"$work/count"
    if [ "$(cat "$work/count")" -eq 0 ]; then
        echo "$page: no session: every page shows its format at work"
        status=1
        continue
    fi
    needs=$(sed -n 's/^<!-- needs: \(.*\) -->$/\1/p' "$page")
    if [ -n "$needs" ] && ! command -v "$needs" >/dev/null; then
        echo "skipped: $page: no $needs"
        continue
    fi
    (cd "$work/at" && env -i PATH="$bin:/usr/bin:/bin" HOME="$work" LC_ALL=C TZ=UTC0 TERM=dumb \
        SOURCE_DATE_EPOCH=1767225600 FIXTURES="$here/../fixtures" OUT="$work/out" \
        ASAN_OPTIONS="${ASAN_OPTIONS-}" sh "$work/script" </dev/null)
    merge "$page" >"$work/page"
    if cmp -s "$page" "$work/page"; then
        continue
    elif [ -n "$update" ]; then
        cp "$work/page" "$page"
    else
        echo "$page: a session goes otherwise (- the page, + what is printed)"
        diff -u "$page" "$work/page" | sed 1,2d
        status=1
    fi
done
exit "$status"
