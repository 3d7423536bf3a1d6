# generate.awk - transcripts for the benchmark: the same bytes on every machine.
#
# usage: awk -v what=history|capture|agent -v count=N -f generate.awk
#   history  a bash history with times: nothing but commands
#   capture  a typescript: a command, then two hundred lines of output
#   agent    an agent session: JSON around every command

# A linear congruence stands for chance, so that no awk's own generator matters.
function chance(below) {
    state = state * 16807 % 2147483647
    return state % below
}

function word() {
    return WORDS[1 + chance(word_count)]
}

function command(    kind) {
    kind = chance(8)
    if (kind == 0) return "git commit -m '" word() " " word() " " chance(1000) "'"
    if (kind == 1) return "git switch -c fix/" word() "-" chance(1000)
    if (kind == 2) return "pytest -q tests/test_" word() ".py"
    if (kind == 3) return "docker build -t registry.box.example/" word() ":1." chance(100) " ."
    if (kind == 4) return "kubectl logs deployment/" word() " -n shop --tail=" chance(500)
    if (kind == 5) return "tar -czf backup-" chance(1000) ".tar.gz data/" word()
    if (kind == 6) return "grep -rn '" word() "' src tests | head -" chance(50)
    return "curl -fsS https://shop.box.example/" word() "/" chance(10000)
}

function output(    line) {
    for (line = 0; line < 200; line++)
        printf "2026-11-%02d 12:%02d:%02d INFO %s: %s %s took %d ms\r\n", 1 + chance(28), chance(60),
            chance(60), word(), word(), word(), chance(900)
}

BEGIN {
    word_count = split("order basket invoice session refund total export report stock price", WORDS, " ")
    state = 1
    if (what == "capture")
        print "Script started on 2026-11-02 20:14:05+00:00 [TERM=\"xterm-256color\" COLUMNS=\"120\" LINES=\"40\"]"
    for (n = 0; n < count; n++) {
        if (what == "history") {
            printf "#%d\n%s\n", 1793650000 + n * 7, command()
        } else if (what == "capture") {
            printf "\033[?2004hdev@box:~/shop$ %s\r\n\033[?2004l\r", command()
            output()
        } else {
            printf "{\"type\":\"assistant\",\"sessionId\":\"s%d\",\"uuid\":\"u%d\",\"cwd\":\"/home/dev\",", n / 50, n
            printf "\"timestamp\":\"2026-11-02T20:%02d:%02d.000Z\",\"message\":{\"role\":\"assistant\",", n / 60 % 60, n % 60
            printf "\"content\":[{\"type\":\"tool_use\",\"id\":\"t%d\",\"name\":\"Bash\",\"input\":", n
            printf "{\"command\":\"%s\"}}]}}\n", command()
        }
    }
}
