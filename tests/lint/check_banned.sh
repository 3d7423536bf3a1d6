#!/bin/sh
# check_banned.sh - functions that have no place here, and worlds that a core must not touch.
#
# usage: check_banned.sh ROOT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
. "$here/sources.sh"

# Anywhere: no bound, a shell, a locale, a hidden state, or no way to tell an error.
ANYWHERE='strcpy|stpcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|v?f?scanf|strtok|system|popen|atoi|atol|atoll|atof|setlocale|alloca|rand|srand|random|tmpnam|tempnam|mktemp|asctime|ctime|gmtime|localtime|strdup|strndup|is(alpha|digit|alnum|space|upper|lower|print|punct|xdigit|cntrl)|to(upper|lower)|strcoll|strcasecmp|strncasecmp|signal|longjmp|setjmp|fork|vfork'
# A plugin is forked, since posix_spawn cannot set its limits.
# In the cores: printing, leaving, the clock and the environment belong to cmd_*.c.
CORE='printf|puts|putchar|perror|fputs|exit|_exit|abort|getenv|secure_getenv|time|clock_gettime|gettimeofday|getcwd|chdir'

# shellcheck disable=SC2046
anywhere=$(awk -f "$here/strip.awk" $(program_sources) |
    grep -E "(^|[^A-Za-z0-9_.>])($ANYWHERE)\(" |
    grep -vE '^main\.c:.*\bsignal\(SIGPIPE, SIG_IGN\)' |
    grep -vE '^sync/cmd_plugin_run\.c:.*\bfork\(\);' |
    sed 's/$/ : this function is banned (tests\/lint\/check_banned.sh says why)/') || :
# shellcheck disable=SC2046
core=$(awk -f "$here/strip.awk" $(program_sources | grep -E '^(ingest|cluster|promote|sync)/' |
    grep -v '/cmd_') /dev/null |
    grep -E "(^|[^A-Za-z0-9_.>])($CORE)\(" |
    sed 's/$/ : a core does not print, exit or read clock and environment/') || :

report "$anywhere$core"
