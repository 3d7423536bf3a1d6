"""Every template of a folder, rendered by us and by Jinja2 itself, must give the same bytes.

usage: template_jinja2.py RENDERER FOLDER

A template that is an error to Jinja2 must be one to us, with its line. One that is named
unsupported_* is read by Jinja2 alone: ours must refuse it, and never print it as text.
"""
import json
import pathlib
import subprocess
import sys

try:
    import jinja2
except ImportError:
    print("skipped: no jinja2")
    sys.exit(0)


def by_jinja2(text, data):
    env = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    try:
        return env.from_string(text).render(data).encode()
    except (jinja2.TemplateError, TypeError, ZeroDivisionError, ValueError):
        return None


def main(renderer, folder):
    data_path = folder / "data.json"
    data = json.loads(data_path.read_text())
    failed = 0
    cases = sorted(folder.glob("*.j2"))
    for case in cases:
        want = by_jinja2(case.read_bytes().decode(), data)
        if case.name.startswith("unsupported_"):
            assert want is not None, case.name
            want = None
        run = subprocess.run([renderer, data_path, case], capture_output=True, timeout=20)
        got = run.stdout if run.returncode == 0 else None
        told = run.stderr.decode().startswith(f"{case}:") if got is None else True
        if got != want or not told:
            failed += 1
            print(f"{case.name}:\n  ours:   {got}\n  jinja2: {want}\n  {run.stderr.decode()}")
    print(f"{len(cases)} templates, {failed} differ")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
