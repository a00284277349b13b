"""One look for all figures, and the few kinds of picture that chapters draw again and again.

Lines differ in colour and in dashes, so that neither a colour-blind reader nor a grey print mixes
them up. The ground is opaque white, which reads on a dark page too. Letters are large enough for
a phone. Drawing functions take the axes to draw on, so they combine freely.
"""

import base64
import contextlib
import html
import io
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image

from dqn._arguments import (
    check_generator,
    check_number,
    check_numbers,
    check_whole,
    check_widths,
)
from dqn.statistics import Statistic, bootstrap_interval, curve_interval, iqm

if TYPE_CHECKING:
    from IPython.display import HTML

__all__ = [
    "COLORS",
    "figure_html",
    "grid_values",
    "intervals",
    "learning_curves",
    "line_style",
    "log_log",
    "show",
    "style",
    "use_style",
]

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
"""Okabe & Ito's palette for all kinds of colour vision, less its yellow, which white swallows."""
_DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))

_DPI = 150
# CSS pixels for an inch of figure: a figure of 6 inches fills the column, and its type of
# 11 points looks like the text around it.
_PIXELS_PER_INCH = 120

_STYLE = mpl.RcParams(
    {
        "figure.figsize": (6.0, 3.6),
        "figure.dpi": _DPI,
        "figure.facecolor": "white",
        "figure.constrained_layout.use": True,
        "savefig.facecolor": "white",
        "font.family": "DejaVu Sans",  # comes with matplotlib: same figure everywhere
        "font.size": 11,
        "axes.titlesize": 12,
        "axes.facecolor": "white",
        "axes.edgecolor": "#444444",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.prop_cycle": mpl.rcsetup.cycler(
            color=COLORS, linestyle=[_DASHES[i % len(_DASHES)] for i in range(len(COLORS))]
        ),
        "grid.color": "#e6e6e6",
        "grid.linewidth": 0.8,
        "lines.linewidth": 2.0,
        "legend.frameon": False,
        "legend.fontsize": 10,
        "legend.handlelength": 2.6,  # long enough to show the dashes
        "xtick.labelsize": 10,
        "ytick.labelsize": 10,
    }
)


def use_style() -> None:
    """Draw everything from now on in the book's style; for the first cell of a chapter.

    >>> with mpl.rc_context():
    ...     use_style()
    ...     mpl.rcParams["figure.facecolor"]
    'white'
    """
    mpl.rcParams.update(_STYLE)


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in the book's style within a ``with`` block.

    >>> with style():
    ...     mpl.rcParams["font.size"]
    11.0
    """
    with mpl.rc_context(_STYLE):
        yield


def line_style(index: int) -> dict[str, Any]:
    """Colour and dashes of the line number ``index``: 28 pairs, neighbours far apart.

    For :meth:`~matplotlib.axes.Axes.plot`, so that a condition looks the same in all figures.

    Raises:
        TypeError: If ``index`` is not a whole number.
        ValueError: If it is negative.

    >>> line_style(0)
    {'color': '#0072B2', 'linestyle': '-'}
    """
    check_whole("index", index, low=0)
    return {"color": COLORS[index % len(COLORS)], "linestyle": _DASHES[index % len(_DASHES)]}


def learning_curves(
    ax: Axes,
    steps: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    rng: np.random.Generator,
    statistic: Statistic = iqm,
    confidence: float = 0.95,
    resamples: int = 2000,
    first_style: int = 0,
) -> None:
    """Draw a statistic over runs against time, in a band that says how sure it is.

    With a single condition, its runs are drawn too, as thin lines. A single run has no band. The
    axes' labels are the caller's.

    Chapter: `Experiments you can trust`.

    Args:
        ax: Where to draw.
        steps: ``[time]``.
        curves: From a condition's name to its scores, ``[runs, time]``.
        rng: Draws bootstrap samples.
        statistic: As for :func:`dqn.statistics.curve_interval`; the interquartile mean by default.
        confidence: Of the interval at each point.
        resamples: Number of bootstrap samples.
        first_style: Number of the first condition's :func:`line_style`.

    Raises:
        TypeError: If ``ax`` are no axes, ``curves`` is no mapping, ``steps`` or scores are no
            numbers, ``rng`` is no generator, or ``statistic`` no function.
        ValueError: If there are no conditions, shapes disagree, a score is NaN, one of several runs
            is infinite, a number is out of range, or as :func:`dqn.statistics.curve_interval`.

    >>> ax = Figure().subplots()
    >>> learning_curves(ax, [0, 1], {"DQN": [[0, 9], [1, 8], [2, 7]]}, rng=np.random.default_rng(0))
    >>> ax.lines[-1].get_ydata()
    array([1., 8.])
    """
    _check_axes(ax)
    check_generator("rng", rng)
    if not callable(statistic):
        raise TypeError(f"statistic must be a function, got {statistic!r}")
    check_number("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    check_whole("resamples", resamples)
    check_whole("first_style", first_style, low=0)
    if not isinstance(curves, Mapping):
        raise TypeError(f"curves must map names to arrays, got {curves!r}")
    check_numbers("steps", steps)
    for label, runs in curves.items():
        check_numbers(f"curves[{label!r}]", runs)
    times = np.asarray(steps, dtype=np.float64)
    scores = {label: np.asarray(values, dtype=np.float64) for label, values in curves.items()}
    if not scores:
        raise ValueError("curves must hold at least one condition, got none")
    for label, values in scores.items():
        if values.ndim != 2 or not len(values) or values.shape[1:] != times.shape:
            raise ValueError(
                f"curves[{label!r}] must have shape [runs, {times.size}] to go with steps of shape "
                f"{times.shape}, got {values.shape}"
            )
        if np.isnan(values).any():
            raise ValueError(f"curves[{label!r}] must not hold NaN")
    bands = {
        label: curve_interval(
            values, statistic, rng=rng, confidence=confidence, resamples=resamples
        )
        for label, values in scores.items()
        if len(values) > 1
    }
    lines = {label: statistic(values, axis=0) for label, values in scores.items()}
    for i, (label, values) in enumerate(scores.items(), first_style):
        look = line_style(i)
        if label in bands:
            if len(scores) == 1:
                ax.plot(times, values.T, color=look["color"], linestyle="-", lw=0.7, alpha=0.35)
            ax.fill_between(times, *bands[label], color=look["color"], alpha=0.2, linewidth=0)
        ax.plot(times, lines[label], label=label, **look)
    ax.xaxis.set_major_formatter("{x:,.10g}")
    ax.legend()


def intervals(
    ax: Axes,
    scores: Mapping[str, ArrayLike],
    *,
    rng: np.random.Generator,
    statistic: Statistic = iqm,
    confidence: float = 0.95,
    resamples: int = 2000,
) -> None:
    """Draw a statistic and its interval for each condition, one below the other.

    Chapter: `Experiments you can trust`.

    Args:
        ax: Where to draw.
        scores: From a condition's name to its scores, ``[runs]`` or ``[runs, tasks]``.
        rng: Draws bootstrap samples.
        statistic: As for :func:`dqn.statistics.bootstrap_interval`.
        confidence: Of the interval.
        resamples: Number of bootstrap samples.

    Raises:
        TypeError: If ``ax`` are no axes, ``scores`` is no mapping, scores are no numbers, ``rng``
            is no generator, or ``statistic`` no function.
        ValueError: If there are no conditions, or as :func:`dqn.statistics.bootstrap_interval`.

    >>> ax = Figure().subplots()
    >>> intervals(ax, {"a": [1, 2, 3], "b": [2, 3, 4]}, rng=np.random.default_rng(0))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['a', 'b']
    """
    _check_axes(ax)
    if not isinstance(scores, Mapping):
        raise TypeError(f"scores must map names to arrays, got {scores!r}")
    if not scores:
        raise ValueError("scores must hold at least one condition, got none")
    ends = [
        bootstrap_interval(values, statistic, rng=rng, confidence=confidence, resamples=resamples)
        for values in scores.values()
    ]
    for row, (values, (low, high)) in enumerate(zip(scores.values(), ends, strict=True)):
        color = COLORS[row % len(COLORS)]
        ax.plot([low, high], [row, row], color=color, linestyle="-", lw=6, alpha=0.35)
        ax.plot(float(statistic(np.asarray(values), axis=None)), row, "o", color=color)
    ax.set_yticks(range(len(scores)), list(scores))
    ax.set_ylim(len(scores) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")


def grid_values(
    ax: Axes,
    values: ArrayLike,
    shape: tuple[int, int],
    *,
    arrows: str = "",
    labels: Mapping[int, str] | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    decimals: int = 2,
) -> None:
    r"""Draw a value for each cell of a grid world, with arrows for the greedy actions.

    Chapter: `Q-learning`.

    Args:
        ax: Where to draw.
        values: State values ``[S]``, or action values ``[S, A]``, of which the largest is shown.
        shape: Rows and columns, S in all; states are numbered along the rows.
        arrows: With action values, one arrow per action in the order of the actions: ``"←↓→↑"``
            for FrozenLake, ``"↑→↓←"`` for CliffWalking. Ties show all their arrows.
        labels: Letters for the states where nobody acts, such as ``{15: "G"}``; these cells stay
            grey.
        vmin: Value of the darkest colour.
        vmax: Value of the lightest.
        decimals: Of the numbers in the cells.

    Raises:
        TypeError: If an argument is of another kind.
        ValueError: If shapes disagree, there is not one arrow for each action, a label is for no
            state, ``decimals`` is negative, or ``vmin`` is above ``vmax``; either alone must not
            leave out all values.

    >>> ax = Figure().subplots()
    >>> grid_values(ax, [[0, 1], [2, 2], [0, 0]], (1, 3), arrows="←→", labels={2: "G"})
    >>> [text.get_text() for text in ax.texts]
    ['→\n1.00', '←→\n2.00', 'G']
    """
    _check_axes(ax)
    check_numbers("values", values)
    table = np.asarray(values, dtype=np.float64)
    if len(check_widths("shape", shape)) != 2:
        raise ValueError(f"shape must be rows and columns, got {shape!r}")
    rows, columns = shape
    check_whole("decimals", decimals, low=0)
    ends = {"vmin": vmin, "vmax": vmax}
    given = [check_number(name, end) for name, end in ends.items() if end is not None]
    if given != sorted(given):
        raise ValueError(f"vmin must be at most vmax={vmax!r}, got {vmin!r}")
    if table.ndim not in (1, 2) or len(table) != rows * columns:
        raise ValueError(
            f"values must have {rows * columns} rows for a {shape} grid, got shape {table.shape}"
        )
    if not isinstance(arrows, str):
        raise TypeError(f"arrows must be text, got {arrows!r}")
    if arrows and (table.ndim != 2 or table.shape[1] != len(arrows)):
        raise ValueError(
            f"arrows must hold one for each action, got {arrows!r} for shape {table.shape}"
        )
    if labels is not None and not isinstance(labels, Mapping):
        raise TypeError(f"labels must map states to letters, got {labels!r}")
    names = dict(labels or {})
    if not all(state in range(len(table)) for state in names):
        raise ValueError(f"labels must be for states in 0 .. {len(table) - 1}, got {labels!r}")
    if not all(isinstance(letter, str) for letter in names.values()):
        raise TypeError(f"labels must map states to letters, got {labels!r}")
    best = table if table.ndim == 1 else table.max(axis=1)
    hidden = np.isin(np.arange(len(best)), list(names))
    if vmin is None and vmax is not None and (best[~hidden] > vmax).all() and not hidden.all():
        raise ValueError(f"vmax must not lie below all values, got {vmax!r}")
    if vmax is None and vmin is not None and (best[~hidden] < vmin).all() and not hidden.all():
        raise ValueError(f"vmin must not lie above all values, got {vmin!r}")
    image = np.ma.masked_array(best, hidden).reshape(shape)
    colors = mpl.colormaps["cividis"].with_extremes(bad="#d9d9d9")
    mesh = ax.imshow(image, cmap=colors, vmin=vmin, vmax=vmax)
    shades = np.asarray(mesh.norm(best), dtype=np.float64)
    for state in range(len(best)):
        row, column = divmod(state, columns)
        if state in names:
            text, color = names[state], "black"
        else:
            text = f"{best[state]:.{decimals}f}"
            if arrows:
                greedy = np.isclose(table[state], best[state], rtol=1e-9, atol=1e-12)
                text = "".join(np.array(list(arrows))[greedy]) + "\n" + text
            color = "black" if shades[state] > 0.5 else "white"
        ax.text(column, row, text, ha="center", va="center", color=color, fontsize=12)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def log_log(ax: Axes) -> None:
    """Give both axes logarithmic scales, on which powers are straight lines.

    Raises:
        TypeError: If ``ax`` are no axes.

    >>> ax = Figure().subplots()
    >>> log_log(ax)
    >>> ax.get_xscale(), ax.get_yscale()
    ('log', 'log')
    """
    _check_axes(ax)
    for axis, set_scale in ((ax.xaxis, ax.set_xscale), (ax.yaxis, ax.set_yscale)):
        set_scale("log")
        axis.set_major_formatter(ticker.FuncFormatter(_power_of_ten))
        axis.set_minor_formatter(ticker.NullFormatter())
    ax.grid(visible=True, which="minor", alpha=0.4)


def _check_axes(ax: Axes) -> None:
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be the axes of one figure, got {ax!r}")


def _power_of_ten(value: float, _: object) -> str:
    if 1e-3 <= value < 1e5:
        return f"{value:,.10g}"
    return f"$10^{{{math.log10(value):g}}}$"


def show(figure: Figure, alt: str) -> None:
    """Put a figure into the page or notebook, with words for those who can't see it.

    The figure is closed, so that a notebook does not show it a second time.

    Args:
        figure: The figure.
        alt: What it shows and what follows from it; may hold numbers computed just before.

    Raises:
        TypeError: If ``figure`` is none.
        ValueError: If ``alt`` is empty or no text.
    """
    from IPython.display import display
    from matplotlib import pyplot as plt

    page = figure_html(figure, alt)
    plt.close(figure)
    display(page)  # type: ignore[no-untyped-call]


def figure_html(figure: Figure, alt: str) -> "HTML":
    """Turn a figure into an image with alternative text, which :func:`show` displays.

    HTML, because of all that a cell can put out it alone carries computed words for the image to
    a built page as well as to Jupyter and Colab.

    Args:
        figure: The figure.
        alt: What it shows and what follows from it.

    Raises:
        TypeError: If ``figure`` is none.
        ValueError: If ``alt`` is empty or no text.

    >>> figure_html(Figure(), "An empty figure.")
    <IPython.core.display.HTML object>
    """
    from IPython.display import HTML

    if not isinstance(figure, Figure):
        raise TypeError(f"figure must be a matplotlib Figure, got {figure!r}")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must say what the figure shows, got {alt!r}")
    drawn, packed = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=_DPI, facecolor="white")
    # A palette of 256 colours looks the same and halves the page's weight.
    Image.open(drawn).convert("RGB").quantize(256).save(packed, "PNG", optimize=True)
    image = base64.b64encode(packed.getvalue()).decode()
    # With both sizes and height:auto the place is kept free, and the image shrinks to a phone's.
    width, height = (round(inches * _PIXELS_PER_INCH) for inches in figure.get_size_inches())
    return HTML(  # type: ignore[no-untyped-call]
        f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{image}"'
        f' width="{width}" height="{height}" style="max-width:100%;height:auto;padding:0">'
    )
