# sequences.awk - sessions of an agent with workflows in them that a miner of sequences must find.
#
# usage: awk -v seed=N -v out=DIR -v sessions=N -f sequences.awk
#
# Writes DIR/NNN.jsonl, in the form of Claude Code's session logs, and DIR/want: one workflow a
# line, its steps joined by " > ". A session is what somebody did without a plan, any operation
# after any other, and two or three of the workflows: steps in order, the second of them up to three
# times, now and then with something in passing between them.
function below(n)
{
    seed = seed * 16807 % 2147483647 # Lehmer's generator: exact in doubles
    return seed % n
}

# One call; "tool:NAME" is a tool with a file, anything else a shell command with an operand.
function call(operation,    input, name)
{
    name = "Bash"
    input = "{\"command\":\"" operation " w" below(1000) "/x.c\"}"
    if (operation ~ /^tool:/) {
        name = substr(operation, 6)
        input = "{\"file_path\":\"/srv/w" below(1000) ".c\"}"
    }
    printf "{\"sessionId\":\"s%d\",\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"t%d\",\"name\":\"%s\",\"input\":%s}]}}\n", session, ++calls, name, input >file
}

function wander(    i)
{
    for (i = 2 + below(6); i > 0; i--)
        call(operations[1 + below(count)])
}

function follow(flow,    i, k)
{
    for (i = 1; i <= size[flow]; i++) {
        for (k = i == 2 ? 1 + below(3) : 1; k > 0; k--)
            call(step[flow, i])
        if (i < size[flow] && below(4) == 0)
            for (k = 1 + below(2); k > 0; k--)
                call(passing[1 + below(passing_count)])
    }
}

BEGIN {
    count = split("tool:Write;tool:Edit;tool:Read;tool:Grep;pytest;mypy;black;flake8;gcc;gdb;valgrind;" \
        "make;ninja;meson;rsync;scp;tar;unzip;curl;wget;xmllint;pandoc;convert;ffmpeg;sqlite3;" \
        "redis-cli;nginx;gzip;sha256sum;gpg", operations, ";")
    passing_count = split("cd;ls;pwd;cat;echo;clear", passing, ";")
    seed = seed * 7919 + 12345
    for (flow = 1; flow <= 8; flow++) {
        size[flow] = 2 + below(4)
        # No two workflows share a pair of steps, and none has a step twice.
        do {
            fresh = 1
            delete mine
            for (i = 1; i <= size[flow]; i++) {
                step[flow, i] = operations[1 + below(count)]
                fresh = fresh && !(step[flow, i] in mine)
                mine[step[flow, i]] = 1
                if (i > 1 && (step[flow, i - 1], step[flow, i]) in pairs)
                    fresh = 0
            }
        } while (!fresh)
        line = step[flow, 1]
        for (i = 2; i <= size[flow]; i++) {
            pairs[step[flow, i - 1], step[flow, i]] = 1
            line = line " > " step[flow, i]
        }
        print line >(out "/want")
    }
    for (session = 1; session <= sessions; session++) {
        file = out "/" session ".jsonl"
        for (flow = 1; flow <= 8; flow++) {
            if (below(3) > 0)
                continue
            wander()
            follow(flow)
        }
        wander()
        close(file)
    }
}
