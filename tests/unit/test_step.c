#include "support/support.h"

#include "cluster/step.h"
#include "cluster/step_read.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Steps stand on lines: flags in letters (b background, n negated, o opaque, l loop, c branch,
 * f function, s from a script, g fed by a group), then simple commands joined by " | ": wrappers in
 * braces, assignments with @, words in brackets, redirections.
 */
struct step_case {
    const char *name;
    const char *text;
    const char *want;
};

static const struct step_case CASES[] = {
    /* lists and pipelines */
    {"nothing", "", ""},
    {"comment", "# x", ""},
    {"one", "ls -l", "[ls][-l]\n"},
    {"list", "a; b && c || d", "[a]\n[b]\n[c]\n[d]\n"},
    {"lines", "a\n\nb\n", "[a]\n[b]\n"},
    {"background", "a & b", "b[a]\n[b]\n"},
    {"pipeline", "a x | b |& c", "[a][x] | [b] | [c]\n"},
    {"pipeline over lines", "a |\n b", "[a] | [b]\n"},
    {"group in a pipeline over lines", "(a) |\n\n b; c", "[a]\ng[b]\n[c]\n"},
    {"pipeline without its end", "a |", "[a]\n"},
    {"negated", "! a | b", "n[a] | [b]\n"},
    {"values lose their quotes", "a 'b c' d\\ e", "[a][b c][d e]\n"},
    {"assignments", "A=1 B=2 c D=3", "@A=1@B=2[c][D=3]\n"},
    {"assignment alone", "A=1", "@A=1\n"},
    {"redirections", "a >b 2>&1 <c", "[a]>b2>&1<c\n"},
    {"redirection alone", ">a", ">a\n"},
    {"here-document", "a <<E | b\nx; y\nE\nc", "[a]<<E | [b]\n[c]\n"},
    {"opaque", "a 'b", "o[a]['b]\n"},
    {"rest of an opaque line", "a; b \"c; d\ne", "[a]\no[b][\"c; d\ne]\n"},
    /* groups and control flow */
    {"subshell", "(a; b) | c", "[a]\n[b]\ng[c]\n"},
    {"group with a redirection", "{ a; b; } >c; d", "[a]\n[b]\n[d]\n"},
    {"if", "if a; then b; elif c; then d; else e; fi; f", "c[a]\nc[b]\nc[c]\nc[d]\nc[e]\n[f]\n"},
    {"while", "while read x; do a; done <f; b", "l[read][x]\nl[a]\n[b]\n"},
    {"until", "until a; do b; done", "l[a]\nl[b]\n"},
    {"for", "for i in a b c; do d $i; done; e", "l[d][$i]\n[e]\n"},
    {"for without words", "for i; do a; done", "l[a]\n"},
    {"for over lines", "for i in a\ndo\nb\ndone", "l[b]\n"},
    {"arithmetic for", "for ((;;)); do a; done", "l[a]\n"},
    {"case", "case $x in a|b) c;; (d) e f;; *) g; esac; h", "c[c]\nc[e][f]\nc[g]\n[h]\n"},
    {"case over lines", "case x in\na)\n b\n;;\nesac\nc", "c[b]\n[c]\n"},
    {"loop in a pipeline", "a | while b; do c; done | d", "[a]\nl[b]\nl[c]\ng[d]\n"},
    {"function", "f() { a; b; }; f", "f[a]\nf[b]\n[f]\n"},
    {"function, ksh's way", "function f { a; }; b", "f[a]\n[b]\n"},
    {"function, both ways", "function f() { a; }; b", "f[a]\n[b]\n"},
    {"function in parentheses", "f() ( a ); b", "f[a]\n[b]\n"},
    {"body without braces", "f() [[ a ]]; b", "f[[[][a][]]]\n[b]\n"},
    {"body that is a condition", "f() ((a)); b", "f[((a))]\n[b]\n"},
    {"coprocess", "coproc a b; c", "[a][b]\n[c]\n"},
    {"named coprocess", "coproc N { a; }; coproc M (b)", "[a]\n[b]\n"},
    {"case without rows", "case x in esac; a", "[a]\n"},
    {"braced loop", "for ((;;)) { a; }; for i in a; { b; }; c", "l[a]\nl[b]\n[c]\n"},
    {"short loop", "for i in a b; c $i; d", "l[c][$i]\n[d]\n"},
    {"loop over a list in parentheses", "for i (a b) c; d", "l[c]\n[d]\n"},
    {"time --", "time -p -- a", "{time}[a]\n"},
    /* what no shell takes */
    {"a call of another language", "print(\"x\", y)", "o[print][(\"x\", y)]\n"},
    {"parenthesis among arguments", "a b (c; d)", "o[a][b][(c; d)]\n"},
    {"loop's header alone", "for x in a", "ol[for x in a]\n"},
    {"closers alone", " fi; } ", "o[fi; }]\n"},
    {"loop without do", "for i in a do b; done", "o[for i in a do b; done]\n"},
    {"nested", "for i in a; do if b; then c; fi; done", "lc[b]\nlc[c]\n"},
    {"closers without openers", "done; fi; a; }; esac; b )", "[a]\n[b]\n"},
    {"condition", "[[ a && b ]] && c", "[[[][a][&&][b][]]]\n[c]\n"},
    {"arithmetic", "((i++)); a", "[((i++))]\n[a]\n"},
    /* wrappers */
    {"sudo", "sudo -u x a b", "{sudo}[a][b]\n"},
    {"sudo with a long option", "sudo --user x a", "{sudo}[a]\n"},
    {"sudo --user=", "sudo --user=x a", "{sudo}[a]\n"},
    {"sudo with nothing to run", "sudo -l", "[sudo][-l]\n"},
    {"sudo alone", "sudo", "[sudo]\n"},
    {"full path", "/usr/bin/sudo a", "{sudo}[a]\n"},
    {"env", "env -u X A=1 a", "{env}[a]\n"},
    {"env alone", "env A=1", "[env][A=1]\n"},
    {"time", "time a | b", "{time}[a] | [b]\n"},
    {"time -p", "time -p a", "{time}[a]\n"},
    {"timeout", "timeout -k 5 10s a b", "{timeout}[a][b]\n"},
    {"nice", "nice -n 5 a", "{nice}[a]\n"},
    {"nice -5", "nice -5 a", "{nice}[a]\n"},
    {"several", "sudo env A=1 nohup a", "{sudo}{env}{nohup}[a]\n"},
    {"xargs", "a | xargs -n 1 -I {} b {}", "[a] | {xargs}[b][{}]\n"},
    {"command", "command a", "{command}[a]\n"},
    {"command -v asks", "command -v a", "[command][-v][a]\n"},
    {"dashes end options", "sudo -- a -x", "{sudo}[a][-x]\n"},
    {"docker exec", "docker exec -it -e A=1 web a b", "{docker exec}[a][b]\n"},
    {"docker exec without a command", "docker exec web", "[docker][exec][web]\n"},
    {"docker compose exec", "docker compose exec -T db a", "{docker compose exec}[a]\n"},
    {"kubectl exec", "kubectl exec -n x pod -it -- a b", "{kubectl exec}[a][b]\n"},
    {"poetry run", "poetry run a b", "{poetry run}[a][b]\n"},
    {"python -m", "python3 -m pytest -q", "{python -m}[pytest][-q]\n"},
    {"python with a script", "python3 a.py -m b", "[python3][a.py][-m][b]\n"},
    {"python with a version", "python3.11 -X dev -m pytest", "{python -m}[pytest]\n"},
    {"options before a subcommand", "kubectl -n x --v=2 exec pod -c y -- a", "{kubectl exec}[a]\n"},
    {"another subcommand", "kubectl -n exec get pod", "[kubectl][-n][exec][get][pod]\n"},
    {"sshpass", "sshpass -p x ssh h a", "s{sshpass}{ssh}[a]\n"},
    {"chrt asks", "chrt -p 1", "[chrt][-p][1]\n"},
    /* actions */
    {"find -exec", "find . -name x -exec a -b {} \\;", "[find][.][-name][x] | {exec}[a][-b][{}]\n"},
    {"find -exec with a plus", "find . -exec a {} + -print", "[find][.][-print] | {exec}[a][{}]\n"},
    {"a plus among the words", "find . -exec a + {} \\;", "[find][.] | {exec}[a][+][{}]\n"},
    {"two actions", "sudo find . -exec a \\; -x -ok b ';'",
     "{sudo}[find][.][-x] | {sudo}{exec}[a] | {sudo}{exec}[b]\n"},
    {"action in a pipeline", "a | find . -exec sudo b \\; | c",
     "[a] | [find][.] | {exec}{sudo}[b] | [c]\n"},
    {"action with a script", "find . -exec sh -c 'a b' \\; -exec c \\;",
     "[find][.] | {exec}{sh -c}[a][b] | {exec}[c]\n"},
    {"action without its end", "find . -exec a {}", "[find][.] | {exec}[a][{}]\n"},
    {"action without a command", "find . -exec", "[find][.][-exec]\n"},
    {"find in find", "find . -exec find {} -ok a \\; \\;",
     "[find][.][;] | {exec}[find][{}] | {exec}{exec}[a]\n"},
    {"not a wrapper", "echo sudo a", "[echo][sudo][a]\n"},
    /* scripts */
    {"bash -c", "bash -c 'a; b | c'", "s{bash -c}[a]\ns{bash -c}[b] | {bash -c}[c]\n"},
    {"bash -lc", "bash -lc 'a b'", "s{bash -c}[a][b]\n"},
    {"bash with a file", "bash a.sh", "[bash][a.sh]\n"},
    {"script in a pipeline", "a | sh -c 'b c' | d", "[a] | {sh -c}[b][c] | [d]\n"},
    {"list in a pipeline", "sh -c 'a; b' | c", "[sh][-c][a; b] | [c]\n"},
    {"empty script", "sh -c ''", "[sh][-c][]\n"},
    {"ssh", "ssh -p 22 u@h 'a && b'", "s{ssh}[a]\ns{ssh}[b]\n"},
    {"su", "su - u -c 'a b'", "s{su -c}[a][b]\n"},
    {"su alone", "su - u", "[su][-][u]\n"},
    {"cmd", "cmd.exe /c a b", "s{cmd /c}[a][b]\n"},
    {"powershell", "powershell -NoProfile -ExecutionPolicy Bypass -Command a b",
     "s{powershell -c}[a][b]\n"},
    {"ssh with words", "ssh h a -b", "s{ssh}[a][-b]\n"},
    {"ssh alone", "ssh -p 22 h", "[ssh][-p][22][h]\n"},
    {"scripts in wrappers", "sudo docker exec c bash -c \"a 'b'\"",
     "s{sudo}{docker exec}{bash -c}[a][b]\n"},
    {"script in the background", "sh -c a & b", "s{sh -c}[a]\n[b]\n"},
    {"script in a loop", "while a; do sh -c b; done", "l[a]\nls{sh -c}[b]\n"},
};

static const struct step_case ZSH[] = {
    {"glob qualifiers", "ls *.c(.om[1, 2]) a(b|c)d", "[ls][*.c(.om[1, 2])][a(b|c)d]\n"},
    {"pattern first in a word", "rm (a|b)*.o ^c", "[rm][(a|b)*.o][^c]\n"},
    {"number glob", "ls <1-9>.txt f<-> <a", "[ls][<1-9>.txt][f<->]<a\n"},
    {"substitution by file", "diff =(a b) c", "[diff][=(a b)][c]\n"},
    {"command path", "=ls -l; noglob a *; nocorrect b",
     "[=ls][-l]\n{noglob}[a][*]\n{nocorrect}[b]\n"},
    {"brace behind words", "{ a b } always { c }; d", "[a][b]\n[c]\n[d]\n"},
    {"always is a word elsewhere", "always a", "[always][a]\n"},
    {"function without a name", "() { a $1 } b c; d", "f[a][$1]\n[d]\n"},
    {"function keyword without a name", "function { a }; b", "f[a]\n[b]\n"},
    {"function in one line", "f() { a; b }; c", "f[a]\nf[b]\n[c]\n"},
    {"function with a short body", "f() a b; c", "f[a][b]\n[c]\n"},
    {"repeat", "repeat 3 a b; c", "l[a][b]\n[c]\n"},
    {"repeat with a group", "repeat 3 { a; b }; c", "l[a]\nl[b]\n[c]\n"},
    {"repeat with do", "repeat $n; do a; done; c", "l[a]\n[c]\n"},
    {"for over a list", "for x (a b c) d $x; e", "l[d][$x]\n[e]\n"},
    {"for over a list with a group", "for x (a b) { c; d }; e", "l[c]\nl[d]\n[e]\n"},
    {"for with do", "for x in a (b|c)*; do d; done; e", "l[d]\n[e]\n"},
    {"foreach", "foreach x (a b) c; end; d", "l[c]\n[d]\n"},
    {"if with braces", "if [[ a ]] { b } elif (c) { d } else { e }; f",
     "c[[[][a][]]]\nc[b]\nc[c]\nc[d]\nc[e]\n[f]\n"},
    {"if as in bash", "if a; then b; else c; fi; d", "c[a]\nc[b]\nc[c]\n[d]\n"},
    {"while with braces", "while ((a)) { b }; c", "l[((a))]\nl[b]\n[c]\n"},
    {"case", "case x in (a|b) c;; d) e;| *) f;; esac; g", "c[c]\nc[e]\nc[f]\n[g]\n"},
    {"background without the shell", "a &! b &| c", "b[a]\nb[b]\n[c]\n"},
    {"redirections", "a >!b >>|c >&|d 2>&1", "[a]>!b>>|c>&|d2>&1\n"},
    {"flags of parameters", "a ${(f)b} $+c[d] ${e:h}", "[a][${(f)b}][$+c[d]][${e:h}]\n"},
    {"quotes as in bash", "a 'b c' \"$(d 'e')\" f\\ g", "[a][b c][$(d 'e')][f g]\n"},
};

static const struct step_case FISH[] = {
    {"list", "a; and b; or c && d || e", "[a]\n[b]\n[c]\n[d]\n[e]\n"},
    {"not", "not a | b; ! c", "n[a] | [b]\nn[c]\n"},
    {"if", "if a; and b\n c\nelse if d\n e\nelse\n f\nend\ng",
     "c[a]\nc[b]\nc[c]\nc[d]\nc[e]\nc[f]\n[g]\n"},
    {"loops", "for x in a (b c); d $x; end; while e; f; end; g", "l[d][$x]\nl[e]\nl[f]\n[g]\n"},
    {"switch", "switch $x; case a 'b*'; c; case '*'; d; end; e", "c[c]\nc[d]\n[e]\n"},
    {"function", "function f --argument x -d 'a b'; c $x; end; d", "f[c][$x]\n[d]\n"},
    {"begin", "begin; a; b; end | c; d", "[a]\n[b]\ng[c]\n[d]\n"},
    {"nested", "if a; for i in b; c; end; end; d", "c[a]\nlc[c]\n[d]\n"},
    {"end without a beginning", "a; end", "[a]\n"},
    {"set is a command", "set -gx PATH /a $PATH", "[set][-gx][PATH][/a][$PATH]\n"},
    {"assignment", "A=1 b", "@A=1[b]\n"},
    {"substitution", "a (b 'c)' (d)) \"$(e \"f\")\" $g[1..2]",
     "[a][(b 'c)' (d))][$(e \"f\")][$g[1..2]]\n"},
    {"quotes", "a 'b\\'c\\\\d\\n' \"e\\\"f\\$\" g\\ h\\ti", "[a][b'c\\d\\n][e\"f$][g h\ti]\n"},
    {"ampersand within a word", "curl a?b=1&c=2 & d", "b[curl][a?b=1&c=2]\n[d]\n"},
    {"redirections", "a >b 2>>c &>d <e 2>&1 >?f", "[a]>b2>>c&>d<e2>&1>?f\n"},
    {"pipes", "a 2>| b &| c", "[a] | [b] | [c]\n"},
    {"no here-documents", "a <<b", "[a]<b\n"},
    {"wrappers", "command a; builtin b; exec c; sudo d; time e",
     "{command}[a]\n{builtin}[b]\n{exec}[c]\n{sudo}[d]\n{time}[e]\n"},
    {"comments", "a # b\n# c\nd#e", "[a]\n[d#e]\n"},
    {"continuation", "a \\\n b", "[a][b]\n"},
    {"reserved words as arguments", "echo if end and", "[echo][if][end][and]\n"},
    {"never ends", "a (b", "o[a][(b]\n"},
    {"quote that never ends", "a; b 'c", "[a]\no[b]['c]\n"},
};

static const struct step_case POWERSHELL[] = {
    {"cmdlet", "Get-ChildItem -Recurse -Filter *.txt C:\\a",
     "[Get-ChildItem][-Recurse][-Filter][*.txt][C:\\a]\n"},
    {"small letters", "get-childitem -recurse", "[Get-ChildItem][-Recurse]\n"},
    {"alias", "gci a | ? Name -eq b | select -First 5",
     "[Get-ChildItem][a] | [Where-Object][Name][-Eq][b] | [Select-Object][-First][5]\n"},
    {"other programs keep their options", "git commit -m 'a ''b''' -v:x",
     "[git][commit][-m][a 'b'][-v:x]\n"},
    {"lists", "a; b && c || d\ne", "[a]\n[b]\n[c]\n[d]\n[e]\n"},
    {"script block", "Get-Process | Where-Object { $_.CPU -gt 5 } | b",
     "[Get-Process] | [Where-Object][{ $_.CPU -gt 5 }] | [b]\n"},
    {"block that runs", "gci | % { Remove-Item $_ -Force } | b",
     "[Get-ChildItem] | {ForEach-Object}[Remove-Item][$_][-Force] | [b]\n"},
    {"block that runs more", "1..3 | % { a; b }", "[1..3] | [ForEach-Object][{ a; b }]\n"},
    {"block elsewhere", "Invoke-Command -ComputerName h -ScriptBlock { a; b }",
     "s{Invoke-Command}[a]\ns{Invoke-Command}[b]\n"},
    {"assignment of a command", "$x = Get-Date -Format o | b; c",
     "@$x =[Get-Date][-Format][o] | [b]\n[c]\n"},
    {"assignment of a value", "$x = 5 + $y; $env:A += 'b c'; [int]$z = (a).b",
     "@$x = 5 + $y\n@$env:A += 'b c'\n@[int]$z = (a).b\n"},
    {"expressions", "$x.Foo('a b') | b; \"c d\" | e; [A.B]::c(1, 2)",
     "[$x.Foo('a b')] | [b]\n[c d] | [e]\n[[A.B]::c(1, 2)]\n"},
    {"call", "& 'C:\\a b\\c.exe' -d; & { e }", "[C:\\a b\\c.exe][-d]\n[e]\n"},
    {"background", "a & b", "b[a]\n[b]\n"},
    {"quotes", "a \"b `\"c`\" $d $(e \"f\")\" 'g''h' i` j",
     "[a][b \"c\" $d $(e \"f\")][g'h][i j]\n"},
    {"continuation", "a `\n -b", "[a][-b]\n"},
    {"here-string", "a @'\nb 'c\n'@ d", "[a][b 'c][d]\n"},
    {"open here-string", "a @\"\nb $c\n\"@ | d", "[a][b $c] | [d]\n"},
    {"comments", "a # b\n<# c\nd #> e", "[a]\n[e]\n"},
    {"redirections", "a > b 2>&1 *>> c 2> $null", "[a]>b2>&1*>>c2>$null\n"},
    {"if", "if ($a -eq 'b') { c } elseif (d) { e } else { f }; g", "c[c]\nc[e]\nc[f]\n[g]\n"},
    {"if on lines", "if (a)\n{\n b\n}\nelse\n{\n c\n}\nd", "c[b]\nc[c]\n[d]\n"},
    {"loops", "foreach ($x in a) { b $x }; while (c) { d }; for ($i=0; $i -lt 3; $i++) { e }; f",
     "l[b][$x]\nl[d]\nl[e]\n[f]\n"},
    {"do", "do { a } while (b); c", "l[a]\n[c]\n"},
    {"try", "try { a } catch [B.C] { d } finally { e }", "c[a]\nc[d]\nc[e]\n"},
    {"function", "function F-G { param($x)\n a $x\n return b }; c", "f[a][$x]\nf[b]\n[c]\n"},
    {"keyword as an argument", "echo if while", "[echo][if][while]\n"},
    {"splatting and tables", "a @b -c @{d=1; e=2} (f g)", "[a][@b][-c][@{d=1; e=2}][(f g)]\n"},
    {"program with a digit", "7z x a", "[7z][x][a]\n"},
    {"never ends", "a; b {c", "[a]\no[b][{c]\n"},
};

static const struct step_case CMD[] = {
    {"switches", "DIR /S /b C:\\a", "[dir][/s][/b][C:\\a]\n"},
    {"switch that touches", "dir/s a", "[dir][/s][a]\n"},
    {"lists", "a & b && c || d | e", "[a]\n[b]\n[c]\n[d] | [e]\n"},
    {"group", "(a & b) > c & d", "[a]\n[b]\n[d]\n"},
    {"quotes", "copy \"a b\" c^ d^&e", "[copy][a b][c d&e]\n"},
    {"variables", "echo %A% !B! \"%C%\"", "[echo][%A%][!B!][%C%]\n"},
    {"redirections", "a >b 2>&1 <c >>d", "[a]>b2>&1<c>>d\n"},
    {"if", "if not exist a.b (c d) else (e)", "[c][d]\n[e]\n"},
    {"if compares", "if /i \"%A%\"==\"b\" c & if a equ b d & if errorlevel 1 e", "[c]\n[d]\n[e]\n"},
    {"for", "for /f \"tokens=*\" %%i in ('dir /b') do @echo %%i", "[echo][%%i]\n"},
    {"remarks and labels", "@echo off\nrem a b\n:: c\n:d\ncall e f\ngoto d",
     "[echo][off]\n[e][f]\n[goto][d]\n"},
    {"assignment", "set A=b & c", "[set][A=b]\n[c]\n"},
    {"continuation", "a ^\n b", "[a][b]\n"},
    {"carriage returns", "a b\r\nc\r\n", "[a][b]\n[c]\n"},
    {"paths", "C:\\a\\b.exe /c/d", "[c:\\a\\b.exe][/c/d]\n"},
    {"quote to the line's end", "a \"b\nc", "[a][b]\n[c]\n"},
};

static void write_simple(const struct opk_steps *steps, const struct opk_simple *simple,
                         struct opk_buf *out)
{
    for (unsigned i = 0; i < simple->wrapper_count; i++)
        opk_buf_printf(out, "{%s}", simple->wrappers[i]->name);
    for (size_t i = simple->assignment_begin; i < simple->assignment_end; i++)
        opk_buf_printf(out, "@%.*s", OPK_STR_FMT(steps->assignments[i].value));
    for (size_t i = simple->word_begin; i < simple->word_end; i++)
        opk_buf_printf(out, "[%.*s]", OPK_STR_FMT(steps->words[i].value));
    for (size_t i = simple->redirect_begin; i < simple->redirect_end; i++)
        opk_buf_printf(out, "%.*s%.*s", OPK_STR_FMT(steps->redirects[i].sign),
                       OPK_STR_FMT(steps->redirects[i].word.value));
}

static void write_steps(const struct opk_steps *steps, struct opk_buf *out)
{
    static const char LETTERS[] = "bnolcfsg";

    for (size_t i = 0; i < steps->count; i++) {
        const struct opk_step *step = &steps->steps[i];
        for (unsigned bit = 0; LETTERS[bit]; bit++) {
            if (step->flags & 1U << bit)
                opk_buf_append_byte(out, LETTERS[bit]);
        }
        for (size_t k = step->simple_begin; k < step->simple_end; k++) {
            if (k > step->simple_begin)
                opk_buf_append_cstr(out, " | ");
            write_simple(steps, &steps->simples[k], out);
        }
        opk_buf_append_byte(out, '\n');
    }
}

static void read_steps(struct opk_steps *steps, struct opk_str text, enum opk_dialect dialect,
                       struct opk_buf *out)
{
    struct opk_err err;

    opk_assert_status("read", opk_steps_read(steps, text, dialect, &err), OPK_OK, &err);
    write_steps(steps, out);
}

static void check_cases(const struct step_case *cases, size_t count, enum opk_dialect dialect)
{
    struct opk_steps steps = {0};

    for (size_t i = 0; i < count; i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        read_steps(&steps, opk_str_of(cases[i].text), dialect, &got);
        opk_assert_str(cases[i].name, opk_buf_str(&got), opk_str_of(cases[i].want));
        opk_buf_done(&got);
    }
    opk_steps_done(&steps);
}

static void test_steps(void **state)
{
    (void)state;
    check_cases(CASES, COUNT(CASES), OPK_DIALECT_BASH);
}

static void test_zsh(void **state)
{
    (void)state;
    check_cases(ZSH, COUNT(ZSH), OPK_DIALECT_ZSH);
}

static void test_fish(void **state)
{
    (void)state;
    check_cases(FISH, COUNT(FISH), OPK_DIALECT_FISH);
}

static void test_powershell(void **state)
{
    (void)state;
    check_cases(POWERSHELL, COUNT(POWERSHELL), OPK_DIALECT_POWERSHELL);
}

static void test_cmd(void **state)
{
    (void)state;
    check_cases(CMD, COUNT(CMD), OPK_DIALECT_CMD);
}

static void test_texts(void **state)
{
    static const struct step_case ROWS[] = {
        {"as written", " sudo  a 'b' >c ; d", "sudo  a 'b' >c|d|"},
        {"time belongs to it", "time a", "time a|"},
        {"redirection first", "; >a b", ">a b|"},
        {"in a loop", "for i in x; do a $i; done", "a $i|"},
        {"from a script", "sh -c 'a  b; c'", "a  b|c|"},
    };
    struct opk_steps steps = {0};
    struct opk_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        assert_int_equal(opk_steps_read(&steps, opk_str_of(ROWS[i].text), OPK_DIALECT_BASH, &err),
                         OPK_OK);
        for (size_t k = 0; k < steps.count; k++) {
            opk_buf_append(&got, steps.steps[k].text);
            opk_buf_append_byte(&got, '|');
        }
        opk_assert_str(ROWS[i].name, opk_buf_str(&got), opk_str_of(ROWS[i].want));
        opk_buf_done(&got);
    }
    opk_steps_done(&steps);
}

/* Scripts in scripts are followed to the limit, and stay words behind it. */
static void test_nesting(void **state)
{
    struct opk_steps steps = {0};
    struct opk_err err;

    (void)state;
    for (size_t depth = OPK_STEP_NEST_MAX; depth <= OPK_STEP_NEST_MAX + 1; depth++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        for (size_t i = 0; i < depth; i++)
            opk_buf_append_cstr(&text, "ssh h ");
        opk_buf_append_cstr(&text, "a");
        assert_int_equal(opk_steps_read(&steps, opk_buf_str(&text), OPK_DIALECT_BASH, &err),
                         OPK_OK);
        assert_int_equal(steps.count, 1);
        const struct opk_simple *simple = &steps.simples[steps.steps[0].simple_begin];
        assert_int_equal(simple->wrapper_count, OPK_STEP_NEST_MAX);
        opk_assert_str("program", steps.words[simple->word_begin].value,
                       depth == OPK_STEP_NEST_MAX ? OPK_STR("a") : OPK_STR("ssh"));
        opk_buf_done(&text);
    }
    opk_steps_done(&steps);
}

/* Found by halving: the rows must be sorted, the longer names of a program first. */
static void test_wrapper_order(void **state)
{
    const struct opk_wrapper *row = opk_wrapper_find(OPK_STR("ash"));

    (void)state;
    assert_non_null(row);
    for (; row[1].words[0]; row++) {
        int order = strcmp(row->words[0], row[1].words[0]);
        if (order > 0 || (order == 0 && row[1].words[1] && row[1].words[2] && !row->words[2]))
            fail_msg("%s: out of order", row[1].words[0]);
        assert_ptr_equal(opk_wrapper_is_same(row, row + 1) ? row : row + 1,
                         order == 0 ? row : opk_wrapper_find(opk_str_of(row[1].words[0])));
    }
}

static void test_wrapper_limit(void **state)
{
    struct opk_steps steps = {0};
    struct opk_err err;

    (void)state;
    for (size_t count = OPK_STEP_WRAPPERS_MAX; count <= OPK_STEP_WRAPPERS_MAX + 1; count++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        for (size_t i = 0; i < count; i++)
            opk_buf_append_cstr(&text, "nohup ");
        opk_buf_append_cstr(&text, "a");
        assert_int_equal(opk_steps_read(&steps, opk_buf_str(&text), OPK_DIALECT_BASH, &err),
                         OPK_OK);
        const struct opk_simple *simple = &steps.simples[steps.steps[0].simple_begin];
        assert_int_equal(simple->wrapper_count, OPK_STEP_WRAPPERS_MAX);
        opk_assert_str("program", steps.words[simple->word_begin].value,
                       count == OPK_STEP_WRAPPERS_MAX ? OPK_STR("a") : OPK_STR("nohup"));
        opk_buf_done(&text);
    }
    opk_steps_done(&steps);
}

/* A struct of steps is read again and again: nothing of the last text is left. */
static void test_reuse(void **state)
{
    struct opk_steps steps = {0};

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf first = OPK_BUF_EMPTY;
        struct opk_buf again = OPK_BUF_EMPTY;
        read_steps(&steps, opk_str_of(CASES[i + 1].text), OPK_DIALECT_BASH, &first);
        opk_buf_clear(&first);
        read_steps(&steps, opk_str_of(CASES[i].text), OPK_DIALECT_BASH, &first);
        read_steps(&steps, opk_str_of(CASES[i].text), OPK_DIALECT_BASH, &again);
        opk_assert_str(CASES[i].name, opk_buf_str(&first), opk_buf_str(&again));
        opk_buf_done(&first);
        opk_buf_done(&again);
    }
    opk_steps_done(&steps);
}

/* Which lines the lexer is not needed for; what both read is the same. */
static void test_plain(void **state)
{
    static const struct {
        const char *text;
        bool want;
    } ROWS[] = {
        {"ls -l", true},
        {" \ta  b\t", true},
        {"a 'b $c' \"d e\" *.f", true},
        {"a;b && c||d &", true},
        {"a | b|c & d", true},
        {"a >b 2>&1 <c 12>>d &>e &>> f >&-", true},
        {"sudo -u x nice -n 5 a | xargs -n 1 b", true},
        {"python -m a b", true},
        {"", false},
        {"a | ", false},
        {"a &&", false},
        {"a ;; b", false},
        {"a | | b", false},
        {"a |& b", false},
        {"a; ; b", false},
        {"A=1 b", false},
        {"a; B=1 c", false},
        {"if a; then b; fi", false},
        {"a && time b", false},
        {"! a", false},
        {"'a' b", false},
        {"a b'c'", false},
        {"a \"$b\"", false},
        {"a \"b", false},
        {"a $b", false},
        {"a # b", false},
        {"a b\\ c", false},
        {"a\nb", false},
        {"> a b", false},
        {"a >", false},
        {"a > 2>b", false},
        {"a >| b", false},
        {"a <<b", false},
        {"a <(b)", false},
        {"a {b,c}", false},
        {"bash -c 'a b'", false},
        {"find . -exec a {} +", false},
        {"ssh a b", false},
    };
    struct opk_steps plain = {0};
    struct opk_steps lexed = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct opk_str text = opk_str_of(ROWS[i].text);
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_buf want = OPK_BUF_EMPTY;
        struct opk_err err;
        opk_steps_done(&plain);
        if (opk_steps_read_plain(&plain, text, false) != ROWS[i].want)
            fail_msg("'%s': want %d", ROWS[i].text, ROWS[i].want);
        opk_assert_status("lexed",
                          opk_steps_read_lexed(&lexed, text, OPK_DIALECT_BASH, false, &err), OPK_OK,
                          &err);
        write_steps(&plain, &got);
        write_steps(&lexed, &want);
        if (ROWS[i].want)
            opk_assert_str(ROWS[i].text, opk_buf_str(&got), opk_buf_str(&want));
        opk_buf_done(&got);
        opk_buf_done(&want);
    }
    opk_steps_done(&plain);
    opk_steps_done(&lexed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),   cmocka_unit_test(test_powershell),
        cmocka_unit_test(test_cmd),     cmocka_unit_test(test_zsh),
        cmocka_unit_test(test_fish),    cmocka_unit_test(test_texts),
        cmocka_unit_test(test_nesting), cmocka_unit_test(test_wrapper_limit),
        cmocka_unit_test(test_reuse),   cmocka_unit_test(test_wrapper_order),
        cmocka_unit_test(test_plain),
    };

    return cmocka_run_group_tests_name("step", tests, NULL, NULL);
}
