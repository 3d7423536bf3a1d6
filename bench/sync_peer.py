"""The check of 'opk sync --all --check' as a script of PyYAML does it, for bench/sync.sh.

usage: sync_peer.py DIR [KEY]

Every card is read and compared with its spec, its PATTERN_INDEX entry, the signature in its executor
document and its entries in the suite index and the pattern registry; with KEY one card is compared,
but all are read, as both indexes are made of all of them. Exit 1 when something has drifted.
"""
import pathlib
import sys

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SIGNATURE = "<!-- PATTERN_AUTO:EXECUTOR_SIGNATURE:{} -->"


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, LOADER)


def mirrored(card):
    return {
        "pattern_id": card["pattern_id"],
        "doc_id": card["doc_id"],
        "version": card["semver"],
        "status": card["status"],
        "category": card["category"],
    }


def signature(card):
    lines = [
        f"Pattern: {card['pattern_key']} ({card['pattern_id']})",
        f"Doc ID: {card['doc_id']}",
        f"Version: {card['semver']}",
        f"Status: {card['status']}",
        f"Category: {card['category']}",
        "Operation Kinds:",
    ]
    return lines + [f"- {kind}" for kind in card["operation_kinds"]]


def section(path):
    text = path.read_text(encoding="utf-8")
    begin = text.index(SIGNATURE.format("BEGIN")) + len(SIGNATURE.format("BEGIN"))
    return text[begin : text.index(SIGNATURE.format("END"))].strip().split("\n")


def drifted(root, card, index, suite, registry):
    want = mirrored(card)
    spec = load(root / card["suite"]["spec"])
    entry = index.get(card["pattern_id"], {})
    by_key = registry["by_key"].get(card["pattern_key"], {})
    return (
        any(spec.get(key) != value for key, value in want.items())
        or any(entry.get(key) != value for key, value in want.items())
        or section(root / card["suite"]["docs"]["executor_doc"]) != signature(card)
        or suite.get(card["ulid"], {}).get("pattern_key") != card["pattern_key"]
        or by_key.get("semver") != card["semver"]
    )


def main(root, key=None):
    cards = [load(path) for path in sorted((root / "ids/patterns/cards").glob("*.yaml"))]
    index = {
        entry["pattern_id"]: entry
        for entry in load(root / "patterns/registry/PATTERN_INDEX.yaml")["patterns"]
    }
    suite_index = load(root / "patterns/.index/pattern-suite-index.yaml")
    suite = {entry["ulid"]: entry for entry in suite_index["patterns"]}
    registry = load(root / "registry/patterns.registry.yaml")
    bad = [
        card["pattern_key"]
        for card in cards
        if key in (None, card["pattern_key"]) and drifted(root, card, index, suite, registry)
    ]
    print(f"{len(bad)} of {len(cards)} cards drifted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), *sys.argv[2:3]))
