#!/bin/sh
# pattern_cli.sh - the verbs of opk on this repository, from wherever it is called.
#
# usage: pattern_cli.sh sync PAT_...        a pattern_key, pattern_id, doc_id or ulid
#        pattern_cli.sh -Command sync [-PatternId ID | -PatternKey KEY | -All] [-Check]
#        pattern_cli.sh VERB [options of opk]
#
# Exits with opk's own code: 0 clean, 1 drift or findings, 2 usage, 3 invalid input, 4 refused,
# 5 conflict. OPK names the program, when it is not the opk of the PATH.
set -eu
cd "$(dirname "$0")/.."
count=$#
command=
while [ "$count" -gt 0 ]; do
    count=$((count - 1))
    argument=$1
    shift
    case $argument in
    -Command | -PatternId | -PatternKey)
        if [ "$count" -eq 0 ]; then
            echo "pattern_cli: $argument needs a value" >&2
            exit 2
        fi
        value=$1
        count=$((count - 1))
        shift
        case $argument in
        -Command) command=$value ;;
        -PatternId) set -- "$@" --pattern-id "$value" ;;
        -PatternKey) set -- "$@" --pattern-key "$value" ;;
        esac
        ;;
    -All) set -- "$@" --all ;;
    -Check) set -- "$@" --check ;;
    *) set -- "$@" "$argument" ;;
    esac
done
exec "${OPK:-opk}" ${command:+"$command"} "$@"
