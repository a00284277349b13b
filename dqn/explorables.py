"""Pictures that a reader can push on: what a cell has computed, as the page's scripts read it.

A cell shows an explorable by :func:`show`. On a page of the book, a script out of
``book/_static/explorables`` takes the place of a still picture; with scripts off, and in a
notebook, the still picture and its words remain. The other functions turn what the package computes
into JSON. Tests prove that the scripts compute what the package does.
"""

import base64
import html
import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from dqn._arguments import (
    check_choice,
    check_finite,
    check_flag,
    check_number,
    check_numbers,
    check_whole,
    check_widths,
)
from dqn.mdp import FiniteMDP
from dqn.networks import QNetwork
from dqn.plots import figure_html

if TYPE_CHECKING:
    from IPython.display import HTML

__all__ = [
    "cartpole",
    "explorable_html",
    "finite_mdp",
    "grid",
    "grid_world",
    "network",
    "show",
    "sum_tree",
    "td_errors",
    "weights_of",
]

KINDS = ("cartpole", "grid", "priorities", "sum-tree")


def sum_tree(priorities: ArrayLike, *, largest: float = 10.0, seed: int = 0) -> dict[str, Any]:
    """Data of ``sum-tree``: the leaves of a :class:`~dqn.prioritized.SumTree`, to change and draw.

    Chapter: `Prioritized replay II: how`.

    Args:
        priorities: ``[N]``, at first; 2 to 8 of them fit the page.
        largest: The largest that the reader can set.
        seed: Of the reader's throws.

    Raises:
        TypeError: If an argument is no number.
        ValueError: If there are not 2 to 8 priorities in [0, largest], or another argument is out
            of range.

    >>> sum_tree([3.0, 1.0])
    {'priorities': [3.0, 1.0], 'largest': 10.0, 'seed': 0}
    """
    check_number("largest", largest, low=0, open_low=True)
    check_numbers("priorities", priorities)
    leaves = np.asarray(priorities, dtype=np.float64)
    if (
        leaves.ndim != 1
        or not 2 <= len(leaves) <= 8
        or not ((leaves >= 0) & (leaves <= largest)).all()
    ):
        raise ValueError(
            f"priorities must be 2 to 8 numbers in [0, largest={largest}], got {priorities!r}"
        )
    return {
        "priorities": leaves.tolist(),
        "largest": float(largest),
        "seed": check_whole("seed", seed, low=0),
    }


def network(network: QNetwork, parameters: Tensor, learner: int = 0) -> list[dict[str, Any]]:
    """Weights and biases of one learner, exactly: a list of layers, float32 as base64.

    For ``cartpole``, whose agents are such lists. Chapter: `A network that learns online`.

    Args:
        network: Without a dueling head.
        parameters: ``[S, P]``, as `online` of a :class:`~dqn.agent.DQN`; copied.
        learner: Which row.

    Raises:
        TypeError: If an argument is of another kind.
        ValueError: If there is no such learner, the network is dueling, or the parameters are not
            for it.

    >>> import torch
    >>> layers = network(net := QNetwork(4, 2, (8,)), net.init([torch.Generator()]))
    >>> [(layer["inputs"], layer["outputs"]) for layer in layers]
    [(4, 8), (8, 2)]
    >>> weights_of(layers[1]["biases"]).shape
    (2,)
    """
    if not isinstance(network, QNetwork):
        raise TypeError(f"network must be a QNetwork, got {network!r}")
    if network.dueling:
        raise ValueError("network must not be dueling: the page has no such head")
    layers = network.layers(parameters)
    if check_whole("learner", learner, low=0) >= len(parameters):
        raise ValueError(f"learner must lie in 0..{len(parameters) - 1}, got {learner!r}")
    return [
        {
            "inputs": weight.shape[1],
            "outputs": weight.shape[2],
            "weights": _as_text(weight[learner].detach().cpu().numpy()),  # [inputs, outputs]
            "biases": _as_text(bias[learner, 0].detach().cpu().numpy()),
        }
        for weight, bias in layers
    ]


def cartpole(
    agents: Mapping[str, list[dict[str, Any]]], *, first: str, seed: int = 0
) -> dict[str, Any]:
    """Data of ``cartpole``: agents to hand the pole over to.

    Chapter: `A network that learns online`.

    Args:
        agents: From a label, such as ``"after 8,000 steps"``, to its :func:`network`: 4 inputs and
            2 outputs.
        first: The label of the agent that drives at first.
        seed: Of the episodes' starts.

    Raises:
        TypeError: If ``agents`` is no mapping to what :func:`network` makes.
        ValueError: If ``first`` is none of them, a network is not one for CartPole, or ``seed`` is
            negative.

    >>> import torch
    >>> layers = network(net := QNetwork(4, 2, (8,)), net.init([torch.Generator()]))
    >>> sorted(cartpole({"untrained": layers}, first="untrained"))
    ['agents', 'first', 'seed']
    """
    if not isinstance(agents, Mapping):
        raise TypeError(f"agents must map labels to networks, got {agents!r}")
    check_choice("first", first, tuple(agents))
    for label, layers in agents.items():
        parts = {"inputs", "outputs", "weights", "biases"}
        if not (
            isinstance(layers, list)
            and layers
            and all(isinstance(layer, dict) and layer.keys() == parts for layer in layers)
        ):
            raise TypeError(f"agents must be as network() makes them, got {layers!r} of {label!r}")
        shape = layers[0]["inputs"], layers[-1]["outputs"]
        if shape != (4, 2):
            raise ValueError(f"agents must have 4 inputs and 2 outputs, got {shape} of {label!r}")
    listed = [{"label": label, "layers": layers} for label, layers in agents.items()]
    return {
        "agents": listed,
        "first": list(agents).index(first),
        "seed": check_whole("seed", seed, low=0),
    }


def finite_mdp(mdp: FiniteMDP) -> dict[str, Any]:
    """Lists of a process without noise, as the page samples it. Chapter: `Q-learning`.

    Raises:
        TypeError: If it is no such process.
        ValueError: If its rewards are noisy, or a state does not offer all actions.

    >>> coin = FiniteMDP(
    ...     probability=[[[0.5, 0.5]]], next_state=[[[0, 0]]], reward=[[[1.0, 0.0]]],
    ...     terminated=[[[False, True]]], start=[1.0])
    >>> finite_mdp(coin)["cumulative"]
    [[[0.5, 1.0]]]
    """
    if not isinstance(mdp, FiniteMDP):
        raise TypeError(f"mdp must be a FiniteMDP, got {mdp!r}")
    if mdp.noisy or not mdp.offered.all():
        raise ValueError("mdp must offer all actions everywhere, and pay without noise")
    return {
        "start": mdp.start_cumulative.tolist(),
        "cumulative": mdp.cumulative.tolist(),
        "probability": mdp.probability.tolist(),
        "next_state": mdp.next_state.tolist(),
        "reward": mdp.reward.tolist(),
        "terminated": mdp.terminated.tolist(),
    }


def grid_world(
    name: str,
    mdp: FiniteMDP,
    shape: tuple[int, int],
    *,
    actions: str,
    names: Sequence[str],
    labels: Mapping[int, str],
    settings: Mapping[str, float],
    value_range: tuple[float, float],
    max_episode_steps: int,
    success: bool = False,
) -> dict[str, Any]:
    """One world of :func:`grid`: where the reader lets Q-learning walk. Chapter: `Q-learning`.

    Args:
        name: Of the world.
        mdp: The process.
        shape: Rows and columns; states are numbered along the rows.
        actions: An arrow for each action, as in :func:`dqn.plots.grid_values`.
        names: A word for each.
        labels: Letters for the states where nobody acts.
        settings: ``alpha``, ``gamma`` and ``epsilon`` at first, each in [0, 1].
        value_range: Values of the darkest and the lightest colour, in this order.
        max_episode_steps: Truncates an episode.
        success: Whether a return is 1 or 0, so that its mean is a rate.

    Raises:
        TypeError: If an argument is of another kind.
        ValueError: If the shape, the actions, the labels or the settings do not go with the
            process, or the colours' ends are in no order.

    >>> mdp = FiniteMDP.from_arrays(transition=[[[0.0], [0.5]]], reward=[[0.0, 1.0]])
    >>> world = grid_world("one square", mdp, (1, 1), actions="←→", names=("left", "right"),
    ...     labels={}, settings={"alpha": 0.1, "gamma": 1.0, "epsilon": 0.1}, value_range=(0, 2),
    ...     max_episode_steps=100)
    >>> world["shape"], world["limit"]
    ([1, 1], 100)
    """
    process = finite_mdp(mdp)
    if not isinstance(name, str):
        raise TypeError(f"name must be text, got {name!r}")
    if len(check_widths("shape", shape)) != 2 or math.prod(shape) != mdp.num_states:
        raise ValueError(
            f"shape must have {mdp.num_states} cells, in rows and columns, got {shape}"
        )
    if not isinstance(actions, str) or not isinstance(names, (tuple, list)):
        raise TypeError(
            f"actions must be text and names a list of words, got {actions!r}, {names!r}"
        )
    if not len(actions) == len(names) == mdp.num_actions or not set(actions) <= set("←↓→↑"):
        raise ValueError(
            f"actions and names must be {mdp.num_actions}, and of the arrows ←↓→↑, "
            f"got {actions!r}, {names!r}"
        )
    if not isinstance(settings, Mapping) or settings.keys() != {"alpha", "gamma", "epsilon"}:
        raise ValueError(f"settings must be alpha, gamma and epsilon, got {settings!r}")
    chosen = {key: check_number(key, value, low=0, high=1) for key, value in settings.items()}
    if not all(isinstance(word, str) for word in names):
        raise TypeError(f"names must be a list of words, got {names!r}")
    if not isinstance(labels, Mapping) or not all(isinstance(x, str) for x in labels.values()):
        raise TypeError(f"labels must map states to letters, got {labels!r}")
    if not all(state in range(mdp.num_states) for state in labels):
        raise ValueError(f"labels must be for states in 0 .. {mdp.num_states - 1}, got {labels!r}")
    if not isinstance(value_range, (tuple, list)):
        raise TypeError(f"value_range must be two numbers in order, got {value_range!r}")
    ends = [check_number("value_range", end) for end in value_range]
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise ValueError(f"value_range must be two numbers in order, got {value_range!r}")
    return {
        "name": name,
        "mdp": process,
        "shape": [int(side) for side in shape],
        "arrows": list(actions),
        "names": list(names),
        "labels": {str(state): letter for state, letter in labels.items()},
        "settings": chosen,
        "range": ends,
        "limit": check_whole("max_episode_steps", max_episode_steps),
        "success": check_flag("success", success),
        "colors": [mpl.colors.to_hex(mpl.colormaps["cividis"](i / 63)) for i in range(64)],
    }


def grid(
    *worlds: dict[str, Any],
    recorded: Mapping[str, Any] | None = None,
    chosen: int | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Data of ``grid``: worlds, and a run of the first of them to scrub through.

    Chapter: `Q-learning`.

    Args:
        *worlds: As :func:`grid_world` makes them.
        recorded: ``episodes`` after which there is a table, the ``epsilon`` then, and the tables
            ``q`` ``[N, S, A]``; they are rounded to eight digits.
        chosen: The state whose values are written out at first.
        seed: Of the reader's runs.

    Raises:
        TypeError: If a world is not one of :func:`grid_world`, or a list holds anything but
            numbers.
        ValueError: If there is no world, the recorded lists disagree in length or in shape with
            the first world, one of their numbers is out of range, ``chosen`` is no state of that
            world, or ``seed`` is negative.

    >>> grid()
    Traceback (most recent call last):
        ...
    ValueError: worlds must hold at least one, got none
    """
    if not worlds:
        raise ValueError("worlds must hold at least one, got none")
    for world in worlds:
        if not isinstance(world, dict) or not {"mdp", "shape", "arrows"} <= world.keys():
            raise TypeError(f"worlds must be as grid_world makes them, got {world!r}")
    first = dict(worlds[0])
    states = math.prod(first["shape"])
    if chosen is not None:
        if check_whole("chosen", chosen, low=0) >= states:
            raise ValueError(f"chosen must be a state in 0 .. {states - 1}, got {chosen!r}")
        first["chosen"] = int(chosen)
    if recorded is not None:
        first["recorded"] = _recorded(recorded, (states, len(first["arrows"])))
    return {"worlds": [first, *worlds[1:]], "seed": check_whole("seed", seed, low=0)}


def _recorded(recorded: Mapping[str, Any], shape: tuple[int, int]) -> dict[str, Any]:
    """Check and round what :func:`grid` is given; ``shape`` is a table's."""
    if not isinstance(recorded, Mapping) or recorded.keys() != {"episodes", "epsilon", "q"}:
        raise ValueError(f"recorded must be episodes, epsilon and q, got {recorded!r}")
    for name, values in recorded.items():
        check_numbers(f"recorded[{name!r}]", values)
    lists = {name: np.atleast_1d(values) for name, values in recorded.items()}
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1 or not lengths["q"]:
        raise ValueError(f"recorded must hold lists of one length, of at least 1, got {lengths}")
    if lists["q"].shape[1:] != shape:
        raise ValueError(
            f"recorded['q'] must have shape [N, {shape[0]}, {shape[1]}], got {lists['q'].shape}"
        )
    check_finite("recorded['q']", lists["q"].astype(np.float64))
    epsilon = [check_number("recorded['epsilon']", x, low=0, high=1) for x in lists["epsilon"]]
    return {
        "episodes": [check_whole("recorded['episodes']", x, low=0) for x in lists["episodes"]],
        "epsilon": [float(f"{x:.4g}") for x in epsilon],
        "q": _rounded(lists["q"]),
    }


def td_errors(errors: ArrayLike, **settings: float) -> dict[str, Any]:
    """Data of ``priorities``: a buffer's absolute TD errors, the largest first, to 5 digits.

    Chapter: `Prioritized replay II: how`.

    Args:
        errors: ``[N]``, of either sign.
        **settings: ``alpha`` (not negative), ``beta`` (in [0, 1]) and ``temperature`` (above 0) at
            first.

    Raises:
        ValueError: If there are fewer than two errors, one is not finite, or a setting is out of
            range.
        TypeError: If a setting has another name, or an argument is no number.

    >>> td_errors([0.5, -2.0, 1.0], alpha=0.7)["errors"]
    [2.0, 1.0, 0.5]
    """
    check_numbers("errors", errors)
    values = np.abs(np.asarray(errors, dtype=np.float64))
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(f"errors must be at least 2 finite numbers, got {errors!r}")
    known = {"alpha": 0.6, "beta": 0.4, "temperature": 1000.0}
    if unknown := set(settings) - set(known):
        raise TypeError(f"settings must be among {sorted(known)}, got {sorted(unknown)}")
    known |= settings
    check_number("alpha", known["alpha"], low=0)
    check_number("beta", known["beta"], low=0, high=1)
    check_number("temperature", known["temperature"], low=0, open_low=True)
    ordered = np.sort(values)[::-1]
    return {"errors": _rounded(ordered, 5), **{name: float(x) for name, x in known.items()}}


def _rounded(values: ArrayLike, digits: int = 8) -> Any:
    """As lists, of numbers with so many digits: enough to tell best actions apart, and short."""
    array = np.asarray(values, dtype=np.float64)
    short = [float(f"{value:.{digits}g}") for value in array.ravel().tolist()]
    return np.array(short).reshape(array.shape).tolist()


def _as_text(array: NDArray[np.float32]) -> str:
    """Little-endian float32 as base64: exact, and half the length of decimal digits."""
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def weights_of(text: str) -> NDArray[np.float32]:
    """Read what :func:`network` has written, ``[size]``.

    Raises:
        TypeError: If ``text`` is none.
        ValueError: If it is not the base64 of float32 numbers.

    >>> weights_of("AACAPwAAAMA=")
    array([ 1., -2.], dtype=float32)
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be as network() writes it, got {text!r}")
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4")
    except ValueError as error:
        raise ValueError(f"text must be as network() writes it, got {text!r}: {error}") from error


def explorable_html(
    kind: str, data: Mapping[str, Any], still: Figure, *, alt: str, caption: str
) -> "HTML":
    """Make the HTML that :func:`show` displays; arguments as there.

    Raises:
        TypeError: As :func:`show`.
        ValueError: As :func:`show`.

    >>> page = explorable_html("sum-tree", sum_tree([3.0, 1.0]), Figure(), alt="A tree.",
    ...     caption="Throw a sample.")
    >>> page.data[:35]
    '<figure data-explorable="sum-tree">'
    """
    from IPython.display import HTML

    check_choice("kind", kind, KINDS)
    if not isinstance(data, Mapping):
        raise TypeError(f"data must be what the function of that kind returns, got {data!r}")
    if not isinstance(still, Figure):
        raise TypeError(f"still must be a matplotlib Figure, got {still!r}")
    if not isinstance(caption, str) or not caption.strip():
        raise ValueError(f"caption must say what can be done with the explorable, got {caption!r}")
    picture = figure_html(still, alt).data
    # A script ends at its first "</": nowhere else does JSON need the slash as it is.
    try:
        text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("</", "<\\/")
    except (TypeError, ValueError) as error:
        raise ValueError(f"data must be what JSON can hold, got {data!r}: {error}") from error
    return HTML(  # type: ignore[no-untyped-call]
        f'<figure data-explorable="{kind}"><div class="ex-still">{picture}'
        "<p>On the book's page, with scripts on, you can play with this picture.</p></div>"
        f'<script type="application/json">{text}</script>'
        f"<figcaption>{html.escape(caption, quote=False)}</figcaption></figure>"
    )


def show(kind: str, data: Mapping[str, Any], still: Figure, *, alt: str, caption: str) -> None:
    """Put an explorable into the page, and a still picture where scripts do not run.

    Args:
        kind: ``"cartpole"``, ``"grid"``, ``"priorities"`` or ``"sum-tree"``.
        data: What the function of that kind in this module returns.
        still: The picture; it is closed, so that a notebook does not show it a second time.
        alt: What the picture shows.
        caption: What can be done and seen; stands below in any case.

    Raises:
        TypeError: If ``data`` is no mapping, or ``still`` no figure.
        ValueError: If there is no such kind, words are missing, or JSON cannot hold ``data``.
    """
    from IPython.display import display
    from matplotlib import pyplot as plt

    page = explorable_html(kind, data, still, alt=alt, caption=caption)
    plt.close(still)
    display(page)  # type: ignore[no-untyped-call]
