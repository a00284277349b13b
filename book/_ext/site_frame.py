"""What stands around the text of the pages: how they were made, previews for links, a page for 404.

Each page ends with the commit and the versions that it was built from, when, and how long its code
ran. Where a link to it is shared, its title, its first words and a picture stand in the preview.
"""

import html
import os
import platform
import subprocess
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from docutils import nodes
from repository import Repository, find_site
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.util.nodes import clean_astext

_PACKAGES = {"torch": "PyTorch", "numpy": "NumPy", "gymnasium": "Gymnasium"}
_PICTURE = "_static/readme.png"
_LONGEST = 200  # letters of a description; what is longer is cut off by those who show it


def describe(document: nodes.document) -> str:
    """The first words of a page."""
    for paragraph in document.findall(nodes.paragraph):
        words = " ".join(clean_astext(paragraph).split())
        if len(words) > 30 and not _is_aside(paragraph):
            return words if len(words) <= _LONGEST else words[:_LONGEST].rsplit(" ", 1)[0] + " …"
    return ""


def _is_aside(node: nodes.Node) -> bool:
    asides = (nodes.Admonition, nodes.table, nodes.list_item, nodes.container)
    while node.parent is not None:
        node = node.parent
        if isinstance(node, asides):
            return True
    return False


def _note_source(app: Sphinx, config: Config) -> None:
    """As a setting of Sphinx: when it changes, all pages are written anew, but not executed."""
    commit = config.book_commit
    config.book_source = ""
    if commit:
        changed = subprocess.run(
            ["git", "-C", str(app.srcdir), "diff", "--quiet", "HEAD", "--", ".."],
            capture_output=True,
            check=False,
        ).returncode
        config.book_source = commit[:10] + (" and later edits" if changed == 1 else "")


def _footer(app: Sphinx, pagename: str) -> str:
    moment = float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))
    source = html.escape(app.config.book_source)
    link = Repository(app.config.book_repository).github
    if source and link:
        source = f'<a href="https://github.com/{link}/commit/{app.config.book_commit}">{source}</a>'
    words = [f"Built {f'from {source} ' if source else ''}on {when}"]
    versions = [f"Python {platform.python_version()}"]
    for package, name in _PACKAGES.items():
        try:
            versions.append(f"{name} {metadata.version(package).split('+')[0]}")
        except metadata.PackageNotFoundError:
            continue
    words.append(f" with {', '.join(versions)}.")
    execution = getattr(app.env, "nb_metadata", {}).get(pagename, {}).get("exec_data")
    if execution and execution.get("runtime"):
        words.append(
            f" This page's code ran in {max(1, round(execution['runtime']))} s; "
            "it holds all its random seeds."
        )
    return f'<p class="made-from">{"".join(words)}</p>'


def _add(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], document: nodes.document
) -> None:
    if document is None:  # an index or the search: made anew in every build, and always the same
        return
    context["theme_extra_footer"] = _footer(app, pagename)
    # docutils gives the entries of a list a role that ARIA has dropped, so that the list has none.
    context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
    site = find_site(Repository(app.config.book_repository), app.config.html_baseurl)
    title = html.unescape(_without_tags(context.get("title", "")))
    description = describe(document)
    properties = {
        "og:type": "article",
        "og:site_name": app.config.html_title or app.config.project,
        "og:title": title,
        "og:description": description,
    }
    if site:  # previews want whole addresses
        properties["og:url"] = site + app.builder.get_target_uri(pagename)
        properties["og:image"] = site + _PICTURE
        properties["og:image:alt"] = (
            "Learning curves of ten DQN agents on CartPole, and the last one"
        )
    tags = [
        f'<meta property="{name}" content="{html.escape(text)}" />'
        for name, text in properties.items()
        if text
    ]
    if description:
        tags.append(f'<meta name="description" content="{html.escape(description)}" />')
    tags.append('<meta name="twitter:card" content="summary_large_image" />')
    context["metatags"] = context.get("metatags", "") + "\n    " + "\n    ".join(tags)


def _without_tags(text: str) -> str:
    """A title without its HTML tags."""
    pieces = text.split("<")
    return pieces[0] + "".join(piece.partition(">")[2] for piece in pieces[1:])


def _write_404(app: Sphinx, exception: Exception | None) -> None:
    """A page for addresses that do not exist, at any depth: its links begin at the site's root."""
    if exception is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    site = find_site(Repository(app.config.book_repository), app.config.html_baseurl)
    chapters = "\n".join(
        f'<li><a href="{app.builder.get_target_uri(name)}">'
        f"{html.escape(clean_astext(app.env.titles[name]))}</a></li>"
        for name in app.env.collect_relations()  # in the order of the spine
        if name != app.config.root_doc
    )
    page = _NOT_FOUND.format(
        base=f'<base href="{html.escape(site)}">' if site else "",
        title=html.escape(app.config.html_title or app.config.project),
        root=app.builder.get_target_uri(app.config.root_doc),
        chapters=chapters,
    )
    Path(app.outdir, "404.html").write_text(page, "utf8")


_NOT_FOUND = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page - {title}</title>
{base}
<link rel="icon" href="_static/favicon.svg">
<style>
:root {{ color-scheme: light dark; --ground: #fff; --text: #222; --link: #0a58ca; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #14181e; --text: #ced6dd; --link: #7db4ff; }}
}}
html {{ background: var(--ground); color: var(--text); }}
body {{ max-width: 40rem; margin: 4rem auto; padding: 0 1rem; font: 1.1rem/1.5 sans-serif; }}
a {{ color: var(--link); }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>The value of this state is unknown: nobody has been here before. Go back to
<a href="{root}">the start of the book</a>, <a href="search.html">search it</a>,
or choose a page:</p>
<ul>
{chapters}
</ul>
</main>
</body>
</html>
"""


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.add_config_value("book_source", "", "html", [str])
    app.connect("config-inited", _note_source, priority=600)  # after the commit is known
    app.connect("html-page-context", _add, priority=600)
    app.connect("build-finished", _write_404, priority=300)  # before anything is published
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
