#!/usr/bin/env python3
"""Writes the baseline of the public API, or compares the public API with it.

    api.py check SYMBOL_GRAPHS    prints the differences from api/*.txt, and fails if there are any
    api.py write SYMBOL_GRAPHS    replaces api/*.txt

SYMBOL_GRAPHS is the folder that `swift package dump-symbol-graph` fills. Each file of api/ has a line for each public symbol,
each conformance and each re-exported symbol of one module, sorted. Symbol graphs do not have the raw values of enum cases.
"""

import difflib
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULES = [
    "ConfigCat",
    "ConfigCatCache",
    "ConfigCatCacheTesting",
    "ConfigCatConfiguration",
    "ConfigCatEvaluation",
    "ConfigCatFileCache",
    "ConfigCatInMemoryCache",
    "ConfigCatOpenFeature",
    "ConfigCatRedisCache",
    "ConfigCatSQLiteCache",
    "ConfigCatTesting",
]


def where(constraints):
    """Returns generic constraints as a clause, with a space before it; nothing if there are none."""
    operators = {"conformance": ":", "superclass": ":", "sameType": "=="}
    texts = [f"{each['lhs']} {operators.get(each['kind'], each['kind'])} {each['rhs']}" for each in constraints or []]
    return f" where {', '.join(sorted(texts))}" if texts else ""


def details(symbol, is_requirement):
    """Returns what the declaration of a symbol does not show, in brackets."""
    found = ["open"] if symbol["accessLevel"] == "open" else []
    found += ["requirement"] if is_requirement else []
    for each in symbol.get("availability", []):
        for key in ("isUnconditionallyUnavailable", "isUnconditionallyDeprecated", "introduced", "deprecated", "obsoleted"):
            if each.get(key):
                version = each[key] if isinstance(each[key], dict) else {}
                number = ".".join(str(part) for part in version.values())
                found.append(" ".join(word for word in (each.get("domain", ""), key, number) if word))
    found += [clause] if (clause := where(symbol.get("swiftExtension", {}).get("constraints")).strip()) else []
    return f" [{'; '.join(found)}]" if found else ""


def re_exports(module):
    """Returns a line for each symbol of another module that the sources of a module re-export: no graph has these."""
    for path in (ROOT / "Sources" / module).rglob("*.swift"):
        for match in re.finditer(r"^@_exported public import (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield f"re-exports {match[1]}"


def lines(folder, module):
    """Returns the sorted lines of a module."""
    found = set(re_exports(module))
    # Extensions of other modules' types have separate graphs: MODULE@OTHER.symbols.json.
    graphs = [folder / f"{module}.symbols.json", *folder.glob(f"{module}@*.symbols.json")]
    if not graphs[0].exists():
        sys.exit(f"{graphs[0]} is missing: run `swift package dump-symbol-graph` first")
    for path in graphs:
        graph = json.loads(path.read_text())
        names = {}
        requirements = {each["source"] for each in graph["relationships"] if each["kind"] == "requirementOf"}
        for symbol in graph["symbols"]:
            if "::SYNTHESIZED::" in symbol["identifier"]["precise"] or symbol["accessLevel"] not in ("public", "open"):
                continue
            name = ".".join(symbol["pathComponents"])
            names[symbol["identifier"]["precise"]] = name
            declaration = "".join(part["spelling"] for part in symbol.get("declarationFragments", []))
            more = details(symbol, symbol["identifier"]["precise"] in requirements)
            found.add(f"{name}: {' '.join(declaration.split())}{more}")
        for relation in graph["relationships"]:
            # The type that conforms may be another module's; then only its mangled name is known.
            source = names.get(relation["source"]) or (relation["source"] if "@" in path.name else None)
            if relation["kind"] == "conformsTo" and source:
                target = names.get(relation["target"]) or relation.get("targetFallback", relation["target"])
                found.add(f"{source} conforms to {target}{where(relation.get('swiftConstraints'))}")
    return sorted(found)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    baseline = ROOT / "api"
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
