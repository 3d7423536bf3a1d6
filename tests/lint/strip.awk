# strip.awk - C sources as "path:line:code", without comments and without what strings hold.
FNR == 1 { comment = 0 }
{
    code = ""
    rest = $0
    while (rest != "") {
        if (comment) {
            end = index(rest, "*/")
            if (!end)
                break
            comment = 0
            rest = substr(rest, end + 2)
        } else if (match(rest, /^"([^"\\]|\\.)*"/)) {
            code = code "\"\""
            rest = substr(rest, RLENGTH + 1)
        } else if (match(rest, /^'([^'\\]|\\.)*'/)) {
            code = code "''"
            rest = substr(rest, RLENGTH + 1)
        } else if (substr(rest, 1, 2) == "/*") {
            comment = 1
            rest = substr(rest, 3)
        } else {
            code = code substr(rest, 1, 1)
            rest = substr(rest, 2)
        }
    }
    print FILENAME ":" FNR ":" code
}
