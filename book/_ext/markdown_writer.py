"""Markdown from the nodes of a resolved document.

Every node that a chapter may hold has a method here, named after the node's class: `_block_...`
returns paragraphs of Markdown, `_inline_...` a piece of a line. A node with neither fails the
build, so that nothing reaches a notebook raw.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from docutils import nodes
from page import Page
from sphinx.locale import admonitionlabels


class MarkdownWriter:
    """Writes the prose of one page: paragraphs, lists, boxes, figures, tables, equations."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def blocks(self, children: Iterable[nodes.Node], separator: str = "\n\n") -> str:
        """Markdown of block-level nodes; stray pieces of a line make a paragraph."""
        written: list[str] = []
        line: list[nodes.Node] = []
        for child in children:
            write = self._method("block", child)
            if write is None:
                line.append(child)
                continue
            written.append(self._paragraph(line))
            line = []
            if not self.page.leaves_out(child):
                written.append(write(child))
        written.append(self._paragraph(line))
        return separator.join(filter(None, written))

    def inline(self, children: Iterable[nodes.Node]) -> str:
        """Markdown of the pieces of a line."""
        return "".join(
            (self._method("inline", child) or self._unknown)(child) for child in children
        )

    def _method(self, kind: str, node: nodes.Node) -> Callable[[Any], str] | None:
        method: Callable[[Any], str] | None = getattr(
            self, f"_{kind}_{node.__class__.__name__}", None
        )
        return method

    def _unknown(self, node: nodes.Node) -> str:
        where = f" (line {node.line})" if node.line else ""
        self.page.fail(
            f"no Markdown is known for the node <{node.__class__.__name__}>{where}: write it "
            "otherwise, or teach book/_ext/markdown_writer.py"
        )

    def _paragraph(self, children: Iterable[nodes.Node]) -> str:
        text = re.sub(r" {2,}(?!\n)", " ", self.inline(children)).strip()
        # what would start a list, a heading or a quotation at the beginning of a line
        text = re.sub(r"^([#>+-]|:::|=+$)(?=[\s#:>-]|$)", r"\\\1", text)
        return re.sub(r"^(\d+)([.)])(?=\s)", r"\1\\\2", text)

    def _nothing(self, node: nodes.Node) -> str:
        return ""

    def _body(self, node: nodes.Node) -> str:
        return self.blocks(node.children)

    def _words(self, node: nodes.Node) -> str:
        return self.inline(node.children)

    # -- text

    def _inline_Text(self, node: nodes.Text) -> str:
        text = re.sub(r"\s*\n\s*", " ", node.astext())
        text = re.sub(r"([\\`*\[\]$])", r"\\\1", text)
        text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
        return re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;")

    def _wrapped(self, node: nodes.Element, mark: str) -> str:
        text = self._words(node)
        inner = text.strip()
        if not inner:
            return text
        return text.replace(inner, f"{mark}{inner}{mark}", 1)

    def _inline_emphasis(self, node: nodes.Element) -> str:
        return self._wrapped(node, "*")

    def _inline_strong(self, node: nodes.Element) -> str:
        return self._wrapped(node, "**")

    _inline_literal_emphasis = _inline_title_reference = _inline_emphasis
    _inline_literal_strong = _inline_sd_badge = _inline_strong

    def _inline_literal(self, node: nodes.Element) -> str:
        text = re.sub(r"\s*\n\s*", " ", node.astext())
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * (longest + 1)
        space = " " if "`" in (text[:1], text[-1:]) else ""
        return f"{fence}{space}{text}{space}{fence}"

    def _inline_superscript(self, node: nodes.Element) -> str:
        return f"<sup>{self._words(node)}</sup>"

    def _inline_subscript(self, node: nodes.Element) -> str:
        return f"<sub>{self._words(node)}</sub>"

    def _inline_sd_line_break(self, node: nodes.Element) -> str:
        return "<br>"

    def _inline_footnote_reference(self, node: nodes.Element) -> str:
        return f"<sup>{node.astext()}</sup>"

    def _inline_container(self, node: nodes.Element) -> str:
        if node.get("nb_element") not in (None, "mime_bundle"):
            self._unknown(node)
        return self._words(node)

    _inline_inline = _inline_generated = _inline_abbreviation = _inline_manpage = _words
    _inline_PassthroughTextElement = _inline_SideNoteNode = _inline_paragraph = _words
    _inline_target = _words
    _inline_index = _inline_comment = _inline_sd_icon = _inline_fontawesome = _nothing

    # -- links and images

    def _inline_reference(self, node: nodes.Element) -> str:
        text = self._words(node).strip()
        return f"[{text}]({self.page.target(node)})" if text else ""

    _inline_number_reference = _inline_citation_reference = _inline_reference

    def _inline_download_reference(self, node: nodes.Element) -> str:
        if "filename" in node:
            return f"[{self._words(node)}]({self.page.download(node['filename'])})"
        return self._inline_reference(node)

    def _inline_image(self, node: nodes.Element) -> str:
        alt = re.sub(r"([\\\[\]])", r"\\\1", " ".join(node.get("alt", "").split()))
        return f"![{alt}]({self.page.image(node['uri'])})"

    _block_image = _inline_image

    def _inline_raw(self, node: nodes.Element) -> str:
        return self.page.html(node)

    _block_raw = _inline_raw

    # -- equations

    def _latex(self, text: str) -> str:
        """LaTeX on one line, which quotations, lists and tables leave whole."""
        return " ".join(re.sub(r"(?m)(?<!\\)%.*$", "", text).split())

    def _inline_math(self, node: nodes.Element) -> str:
        return f"${self._latex(node.astext())}$"

    def _inline_math_block(self, node: nodes.Element) -> str:
        if node.get("nowrap"):  # an environment, of which MathJax nests the inner forms only
            latex = re.sub(
                r"\\(begin|end)\{(\w+)\*?\}",
                lambda match: f"\\{match[1]}{{{_INNER.get(match[2], match[2])}}}",
                self._latex(node.astext()),
            )
            return f"$$ {latex} $$"
        rows = [self._latex(part) for part in node.astext().split("\n\n") if part.strip()]
        rows = [rf"\begin{{split}}{row}\end{{split}}" if r"\\" in row else row for row in rows]
        latex = r" \\ ".join(rows)
        if len(rows) > 1:
            latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
        number = self.page.equation_number(node)
        return f"$$ {latex} \\tag{{{number}}} $$" if number else f"$$ {latex} $$"

    _block_math_block = _inline_math_block

    # -- paragraphs, code, lists

    def _block_paragraph(self, node: nodes.Element) -> str:
        return self._paragraph(node.children)

    _block_compact_paragraph = _block_paragraph

    def _block_rubric(self, node: nodes.Element) -> str:
        return f"**{self._words(node).strip()}**"

    _block_title = _block_subtitle = _block_centered = _block_sd_tab_label = _block_rubric

    def _block_literal_block(self, node: nodes.Element) -> str:
        text = node.astext().rstrip("\n")
        language = str(node.get("language", "default"))
        if language == "default" and str(node.get("source", "")).endswith(".py"):
            language = "python"
        language = _LANGUAGES.get(language, language)
        longest = max((len(run) for run in re.findall("(?m)^ *(`+)", text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}{language}\n{text}\n{fence}"

    def _block_doctest_block(self, node: nodes.Element) -> str:
        return f"```python\n{node.astext()}\n```"

    def _item(self, marker: str, node: nodes.Element, tight: bool) -> str:
        text = self.blocks(node.children, "\n" if tight else "\n\n")
        return marker + text.replace("\n", "\n" + " " * len(marker)).replace(
            "\n" + " " * len(marker) + "\n", "\n\n"
        )

    def _list(self, node: nodes.Element, markers: Iterable[str]) -> str:
        lists = (nodes.bullet_list, nodes.enumerated_list)
        items = [child for child in node.children if isinstance(child, nodes.list_item)]
        tight = all(
            len(item.children) <= 1 or all(isinstance(child, lists) for child in item.children[1:])
            for item in items
        )
        written = [
            self._item(marker, item, tight) for marker, item in zip(markers, items, strict=False)
        ]
        return ("\n" if tight else "\n\n").join(written)

    def _block_bullet_list(self, node: nodes.Element) -> str:
        return self._list(node, ["- "] * len(node.children))

    def _block_enumerated_list(self, node: nodes.Element) -> str:
        start = node.get("start", 1)
        return self._list(node, (f"{start + i}. " for i in range(len(node.children))))

    _block_steps_list = _block_enumerated_list

    def _block_definition_list(self, node: nodes.Element) -> str:
        items = []
        for item in node.children:
            terms = [c for c in item.children if isinstance(c, nodes.term | nodes.classifier)]
            words = ", ".join(f"**{self._words(term).strip()}**" for term in terms)
            body = [
                self.blocks(c.children) for c in item.children if isinstance(c, nodes.definition)
            ]
            items.append("- " + "\n\n".join([words, *body]).replace("\n", "\n  "))
        return re.sub(r"\n +\n", "\n\n", "\n".join(items))

    def _block_field_list(self, node: nodes.Element) -> str:
        items = []
        for item in node.children:
            name, body = item.children
            text = self.blocks(body.children).replace("\n", "\n  ")
            items.append(f"- **{self._words(name)}**: {text}")
        return "\n".join(items)

    def _block_line_block(self, node: nodes.Element) -> str:
        return "  \n".join(
            self._words(line) if isinstance(line, nodes.line) else self._block_line_block(line)
            for line in node.children
        )

    def _block_transition(self, node: nodes.Element) -> str:
        return "" if "footnotes" in node["classes"] else "---"

    def _block_footnote(self, node: nodes.Element) -> str:
        label, *body = node.children
        return f"<sup>{label.astext()}</sup> {self.blocks(body)}"

    def _block_citation(self, node: nodes.Element) -> str:
        label, *body = node.children
        return f"**{self.inline(label.children)}** {self.blocks(body)}"

    # -- boxes

    def _quote(self, text: str) -> str:
        return "\n".join(f"> {line}".rstrip() for line in text.splitlines())

    def _block_block_quote(self, node: nodes.Element) -> str:
        return self._quote(self.blocks(node.children))

    _block_sidebar = _block_aside_main = _block_versionmodified = _block_block_quote

    def _block_attribution(self, node: nodes.Element) -> str:
        return f"— {self._words(node)}"

    def _admonition(self, node: nodes.Element) -> str:
        children = list(node.children)
        if children and isinstance(children[0], nodes.title):
            title = self.inline(children.pop(0).children)
        else:
            title = str(admonitionlabels[node.__class__.__name__])
        body = self.blocks(children)
        return self._quote(f"**{title}**\n\n{body}") if body else ""

    _block_admonition = _block_note = _block_warning = _block_tip = _block_hint = _admonition
    _block_important = _block_attention = _block_caution = _block_danger = _block_error = (
        _admonition
    )
    _block_seealso = _admonition

    def _block_topic(self, node: nodes.Element) -> str:
        return "" if "contents" in node["classes"] else self._block_block_quote(node)

    def _block_dropdown_main(self, node: nodes.Element) -> str:
        title, *content = node.children
        body = self.blocks(content)
        pieces = [
            piece
            for part in title.children
            if "sd-summary-text" in part["classes"]
            for piece in part.children
            if not isinstance(piece, nodes.raw)  # the icon of a dropdown without a title
        ]
        words = f"**{self.inline(pieces).strip()}**\n\n" if pieces else ""
        return words + body if body else ""

    def _block_container(self, node: nodes.Element) -> str:
        if node.get("nb_element") not in (None, "mime_bundle"):
            self._unknown(node)
        if "sd-card-title" in node["classes"]:
            return f"**{self._paragraph(node.children)}**"
        if "literal-block-wrapper" in node["classes"]:
            caption, code = node.children
            if self.page.leaves_out(code):
                return ""
            return f"{self._caption(node, caption)}\n\n{self.blocks([code])}"
        return self.blocks(node.children)

    _block_compound = _block_glossary = _block_legend = _block_section = _body
    _block_target = _block_comment = _block_index = _block_meta = _block_sd_tab_input = _nothing
    _block_substitution_definition = _block_highlightlang = _block_tabular_col_spec = _nothing

    # -- figures and tables

    def _caption(self, numbered: nodes.Element, caption: nodes.Node) -> str:
        number = self.page.figure_number(numbered)
        return f"**{number}** {self._words(caption)}" if number else self._words(caption)

    def _block_figure(self, node: nodes.Element) -> str:
        written = [
            self._caption(node, child) if isinstance(child, nodes.caption) else self.blocks([child])
            for child in node.children
        ]
        return "\n\n".join(filter(None, written))

    def _block_table(self, node: nodes.Element) -> str:
        caption = "".join(
            self._caption(node, child) for child in node.children if isinstance(child, nodes.title)
        )
        head = [self._row(row) for part in node.findall(nodes.thead) for row in part.children]
        body = [self._row(row) for part in node.findall(nodes.tbody) for row in part.children]
        width = max(len(row) for row in head + body)
        header, *more = head or [[("", "")] * width]
        ruler = [
            {"text-right": "---:", "text-center": ":---:", "text-left": ":---"}.get(side, "---")
            for _, side in (body or head)[0]
        ]
        rows = [[text for text, _ in row] for row in [header, *more, *body]]
        lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
        ruler += ["---"] * (width - len(ruler))
        lines.insert(1, f"| {' | '.join(ruler)} |")
        return "\n\n".join(filter(None, [caption, "\n".join(lines)]))

    def _row(self, row: nodes.Node) -> list[tuple[str, str]]:
        """Text and alignment of each cell; a cell over many columns is followed by empty ones."""
        cells = []
        for entry in row.children:
            if entry.get("morerows"):
                self.page.fail(
                    f"a table cell spans rows, which Markdown cannot: {entry.astext()!r}"
                )
            text = self.blocks(entry.children, "<br>").replace("\n", "<br>")
            # within mathematics a bar is written out; elsewhere it is escaped
            parts = re.split(r"(?<!\\)(\$[^$]*\$)", text)
            parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
            parts[1::2] = [
                part.replace(r"\|", r"\Vert ").replace("|", r"\vert ") for part in parts[1::2]
            ]
            side = next((c for c in entry["classes"] if c.startswith("text-")), "")
            cells += [("".join(parts), side), *[("", side)] * entry.get("morecols", 0)]
        return cells


_LANGUAGES = {
    "ipython3": "python",
    "ipython": "python",
    "default": "",
    "none": "",
    "text": "",
    "myst-ansi": "",
}

_INNER = {
    "align": "aligned",
    "alignat": "alignedat",
    "eqnarray": "aligned",
    "gather": "gathered",
    "multline": "gathered",
    "equation": "aligned",
}
