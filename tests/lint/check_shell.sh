#!/bin/sh
# check_shell.sh - every shell script passes shellcheck.
#
# usage: check_shell.sh ROOT
set -eu
cd "$1"
find . \( -name build -o -name .git -o -path ./tests/lint/bad \) -prune -o -type f -print |
    LC_ALL=C sort | while read -r file; do
    case $(head -n 1 "$file" | tr -d '\0') in
    '#!/bin/sh'* | '#!/usr/bin/env bash'*) echo "$file" ;;
    *) case $file in ./tests/lint/sources.sh) ;; *.sh) echo "$file" ;; esac ;;
    esac
done | xargs shellcheck -x -P tests/lint
