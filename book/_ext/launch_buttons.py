"""The buttons in a page's header that open or download its notebooks.

The theme's own would offer the page's source, which Colab and Jupyter cannot read.
"""

from collections.abc import Callable
from typing import Any

from repository import Repository

Button = dict[str, Any]


def replace(
    buttons: list[Button],
    paths: tuple[str, str] | None,
    repository: Repository,
    pathto: Callable[[str], str],
) -> list[Button]:
    """The theme's header buttons with ours in place of its launch and download buttons.

    Args:
        buttons: What the theme would show.
        paths: The page's student and solution notebooks in the site; None for a page without.
        repository: Where the site is published from. Without a place on GitHub, nothing launches.
        pathto: Link from the page to a path in the site.
    """
    rest = [button for button in buttons if button.get("label") != "launch-buttons"]
    if paths is None:
        return rest
    student, solutions = paths
    downloads = [
        _link(".ipynb", "Download this chapter as a notebook", pathto(student),
              "fas fa-code", "download-notebook-button"),
        _link("solutions", "Download the notebook with its solutions", pathto(solutions),
              "fas fa-key", "download-solutions-button"),
    ]  # fmt: skip
    launches = [
        _link("Colab", "Open this chapter in Colab", repository.colab(student),
              "_static/images/logo_colab.png", "launch-colab-button"),
        _link("Colab, solutions", "Open the solutions in Colab", repository.colab(solutions),
              "_static/images/logo_colab.png", "launch-colab-solutions-button"),
    ]  # fmt: skip
    for button in rest:
        if button.get("label") == "download-buttons":  # keeps printing
            downloads += [item for item in button["buttons"] if item["type"] != "link"]
    groups = [_group("Download this page", "fas fa-download", "download-buttons", downloads)]
    if repository.github:
        groups.insert(0, _group("Run this chapter", "fas fa-rocket", "launch-buttons", launches))
    return groups + [button for button in rest if button.get("label") != "download-buttons"]


def _link(text: str, tooltip: str, url: str | None, icon: str, label: str) -> Button:
    return {
        "type": "link",
        "text": text,
        "tooltip": tooltip,
        "url": url,
        "icon": icon,
        "label": label,
    }


def _group(tooltip: str, icon: str, label: str, buttons: list[Button]) -> Button:
    return {"type": "group", "tooltip": tooltip, "icon": icon, "label": label, "buttons": buttons}
