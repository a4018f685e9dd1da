#!/usr/bin/env python3
"""Turns a recording of a terminal into an SVG picture.

    demo-picture.py record RECORDING COMMAND...        run the command in a terminal and record its output
    demo-picture.py draw RECORDING PICTURE             draw the first sections of a recording

`make demo-picture` records `Examples/demo.sh` and draws docs/demo.svg. It needs nothing but Python.
"""
import html
import os
import pty
import re
import sys

COLUMNS = 108
# A section begins with a bold line. The later sections of the demo are too long for a picture.
SECTIONS = 3
FONT_SIZE = 13
LINE_HEIGHT = 19
CHARACTER_WIDTH = 8  # of a monospaced font of this size, rounded up
MARGIN = 18
TITLE_BAR = 34
BACKGROUND, PLAIN, BOLD, MARK, FAINT = "#16181d", "#c9d1d9", "#ffffff", "#f0b429", "#8b949e"
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")


def record(recording, command):
    os.environ.update(TERM="xterm", COLUMNS=str(COLUMNS))
    output = bytearray()

    def read(descriptor):
        data = os.read(descriptor, 65536)
        output.extend(data)
        return data

    status = os.waitstatus_to_exitcode(pty.spawn(command, read))
    if status != 0:
        sys.exit(f"{command[0]} ended with exit code {status}; nothing was recorded")
    with open(recording, "wb") as file:
        file.write(output.replace(b"\r\n", b"\n"))


def spans(line):
    """Returns the parts of a line with their colours, without escape sequences."""
    parts, bold, start = [], False, 0
    for escape in [*ESCAPE.finditer(line), None]:
        text = line[start:escape.start() if escape else len(line)]
        before, mark, after = text.partition("◀")
        parts += [(before, BOLD if bold else PLAIN), (mark + after, MARK)]
        if escape:
            bold, start = escape[1] == "1", escape.end()
    return [(text, colour) for text, colour in parts if text]


def sections(lines, count):
    """Returns the lines before the section with the given number."""
    titles = [number for number, line in enumerate(lines) if line.startswith("\x1b[1m")]
    return lines[:titles[count]] if len(titles) > count else lines


def draw(recording, picture):
    with open(recording, encoding="utf-8") as file:
        lines = file.read().strip("\n").split("\n")
    shown = sections(lines, SECTIONS)
    while shown and not shown[-1]:
        shown.pop()
    drawn = [[("$ make demo", FAINT)], *[spans(line) for line in shown]]
    longest = max(sum(len(text) for text, _ in line) for line in drawn)
    width = round(longest * CHARACTER_WIDTH + 2 * MARGIN)
    height = TITLE_BAR + len(drawn) * LINE_HEIGHT + MARGIN
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-labelledby="title">',
        '<title id="title">What make demo prints</title>',
        f'<rect width="{width}" height="{height}" rx="9" fill="{BACKGROUND}"/>',
    ]
    for index, colour in enumerate(["#ff5f57", "#febc2e", "#28c840"]):
        svg.append(f'<circle cx="{MARGIN + 4 + index * 19}" cy="17" r="5.5" fill="{colour}"/>')
    svg.append(
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" '
        f'font-size="{FONT_SIZE}">')
    for number, line in enumerate(drawn):
        column, y = 0, TITLE_BAR + (number + 1) * LINE_HEIGHT - 5
        for text, colour in line:
            weight = ' font-weight="bold"' if colour in (BOLD, MARK) else ""
            # Each cell has its own position and length, so that columns stay aligned in every font.
            for cell in re.finditer(r"\S+(?: \S+)*", text):
                x = MARGIN + (column + cell.start()) * CHARACTER_WIDTH
                length = len(cell[0]) * CHARACTER_WIDTH
                svg.append(
                    f'<text x="{x:.1f}" y="{y}" fill="{colour}"{weight} textLength="{length:.1f}">'
                    f"{html.escape(cell[0])}</text>")
            column += len(text)
    svg += ["</g>", "</svg>", ""]
    with open(picture, "w", encoding="utf-8") as file:
        file.write("\n".join(svg))


match sys.argv[1:]:
    case ["record", recording, *command] if command:
        record(recording, command)
    case ["draw", recording, picture]:
        draw(recording, picture)
    case _:
        sys.exit(__doc__)
