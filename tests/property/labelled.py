#!/usr/bin/env python3
"""Labelled commands of invented programs: does opk find the operations and templates behind them?

usage: labelled.py OPK [--seeds N] [--set NAME] [--dump FILE]

Nothing here is known to any table of opk. Programs, subcommands and options are drawn at random, and so are
the values: of many classes in one slot, some rare and some recurring. In the last set most operations have names that other
programs use too, some of these are values elsewhere, and an option with a value may stand in front. What varies between two uses of one template: the
values, the spelling of options (-m or --message, --name=value or --name value, -xzf or -x -z -f), their order, prefixes (sudo,
VAR=value, cd DIR &&) and redirections. Each set is scored with and without opk's tables of hints.

GA is the share of commands whose predicted group is exactly the true group; FGA the harmonic mean of precision and
recall over whole groups.
"""
import argparse
import collections
import random
import subprocess
import sys
import tempfile

SYLLABLES = 'ba be bi bo bu da de di do du fa fe fi fo fu ga ge gi go gu ka ke ki ko ku la le li lo lu ma me mi mo mu ' \
            'na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo vu za ze zi zo'.split()
ENDINGS = ['', '', 'n', 'r', 's', 't', 'x', 'l']
EXTENSIONS = 'py c h js ts md txt json yml yaml toml rs go java sh log csv tar.gz zip png conf'.split()


class Source:
    """Random names and values, the same for one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.taken = set()

    def word(self, low=2, high=3):
        while True:
            count = self.random.randint(low, high)
            word = ''.join(self.random.choice(SYLLABLES) for _ in range(count)) + self.random.choice(ENDINGS)
            if word not in self.taken:
                self.taken.add(word)
                return word

    def digits(self, low, high):
        return str(self.random.randint(low, high))

    def hexadecimal(self, count):
        return ''.join(self.random.choice('0123456789abcdef') for _ in range(count))

    def name(self, pool):
        """A name as people give them: often one of a few, with a number or a part more at times."""
        r = self.random
        name = pool[int(len(pool) * r.random() ** 2)]
        style = r.random()
        if style < 0.15:
            name += self.digits(1, 999)
        elif style < 0.3:
            name += r.choice('-_') + r.choice(pool)
        elif style < 0.4:
            name = name.title() + r.choice(pool).title()
        return name

    def path(self, pool, extension=None):
        r = self.random
        parts = [self.name(pool) for _ in range(r.randint(0, 4))]
        start = r.choice(['', '', '', './', '../', '/tmp/', '~/', '/srv/'])
        last = self.name(pool) + ('.' + (extension or r.choice(EXTENSIONS)) if r.random() < 0.85 or extension else '')
        return start + '/'.join(parts + [last])

    def value(self, kind, pool):
        r = self.random
        if kind == 'name':
            return self.hexadecimal(r.choice([7, 8, 12])) if r.random() < 0.1 else self.name(pool)
        if kind == 'file':
            return self.path(pool)
        if kind == 'source':
            return self.path(pool, 'c')
        if kind == 'dir':
            return r.choice(['', '/tmp/', 'a/']) + self.name(pool) + r.choice(['/', '/' + self.name(pool)])
        if kind == 'number':
            return self.digits(0, 10 ** r.randint(1, 5))
        if kind == 'text':
            return r.choice('"\'') + ' '.join(self.name(pool) for _ in range(r.randint(1, 4))) + r.choice('"\'')
        if kind == 'url':
            return 'https://%s.%s/%s' % (self.name(pool), r.choice(['example', 'test', 'org']), self.name(pool))
        if kind == 'host':
            return r.choice(['%s.internal' % r.choice(pool), '10.%s.%s.7' % (self.digits(0, 255), self.digits(0, 255))])
        if kind == 'revision':
            return r.choice([self.hexadecimal(8), self.hexadecimal(40), 'HEAD~' + self.digits(1, 9), self.name(pool)])
        if kind == 'pair':
            return '%s=%s' % (r.choice(pool), self.name(pool))
        if kind == 'size':
            return self.digits(1, 999) + r.choice(['', 'k', 'M', 'G'])
        return r.choice(['v', '']) + '.'.join(self.digits(0, 20) for _ in range(r.randint(2, 3)))


KINDS = ['name', 'name', 'name', 'file', 'file', 'source', 'dir', 'number', 'text', 'url', 'host', 'revision', 'pair', 'size',
         'version']


def quoted(text):
    """A text's two quotes are one."""
    return text if text[0] not in '"\'' else '"' + text[1:-1] + '"'


class Option:
    def __init__(self, source, letters):
        r = source.random
        self.long = '--' + source.word(2, 3) + ('-' + source.word(2, 2) if r.random() < 0.25 else '')
        self.short = None
        if r.random() < 0.7:
            letter = self.long[2] if r.random() < 0.85 else self.long[2].upper()
            if letter not in letters:
                letters.add(letter)
                self.short = '-' + letter
        self.value = r.choice(KINDS) if r.random() < 0.55 else None
        self.mixed = self.short is not None and r.random() < 0.7
        self.preferred = self.short if self.short and r.random() < 0.5 else self.long


class Template:
    """One way to use an operation: some of its options, and a fixed number of operands; front may stand behind the program."""

    def __init__(self, label, words, options, operands, fixed_order, front):
        self.label = label
        self.words = words
        self.options = options
        self.operands = operands
        self.fixed_order = fixed_order
        self.front = front

    def render(self, source, pool):
        r = source.random
        options = list(self.options)
        if not self.fixed_order:
            r.shuffle(options)
        spelt = []
        bundle = ''
        for option in options:
            name = r.choice([option.short, option.long]) if option.mixed else option.preferred
            if option.value is None and len(name) == 2 and bundle != '' and r.random() < 0.7:
                spelt[-1] += name[1]
                continue
            bundle = name if option.value is None and len(name) == 2 else ''
            if option.value is None:
                spelt.append(name)
            else:
                value = quoted(source.value(option.value, pool))
                spelt.append(name + ('=' if name[1] == '-' and r.random() < 0.4 else ' ') + value)
        operands = [quoted(source.value(kind, pool)) for kind in self.operands]
        words = list(self.words)
        if self.front and r.random() < 0.2:
            words[1:1] = [self.front, r.choice(pool)]
        if operands and len(operands) < 3 and r.random() < 0.2:
            return ' '.join(words + operands + spelt)
        return ' '.join(words + spelt + operands)


def draw_names(source, verbs, low, high):
    """Names of operations: of this program alone, or what many programs call theirs (list, create)."""
    r = source.random
    names = []
    for _ in range(r.randint(low, high)):
        if verbs and r.random() < 0.6:
            names.append(verbs[int(len(verbs) * r.random() ** 2)])
        else:
            names.append(source.word(2, 3) + ('-' + source.word(2, 2) if r.random() < 0.15 else ''))
    return list(dict.fromkeys(names))


def draw_operations(source, verbs):
    """A program's operations: none, one level or two."""
    r = source.random
    program = source.word(2, 3)
    style = r.random()
    if style < 0.3:
        return [[program]]
    operations = [[program, name] for name in draw_names(source, verbs, 2, 14)]
    if style > 0.75:
        deeper = r.sample(operations, min(len(operations), 3))
        operations += [base + [name] for base in deeper for name in draw_names(source, verbs, 2, 6)]
        operations = [o for o in operations if o not in deeper]
    return operations


def draw_templates(source, programs, most, verbs):
    templates = []
    for _ in range(programs):
        letters = set()
        shared = [Option(source, letters) for _ in range(2)]
        front = '-' + source.random.choice('CDP') if verbs and source.random.random() < 0.3 else None
        for words in draw_operations(source, verbs):
            label = ' '.join(words)
            own = [Option(source, set(letters)) for _ in range(source.random.randint(0, 3))]
            unique = {}
            for option in shared + own:
                unique.setdefault(option.short or option.long, option)
            choices = list(unique.values())
            seen = set()
            plain = [source.random.choice(KINDS) for _ in range(source.random.choice([0, 1, 1, 1, 2]))]
            for _ in range(source.random.randint(1, most)):
                picked = source.random.sample(choices, min(len(choices), source.random.choice([0, 1, 1, 2, 3])))
                key = frozenset(o.long for o in picked)
                if key not in seen:
                    seen.add(key)
                    templates.append(Template(label, words, picked, plain, source.random.random() < 0.5,
                                              front if len(words) > 1 else None))
    return templates


def prefixed(source, line):
    r = source.random
    style = r.random()
    if style < 0.06:
        line = 'sudo ' + line
    elif style < 0.1:
        line = '%s=%s ' % (r.choice(['LANG', 'DEBUG', 'A_B']), r.choice(['C', '1', 'x'])) + line
    elif style < 0.15:
        line = 'cd %s && ' % r.choice(['src', '/tmp/x', '..']) + line
    elif style < 0.17:
        line = 'time ' + line
    style = r.random()
    if style < 0.02:
        line += ' > ' + r.choice(['out.txt', '/tmp/log', 'a.json'])
    elif style < 0.05:
        line += ' 2>/dev/null'
    elif style < 0.06:
        line += ' | less'
    return line


def draw(seed, programs, most, commands, skew, common=0):
    """(operation, template, line) of each command; skew is the exponent of the templates' counts, common how many names
    of operations many programs have in common. A few of those are values as well."""
    source = Source(seed)
    verbs = [source.word(2, 3) for _ in range(common)]
    templates = draw_templates(source, programs, most, verbs)
    pool = [source.word(2, 3) for _ in range(120)]
    pool += verbs[::8]
    source.random.shuffle(templates)
    weights = [1 / (i + 1) ** skew for i in range(len(templates))]
    numbers = source.random.choices(range(len(templates)), weights, k=commands)
    return [(templates[n].label, str(n), prefixed(source, templates[n].render(source, pool))) for n in numbers]


def accuracy(truth, found):
    true_counts, found_counts = collections.Counter(truth), collections.Counter(found)
    both = collections.Counter(zip(truth, found))
    exact = [pair for pair, count in both.items() if count == true_counts[pair[0]] == found_counts[pair[1]]]
    precision, recall = len(exact) / len(found_counts), len(exact) / len(true_counts)
    whole = 2 * precision * recall / (precision + recall) if exact else 0.0
    return sum(both[pair] for pair in exact) / len(truth), whole


def classify(opk, lines, *options):
    """The kind and shape of each line's last step."""
    with tempfile.NamedTemporaryFile('w', suffix='.txt') as file:
        file.write('\n'.join(lines) + '\n')
        file.flush()
        rows = subprocess.run([opk, 'classify', *options, '--input-format', 'commands', '--format', 'tsv', file.name],
                              check=True, capture_output=True, encoding='utf8').stdout.split('\n')[1:-1]
    last = {}
    for row in rows:
        fields = row.split('\t')
        last[int(fields[1])] = (fields[3], fields[4])
    return [last.get(i + 1, ('', '')) for i in range(len(lines))]


# name: programs, most templates an operation, commands, skew, names of operations in common, floors of kind GA and shape GA
SETS = {
    'small': (6, 2, 300, 0.8, 0, 0.97, 0.93),
    'medium': (20, 3, 3000, 0.9, 0, 0.98, 0.95),
    'large': (60, 4, 20000, 0.9, 0, 0.98, 0.95),
    'common': (60, 3, 2000, 0.8, 25, 0.965, 0.78),
}

# What the tables of hints may be worth.
HINTS_WORTH = 0.02


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('opk')
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--set', choices=SETS)
    parser.add_argument('--dump', help='write operation, template, session, command of the first seed here')
    options = parser.parse_args()
    failed = False
    for name, (programs, most, commands, skew, common, kind_floor, shape_floor) in SETS.items():
        if options.set not in (None, name):
            continue
        sums = collections.Counter()
        for seed in range(options.seeds):
            drawn = draw(f'{name} {seed}', programs, most, commands, skew, common)
            if options.dump and seed == 0:
                with open(options.dump, 'w', encoding='utf8') as file:
                    file.writelines(f'{kind}\t{template}\ts\t{line}\n' for kind, template, line in drawn)
            lines = [line for _, _, line in drawn]
            for mode in ([], ['--no-hints']):
                found = classify(options.opk, lines, *mode)
                sums['kind', len(mode)] += accuracy([d[0] for d in drawn], [f[0] for f in found])[0]
                sums['FGA', len(mode)] += accuracy([d[0] for d in drawn], [f[0] for f in found])[1]
                sums['shape', len(mode)] += accuracy([d[1] for d in drawn], [f[1] for f in found])[0]
        mean = {key: value / options.seeds for key, value in sums.items()}
        for mode, title in ((0, 'with hints'), (1, 'without')):
            print('%-8s %-10s kind GA=%.4f FGA=%.4f shape GA=%.4f' %
                  (name, title, mean['kind', mode], mean['FGA', mode], mean['shape', mode]))
        failed |= mean['kind', 1] < kind_floor or mean['shape', 1] < shape_floor
        failed |= mean['kind', 0] - mean['kind', 1] > HINTS_WORTH
    sys.exit('a value lies below its floor' if failed else 0)


if __name__ == '__main__':
    main()
