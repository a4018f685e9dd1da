"""Turns the content of a page of documentation, as DocC renders it to JSON, into HTML. docs-site.py uses it."""
import os
import re
import shutil
import sys
import urllib.parse
from html import escape

# The compiler adds these to nearly every type.
IMPLIED_PROTOCOLS = ("Swift.Copyable", "Swift.Escapable", "Swift.SendableMetatype")
SPAN_TAGS = {
    "emphasis": "em", "strong": "strong", "strikethrough": "s", "subscript": "sub", "superscript": "sup",
    "newTerm": "dfn", "inlineHead": "strong",
}


class ContentWriter:
    """Turns the content of a page into HTML. `page` is None for the first page, which has only links."""

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
