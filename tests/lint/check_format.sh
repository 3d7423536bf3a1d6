#!/bin/sh
# check_format.sh - every C file is as clang-format-14 would write it.
#
# usage: check_format.sh ROOT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
. "$here/sources.sh"
all_sources | xargs clang-format-14 --dry-run --Werror
