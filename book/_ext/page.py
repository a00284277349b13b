"""What is known about a page when its notebooks are written: addresses, images and numbers."""

import base64
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, cast
from urllib.parse import quote, urljoin, urlsplit

from docutils import nodes
from nbformat import NotebookNode
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.domains.std import StandardDomain
from sphinx.errors import SphinxError


class NotebookError(SphinxError):
    """A page that cannot be made into a notebook."""

    category = "Notebook error"


@dataclass(frozen=True)
class Page:
    """A page of the site, and the notebook to be made of it.

    Attributes:
        docname: Sphinx's name of the page.
        builder: The builder of the site.
        source: The source notebook, all of whose code cells are kept, in order.
        base: What stands before an address within the site: the site's own, or `../`.
        student: Whether solutions are left out.
    """

    docname: str
    builder: StandaloneHTMLBuilder
    source: NotebookNode
    base: str
    student: bool

    def fail(self, problem: str) -> NoReturn:
        """End the build, naming the page."""
        raise NotebookError(f"{self.docname}: {problem}")

    def leaves_out(self, node: nodes.Node) -> bool:
        """Whether a node, by its class `answer`, is not for the student."""
        return self.student and isinstance(node, nodes.Element) and "answer" in node["classes"]

    # -- addresses

    @property
    def _own(self) -> str:
        return self.builder.get_target_uri(self.docname)

    def address(self, link: str) -> str:
        """A link that stands on the page, as one that leads there from the notebook."""
        if urlsplit(link).scheme or link.startswith("//"):
            return link
        return self.base + urljoin(f"/{self._own}", link).lstrip("/")

    def target(self, reference: nodes.Element) -> str:
        """Where a reference leads, as Markdown can write it."""
        if "refid" in reference:
            link = f"{self._own}#{reference['refid']}"
        elif "refuri" in reference:
            link = reference["refuri"]
        else:
            self.fail(f"a reference leads nowhere: {reference.astext()!r}")
        return quote(self.address(link), safe="%/:=&?~#+!$,;'@[]*")

    def download(self, filename: str) -> str:
        """Where a file offered for download lies."""
        return quote(f"{self.base}_downloads/{filename}", safe="/:.")

    def image(self, uri: str) -> str:
        """The image itself as an address: the only embedding that Colab shows too."""
        if urlsplit(uri).scheme:
            return uri
        beside = Path(self.builder.outdir, self._own).parent
        found = [p for p in (Path(self.builder.srcdir, uri), beside / uri) if p.is_file()]
        if not found:
            self.fail(f"image not found: {uri}")
        kind = mimetypes.guess_type(found[0].name)[0] or "image/png"
        return f"data:{kind};base64,{base64.b64encode(found[0].read_bytes()).decode()}"

    def html(self, node: nodes.Element) -> str:
        """Raw HTML with its links made to lead somewhere; scripts do not run in notebooks."""
        if "html" not in node["format"].split():
            return ""
        text = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", "", node.astext()).strip()
        return re.sub(
            r"(\b(?:src|href|poster)=)([\"'])(.*?)\2",
            lambda match: f"{match[1]}{match[2]}{self.address(match[3])}{match[2]}",
            re.sub(r"\n\s*\n", "\n", text),  # an empty line would end the HTML
        )

    # -- numbers, as the page shows them

    def section_number(self, title: nodes.Element) -> str:
        """`4.2. `, or nothing in a book without numbers."""
        if not isinstance(title.parent, nodes.section):
            return ""
        numbers = self.builder.env.toc_secnumbers.get(self.docname, {})
        anchor = f"#{title.parent['ids'][0]}"
        number = numbers.get(anchor if anchor in numbers else "")
        if not number:
            return ""
        return ".".join(map(str, number)) + str(self.builder.config.html_secnumber_suffix)

    def equation_number(self, node: nodes.Element) -> str:
        """`4.2`, or nothing."""
        config = self.builder.config
        if not node.get("number"):
            return ""
        if not (config.math_numfig and config.numfig):
            return str(node["number"])
        number = self._number("displaymath", node, self.docname)
        return str(config.math_numsep.join(number.rsplit(".", 1)))

    def figure_number(self, node: nodes.Element) -> str:
        """`Fig. 4.2`, `Table 4.2`, `Listing 4.2`, or nothing."""
        domain = cast(StandardDomain, self.builder.env.get_domain("std"))
        kind = domain.get_enumerable_node_type(node)
        return self._named_number(kind, node, self.docname) if kind else ""

    def exercise_name(self, label: str) -> str:
        """`Exercise 4.2`."""
        registry = getattr(self.builder.env, "sphinx_exercise_registry", {})
        if label not in registry:
            self.fail(f"a solution to an exercise that does not exist: {label}")
        exercise = registry[label]
        name = self._named_number("exercise", exercise["node"], exercise["docname"])
        return name or "Exercise"

    def _named_number(self, kind: str, node: nodes.Element, docname: str) -> str:
        number = self._number(kind, node, docname)
        return str(self.builder.config.numfig_format[kind] % number) if number else ""

    def _number(self, kind: str, node: nodes.Element, docname: str) -> str:
        numbers = self.builder.env.toc_fignumbers.get(docname, {}).get(kind, {})
        return ".".join(map(str, numbers.get(node["ids"][0], ()))) if node["ids"] else ""
