"""The simple commands that opk reads in a command line must be those that bash parses.

usage: bash_words.py [--exact] [--show N] [--lines | --column N | --jsonl] PROGRAM FILE...

PROGRAM is bash_steps. A FILE holds commands: by default blocks ended by a line "%%", with --lines one
a line, with --column N the Nth column of tab-separated lines, with --jsonl the records of
'opk commands --format jsonl'. Prints counts and the first N differences; with --exact a difference
is a failure.

How bash is asked, without running anything: 'bash --pretty-print' parses a script and prints the
parse, one simple command after another in a fixed layout. Two things are held against that print.
  - Tiling: opk's simple commands, each written as bash writes one (words, then redirections, a blank
    between), must stand in the print in order, and between them nothing but reserved words,
    operators, headers (for x in ..., case x in, patterns, function names), the redirections of groups
    and here-documents. A command that opk misses, invents, joins or splits leaves a gap that is none.
  - Words: each word that is not plain is put into 'case WORD in esac', where exactly one word may
    stand, and must come back alone. A word that opk cuts short or makes too long does not.
What this cannot see: how words are expanded, the commands within substitutions (they are parts of
words), arithmetic within (( )), and white space within [[ ]].
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile

BASH = shutil.which("bash")
BATCH = 400
PLAIN = re.compile(r"[\w./:=,+@%^-]+\Z", re.ASCII)
REDIRECT = r"(?:\{\w+\}|\d+)?(?:&>>?|<<<|<<-?|<>|<&|>&|>>|>\||<|>) ?"
STRUCTURE = re.compile(
    r"""(?sx)
      \s+ | ;;&\s*\n\s*(?!esac)[^\n]*\)$ | ;[;&]\s*\n\s*(?!esac\b)[^\n]*\)$ | ;;?&? | &&? | \|\|? | [(){}!]
    | (?:if|then|elif|else|fi|while|until|do|done|esac)\b
    | time\b(?:[ ]-p\b)? | coproc\b(?:[ ]\w+(?=[ ][({])|[ ]COPROC\b)?
    | (?:for|select)[ ][^\n]*?[ ]in\b.*?;\s*(?=do\b|\{) | for[ ]\(\(.*?\)\)\s*(?=do\b|\{)
    | case[ ].*?[ ]in[ ]\s*(?:(?=esac)|[^\n]*\)$)
    | (?:function[ ])?\S+[ ]\(\)
    """, re.MULTILINE)
GROUP_REDIRECT = re.compile(r"\s" + REDIRECT + r"""(?:[^\s"'\\$;&|]|"[^"]*"|'[^']*'|\\.|\$\([^)]*\)|\$)+""")


def run_bash(script, *options):
    """What bash prints and complains of; nothing is executed, and there is nothing to execute."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(script.encode())
        file.flush()
        done = subprocess.run(
            [BASH, *options, "-O", "extglob", file.name],
            env={"PATH": "/nonexistent", "LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=60, cwd="/")
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), done.returncode


def parse_each(scripts):
    """bash's print of each script, or None where bash rejects it; many scripts at a time."""
    results = [None] * len(scripts)

    def solve(begin, end):
        if begin == end:
            return
        if end - begin == 1:
            _, _, code = run_bash(scripts[begin], "-n")
            if code == 0:
                results[begin] = run_bash(scripts[begin], "--pretty-print")[0]
            return
        # Three blanks become one when the mark is a command, and stay when it is within quotes.
        text = "".join(f"{scripts[i]}\n:   opk-mark-{i}\n" for i in range(begin, end))
        out, complaints, code = run_bash(text, "--pretty-print")
        parts = re.split(r"(?m)^: opk-mark-(\d+)\n", out)
        if code == 0 and not complaints and parts[1::2] == [str(i) for i in range(begin, end)]:
            results[begin:end] = parts[0:-1:2]
            return
        middle = (begin + end) // 2
        solve(begin, middle)
        solve(middle, end)

    for at in range(0, len(scripts), BATCH):
        solve(at, min(at + BATCH, len(scripts)))
    return results


def is_condition(simple):
    return simple["words"][:1] == ["[["]


def probe(word):
    if re.match(r"[A-Za-z_]\w*(\[.*?\])?\+?=\(", word, re.DOTALL):
        return word  # an array: no word elsewhere
    return f"case {word} in\nesac"


def unprobe(word, print_):
    """The word as bash prints it; None when it is not one word."""
    if print_ is None:
        return None
    found = re.fullmatch(r"case (.*) in \nesac\n+", print_, re.DOTALL)
    return found.group(1) if found else print_.strip("\n") if not probe(word).startswith("case") else None


def learn_words(parses):
    """Each word that is not plain -> as bash prints it."""
    words = set()
    for parse in parses:
        for simple in parse["simples"]:
            if not is_condition(simple):
                words.update(w for w in simple["words"] if not w.startswith("(("))
            words.update(target for sign, target in simple["redirects"] if "<<" not in sign or "<<<" in sign)
    odd = sorted(w for w in words if not PLAIN.match(w))
    known = dict(zip(odd, (unprobe(w, p) for w, p in zip(odd, parse_each([probe(w) for w in odd])))))
    # A backslash at the end of a text continues it on a line that is not there: bash's print has none.
    known.update((w, w[:-1]) for w in odd if re.search(r"(?<!\\)(\\\\)*\\\Z", w))
    return known


def pattern_of(simple, known):
    """How bash prints this simple command, as a regular expression; None when a word is not one."""
    words = []
    for word in simple["words"]:
        as_bash = known.get(word, word)
        if as_bash is None:
            return None, f"not one word: {word!r}"
        if word.startswith("(("):
            inner = "".join(word[2:-2].split())
            words.append(r"\(\(\s*" + r"\s*".join(map(re.escape, inner)) + r"\s*\)\)")
        else:
            words.append(re.escape(as_bash))
    text = r"\s*(?:-n )?\s*".join(words) if is_condition(simple) else " ".join(words)
    for sign, target in simple["redirects"]:
        as_bash = known.get(target, target)
        if as_bash is None:
            return None, f"not one word: {target!r}"
        if "<<" in sign and "<<<" not in sign:  # bash prints a quoted delimiter in quotes of its own
            as_bash = unquote(target)
            text += f" ?{REDIRECT}'?{re.escape(as_bash)}'?"
            continue
        text += (r" ?" if text else "") + REDIRECT + re.escape(as_bash)
    return re.compile(text + "(?: 2>&1(?= \\|))?" + r"(?![^\s;&|<>()])"), None


def skip_bodies(print_, at, delimiters):
    """Behind the here-documents whose redirections end at at; what stands before them on the line."""
    newline = print_.find("\n", at)
    if newline < 0:
        return at, ""
    behind = print_[at:newline]
    at = newline + 1
    for delimiter in delimiters:
        end = re.compile(rf"(?m)^{re.escape(delimiter)}$").search(print_, at)
        if not end:
            return at, behind
        at = end.end()
    return at, behind


def is_structure(gap):
    at = 0
    while at < len(gap):
        found = GROUP_REDIRECT.match(gap, at) or STRUCTURE.match(gap, at)
        if not found or found.end() == at:
            return False
        at = found.end()
    return True


def unquote(delimiter):
    return re.sub(r"\\(.)|[\"']", r"\1", delimiter)


def compare(parse, print_, known):
    """None when opk's simple commands tile bash's print; else what is wrong."""
    at, behind = 0, ""
    unseparated = 1  # behind a here-document bash's printer leaves one separator out
    for number, simple in enumerate(parse["simples"], 1):
        pattern, wrong = pattern_of(simple, known)
        if wrong:
            return wrong
        search = at
        while True:
            found = pattern.search(print_, search)
            if not found:
                return f"command {number} is not bash's: {' '.join(simple['words'])!r}"
            gap = behind + " " + print_[at:found.start()]
            if is_structure(gap) and (number <= unseparated or re.search(r"[;&|\n(){}]", gap)):
                break
            search = found.start() + 1
        at, behind = found.end(), ""
        delimiters = [unquote(t) for s, t in simple["redirects"] if "<<" in s and "<<<" not in s]
        if delimiters:
            unseparated = number + 2
            at, behind = skip_bodies(print_, at, delimiters)
    rest = behind + " " + print_[at:]
    return None if is_structure(rest) else f"bash has more: {rest.strip()[:120]!r}"


def read_commands(path, args):
    text = open(path, encoding="utf-8", errors="surrogateescape", newline="\n").read()
    if args.jsonl:
        commands = [json.loads(line) for line in text.splitlines()]
        commands = [c["text"] for c in commands if c["kind"] == "shell"]
    elif args.column:
        commands = [line.split("\t")[args.column - 1] for line in text.split("\n") if line]
    elif args.lines:
        commands = text.split("\n")
    else:
        commands = [block for block in re.split(r"(?m)^%%\n", text)]
        commands = [block[:-1] if block.endswith("\n") else block for block in commands]
    return [c for c in commands if c.strip() and "\0" not in c]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--exact", action="store_true")
    options.add_argument("--show", type=int, default=20)
    options.add_argument("--lines", action="store_true")
    options.add_argument("--column", type=int)
    options.add_argument("--jsonl", action="store_true")
    options.add_argument("program")
    options.add_argument("files", nargs="+")
    args = options.parse_args()

    commands = []
    for path in args.files:
        commands += read_commands(path, args)
    commands = [c for c in dict.fromkeys(commands) if not any("\ud800" <= x <= "\udfff" for x in c)]
    said = subprocess.run([args.program], input=b"".join(c.encode() + b"\0" for c in commands),
                          capture_output=True, timeout=60, check=True).stdout
    parses = [json.loads(line) for line in said.decode().split("\n") if line]
    assert len(parses) == len(commands), (len(parses), len(commands))
    prints = parse_each(commands)
    accepted = [i for i in range(len(commands)) if prints[i] is not None]
    known = learn_words([parses[i] for i in accepted])
    different = 0
    for i in accepted:
        wrong = compare(parses[i], prints[i], known)
        if wrong:
            different += 1
            if different <= args.show:
                print(f"--- {wrong}\n{commands[i]}")
    rejected = len(commands) - len(accepted)
    stepless = 0
    for i in range(len(commands)):
        if prints[i] is None and not parses[i]["simples"]:
            stepless += 1
            if stepless <= args.show:
                print(f"--- rejected, and no step\n{commands[i]}")
    print(f"{len(commands)} commands: bash accepts {len(accepted)}, of these {len(accepted) - different} equal,"
          f" {different} different; bash rejects {rejected}, of these {stepless} without a step")
    return 1 if args.exact and different else 0


if __name__ == "__main__":
    if not BASH:
        print("skipped: no bash")
        sys.exit(0)
    sys.exit(main())
