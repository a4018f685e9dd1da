#!/usr/bin/env python3
"""Writes the documentation of all modules as one site of static pages, which opens without a server.

    docs-site.py FOLDER MODULE…

FOLDER/MODULE.doccarchive are DocC archives, as `make docs` builds them. The site is written to FOLDER/site. DocC's own
pages need a server, because their JavaScript downloads JSON; this script turns that JSON into HTML. docs-site.html is the
frame of the pages, and docs-site.css their style.

Links within a module follow DocC's identifiers. Links between modules follow the unique names of the symbols in a
declaration, or the names of modules and types in code. The exit code is 1 if the documentation has a kind of content that
this script does not know, or if a link leads nowhere.
"""
import html
import json
import os
import pathlib
import re
import shutil
import string
import sys
import urllib.parse
from html import escape

TITLE = "ConfigCat for server-side Swift"
TYPE_KINDS = ("class", "struct", "enum", "protocol", "typealias", "actor", "macro")
# The compiler adds these to nearly every type.
IMPLIED_PROTOCOLS = ("Swift.Copyable", "Swift.Escapable", "Swift.SendableMetatype")
SPAN_TAGS = {
    "emphasis": "em", "strong": "strong", "strikethrough": "s", "subscript": "sub", "superscript": "sup",
    "newTerm": "dfn", "inlineHead": "strong",
}
SCRIPT = pathlib.Path(__file__).resolve()
FRAME = string.Template(SCRIPT.with_suffix(".html").read_text(encoding="utf-8"))


def free_path(identifier, taken):
    """Returns a path for a page that is valid on every file system and that no other page has."""
    parts = identifier.lower().split("/documentation/", 1)[1].split("/")
    path = "/".join(re.sub(r"[^a-z0-9_]+", "-", part).strip("-") for part in parts)
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
        taken = set()
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


class Writer:
    """Turns the content of a page into HTML."""

    def __init__(self, site, page, path):
        self.site = site
        self.page = page
        self.path = path
        self.references = page.node["references"] if page else {}

    def address(self, path):
        """Returns the address of a file of the site, relative to this page."""
        return escape(urllib.parse.quote(os.path.relpath(path, os.path.dirname(self.path) or ".")))

    def link(self, target, text, anchor="", current=""):
        """Returns a link from this page to another, or to an anchor on it."""
        address = self.address(target.path) + ("#" + urllib.parse.quote(anchor) if anchor else "")
        return f'<a href="{address}"{current}>{text}</a>'

    # Inline content

    def spans(self, content):
        """Returns inline content as HTML."""
        return "".join(self.span(each) for each in content or [])

    def span(self, content):
        """Returns a piece of inline content as HTML."""
        kind = content["type"]
        if kind == "text":
            return escape(content["text"])
        if kind == "codeVoice":
            return self.code(content["code"])
        if kind in SPAN_TAGS:
            return f"<{SPAN_TAGS[kind]}>{self.spans(content['inlineContent'])}</{SPAN_TAGS[kind]}>"
        if kind == "reference":
            return self.reference(content)
        if kind == "link":
            return f'<a href="{escape(content["destination"])}">{escape(content["title"])}</a>'
        if kind == "image":
            return self.image(content["identifier"])
        sys.exit(f"{self.page.identifier}: unknown inline content '{kind}'")

    def code(self, text):
        """Returns code as HTML, with a link if it is the name of a module or of a type."""
        target = self.site.by_title.get(text)
        markup = f"<code>{escape(text)}</code>"
        return self.link(target, markup) if target and target is not self.page else markup

    def reference(self, content):
        """Returns a reference to a page, a section of a page or an address as HTML."""
        identifier = content["identifier"]
        reference = self.references[identifier]
        text = escape(content.get("overridingTitle") or reference["title"])
        if reference["type"] == "link":
            return f'<a href="{escape(reference["url"])}">{text}</a>'
        if reference.get("kind") == "symbol" and "overridingTitle" not in content:
            text = f"<code>{text}</code>"
        target, anchor = self.site.find(identifier)
        if not target and reference["type"] != "unresolvable":
            sys.exit(f"{self.page.identifier}: the link {identifier} leads nowhere")
        return self.link(target, text, anchor) if target and content["isActive"] else text

    def image(self, identifier):
        """Returns an image as HTML, and copies it to the site."""
        reference = self.references[identifier]
        light = min(reference["variants"], key=lambda variant: "dark" in variant["traits"])
        source = self.site.folder / f"{self.page.module}.doccarchive" / light["url"].lstrip("/")
        path = f"images/{self.page.module}/{source.name}"
        target = self.site.folder / "site" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        return f'<img src="{self.address(path)}" alt="{escape(reference.get("alt") or "")}">'

    # Blocks

    def blocks(self, content):
        """Returns blocks as HTML."""
        return "\n".join(self.block(each) for each in content or [])

    def block(self, content):
        """Returns a block as HTML."""
        kind = content["type"]
        if kind == "paragraph":
            return f"<p>{self.spans(content['inlineContent'])}</p>"
        if kind == "heading":
            level = min(content["level"], 6)
            return f'<h{level} id="{escape(content["anchor"])}">{escape(content["text"])}</h{level}>'
        if kind == "codeListing":
            return f"<pre><code>{escape(chr(10).join(content['code']))}</code></pre>"
        if kind in ("unorderedList", "orderedList"):
            items = "\n".join(f"<li>{self.item(each['content'])}</li>" for each in content["items"])
            start = content.get("start", 1)
            return f"<ul>\n{items}\n</ul>" if kind == "unorderedList" else f'<ol start="{start}">\n{items}\n</ol>'
        if kind == "table":
            return self.table(content)
        if kind == "aside":
            name = content.get("name") or content["style"].capitalize()
            return f"<aside><p><strong>{escape(name)}</strong></p>\n{self.blocks(content['content'])}</aside>"
        if kind == "termList":
            items = [(each["term"]["inlineContent"], each["definition"]["content"]) for each in content["items"]]
            return f"<dl>{''.join(f'<dt>{self.spans(a)}</dt><dd>{self.blocks(b)}</dd>' for a, b in items)}</dl>"
        if kind == "links":
            return self.topics(content["items"])
        if kind == "thematicBreak":
            return "<hr>"
        sys.exit(f"{self.page.identifier}: unknown block '{kind}'")

    def item(self, content):
        """Returns the content of a list's item as HTML: a single paragraph needs no element of its own."""
        if len(content) == 1 and content[0]["type"] == "paragraph":
            return self.spans(content[0]["inlineContent"])
        return self.blocks(content)

    def table(self, content):
        """Returns a table as HTML. A header without text is left out."""
        rows = [[self.blocks(cell) for cell in row] for row in content["rows"]]
        has_row = content["header"] in ("row", "both")
        has_column = content["header"] in ("column", "both")
        lines = []
        for number, row in enumerate(rows):
            if number == 0 and has_row and not any(re.sub("<.*?>", "", cell) for cell in row):
                continue
            cells = [
                f"<th>{cell}</th>" if number == 0 and has_row or column == 0 and has_column else f"<td>{cell}</td>"
                for column, cell in enumerate(row)]
            lines.append("<tr>" + "".join(cells) + "</tr>")
        return '<div class="table"><table>\n' + "\n".join(lines) + "\n</table></div>"

    # Sections

    def tokens(self, tokens, has_links):
        """Returns the tokens of a declaration as HTML."""
        parts = []
        for token in tokens:
            text = f'<span class="{escape(token["kind"])}">{escape(token["text"])}</span>'
            if token["kind"] == "text":
                text = escape(token["text"])
            target = self.site.by_unique_name.get(token.get("preciseIdentifier"))
            if not target and "identifier" in token:
                target, _ = self.site.find(token["identifier"])
            parts.append(self.link(target, text) if has_links and target and target is not self.page else text)
        return "".join(parts)

    def section(self, content):
        """Returns a primary section as HTML."""
        kind = content["kind"]
        if kind == "declarations":
            return "".join(
                f'<pre class="declaration"><code>{self.tokens(each["tokens"], True)}</code></pre>'
                for each in content["declarations"])
        if kind == "parameters":
            items = "".join(
                f"<dt><code>{escape(each['name'])}</code></dt><dd>{self.blocks(each['content'])}</dd>"
                for each in content["parameters"])
            return f'<h2 id="parameters">Parameters</h2><dl>{items}</dl>'
        if kind == "content":
            return self.discussion(content["content"])
        sys.exit(f"{self.page.identifier}: unknown section '{kind}'")

    def discussion(self, content):
        """Returns a discussion as HTML. What is thrown, which DocC puts into an aside, gets a section of its own."""
        thrown = [each for each in content if each.get("name") == "Throws"]
        rest = [each for each in content if each not in thrown]
        if thrown and [each["type"] for each in rest] == ["heading"]:
            rest = []
        throws = "".join(f'<h2 id="throws">Throws</h2>{self.blocks(each["content"])}' for each in thrown)
        return throws + self.blocks(rest)

    def topics(self, identifiers):
        """Returns links with abstracts as HTML."""
        items = []
        for identifier in identifiers:
            reference = self.references[identifier]
            target, anchor = self.site.find(identifier)
            title = escape(reference["title"])
            if reference["type"] == "unresolvable":
                # Conformances to protocols of other modules have no page in the archive of this one.
                if reference["title"] in IMPLIED_PROTOCOLS:
                    continue
                title = self.code(reference["title"])
            elif reference["kind"] == "symbol":
                fragments = reference.get("fragments")
                title = f"<code>{self.tokens(fragments, False) if fragments else title}</code>"
            if target:
                title = self.link(target, title, anchor)
            for name, label in (("conformancePrefix", ""), ("constraints", " ")):
                title += label + self.spans(reference.get("conformance", {}).get(name))
            abstract = self.spans(reference.get("abstract"))
            items.append(f"<dt>{title}</dt>" + (f"<dd><p>{abstract}</p></dd>" if abstract else ""))
        return f'<dl class="topics">{"".join(items)}</dl>'

    def groups(self, heading, sections):
        """Returns sections of links, under one heading, as HTML."""
        parts = []
        for section in sections:
            title = f"<h3>{escape(section['title'])}</h3>" if section.get("title") else ""
            about = f"<p>{self.spans(section.get('abstract'))}</p>" if section.get("abstract") else ""
            about += self.blocks(section.get("discussion", {}).get("content"))
            parts.append(title + about + self.topics(section["identifiers"]))
        return f'<h2 id="{heading.lower().replace(" ", "-")}">{heading}</h2>' + "".join(parts) if parts else ""

    def content(self):
        """Returns the content of the page as HTML."""
        node = self.page.node
        parts = [
            f'<p class="kind">{escape(self.page.heading)}</p>', f"<h1>{escape(self.page.title)}</h1>",
            f'<p class="abstract">{self.spans(node.get("abstract"))}</p>',
        ]
        if "deprecationSummary" in node:
            parts.append(f"<aside><p><strong>Deprecated</strong></p>{self.blocks(node['deprecationSummary'])}</aside>")
        sections = node.get("primaryContentSections", [])
        parts += [self.section(each) for each in sections if each["kind"] != "mentions"]
        parts.append(self.groups("Topics", node.get("topicSections", [])))
        parts.append(self.groups("Default implementations", node.get("defaultImplementationsSections", [])))
        parts.append(self.groups("Relationships", node.get("relationshipsSections", [])))
        parts.append(self.groups("See also", [
            each for each in node.get("seeAlsoSections", []) if not each.get("generated")]))
        parts.append(self.groups("Mentioned in", [
            {"identifiers": each["mentions"]} for each in sections if each["kind"] == "mentions"]))
        return "\n".join(part for part in parts if part)

    # The frame of a page

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
    writer = Writer(site, None, "index.html")
    lists = []
    for heading, pages in (("Guides", site.guides), ("Modules", site.modules)):
        items = "".join(
            f"<dt>{writer.link(page, escape(page.title))}</dt>"
            f"<dd><p>{Writer(site, page, 'index.html').spans(page.node.get('abstract'))}</p></dd>" for page in pages)
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
        writer = Writer(site, page, page.path)
        title = page.title if page.is_module else f"{page.title} – {page.module}"
        writer.write(title, writer.content())
    write_index(site)
    shutil.copyfile(SCRIPT.with_suffix(".css"), folder / "site" / "style.css")
    if broken := broken_links(folder / "site"):
        sys.exit("\n".join(broken))
    print(f"{len(site.pages)} pages: open {folder / 'site' / 'index.html'}")


main()
