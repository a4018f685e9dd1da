#!/usr/bin/env python3
"""Writes the baseline of the public API, or compares the public API with it.

    api.py check SYMBOL_GRAPHS    prints the differences from api/*.txt, and fails if there are any
    api.py write SYMBOL_GRAPHS    replaces api/*.txt

SYMBOL_GRAPHS is the folder that `swift package dump-symbol-graph` fills. Each file of api/ has a line for each public symbol
and each conformance of one module, sorted.
"""

import difflib
import json
import pathlib
import sys

MODULES = [
    "ConfigCat",
    "ConfigCatCache",
    "ConfigCatCacheTesting",
    "ConfigCatEvaluation",
    "ConfigCatFileCache",
    "ConfigCatInMemoryCache",
    "ConfigCatRedisCache",
    "ConfigCatSQLiteCache",
]


def lines(folder, module):
    """Returns the sorted lines of a module."""
    found = set()
    # Extensions of other modules' types have separate graphs: MODULE@OTHER.symbols.json.
    graphs = [folder / f"{module}.symbols.json", *folder.glob(f"{module}@*.symbols.json")]
    if not graphs[0].exists():
        sys.exit(f"{graphs[0]} is missing: run `swift package dump-symbol-graph` first")
    for path in graphs:
        graph = json.loads(path.read_text())
        names = {}
        for symbol in graph["symbols"]:
            if "::SYNTHESIZED::" in symbol["identifier"]["precise"] or symbol["accessLevel"] not in ("public", "open"):
                continue
            name = ".".join(symbol["pathComponents"])
            names[symbol["identifier"]["precise"]] = name
            declaration = "".join(part["spelling"] for part in symbol.get("declarationFragments", []))
            found.add(f"{name}: {' '.join(declaration.split())}")
        for relation in graph["relationships"]:
            if relation["kind"] == "conformsTo" and relation["source"] in names:
                target = names.get(relation["target"]) or relation.get("targetFallback", relation["target"])
                found.add(f"{names[relation['source']]} conforms to {target}")
    return sorted(found)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    baseline = pathlib.Path(__file__).resolve().parent.parent / "api"
    has_changed = False
    for module in MODULES:
        path = baseline / f"{module}.txt"
        now = lines(folder, module)
        if sys.argv[1] == "write":
            baseline.mkdir(exist_ok=True)
            path.write_text("\n".join(now) + "\n")
            continue
        before = path.read_text().splitlines() if path.exists() else []
        for line in difflib.unified_diff(before, now, str(path), "now", n=0, lineterm=""):
            print(line)
            has_changed = True
    if has_changed:
        sys.exit("The public API has changed. If that is intended, run `make api`, and add a line to CHANGELOG.md.")


main()
