#!/usr/bin/env python3
"""Checks that the Swift code of the README and of the guides is compiled.

    check-snippets.py

`swift build` compiles the files in Snippets/. Each block of Swift code in a Markdown file has to be in one of them,
apart from white space; a block's import lines may be anywhere in the same file. A block that cannot be compiled has a
line with the reason before it:

    <!-- not compiled: needs Hummingbird, which is not a dependency -->

Prints the place of each block that is missing; the exit code is 1 if there are any.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "Benchmarks/README.md", "Sources/*/Documentation.docc/**/*.md"]
FENCE = re.compile(r"(`{3,}|~{3,})\s*swift\b", re.IGNORECASE)
REASON = re.compile(r"<!--\s*not compiled:\s*(\S.*?)\s*-->$")


def normalised(text):
    return " ".join(text.split())


def blocks(path):
    """Returns the line, the code and the reason not to compile it, of each block of Swift code."""
    found, code, begin, fence, reason = [], None, 0, "", None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        stripped = line.strip()
        if code is not None:
            if stripped == fence[0] * len(stripped) and len(stripped) >= len(fence):
                found.append((begin, code, reason))
                code = reason = None
            else:
                code.append(line)
        elif match := FENCE.match(stripped):
            code, begin, fence = [], number, match[1]
        elif stripped:
            match = REASON.match(stripped)
            reason = match[1] if match else None
    if code is not None:
        sys.exit(f"{path.relative_to(ROOT)}:{begin}: the block does not end")
    return found


def is_in(code, snippet):
    imports = [line.strip() for line in code if line.startswith("import ")]
    rest = normalised("\n".join(line for line in code if not line.startswith("import ")))
    lines, text = snippet
    # The first and the last word are whole, because half a word would not compile.
    whole = re.compile(r"(?<!\w)" * rest[:1].isalnum() + re.escape(rest) + r"(?!\w)" * rest[-1:].isalnum())
    return all(line in lines for line in imports) and whole.search(text) is not None


def main():
    snippets = []
    for path in sorted((ROOT / "Snippets").glob("**/*.swift")):
        text = path.read_text(encoding="utf-8")
        snippets.append(({line.strip() for line in text.splitlines()}, normalised(text)))
    compiled = skipped = missing = 0
    for document in sorted(path for pattern in DOCUMENTS for path in ROOT.glob(pattern)):
        for line, code, reason in blocks(document):
            if reason:
                skipped += 1
            elif any(is_in(code, snippet) for snippet in snippets):
                compiled += 1
            else:
                missing += 1
                print(f"{document.relative_to(ROOT)}:{line}: this code is not in Snippets/", file=sys.stderr)
    print(f"{compiled} blocks of Swift code are compiled, {skipped} are not, with a reason")
    sys.exit(1 if missing else 0)


main()
