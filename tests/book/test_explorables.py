"""Explorables on a page of their own, opened from a folder: they compute what the package does."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from matplotlib.figure import Figure
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page
from torch import Tensor

from dqn import explorables
from dqn.mdp import FiniteMDP
from dqn.networks import QNetwork
from dqn.planning import greedy_policy
from dqn.prioritized import (
    ProportionalSampler,
    RankBasedSampler,
    SumTree,
    effective_sample_size,
)
from dqn.replay import Transitions
from dqn.softmax_replay import SoftmaxReplay
from dqn.tabular import q_learning

from .tiny import ROOT

SCRIPTS = ROOT / "book" / "_static" / "explorables"

Open = Callable[..., Locator]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield a page on which nothing may go wrong."""
    page = browser.new_page(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(120_000)  # generous, for busy machines
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    yield page
    page.close()
    assert faults == []


def stop_the_clock(page: Page) -> None:
    """From now on a page's time passes only while a test lets it, however slow the machine."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Open:
    """Return a function that opens a page with one explorable."""

    def show(kind: str, data: Mapping[str, Any]) -> Locator:
        figure = explorables.explorable_html(kind, data, Figure(), alt="Still.", caption="Words.")
        head = "".join(
            f'<script defer src="{(SCRIPTS / f"{name}.js").as_uri()}"></script>'
            for name in ("core", kind)
        )
        path = tmp_path / "page.html"
        path.write_text(
            '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>One explorable</title>'
            f'<link rel="stylesheet" href="{(SCRIPTS / "explorables.css").as_uri()}">{head}'
            f"<main><h1>One</h1>{figure.data}</main></html>",
            "utf8",
        )
        page.goto(path.as_uri())
        return page.locator("figure[data-explorable]")

    return show


def balancing() -> tuple[QNetwork, Tensor]:
    """Return a network that keeps the pole up by a linear rule: Q(right) - Q(left) = rule . s."""
    rule = torch.tensor([0.3, 0.6, 9.0, 1.7])
    first, second = torch.stack([rule, -rule], dim=1), torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    parameters = torch.cat([first.flatten(), torch.zeros(2), second.flatten(), torch.zeros(2)])
    return QNetwork(4, 2, (2,)), parameters[None]


def random_network(seed: int) -> tuple[QNetwork, Tensor]:
    network = QNetwork(4, 2, (64, 64))
    return network, 3 * network.init([torch.Generator().manual_seed(seed)])


AGENTS = {"steady": balancing(), **{f"random {seed}": random_network(seed) for seed in range(3)}}

LAKE = FiniteMDP.from_gymnasium(gym.make("FrozenLake-v1"))
CLIFF = FiniteMDP.from_gymnasium(gym.make("CliffWalking-v1"))
WORLDS = [
    explorables.grid_world(
        "Frozen lake",
        LAKE,
        (4, 4),
        actions="←↓→↑",
        names=("left", "down", "right", "up"),
        labels={5: "H", 7: "H", 11: "H", 12: "H", 15: "G"},
        settings={"alpha": 0.1, "gamma": 0.99, "epsilon": 0.5},
        value_range=(0, 0.6),
        max_episode_steps=100,
        success=True,
    ),
    explorables.grid_world(
        "Cliff",
        CLIFF,
        (4, 12),
        actions="↑→↓←",
        names=("up", "right", "down", "left"),
        labels=dict.fromkeys(range(37, 47), "C") | {47: "G"},
        settings={"alpha": 0.5, "gamma": 1.0, "epsilon": 0.1},
        value_range=(-20, 0),
        max_episode_steps=60,
    ),
]
RECORDED: dict[str, Any] = {
    "episodes": [0, 9],
    "epsilon": [1.0, 0.5],
    "q": np.arange(128).reshape(2, 16, 4) / 300,
}

ERRORS = np.sort(np.random.default_rng(0).pareto(2, 777))[::-1]

EXAMPLES: dict[str, dict[str, Any]] = {
    "priorities": explorables.td_errors(ERRORS),
    "grid": explorables.grid(*WORLDS, recorded=RECORDED, chosen=14),
    "cartpole": explorables.cartpole(
        {label: explorables.network(*agent) for label, agent in AGENTS.items()}, first="steady"
    ),
    "sum-tree": explorables.sum_tree([3, 10, 0.5, 4, 1, 2, 6]),
}


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes_and_on_a_phone(
    kind: str, theme: str, show: Open, page: Page
) -> None:
    figure = show(kind, EXAMPLES[kind])
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    assert not figure.locator(".ex-still").is_visible()
    assert figure.locator("figcaption").is_visible()
    faults = Axe().run(page, options={"preload": False}).response["violations"]
    assert [
        (f["id"], n["html"]) for f in faults if f["impact"] != "minor" for n in f["nodes"]
    ] == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("kind", EXAMPLES)
def test_without_scripts_the_still_picture_and_words_remain(
    kind: str, show: Open, browser: Browser, page: Page
) -> None:
    show(kind, EXAMPLES[kind])
    context = browser.new_context(java_script_enabled=False)
    without = context.new_page()
    without.goto(page.url)
    assert without.get_by_alt_text("Still.").is_visible()
    assert without.get_by_text("Words.").is_visible()
    context.close()


# -- what goes into the page


def test_words_cannot_end_the_script(show: Open) -> None:
    agents = {"</script><b>": explorables.network(*AGENTS["steady"])}
    figure = show("cartpole", explorables.cartpole(agents, first="</script><b>"))
    options = figure.get_by_label("Driver:").locator("option").all_inner_texts()
    assert options == ["agent, </script><b>", "you"]


DUELING = QNetwork(4, 2, (3,), dueling=True)
STEADY = AGENTS["steady"]
WRONG_SIZE = QNetwork(3, 2, ())
GRID: dict[str, Any] = {
    "actions": "←→",
    "names": ("left", "right"),
    "labels": {},
    "settings": {"alpha": 0.5, "gamma": 1.0, "epsilon": 0.1},
    "value_range": (0, 1),
    "max_episode_steps": 9,
}
LINE = FiniteMDP.from_arrays(transition=np.zeros((3, 2, 3)), reward=np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: explorables.sum_tree([1]), "priorities must be 2 to 8"),
        (lambda: explorables.sum_tree([1, -1]), "priorities must be 2 to 8"),
        (lambda: explorables.sum_tree([1, np.nan]), "priorities must be 2 to 8"),
        (lambda: explorables.sum_tree([1, 11]), "largest=10"),
        (lambda: explorables.network(*STEADY, learner=1), "learner must lie in 0..0"),
        (lambda: explorables.network(*STEADY, learner=-1), "learner must be a whole number"),
        (lambda: explorables.network(DUELING, torch.zeros(1, 99)), "must not be dueling"),
        (lambda: explorables.cartpole({}, first="a"), "first must be"),
        (
            lambda: explorables.cartpole(
                {"a": explorables.network(WRONG_SIZE, torch.zeros(1, 8))}, first="a"
            ),
            r"4 inputs and 2 outputs, got \(3, 2\)",
        ),
        (lambda: explorables.grid_world("g", LINE, (2, 2), **GRID), "shape must have 3 cells"),
        (lambda: explorables.grid_world("g", LINE, (1, 3), **GRID | {"actions": "←"}), "actions"),
        (lambda: explorables.grid_world("g", LINE, (1, 3), **GRID | {"actions": "ab"}), "arrows"),
        (
            lambda: explorables.grid_world(
                "g", LINE, (1, 3), **GRID | {"settings": GRID["settings"] | {"alpha": 2}}
            ),
            "alpha",
        ),
        (
            lambda: explorables.grid(WORLDS[0], recorded=RECORDED | {"epsilon": [1]}),
            "lists of one length",
        ),
        (
            lambda: explorables.grid_world("g", LINE, (1, 3), **GRID | {"settings": {"alpha": 0}}),
            "settings must be alpha, gamma and epsilon",
        ),
        (
            lambda: explorables.grid_world("g", LINE, (1, 3), **GRID | {"labels": {3: "G"}}),
            "labels must be for states in 0 .. 2",
        ),
        *(
            (
                lambda ends=ends: explorables.grid_world(
                    "g", LINE, (1, 3), **GRID | {"value_range": ends}
                ),
                "value_range must be",
            )
            for ends in ((1, 0), (0, 0), (0, np.nan))
        ),
        (lambda: explorables.grid(WORLDS[0], chosen=16), "chosen must be a state in 0 .. 15"),
        (lambda: explorables.grid(WORLDS[0], seed=-1), "seed must be"),
        (lambda: explorables.sum_tree([1, 2], seed=-1), "seed must be"),
        (lambda: explorables.sum_tree([0, 0], largest=0), "largest must be"),
        (lambda: explorables.td_errors([1, 2], alpha=-1), "alpha must be"),
        (lambda: explorables.td_errors([1, 2], beta=2), "beta must be"),
        (lambda: explorables.td_errors([1, 2], temperature=0), "temperature must be"),
        (lambda: explorables.td_errors([1]), "at least 2 finite numbers"),
        (lambda: explorables.td_errors([1, np.inf]), "at least 2 finite numbers"),
        (
            lambda: explorables.explorable_html("x", {}, Figure(), alt="a", caption="c"),
            "kind must be",
        ),
        (
            lambda: explorables.explorable_html("grid", {}, Figure(), alt="a", caption=" "),
            "caption must say",
        ),
        (
            lambda: explorables.explorable_html("grid", {}, Figure(), alt="", caption="c"),
            "alt must say",
        ),
    ],
)
def test_bad_input_is_named(make: Callable[[], object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make()


def world(**change: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {"name": "g", "mdp": LINE, "shape": (1, 3)}
    return explorables.grid_world(**arguments | GRID | change)


def grid(**change: Any) -> dict[str, Any]:
    return explorables.grid(WORLDS[0], recorded=RECORDED | change)


def page_of(**change: Any) -> object:
    arguments: dict[str, Any] = {"kind": "grid", "data": {}, "still": Figure(), "alt": "a"}
    return explorables.explorable_html(**arguments | {"caption": "c"} | change)


@pytest.mark.parametrize(
    ("make", "change", "complaint"),
    [
        (explorables.sum_tree, {"priorities": "12"}, "priorities must be an array of numbers"),
        (explorables.network, {"network": None, "parameters": None}, "network must be a QNetwork"),
        (explorables.network, {"network": STEADY[0], "parameters": None}, "parameters must be a t"),
        (
            explorables.network,
            {"network": STEADY[0], "parameters": torch.zeros(1, 15)},
            r"parameters must have shape \[S, 16\], got \[1, 15\]",
        ),
        (
            explorables.network,
            {"network": STEADY[0], "parameters": STEADY[1], "learner": 0.5},
            "learner must be a whole number of at least 0, got 0.5",
        ),
        (explorables.cartpole, {"agents": ["a"], "first": "a"}, "agents must map labels to"),
        (explorables.cartpole, {"agents": {"a": None}, "first": "a"}, "agents must be as network"),
        (explorables.cartpole, {"agents": {"a": [{}]}, "first": "a"}, "agents must be as network"),
        (explorables.finite_mdp, {"mdp": None}, "mdp must be a FiniteMDP, got None"),
        (explorables.weights_of, {"text": None}, "text must be as network.* writes it, got None"),
        (explorables.weights_of, {"text": "AACAPw="}, "text must be as network.* got 'AACAPw='"),
        (explorables.weights_of, {"text": "?AACAPw=="}, "text must be as network.* writes it"),
        (explorables.weights_of, {"text": "AACA"}, "text must be as network.* writes it, got 'AA"),
        (explorables.td_errors, {"errors": "12"}, "errors must be an array of numbers, got '12'"),
        (world, {"mdp": None}, "mdp must be a FiniteMDP, got None"),
        (world, {"name": None}, "name must be text, got None"),
        (world, {"shape": 3}, "shape must be a sequence of whole numbers of at least 1, got 3"),
        (world, {"shape": (3,)}, "shape must have 3 cells, in rows and columns"),
        (world, {"shape": (-1, -3)}, "shape must be a whole number of at least 1, got -1"),
        (world, {"actions": None}, "actions must be text and names a list of words, got None"),
        (world, {"names": "lr"}, "actions must be text and names a list of words, got .* 'lr'"),
        (world, {"names": ("l", None)}, r"names must be a list of words, got \('l', None\)"),
        (world, {"labels": {0: 1}}, r"labels must map states to letters, got \{0: 1\}"),
        (world, {"labels": None}, "labels must map states to letters, got None"),
        (world, {"labels": {"0": "G"}}, r"labels must be for states in 0 .. 2, got \{'0': 'G'\}"),
        (world, {"settings": None}, "settings must be alpha, gamma and epsilon, got None"),
        (world, {"value_range": None}, "value_range must be two numbers in order, got None"),
        (world, {"value_range": (0, 1, 2)}, "value_range must be two numbers in order, got"),
        (lambda: explorables.grid(WORLDS), {}, "worlds must be as grid_world makes them"),  # type: ignore[arg-type]
        (lambda: explorables.grid(WORLDS[0], recorded={}), {}, "recorded must be episodes, eps"),
        (grid, {"episodes": [0, 0.5]}, r"recorded\['episodes'\] must be a whole number of at"),
        (grid, {"episodes": [-1, 9]}, r"recorded\['episodes'\] must be a whole number of at"),
        (grid, {"epsilon": [1, 3]}, r"recorded\['epsilon'\] must be a number in \[0.*got .*3"),
        (grid, {"epsilon": ["1", "0"]}, r"recorded\['epsilon'\] must be an array of numbers"),
        (grid, {"q": RECORDED["q"] * np.nan}, r"recorded\['q'\] must be finite"),
        (grid, {"q": RECORDED["q"][:, 1:]}, r"recorded\['q'\] must have shape \[N, 16, 4\], got"),
        (grid, {"q": [[1], [1, 2]]}, r"recorded\['q'\] must be an array of numbers"),
        (grid, {"episodes": [], "epsilon": [], "q": []}, "lists of one length, of at least 1"),
        (page_of, {"data": None}, "data must be what the function of that kind returns, got None"),
        (page_of, {"data": {"x": np.nan}}, r"data must be what JSON can hold, got \{'x': nan\}"),
        (page_of, {"still": None}, "still must be a matplotlib Figure, got None"),
        (page_of, {"caption": None}, "caption must say what can be done .* got None"),
        (page_of, {"alt": None}, "alt must say what the figure shows, got None"),
    ],
)
def test_input_of_another_kind_is_named(
    make: Callable[..., object], change: dict[str, Any], complaint: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=complaint):
        make(**change)


def test_unknown_setting_is_named() -> None:
    with pytest.raises(TypeError, match="gamma"):
        explorables.td_errors([1, 2], gamma=0.9)


# -- the sum tree


@pytest.mark.parametrize("capacity", [1, 2, 3, 5, 7, 8, 100])
def test_the_tree_finds_what_the_packages_does(capacity: int, show: Open, page: Page) -> None:
    """In eighths, whose sums are exact in any order: a page adds in another one."""
    rng = np.random.default_rng(capacity)
    show("sum-tree", EXAMPLES["sum-tree"])
    tree = SumTree(capacity)
    changes = []
    for _ in range(3 * capacity):  # a third of the leaves becomes 0
        leaf, value = (
            int(rng.integers(capacity)),
            float(rng.integers(1, 80) / 8 * (rng.random() > 1 / 3)),
        )
        tree.set([leaf], [value])
        changes.append([leaf, value])
    tree.set([capacity - 1], [2.5])
    changes.append([capacity - 1, 2.5])
    before = np.cumsum(np.append(0, tree.leaves))
    edges = before[before <= tree.total]
    between = rng.integers(int(16 * tree.total), size=300) / 16
    masses = np.concatenate([between, edges, [tree.total]])
    total, leaves, found = page.evaluate(
        """([capacity, changes, masses]) => {
            const tree = new explorables.SumTree(capacity);
            for (const [leaf, value] of changes) tree.set(leaf, value);
            return [tree.total, tree.nodes.slice(tree.firstLeaf, tree.firstLeaf + capacity),
                    masses.map((mass) => tree.find(mass))];
        }""",
        [capacity, changes, masses.tolist()],
    )
    assert total == tree.total
    assert leaves == tree.leaves.tolist()
    assert found == tree.find(masses).tolist()


def test_tree_by_keyboard(show: Open, page: Page) -> None:
    """Choose leaf 2, raise its priority, throw at the right end, and throw a thousand."""
    figure = show("sum-tree", EXAMPLES["sum-tree"])
    figure.locator(".st-leaf").nth(2).focus()
    page.keyboard.press("Enter")
    priority, throw = figure.locator("input").all()
    priority.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")  # 0.5 to 1.0
    tree = SumTree(7)
    tree.set(range(7), [3, 10, 1.0, 4, 1, 2, 6])
    sums = [
        float(text) for text in figure.locator(".st-node > text:first-of-type").all_text_contents()
    ]
    nodes = [0.0] * 8 + tree.leaves.tolist() + [0.0]
    for node in range(7, 0, -1):
        nodes[node] = nodes[2 * node] + nodes[2 * node + 1]
    assert sums == pytest.approx(nodes[1:15])
    assert figure.locator(".st-changed").count() == 4
    assert "27" in figure.locator(".st-totals").inner_text()

    throw.focus()
    page.keyboard.press("End")
    leaf = int(tree.find([tree.total])[0])
    assert figure.locator(".st-words li").last.inner_text().endswith(f"That is leaf {leaf}.")
    assert figure.locator(".st-node.st-path").count() == 4
    assert figure.locator(".st-hit").count() == 1

    figure.get_by_role("button", name="Throw 1,000").focus()
    page.keyboard.press("Space")
    said = figure.locator(".st-totals").inner_text()
    counts = [float(part.split(" ")[2]) for part in said.split(": ")[1].split(", ")]
    expected = 100 * tree.leaves / tree.total
    # four standard deviations of a count among a thousand, and the rounding
    assert np.abs(np.array(counts) - expected).max() < 4 * 100 * np.sqrt(0.25 / 1000) + 0.1


def test_tree_by_mouse_and_slowly(show: Open, page: Page) -> None:
    figure = show("sum-tree", EXAMPLES["sum-tree"])
    page.emulate_media(reduced_motion="no-preference")
    stop_the_clock(page)
    figure.get_by_role("button", name="Throw a sample").click()
    assert figure.locator(".st-words li").count() == 1
    page.clock.run_for(900)
    assert figure.locator(".st-words li").count() == 2
    page.clock.run_for(5000)
    assert figure.locator(".st-words li").count() == 4
    figure.locator(".st-leaf").nth(6).click()
    assert figure.locator(".st-leaf").nth(6).get_attribute("aria-pressed") == "true"
    assert figure.locator("output").first.inner_text() == "6"


def test_tree_of_zeros_has_nothing_to_draw(show: Open) -> None:
    figure = show("sum-tree", explorables.sum_tree([0, 0]))
    figure.get_by_role("button", name="Throw a sample").click()
    figure.get_by_role("button", name="Throw 1,000").click()
    assert "nothing to draw" in figure.locator(".st-totals").inner_text()


# -- the cart and pole


@pytest.mark.parametrize("label", AGENTS)
def test_an_episode_is_that_of_gymnasium_and_pytorch(label: str, show: Open, page: Page) -> None:
    """The page drives itself, with nothing set right on the way: states, values and actions agree.

    The pole is unstable, so an error of one bit in a sine would grow to the size of the cart within
    500 steps. None is made: browser and NumPy round sines of such small angles alike.
    """
    network, parameters = AGENTS[label]
    env = gym.make("CartPole-v1")
    obs, _ = env.reset(seed=7)
    start = np.asarray(env.unwrapped.state, dtype=np.float64)  # type: ignore[attr-defined]
    states, values, actions, done = [start], [], [], False
    while not done:
        q = network(parameters, torch.from_numpy(obs)[None, None])[0, 0]
        values.append(q.tolist())
        actions.append(int(q.argmax()))
        obs, _, terminated, truncated, _ = env.step(actions[-1])
        states.append(np.array(env.unwrapped.state))  # type: ignore[attr-defined]
        done = terminated or truncated
    assert len(actions) == 500 if label == "steady" else len(actions) < 500

    show("cartpole", EXAMPLES["cartpole"])
    place = list(AGENTS).index(label)
    got = page.evaluate(
        """([agent, state, limit]) => {
            const {network, step, terminated} = explorables.cartpole;
            const data = document.querySelector("figure script").textContent;
            const q = network(JSON.parse(data).agents[agent].layers);
            const states = [state], values = [], actions = [];
            while (!terminated(state) && actions.length < limit) {
                values.push(q(state));
                actions.push(values.at(-1)[1] > values.at(-1)[0] ? 1 : 0);
                state = step(state, actions.at(-1));
                states.push(state);
            }
            return {states, values, actions};
        }""",
        [place, start.tolist(), 500],
    )
    assert got["actions"] == actions
    assert np.abs(np.array(got["states"]) - np.array(states)).max() <= 1e-5
    scale = np.maximum(1, np.abs(values))
    assert (np.abs(np.array(got["values"]) - np.array(values)) / scale).max() <= 1e-5


@pytest.mark.parametrize("hidden", [(), (1,), (3, 5), (64, 64)])
def test_network_of_any_size(hidden: tuple[int, ...], show: Open, page: Page) -> None:
    network = QNetwork(4, 2, hidden)
    parameters = network.init([torch.Generator().manual_seed(s) for s in range(3)])
    layers = explorables.network(network, parameters, learner=2)
    obs = np.random.default_rng(0).normal(size=(20, 4))
    exact = network(parameters[2:].double(), torch.from_numpy(obs).float().double()[None])[0]
    show("cartpole", EXAMPLES["cartpole"])
    got = page.evaluate(
        "([layers, obs]) => obs.map(explorables.cartpole.network(layers))", [layers, obs.tolist()]
    )
    np.testing.assert_allclose(got, exact.numpy(), rtol=1e-12, atol=1e-14)


def current(figure: Locator) -> dict[str, Any]:
    state: dict[str, Any] = figure.locator(".ex-live").evaluate("live => live.current()")
    return state


def test_agent_step_by_step(show: Open, page: Page) -> None:
    """With less motion nothing moves by itself; the bars show the values of the state."""
    figure = show("cartpole", EXAMPLES["cartpole"])
    page.wait_for_timeout(100)
    assert current(figure)["steps"] == 0
    figure.get_by_label("Driver:").select_option("agent, random 1")
    step = figure.get_by_role("button", name="One step")
    for _ in range(3):
        step.press("Enter")
    now = current(figure)
    assert now["steps"] == 3
    network, parameters = AGENTS["random 1"]
    values = network(parameters, torch.tensor(now["state"])[None, None].float())[0, 0]
    shown = [float(text) for text in figure.locator(".cp-number").all_inner_texts()[:2]]
    assert shown == pytest.approx(values.tolist(), abs=0.0051)
    best = figure.locator(".cp-best .cp-name").inner_text()
    assert best == ["Q(s, left)", "Q(s, right)"][int(values.argmax())]


def test_steady_agent_stands_a_push_and_runs_to_full_time(show: Open, page: Page) -> None:
    figure = show("cartpole", EXAMPLES["cartpole"])
    stop_the_clock(page)
    figure.get_by_role("button", name="Play").click()
    page.clock.run_for(2000)
    figure.get_by_role("button", name="Pause").click()
    before = current(figure)
    assert before["steps"] >= 80
    figure.locator(".cp-pole").click(position={"x": 8, "y": 20})  # at its left: it goes right
    after = current(figure)
    assert after["state"][3] == pytest.approx(before["state"][3] + 0.5)
    figure.get_by_role("button", name="Play").click()
    page.clock.run_for(9000)
    assert "full time after 500 steps" in figure.locator(".cp-news").inner_text()


def test_reader_drives_by_arrow_keys_until_it_falls(show: Open, page: Page) -> None:
    figure = show("cartpole", EXAMPLES["cartpole"])
    stop_the_clock(page)
    figure.locator(".cp-stage").focus()
    page.keyboard.down("ArrowRight")
    page.clock.run_for(100)
    assert current(figure)["driver"] == -1
    assert current(figure)["state"][1] > 0.5  # the cart runs to the right, the pole falls left
    page.clock.run_for(1000)
    page.keyboard.up("ArrowRight")
    assert "You: fell after" in figure.locator(".cp-news").inner_text()


# -- the grid of values

RUN = """([place, settings, uniforms, steps]) => {
    const data = JSON.parse(document.querySelector("figure script").textContent);
    const world = data.worlds[place];
    let next = 0;
    const learner = new explorables.QLearning(world, settings, () => uniforms[next++]);
    for (let i = 0; i < steps; i++) learner.step();
    return {q: learner.q, episodes: learner.episodes,
            value: explorables.greedyReturn(world, learner.q)};
}"""


@pytest.mark.parametrize(
    ("place", "mdp", "alpha", "gamma", "epsilon"),
    [
        (0, LAKE, 0.1, 0.99, 1.0),
        (0, LAKE, 0.4, 0.9, 0.3),
        (1, CLIFF, 0.5, 1.0, 0.1),
        (1, CLIFF, 1.0, 0.7, 0.0),
    ],
)
def test_same_random_numbers_same_table(
    place: int, mdp: FiniteMDP, alpha: float, gamma: float, epsilon: float, show: Open, page: Page
) -> None:
    steps, limit = 2000, WORLDS[place]["limit"]
    result = q_learning(
        mdp,
        gamma=gamma,
        step_size=alpha,
        epsilon=epsilon,
        steps=steps,
        max_episode_steps=limit,
        rng=np.random.default_rng(3),
    )
    assert (result.visits.sum(), result.returns.shape[1] > 10) == (steps, True)
    [stream] = np.random.default_rng(3).spawn(1)
    uniforms = stream.random(8 * (steps + 1))
    show("grid", EXAMPLES["grid"])
    settings = {"alpha": alpha, "gamma": gamma, "epsilon": epsilon}
    got = page.evaluate(RUN, [place, settings, uniforms.tolist(), steps])
    assert got["episodes"] == result.returns.shape[1]
    np.testing.assert_allclose(got["q"], result.q[0], rtol=1e-12, atol=1e-15)

    chain, reward = mdp.under(greedy_policy(result.q[0]))
    value = np.zeros(mdp.num_states)
    for _ in range(limit):
        value = reward + chain @ value
    assert got["value"] == pytest.approx(mdp.start @ value)


def test_scrub_through_the_recorded_run_by_keyboard(show: Open, page: Page) -> None:
    figure = show("grid", EXAMPLES["grid"])
    assert (
        "Your agent's run. After 0 episodes (ε = 1.00)" in figure.locator(".gr-when").inner_text()
    )
    assert figure.locator(".gr-what").inner_text().startswith("Square 14: left 0.187, down 0.190")
    figure.get_by_label("Episodes:").focus()
    page.keyboard.press("ArrowRight")
    assert "After 9 episodes (ε = 0.50)" in figure.locator(".gr-when").inner_text()
    figure.locator("button.gr-square").nth(0).press("Enter")
    assert figure.locator(".gr-what").inner_text().startswith("Square 0: left 0.213")
    assert figure.locator(".gr-square").first.get_attribute("aria-pressed") == "true"


def test_a_step_an_episode_and_play(show: Open, page: Page) -> None:
    """On the cliff with alpha set to 1, a first step is told with what it changed."""
    figure = show("grid", EXAMPLES["grid"])
    stop_the_clock(page)
    figure.get_by_label("World:").select_option("Cliff")
    figure.get_by_label("α =").press("End")
    figure.get_by_role("button", name="One step").click()
    told = figure.locator(".gr-what").inner_text()
    assert told.startswith("From 36 ")
    assert "0.000 → -1" in told  # -1.000 for a step, -100.000 for a fall
    assert figure.locator(".gr-here").count() == 1
    figure.get_by_role("button", name="One episode").click()
    assert "After 1 episode (ε = 0.10)" in figure.locator(".gr-when").inner_text()
    figure.get_by_label("Speed:").select_option("20 episodes")
    figure.get_by_role("button", name="Play").click()
    page.clock.run_for(3000)
    figure.get_by_role("button", name="Pause").click()
    when = figure.locator(".gr-when").inner_text()
    assert "earns -13.0 an episode" in when  # alpha = 1: right on this world, which is not random
    figure.get_by_label("Episodes:").press("Home")
    assert "After 0 episodes" in figure.locator(".gr-when").inner_text()
    assert figure.locator(".gr-here").count() == 0
    figure.get_by_role("button", name="Start afresh").click()
    assert figure.get_by_label("Episodes:").get_attribute("max") == "0"


# -- priorities


def probabilities(way: str, errors: NDArray[np.float64], setting: float) -> NDArray[np.float64]:
    """Return the chances that the package's own memories give."""
    size = len(errors)
    if way == "softmax":
        buffer = SoftmaxReplay(size, obs_shape=(), temperature=setting, sort_every=None)
        zeros = np.zeros(size)
        steps = Transitions(zeros, zeros.astype(int), zeros, zeros, zeros)
        buffer.update_priorities(buffer.add(steps), errors)
        return buffer.probabilities(size)
    sampler: ProportionalSampler | RankBasedSampler = (
        ProportionalSampler(size, alpha=setting)
        if way == "proportional"
        else RankBasedSampler(size, alpha=setting)
    )
    sampler.added(np.arange(size))
    sampler.update(np.arange(size), errors)
    return np.asarray(sampler.probabilities(size), np.float64)


SETTINGS = {
    "proportional": [0.0, 0.6, 1.5],
    "rankBased": [0.0, 0.7, 1.5],
    "softmax": [0.01, 1.0, 1000.0],
}


def test_chances_and_weights_are_the_packages(show: Open, page: Page) -> None:
    show("priorities", EXAMPLES["priorities"])
    cases = [
        (way, setting, ERRORS[:size])
        for way, settings in SETTINGS.items()
        for setting in settings
        for size in (2, 7, 777)
    ]
    got = page.evaluate(
        """(cases) => cases.map(([way, setting, errors]) => {
            const p = explorables.priorities[way](errors, setting);
            return [p, explorables.priorities.effectiveSampleSize(p),
                    explorables.priorities.weights(p, 0.4)];
        })""",
        [(way, setting, errors.tolist()) for way, setting, errors in cases],
    )
    for (way, setting, errors), (chances, ess, weights) in zip(cases, got, strict=True):
        expected = probabilities(way, errors, setting)
        np.testing.assert_allclose(chances, expected, rtol=1e-6, atol=1e-12)  # float32 leaves
        assert ess == pytest.approx(effective_sample_size(expected), rel=1e-6)
        if way != "softmax":  # which knows no weights, and whose chances can be 0
            least = (len(errors) * expected.min()) ** -0.4
            np.testing.assert_allclose(weights, (len(errors) * expected) ** -0.4 / least, rtol=1e-6)


def test_sliders_change_what_is_said(show: Open) -> None:
    figure = show("priorities", EXAMPLES["priorities"])
    words = figure.locator(".pr-words")
    figure.get_by_label("α =").press("Home")
    assert "Effective sample size 777 of 777 (100.0 %)" in words.inner_text()
    assert "Weights go from 1 to 1." in words.inner_text()
    figure.get_by_label("α =").press("End")
    shown = np.array(explorables.td_errors(ERRORS)["errors"])
    ess = effective_sample_size(probabilities("proportional", shown, 1.5))
    assert f"({100 * ess / 777:.1f} %)" in words.inner_text()
    figure.get_by_label("Draw by:").select_option("softmax of error² / T")
    assert not figure.get_by_label("α =").is_visible()
    figure.get_by_label("T =").press("Home")
    assert "Effective sample size 1 of 777" in words.inner_text()
    assert "on the 1 transition with" in words.inner_text()
