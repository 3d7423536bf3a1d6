# generate_commands.awk - a list of shell commands: the same bytes on every machine.
#
# usage: awk -v count=N -f generate_commands.awk
#
# Programs, their operations and their options are made of syllables, so that nothing knows them. A command is a template
# of its operation with its values filled in; templates without values recur, and one line in five is typed again. Of a
# million lines 58 % are distinct, and a line has 39 bytes.

# A linear congruence stands for chance, so that no awk's own generator matters.
function chance(below) {
    state = state * 16807 % 2147483647
    return int(state / 64) % below
}

# Small numbers are far more frequent than large ones.
function popular(below) {
    return int(below * chance(1000) * chance(1000) * chance(1000) / 1000000000)
}

function name(syllables,    text) {
    text = ""
    while (syllables-- > 0) text = text SYLLABLES[1 + chance(syllable_count)]
    return text
}

function value(class) {
    if (class == "n") return chance(10000)
    if (class == "w") return WORDS[1 + chance(200)]
    if (class == "t") return "\"" WORDS[1 + chance(200)] " " WORDS[1 + chance(200)] "\""
    if (class == "p") return WORDS[1 + chance(200)] "/" WORDS[1 + chance(200)] EXTENSIONS[1 + chance(6)]
    if (class == "f") return WORDS[1 + chance(200)] chance(1000) EXTENSIONS[1 + chance(6)]
    if (class == "u") return "https://" WORDS[1 + chance(200)] ".example/" WORDS[1 + chance(200)]
    if (class == "h") return sprintf("%x%04x", 4096 + chance(60000), chance(65536))
    return "10.0." chance(256) "." chance(256)
}

# "~" and a letter stand for a value of that class.
function template(program,    text, parts) {
    text = program " " name(2)
    if (chance(4) == 0) text = text " " name(2)
    for (parts = chance(4); parts > 0; parts--) {
        if (chance(2)) text = text " --" name(2)
        else text = text " -" substr("abcdefghiklmnopqrstuvwx", 1 + chance(23), 1)
        if (chance(3) == 0) text = text " ~" substr("nwtpfuhi", 1 + chance(8), 1)
    }
    for (parts = chance(3); parts > 0; parts--) text = text " ~" substr("nwppffwh", 1 + chance(8), 1)
    if (chance(20) == 0) text = "sudo " text
    if (chance(25) == 0) text = text " | " name(2) " -" substr("abcd", 1 + chance(4), 1)
    if (chance(30) == 0) text = text " > ~f"
    return text
}

BEGIN {
    syllable_count = split("ba do fe gi ka lo mu ne po ra si to ve wi zu pli stra kon der min", SYLLABLES, " ")
    split(".txt .c .json .log .py .tar.gz", EXTENSIONS, " ")
    state = 20261102
    for (i = 1; i <= 200; i++) WORDS[i] = name(2 + chance(2))
    for (i = 0; i < 240; i++) {
        PROGRAM = name(2 + chance(2))
        for (k = 2 + chance(14); k > 0; k--) TEMPLATES[template_count++] = template(PROGRAM)
    }
    for (n = 0; n < count; n++) {
        if (n > 40000 && chance(100) < 22) {
            print TYPED[chance(20000)]
            continue
        }
        pieces = split(TEMPLATES[popular(template_count)], PIECES, "~")
        line = PIECES[1]
        for (i = 2; i <= pieces; i++) line = line value(substr(PIECES[i], 1, 1)) substr(PIECES[i], 2)
        print line
        TYPED[n % 20000] = line
    }
}
