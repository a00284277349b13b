"""Figures: what they show, whether it can be read and told apart, and what draws nothing."""

import base64
import io
import itertools
from html.parser import HTMLParser
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from dqn import plots
from dqn.statistics import curve_interval, iqm


@pytest.fixture
def ax() -> Axes:
    with plots.style():
        return Figure().subplots()


def scores(runs: int, times: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(runs, times))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def points(line: Line2D) -> np.ndarray:
    """Coordinates as ``[points, 2]``."""
    return np.asarray(line.get_xydata())


def bands(ax: Axes) -> list[PolyCollection]:
    return [item for item in ax.collections if isinstance(item, PolyCollection)]


# -- one look


def luminance(color: Any) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(first: Any, second: Any) -> float:
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


def test_lines_are_told_apart_by_more_than_colour() -> None:
    looks = [plots.line_style(i) for i in range(28)]
    assert len({str(look) for look in looks}) == 28
    for first, second in itertools.pairwise(looks):
        assert first["color"] != second["color"]
        assert first["linestyle"] != second["linestyle"]
    with plots.style():
        ax = Figure().subplots()
        for i in range(7):
            [line] = ax.plot([0, 1])
            assert line.get_color() == plots.line_style(i)["color"]


def test_lines_stand_out_from_the_ground() -> None:
    # The four first, for all usual figures, nearly reach what WCAG asks of graphics, 3 to 1.
    assert all(contrast(color, "white") > 2.9 for color in plots.COLORS[:5])
    assert all(contrast(color, "white") > 2 for color in plots.COLORS)


def test_style_ends_with_its_block() -> None:
    before = mpl.rcParams["figure.figsize"]
    with plots.style():
        assert mpl.rcParams["figure.figsize"] == [6.0, 3.6]
    assert mpl.rcParams["figure.figsize"] == before


def test_letters_can_be_read_on_a_phone() -> None:
    with plots.style():
        width = mpl.rcParams["figure.figsize"][0]
        sizes = [mpl.rcParams[name] for name in ("font.size", "xtick.labelsize", "legend.fontsize")]
    # CSS pixels when the figure is 320 wide, as on a phone of 360.
    assert min(sizes) * 320 / width / 72 > 7


# -- learning curves


def test_curve_and_band_are_the_statistics(ax: Axes) -> None:
    values = scores(7)
    steps = np.arange(5) * 100
    plots.learning_curves(ax, steps, {"a": values, "b": values + 9}, rng=rng())
    assert len(ax.lines) == 2
    np.testing.assert_allclose(points(ax.lines[0]), np.stack([steps, iqm(values, axis=0)], 1))
    low, high = curve_interval(values, rng=rng())
    drawn = bands(ax)[0].get_paths()[0].vertices
    for time, bottom, top in zip(steps, low, high, strict=True):
        there = np.asarray(drawn)[np.asarray(drawn)[:, 0] == time, 1]
        assert (there.min(), there.max()) == pytest.approx((bottom, top))
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]


def test_a_single_condition_shows_its_runs(ax: Axes) -> None:
    values = scores(3)
    plots.learning_curves(ax, range(5), {"a": values}, rng=rng(), statistic=np.median)
    assert len(ax.lines) == 4
    drawn = [points(line)[:, 1] for line in ax.lines]
    np.testing.assert_allclose(drawn, [*values, np.median(values, axis=0)])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"statistic": lambda x, axis: x}, ValueError, "statistic must reduce the axes"),  # noqa: ARG005
        ({"curves": {"a": scores(3), "b": scores(3) * np.inf}}, ValueError, "curves must be fini"),
    ],
)
def test_nothing_is_drawn_where_something_is_refused(
    ax: Axes, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {"curves": {"a": scores(3)}}
    with pytest.raises(error, match=message):
        plots.learning_curves(ax, range(5), rng=rng(), **(given | change))
    assert not ax.lines
    assert not ax.collections


def test_a_statistic_is_a_function(ax: Axes) -> None:
    refused: Any = "mean"
    for runs in ([1.0], [1.0, 2.0]):  # one run is drawn without an interval
        with pytest.raises(TypeError, match="statistic must be a function, got 'mean'"):
            plots.learning_curves(ax, [0], {"a": np.c_[runs]}, rng=rng(), statistic=refused)
    with pytest.raises(TypeError, match="statistic must be a function, got 'mean'"):
        plots.intervals(ax, {"a": runs}, rng=rng(), statistic=refused)


def test_a_single_run_has_no_band(ax: Axes) -> None:
    plots.learning_curves(ax, [0], {"a": [[1.0]]}, rng=rng())
    assert not bands(ax)
    assert len(ax.lines) == 1


def test_a_condition_can_keep_its_look(ax: Axes) -> None:
    plots.learning_curves(ax, [0, 1], {"a": [[1, 2]]}, rng=rng(), first_style=2)
    assert ax.lines[0].get_color() == plots.COLORS[2]


def test_curves_without_names_are_refused(ax: Axes) -> None:
    with pytest.raises(TypeError, match="curves must map names to arrays"):
        plots.learning_curves(ax, [0, 1], np.ones((3, 2)), rng=rng())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("curves", "message"),
    [
        ({}, "at least one condition"),
        ({"a": np.zeros((3, 4))}, r"curves\['a'\] must have shape \[runs, 5\]"),
        ({"a": np.zeros(5)}, "must have shape"),
        ({"a": np.zeros((0, 5))}, "must have shape"),
        ({"a": np.full((2, 5), np.nan)}, "must not hold NaN"),
    ],
)
def test_refused_curves_draw_nothing(ax: Axes, curves: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.learning_curves(
            ax, range(5), {"fine": np.zeros((2, 5))} | curves if curves else {}, rng=rng()
        )
    assert not ax.lines


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ax": None}, "ax must be the axes of one figure, got None"),
        ({"steps": "five"}, "steps must be an array of numbers, got 'five'"),
        ({"curves": {"a": [[1], [1, 2]]}}, r"curves\['a'\] must be an array of numbers, got"),
        ({"curves": {"a": [["x"]]}}, r"curves\['a'\] must be an array of numbers, got"),
        ({"rng": None}, "rng must be a numpy.random.Generator, got None"),
        ({"confidence": 1}, r"confidence must be a number in \(0, 1\), got 1"),
        ({"resamples": 0}, "resamples must be a whole number of at least 1, got 0"),
        ({"first_style": 0.5}, "first_style must be a whole number of at least 0, got 0.5"),
    ],
)
def test_odd_arguments_of_curves_draw_nothing(
    ax: Axes, change: dict[str, Any], message: str
) -> None:
    curves = {"a": np.zeros((2, 5))}
    arguments: dict[str, Any] = {"ax": ax, "steps": range(5), "curves": curves, "rng": rng()}
    with pytest.raises((TypeError, ValueError), match=message):
        plots.learning_curves(**arguments | change)
    assert not ax.lines


def test_a_style_has_a_number() -> None:
    for index in (-1, 0.5, None):
        with pytest.raises((TypeError, ValueError), match="index must be a whole number"):
            plots.line_style(index)  # type: ignore[arg-type]


# -- the other pictures


@pytest.mark.parametrize("draw", [plots.intervals, plots.grid_values, plots.log_log])
def test_pictures_need_axes(draw: Any) -> None:
    arguments: dict[Any, tuple[Any, ...]] = {
        plots.intervals: ({"a": [1, 2]},), plots.grid_values: ([0], (1, 1))
    }  # fmt: skip
    options = {"rng": rng()} if draw is plots.intervals else {}
    with pytest.raises(TypeError, match=r"ax must be the axes of one figure, got array"):
        draw(np.array(None), *arguments.get(draw, ()), **options)


def test_intervals_without_names_are_refused(ax: Axes) -> None:
    with pytest.raises(TypeError, match="scores must map names to arrays, got"):
        plots.intervals(ax, [1, 2, 3], rng=rng())  # type: ignore[arg-type]
    assert not ax.lines


def test_intervals_hold_their_points(ax: Axes) -> None:
    plots.intervals(ax, {"a": scores(9)[:, 0], "b": scores(9, 3) + 5}, rng=rng())
    for row, (interval, point) in enumerate(zip(ax.lines[::2], ax.lines[1::2], strict=True)):
        (low, _), (high, _) = points(interval)
        [(middle, height)] = points(point)
        assert low <= middle <= high
        assert height == row
    assert ax.yaxis_inverted()  # the first condition on top


def test_grid_shows_values_arrows_and_names(ax: Axes) -> None:
    table = np.array(
        [[1, 0, 0, 0], [0, 2, 2, 0], [0, 0, 0, 0], [0, 0, 0, -1], [9, 9, 9, 9], [0, 0, 3, 0]]
    )
    plots.grid_values(ax, table, (2, 3), arrows="←↓→↑", labels={4: "H"}, decimals=0)
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert shown == {
        (0, 0): "←\n1",
        (1, 0): "↓→\n2",
        (2, 0): "←↓→↑\n0",
        (0, 1): "←↓→\n0",
        (1, 1): "H",
        (2, 1): "→\n3",
    }
    image = ax.images[0].get_array()
    assert image is not None
    assert np.ma.getmaskarray(image).tolist() == [[False, False, False], [False, True, False]]
    # A cell that nobody acts in does not stretch the colours.
    assert ax.images[0].get_clim() == (0, 3)


def test_numbers_stand_out_from_their_cells(ax: Axes) -> None:
    values = np.linspace(-3, 8, 50)
    plots.grid_values(ax, values, (5, 10))
    image = ax.images[0]
    for text, value in zip(ax.texts, values, strict=True):
        assert contrast(text.get_color(), image.cmap(image.norm(value))[:3]) > 4


@pytest.mark.parametrize(
    ("values", "arrows", "message"),
    [
        (np.zeros(5), "", "values must have 6 rows"),
        (np.zeros((6, 2, 1)), "", "values must have 6 rows"),
        (np.zeros((6, 4)), "←→", "arrows must hold one for each action"),
        (np.zeros(6), "←→", "arrows must hold one for each action"),
    ],
)
def test_refused_grids(ax: Axes, values: np.ndarray, arrows: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.grid_values(ax, values, (2, 3), arrows=arrows)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": [[1], [1, 2]]}, "values must be an array of numbers, got"),
        ({"shape": 6}, "shape must be a sequence of whole numbers of at least 1, got 6"),
        ({"shape": (6,)}, r"shape must be rows and columns, got \(6,\)"),
        ({"shape": (-2, -3)}, "shape must be a whole number of at least 1, got -2"),
        ({"labels": {6: "G"}}, r"labels must be for states in 0 .. 5, got \{6: 'G'\}"),
        ({"labels": {"5": "G"}}, r"labels must be for states in 0 .. 5, got \{'5': 'G'\}"),
        ({"labels": "G"}, "labels must map states to letters, got 'G'"),
        ({"decimals": -1}, "decimals must be a whole number of at least 0, got -1"),
        ({"decimals": 1.0}, "decimals must be a whole number of at least 0, got 1.0"),
        ({"vmin": "0"}, "vmin must be a number in .* got '0'"),
        ({"vmax": np.nan}, "vmax must be a number in .* got nan"),
        ({"vmin": 1, "vmax": 0}, "vmin must be at most vmax=0, got 1"),
        ({"vmax": -1}, "vmax must not lie below all values, got -1"),
        ({"vmin": 1}, "vmin must not lie above all values, got 1"),
        ({"labels": {5: None}}, r"labels must map states to letters, got \{5: None\}"),
        ({"values": np.zeros((6, 1)), "arrows": 1}, "arrows must be text, got 1"),
    ],
)
def test_odd_arguments_of_grids_draw_nothing(
    ax: Axes, change: dict[str, Any], message: str
) -> None:
    arguments: dict[str, Any] = {"values": np.zeros(6), "shape": (2, 3)}
    with pytest.raises((TypeError, ValueError), match=message):
        plots.grid_values(ax, **arguments | change)
    assert not ax.texts
    assert not ax.images


def test_log_axes_have_numbers_people_read(ax: Axes) -> None:
    ax.plot([1, 1e7], [1e-4, 1e4])
    plots.log_log(ax)
    ticks = ax.xaxis.get_major_formatter()
    assert [ticks(10.0**k) for k in (-4, -3, 0, 3, 4, 5, 10)] == [
        "$10^{-4}$",
        "0.001",
        "1",
        "1,000",
        "10,000",
        "$10^{5}$",
        "$10^{10}$",
    ]
    ax.figure.savefig(io.BytesIO())  # type: ignore[union-attr]


# -- onto the page


class ImageTag(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "img"
        self.found.append({name: value or "" for name, value in attrs})


def image_of(html: Any) -> tuple[dict[str, str], Image.Image]:
    [attributes] = ImageTag(str(html.data)).found
    kind, data = attributes["src"].split(",")
    assert kind == "data:image/png;base64"
    return attributes, Image.open(io.BytesIO(base64.b64decode(data)))


def busy_figure() -> Figure:
    with plots.style():
        figure = Figure()
        ax = figure.subplots()
        steps = np.linspace(0, 50_000, 200)
        walks = scores(20, 200).cumsum(axis=1)
        plots.learning_curves(ax, steps, {"a": walks}, rng=rng())
        ax.set(xlabel="environment steps", ylabel="return")
    return figure


def test_image_says_what_it_shows() -> None:
    attributes, image = image_of(plots.figure_html(busy_figure(), 'A < "B" & 3'))
    assert attributes["alt"] == 'A < "B" & 3'
    assert image.size == (900, 540)
    assert (attributes["width"], attributes["height"]) == ("720", "432")
    assert "height:auto" in attributes["style"]


def test_image_is_light_and_opaque() -> None:
    html = plots.figure_html(busy_figure(), "Busy.")
    assert len(str(html.data)) < 150_000
    _, image = image_of(html)
    corner = image.convert("RGBA").getpixel((0, 0))
    assert corner == (255, 255, 255, 255)


def test_same_figure_same_image() -> None:
    assert plots.figure_html(busy_figure(), "a").data == plots.figure_html(busy_figure(), "a").data


def test_show_displays_once_and_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot as plt

    displayed: list[Any] = []
    monkeypatch.setattr("IPython.display.display", displayed.append)
    with mpl.rc_context({"backend": "agg"}):
        figure, _ = plt.subplots()
        plots.show(figure, "Nothing yet.")
        assert not plt.get_fignums()
    [html] = displayed
    assert image_of(html)[0]["alt"] == "Nothing yet."


def test_a_figure_needs_words() -> None:
    with pytest.raises(ValueError, match="alt must say what the figure shows"):
        plots.figure_html(Figure(), " ")


def test_odd_figures_and_words_are_named() -> None:
    nothing: Any = None
    with pytest.raises(ValueError, match="alt must say what the figure shows, got None"):
        plots.show(Figure(), nothing)
    with pytest.raises(TypeError, match="figure must be a matplotlib Figure, got None"):
        plots.show(nothing, "Words.")
