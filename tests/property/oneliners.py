#!/usr/bin/env python3
"""One-liners as people ask for them: find, grep, sed, awk, sort and xargs in pipelines. Are their shapes found?

usage: oneliners.py OPK [--seeds N] [--dump FILE]

A command is put together from parts, so that most shapes are seen once or twice and a few often. Two commands have one
shape when they differ in values alone, in the spelling of an option or in the order of options; what a value is does not
tell shapes apart: -name takes "*.c", notes.txt and $1. What is scored is the share of commands whose shape is grouped
exactly right.
"""
import argparse
import random
import sys

from labelled import accuracy, classify

DIRECTORIES = ['.', '.', '.', '/', '~', '/var/log', 'src', './build', '$HOME', '"$dir"', '/tmp', '/home/user/docs', '/etc', 'dir1', '*', '..',
               '"/srv/my files"', '~/music', '$(pwd)']
NAMES = ['"*.c"', "'*.txt'", '*.py', '\\*.html', '"foo*"', 'notes.txt', 'core', '"*.[ch]"', "'*test*'", '"$name"', '*.log', "'.*'", '"*~"',
         'README', "'*.jpg'", '"my file"']
FILES = ['file.txt', '/etc/passwd', 'input', '$file', 'data.csv', 'a.log', './notes.md', '"$1"', '~/list', 'log', '/var/log/syslog', 'out.txt']
WORDS = ['foo', '"foo"', "'foo bar'", 'error', '"^[0-9]+"', "'^#'", '"some text"', '$pattern', "'http://'", '"[a-z]*"', 'main\\(', "'\\.c$'"]
NUMBERS = ['1', '2', '3', '5', '10', '20', '100', '$n']
DAYS = ['+7', '-1', '30', '+30', '-7', '0', '+365', '1']
SIZES = ['+10M', '50k', '+1G', '1024c', '-5k', '0', '+100M', '100c']
MODES = ['644', '0777', '-o+w', '/u+x', '755', '-4000', 'u=r', '+x']
USERS = ['root', 'www-data', '$USER', 'alice', 'nobody', 'user1']
AWK = ["'{print $1}'", "'{print $2}'", '"{print \\$1}"', "'{sum+=$1} END {print sum}'", "'NR==1'", "'!seen[$0]++'", "'$3 > 10'", "'/foo/ {print $0}'"]
SED = ["'s/a/b/g'", '"s/foo/bar/"', "'/^$/d'", "'1d'", 's/x//', "'s|/|_|g'", "'$d'", '"s/$old/$new/g"']
KEYS = ['1', '2,2n', '2', '1n', '3,3', '4nr']
DELIMITERS = ["','", "' '", ':', '"\\t"', '/', '";"']
FIELDS = ['1', '2', '1,3', '2-', '1-5', '-3']
KINDS = ['f', 'd', 'f', 'l', '"f"']

# The tests of a find, and what their values are.
TESTS = [('-name', NAMES), ('-name', NAMES), ('-name', NAMES), ('-type', KINDS), ('-type', KINDS), ('-mtime', DAYS), ('-size', SIZES),
         ('-iname', NAMES), ('-maxdepth', NUMBERS), ('-perm', MODES), ('-user', USERS), ('-newer', FILES), ('-mmin', DAYS),
         ('-empty', None), ('-mindepth', NUMBERS), ('-group', USERS), ('-path', DIRECTORIES), ('-regex', WORDS), ('-links', NUMBERS),
         ('-xdev', None), ('-follow', None), ('! -name', NAMES), ('-not -name', NAMES), ('-nouser', None), ('-inum', NUMBERS)]

# Commands as their parts: what stands there, two spellings of one option, or a list of values.
COMMANDS = [['rm'], ['rm', '-f'], ['rm', '-rf'], ['grep', WORDS], ['grep', '-l', WORDS], ['grep', '-i', WORDS], ['grep', '-H', WORDS],
            ['chmod', MODES], ['chown', USERS], ['wc', '-l'], ['ls', '-l'], ['ls', '-ld'], ['ls', '-la'], ['file'], ['cat'], ['basename'],
            ['sed', '-i', SED], ['md5sum'], ['du', '-h'], ['gzip'], ['echo'], ['stat', '-c', WORDS], ['touch'], ['tar', '-cf', FILES]]

FIRST = [['grep', ('-r', '--recursive'), WORDS, DIRECTORIES], ['grep', ('-i', '--ignore-case'), WORDS, FILES], ['grep', WORDS, FILES],
         ['grep', ('-v', '--invert-match'), WORDS, FILES], ['grep', '-rl', WORDS, DIRECTORIES], ['grep', '-c', WORDS, FILES],
         ['grep', '-n', WORDS, FILES], ['grep', '-o', WORDS, FILES], ['grep', '-E', WORDS, FILES], ['cat', FILES], ['ls', '-l'],
         ['ls', '-la', DIRECTORIES], ['ls', '-t'], ['ls', DIRECTORIES], ['ps', 'aux'], ['ps', '-ef'], ['du', '-sh', DIRECTORIES],
         ['du', '-h', DIRECTORIES], ['df', '-h'], ['history'], ['echo', WORDS], ['awk', AWK, FILES], ['awk', '-F', DELIMITERS, AWK, FILES],
         ['sed', SED, FILES], ['sed', '-n', SED, FILES], ['sort', FILES], ['sort', '-k', KEYS, FILES], ['cut', '-d', DELIMITERS, '-f', FIELDS, FILES],
         ['head', '-n', NUMBERS, FILES], ['tail', '-n', NUMBERS, FILES], ['tail', '-f', FILES], ['who'], ['diff', FILES, FILES],
         ['comm', '-12', FILES, FILES], ['wc', '-l', FILES], ['seq', NUMBERS], ['tr', '-d', WORDS], ['uniq', '-c', FILES], ['date', WORDS],
         ['split', '-l', NUMBERS, FILES], ['mount'], ['env'], ['jobs', '-p'], ['ifconfig', USERS], ['dig', USERS], ['zcat', FILES]]

THEN = [['sort'], ['sort', '-n'], ['sort', '-rn'], ['sort', '-k', KEYS], ['sort', ('-u', '--unique')], ['uniq'], ['uniq', '-c'], ['uniq', '-d'],
        ['wc', '-l'], ['wc', '-l'], ['head', '-n', NUMBERS], ['tail', '-n', NUMBERS], ['awk', AWK], ['awk', '-F', DELIMITERS, AWK],
        ['sed', SED], ['sed', '-e', SED], ['grep', WORDS], ['grep', '-v', WORDS], ['grep', '-o', WORDS], ['cut', '-d', DELIMITERS, '-f', FIELDS],
        ['cut', '-c', FIELDS], ['tr', WORDS, WORDS], ['xargs', 'rm'], ['xargs', 'echo'], ['xargs', 'kill', '-9'], ['xargs', 'grep', WORDS],
        ['xargs', 'wc', '-l'], ['xargs', '-n', NUMBERS, 'echo'], ['rev'], ['column', '-t'], ['paste', '-sd', DELIMITERS]]


def spell(r, parts):
    """(text, label) of a simple command."""
    words, label = [], []
    for part in parts:
        if isinstance(part, list):
            words.append(r.choice(part))
            label.append('<>')
        elif isinstance(part, tuple):
            words.append(r.choice(part))
            label.append(part[0])
        else:
            words.append(part)
            label.append(part)
    return ' '.join(words), ' '.join(label)


def draw_find(r):
    tests = {}
    for test, values in r.choices(TESTS, k=r.choice([1, 1, 2, 2, 3])):
        tests[test] = test if values is None else test + ' ' + r.choice(values)
    words, label = list(tests.values()), ['find'] + sorted(tests)
    r.shuffle(words)
    text = 'find ' + ' '.join([r.choice(DIRECTORIES)] + words)
    action = r.random()
    if action < 0.35:
        command, name = spell(r, r.choice(COMMANDS))
        style = r.choice(['-exec', '-exec', 'xargs', 'xargs -0'])
        if style == '-exec':
            text += ' -exec ' + command + r.choice([' {} \\;', " {} ';'", ' {} +', ' "{}" \\;'])
        else:
            text += (' -print0' if style == 'xargs -0' else '') + ' | ' + style + ' ' + command
        label += [style, name]
    elif action < 0.45:
        text += ' -print'
        label.append('-print')
    elif action < 0.5:
        text += ' -delete'
        label.append('-delete')
    elif action < 0.65:
        command, name = spell(r, r.choice(THEN))
        text += ' | ' + command
        label.append(name)
    return text, ' '.join(label)


def draw_pipeline(r):
    commands = [spell(r, r.choice(FIRST))]
    while len(commands) < 4 and r.random() < 0.45:
        commands.append(spell(r, r.choice(THEN)))
    return ' | '.join(c[0] for c in commands), ' | '.join(c[1] for c in commands)


def draw(seed, count):
    """(label, line) of each command."""
    r = random.Random(seed)
    drawn = []
    for _ in range(count):
        text, label = draw_find(r) if r.random() < 0.55 else draw_pipeline(r)
        style = r.random()
        if style < 0.03:
            text = 'sudo ' + text
        elif style < 0.06:
            text += ' 2>/dev/null'
        drawn.append((label, text))
    return drawn


# Of shape GA, with the tables of hints and without: many programs are seen too seldom to learn from.
FLOORS = (0.85, 0.8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('opk')
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--dump', help='write kind, shape, session, command of the first seed here')
    options = parser.parse_args()
    sums = [0.0, 0.0]
    for seed in range(options.seeds):
        drawn = draw(f'one-liners {seed}', 3000)
        if options.dump and seed == 0:
            with open(options.dump, 'w', encoding='utf8') as file:
                file.writelines(f'{label}\t{label}\ts\t{line}\n' for label, line in drawn)
        for i, mode in enumerate(([], ['--no-hints'])):
            found = classify(options.opk, [line for _, line in drawn], *mode)
            sums[i] += accuracy([label for label, _ in drawn], [shape for _, shape in found])[0] / options.seeds
    print('one-liners with hints shape GA=%.4f, without %.4f' % tuple(sums))
    sys.exit('a value lies below its floor' if sums[0] < FLOORS[0] or sums[1] < FLOORS[1] else 0)


main()
