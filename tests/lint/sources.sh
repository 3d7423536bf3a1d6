# sources.sh - sourced by the checks: where the C sources are, and how a check reports.

# Every C file of the program and its tests, one a line; the bad examples are not among them.
all_sources() {
    find base ingest cluster promote sync tests bench main.c -path tests/lint -prune -o \
        -name '*.[ch]' -print 2>/dev/null | LC_ALL=C sort
}

# The C files of the program alone.
program_sources() {
    all_sources | grep -Ev '^(tests|bench)/'
}

# Print what was found, if anything, and fail then.
report() {
    [ -n "$1" ] || return 0
    printf '%s\n' "$1"
    return 1
}
