#!/usr/bin/env python3
"""Writes the documentation of all modules as one site of static pages, which opens without a server.

    docs-site.py FOLDER MODULE…

FOLDER/MODULE.doccarchive are DocC archives, as `make docs` builds them. The site is written to FOLDER/site. DocC's own
pages need a server, because their JavaScript downloads JSON; this script turns that JSON into HTML. docs_content.py
does that for the content of a page; docs-site.html is the frame of the pages, and docs-site.css their style.

Links within a module follow DocC's identifiers. Links between modules follow the unique names of the symbols in a
declaration, or the names of modules and types in code. The exit code is 1 if the documentation has a kind of content that
this script does not know, or if a link leads nowhere.
"""
import html
import json
import pathlib
import re
import shutil
import string
import sys
import urllib.parse
from html import escape

from docs_content import ContentWriter

TITLE = "ConfigCat for server-side Swift"
TYPE_KINDS = ("class", "struct", "enum", "protocol", "typealias", "actor", "macro")
SCRIPT = pathlib.Path(__file__).resolve()
FRAME = string.Template(SCRIPT.with_suffix(".html").read_text(encoding="utf-8"))


def free_path(identifier, taken):
    """Returns a path for a page that is valid on every file system and that no other page has."""
    parts = identifier.lower().split("/documentation/", 1)[1].split("/")
    # An operator may have no such character, and file systems allow at most 255.
    path = "/".join(re.sub(r"[^a-z0-9_]+", "-", part).strip("-")[:100] or "symbol" for part in parts)
    number, candidate = 1, f"{path}.html"
    while candidate in taken:
        number += 1
        candidate = f"{path}-{number}.html"
    return candidate


class Page:
    """A symbol, an article or a module."""

    def __init__(self, node, module):
        self.node = node
        self.module = module
        self.identifier = node["identifier"]["url"]
        self.metadata = node["metadata"]
        self.title = self.metadata["title"]
        self.is_article = self.metadata.get("role") == "article"
        self.is_module = self.metadata.get("symbolKind") == "module"
        self.is_type = self.metadata.get("symbolKind") in TYPE_KINDS
        self.path = ""

    @property
    def heading(self):
        """What kind of page it is, in words."""
        return "Module" if self.is_module else "Guide" if self.is_article else self.metadata.get("roleHeading", "")


class Site:
    """All pages, and the tables by which links find them."""

    def __init__(self, folder, modules):
        self.folder = folder
        self.pages = []
        for module in modules:
            data = folder / f"{module}.doccarchive" / "data" / "documentation"
            files = sorted(data.rglob("*.json"))
            if not files:
                sys.exit(f"{data} has no documentation: run `make docs`")
            self.pages += [Page(json.loads(path.read_text(encoding="utf-8")), module) for path in files]
        self.by_identifier = {page.identifier.lower(): page for page in self.pages}
        self.by_unique_name = {
            page.metadata["externalID"]: page for page in self.pages if "externalID" in page.metadata}
        self.by_title = {page.title: page for page in self.pages if page.is_module or page.is_type}
        self.by_title |= {f"{page.module}.{page.title}": page for page in self.pages if page.is_type}
        taken = {"index.html"}
        for page in self.pages:
            page.path = free_path(page.identifier, taken)
            taken.add(page.path)
        self.modules = [page for module in modules for page in self.pages if page.is_module and page.title == module]
        self.guides = [page for module in self.modules for page in self.listed(module) if page.is_article]

    def listed(self, page):
        """Returns the pages that the topics of a page name, in their order."""
        sections = page.node.get("topicSections", [])
        found = [self.find(identifier)[0] for section in sections for identifier in section["identifiers"]]
        return [page for page in found if page]

    def find(self, identifier):
        """Returns the page that an identifier names, and the anchor on it."""
        base, _, anchor = identifier.partition("#")
        return self.by_identifier.get(base.lower()), anchor


class PageWriter(ContentWriter):
    """Writes a page: its content, and the frame around it."""

    def breadcrumb(self):
        """Returns the pages above this one as HTML."""
        steps = [f'<a href="{self.address("index.html")}">{TITLE}</a>']
        if self.page:
            for identifier in (self.page.node.get("hierarchy", {}).get("paths") or [[]])[0]:
                target, _ = self.site.find(identifier)
                steps += [self.link(target, escape(target.title))] if target else []
            steps.append(escape(self.page.title))
        return " › ".join(steps)

    def entries(self, pages):
        """Returns links as a list in HTML. The types of the module that this page belongs to are below their module."""
        lines = []
        for page in pages:
            current = ' aria-current="page"' if page is self.page else ""
            line = self.link(page, escape(page.title), current=current)
            if page.is_module and self.page and page.module == self.page.module:
                line += self.entries(each for each in self.site.listed(page) if each.is_type)
            lines.append(f"<li>{line}</li>")
        return f"<ul>{''.join(lines)}</ul>"

    def write(self, title, content):
        """Writes the page."""
        path = self.site.folder / "site" / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        guides, modules = self.entries(self.site.guides), self.entries(self.site.modules)
        path.write_text(FRAME.substitute(
            title=escape(title), style=self.address("style.css"), breadcrumb=self.breadcrumb(), content=content,
            navigation=f"<h2>Guides</h2>{guides}<h2>Modules</h2>{modules}"), encoding="utf-8")


def write_index(site):
    """Writes the first page: all guides, and all modules."""
    writer = PageWriter(site, None, "index.html")
    lists = []
    for heading, pages in (("Guides", site.guides), ("Modules", site.modules)):
        items = "".join(
            f"<dt>{writer.link(page, escape(page.title))}</dt>"
            f"<dd><p>{PageWriter(site, page, 'index.html').spans(page.node.get('abstract'))}</p></dd>" for page in pages)
        lists.append(f"<h2>{heading}</h2><dl>{items}</dl>")
    writer.write(TITLE, f"<h1>{TITLE}</h1>" + "".join(lists))


def broken_links(folder):
    """Returns a line for each link of the pages that leads to no file, or to no anchor on its page."""
    links, anchors = [], {}
    for path in sorted(folder.resolve().rglob("*.html")):
        attributes = re.findall(r' (href|src|id)="([^"]*)"', path.read_text(encoding="utf-8"))
        anchors[path] = {html.unescape(value) for name, value in attributes if name == "id"}
        links += [(path, html.unescape(value)) for name, value in attributes if name != "id"]
    broken = []
    for path, link in links:
        address = urllib.parse.urlsplit(link)
        target = (path.parent / urllib.parse.unquote(address.path)).resolve() if address.path else path
        anchor = urllib.parse.unquote(address.fragment)
        if not address.scheme and (not target.is_file() or anchor and anchor not in anchors[target]):
            broken.append(f"{path}: the link {link} leads nowhere")
    return broken


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    shutil.rmtree(folder / "site", ignore_errors=True)
    (folder / "site").mkdir()
    site = Site(folder, sys.argv[2:])
    for page in site.pages:
        writer = PageWriter(site, page, page.path)
        title = page.title if page.is_module else f"{page.title} – {page.module}"
        writer.write(title, writer.content())
    write_index(site)
    shutil.copyfile(SCRIPT.with_suffix(".css"), folder / "site" / "style.css")
    if broken := broken_links(folder / "site"):
        sys.exit("\n".join(broken))
    print(f"{len(site.pages)} pages: open {folder / 'site' / 'index.html'}")


main()
