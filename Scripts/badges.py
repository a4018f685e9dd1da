#!/usr/bin/env python3
"""Writes the README's static badges, docs/badges/*.svg, so that no server has to draw them.

    badges.py
"""
import pathlib

BADGES = {
    "swift": ("Swift", "6.2 | 6.3", "#d4502a"),
    "platforms": ("platforms", "Linux | macOS", "#2f6f9f"),
    "license": ("license", "MIT", "#3d7a3a"),
}
CHARACTER_WIDTH = 6.6
PADDING = 7


def badge(label, message, colour):
    widths = [round(len(text) * CHARACTER_WIDTH + 2 * PADDING) for text in (label, message)]
    total = sum(widths)
    texts = "".join(
        f'<text x="{x:.1f}" y="14" textLength="{width - 2 * PADDING}">{text}</text>'
        for text, x, width in [
            (label, widths[0] / 2, widths[0]), (message, widths[0] + widths[1] / 2, widths[1]),
        ])
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" role="img" aria-label="{label}: {message}">
<title>{label}: {message}</title>
<clipPath id="corners"><rect width="{total}" height="20" rx="3"/></clipPath>
<g clip-path="url(#corners)">
<rect width="{widths[0]}" height="20" fill="#444c56"/>
<rect x="{widths[0]}" width="{widths[1]}" height="20" fill="{colour}"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="Verdana, 'DejaVu Sans', sans-serif" font-size="11">
{texts}
</g>
</svg>
"""


folder = pathlib.Path(__file__).resolve().parent.parent / "docs" / "badges"
folder.mkdir(parents=True, exist_ok=True)
for name, parts in BADGES.items():
    (folder / f"{name}.svg").write_text(badge(*parts), encoding="utf-8")
