#!/usr/bin/env python3
"""Writes the documentation of all modules as one site of static pages, which opens without a server.

    docs-site.py FOLDER MODULE…

FOLDER/MODULE.doccarchive are DocC archives, as `make docs` builds them. The site is written to FOLDER/site. DocC's own pages need a
server, because their JavaScript downloads JSON; this script turns that JSON into HTML.

Links go by DocC's identifiers, and between modules by the symbols' unique names. The exit code is 1 if the documentation
has a kind of content that this script does not know, or if a link on a page leads nowhere.
"""
import html
import html.parser
import json
import os
import pathlib
import re
import shutil
import sys
import urllib.parse

TITLE = "ConfigCat for server-side Swift"
TYPE_KINDS = ("class", "struct", "enum", "protocol", "typealias", "actor", "macro")
SPAN_TAGS = {
    "emphasis": "em", "strong": "strong", "strikethrough": "s", "subscript": "sub", "superscript": "sup",
    "newTerm": "dfn", "inlineHead": "strong",
}
STYLE = pathlib.Path(__file__).resolve().with_suffix(".css")


def escape(text):
    """Returns text as HTML."""
    return html.escape(str(text))


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

    def listed(self):
        """Returns the identifiers of the topics, in their order."""
        return [each for section in self.node.get("topicSections", []) for each in section["identifiers"]]


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
        for page in self.pages:
            page.path = self.free_path(page.identifier)
        self.modules = [page for page in self.pages if page.is_module]
        self.modules.sort(key=lambda page: modules.index(page.module))
        self.guides = [guide for module in self.modules for guide in self.articles(module)]

    def free_path(self, identifier):
        """Returns a path for a page that is valid on every file system and that no other page has."""
        tail = identifier.lower().split("/documentation/", 1)[1]
        parts = [re.sub(r"[^a-z0-9_]+", "-", part).strip("-") or "symbol" for part in tail.split("/")]
        path, number, taken = "/".join(parts), 1, {page.path for page in self.pages}
        while (candidate := f"{path}{'' if number == 1 else f'-{number}'}.html") in taken:
            number += 1
        return candidate

    def articles(self, module):
        """Returns the articles of a module: first those of its topics, in their order."""
        order = module.listed()
        found = [page for page in self.pages if page.is_article and page.module == module.module]
        return sorted(found, key=lambda page: order.index(page.identifier) if page.identifier in order else len(order))

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
        reference = self.references.get(identifier, {})
        title = content.get("overridingTitle") or reference.get("title", identifier)
        formatted = content.get("overridingTitleInlineContent") or reference.get("titleInlineContent")
        text = self.spans(formatted) if formatted else escape(title)
        if reference.get("type") == "link":
            return f'<a href="{escape(reference["url"])}">{text}</a>'
        if reference.get("kind") == "symbol" and not formatted:
            text = f"<code>{text}</code>"
        target, anchor = self.site.find(identifier)
        if not target:
            return text
        return self.link(target, text, anchor) if content.get("isActive", True) else text

    def image(self, identifier):
        """Returns an image as HTML, and copies it to the site."""
        reference = self.references[identifier]
        name = pathlib.PurePosixPath(reference["variants"][0]["url"]).name
        target = self.site.folder / "site" / "images" / self.page.module / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.site.folder / f"{self.page.module}.doccarchive" / reference["variants"][0]["url"].lstrip("/"), target)
        address = self.address(f"images/{self.page.module}/{name}")
        return f'<img src="{address}" alt="{escape(reference.get("alt") or "")}">'

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
            start = f' start="{content["start"]}"' if content.get("start", 1) != 1 else ""
            return f"<ul>\n{items}\n</ul>" if kind == "unorderedList" else f"<ol{start}>\n{items}\n</ol>"
        if kind == "table":
            return self.table(content)
        if kind == "aside":
            name = content.get("name") or content["style"].capitalize()
            return f"<aside><p><strong>{escape(name)}</strong></p>\n{self.blocks(content['content'])}</aside>"
        if kind == "termList":
            items = "".join(
                f"<dt>{self.spans(each['term']['inlineContent'])}</dt><dd>{self.blocks(each['definition']['content'])}</dd>"
                for each in content["items"])
            return f"<dl>{items}</dl>"
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
            tags = ["th" if number == 0 and has_row or column == 0 and has_column else "td" for column in range(len(row))]
            lines.append("<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for tag, cell in zip(tags, row)) + "</tr>")
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
            reference = self.references.get(identifier, {})
            target, anchor = self.site.find(identifier)
            title = escape(reference.get("title", identifier))
            if reference.get("kind") == "symbol" or reference.get("type") == "unresolvable":
                fragments = reference.get("fragments")
                title = f"<code>{self.tokens(fragments, False) if fragments else title}</code>"
            if target:
                title = self.link(target, title, anchor)
            for name, label in (("conformancePrefix", ""), ("constraints", " ")):
                title += label + self.spans(reference.get("conformance", {}).get(name))
            items.append(f"<dt>{title}</dt><dd><p>{self.spans(reference.get('abstract'))}</p></dd>")
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

    def entries(self, pages, inner=""):
        """Returns the items of a navigation list as HTML. `inner` is put below the module of this page."""
        lines = []
        for page in pages:
            current = ' aria-current="page"' if page is self.page else ""
            is_open = page.is_module and self.page and page.module == self.page.module
            lines.append(f"<li>{self.link(page, escape(page.title), current=current)}{inner if is_open else ''}</li>")
        return "".join(lines)

    def navigation(self):
        """Returns the list of all guides and modules as HTML, with the types of the module that this page belongs to."""
        types = ""
        for module in self.site.modules:
            if self.page and module.module == self.page.module:
                listed = [self.site.find(identifier)[0] for identifier in module.listed()]
                types = f"<ul>{self.entries(page for page in listed if page and page.is_type)}</ul>"
        return (f'<h2>Guides</h2><ul>{self.entries(self.site.guides)}</ul>'
                f'<h2>Modules</h2><ul>{self.entries(self.site.modules, types)}</ul>')

    def write(self, title, content):
        """Writes the page."""
        path = self.site.folder / "site" / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<link rel="stylesheet" href="{self.address("style.css")}">
</head>
<body>
<header><a class="to-contents" href="#contents">Contents</a><span>{self.breadcrumb()}</span></header>
<div class="columns">
<main>
{content}
</main>
<nav class="contents" id="contents">{self.navigation()}</nav>
</div>
</body>
</html>
""", encoding="utf-8")


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


class LinkReader(html.parser.HTMLParser):
    """Collects the links and the anchors of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src", "srcset"):
                self.links.append(value)
            if name == "id":
                self.anchors.add(value)


def broken_links(folder):
    """Returns a line for each link on a page that leads to no file, or to no anchor on its page."""
    readers = {path.resolve(): LinkReader(path) for path in folder.rglob("*.html")}
    broken = []
    for path, reader in sorted(readers.items()):
        for link in reader.links:
            address = urllib.parse.urlsplit(link)
            if address.scheme:
                continue
            target = (path.parent / urllib.parse.unquote(address.path)).resolve() if address.path else path
            anchor = urllib.parse.unquote(address.fragment)
            if not target.is_file() or anchor and anchor not in readers[target].anchors:
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
    shutil.copyfile(STYLE, folder / "site" / "style.css")
    if broken := broken_links(folder / "site"):
        sys.exit("\n".join(broken))
    print(f"{len(site.pages)} pages: open {folder / 'site' / 'index.html'}")


main()
