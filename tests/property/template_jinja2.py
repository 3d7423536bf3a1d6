"""What template_cases.jsonl wants is what Jinja2 itself gives.

usage: template_jinja2.py [--update] DATA.json CASES.jsonl

The results stand in the file, so that they are checked where Jinja2 is not at hand; this script
says whether they are still Jinja2's, or writes them with --update. A case is an error where want
is null; where it is "unsupported" Jinja2 reads what is refused here.
"""
import json
import pathlib
import sys

try:
    import jinja2
except ImportError:
    print("skipped: no jinja2")
    sys.exit(0)


def by_jinja2(case, data):
    env = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.DictLoader(case.get("files", {})),
    )
    try:
        return env.from_string(case["template"]).render(data)
    except Exception:  # whatever a filter's Python raises
        return None


def main(update, data_path, cases_path):
    data = json.loads(data_path.read_text())
    cases = [json.loads(line) for line in cases_path.read_text().split("\n") if line]
    differ = 0
    for case in cases:
        want = by_jinja2(case, data)
        if case.get("want") != want or "want" not in case:
            differ += 1
            print(f"{case['name']}:\n  pinned: {case.get('want')!r}\n  jinja2: {want!r}")
        case["want"] = want
    if update:
        lines = [json.dumps(case, ensure_ascii=False) + "\n" for case in cases]
        cases_path.write_text("".join(lines))
        return 0
    print(f"{len(cases)} templates, {differ} differ")
    return 1 if differ or not cases else 0


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--update"]
    sys.exit(main("--update" in sys.argv, *map(pathlib.Path, arguments)))
