"""Stored results: they come back as they were, and are stale once their code has changed."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dqn import results, statistics
from dqn.results import (
    changed_code,
    check_fresh,
    code_digest,
    code_digests,
    load_result,
    save_result,
)

COMMAND = "python make_it.py --seeds 3"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    script = tmp_path / "experiments" / "make_it.py"
    script.parent.mkdir()
    script.write_text("print('hello')\n")
    return script


@pytest.fixture
def stored(tmp_path: Path, script: Path) -> Path:
    path = tmp_path / "results" / "made.json"
    save_result(path, {"mean": 1.5}, command=COMMAND, seeds=range(3), code=[script])
    return path


# -- there and back


def test_every_kind_of_data_comes_back() -> None:
    # Through the file's text, see below; here every kind of value.
    data = {
        "none": None,
        "flag": True,
        "nested": [{"a": [1, 2.5, "Größe"]}, []],
        "odd": [math.inf, -math.inf],
        "float32": np.array([0.1, 0.2], np.float32),
        "empty": np.zeros((0, 3)),
        "scalar": np.array(7, np.int16),
        "flags": np.array([[True], [False]]),
        "missing": np.array([math.nan, 1]),
    }
    back = results._from_json(json.loads(json.dumps(results._to_json(data, "data"))))
    assert list(back) == list(data)
    for name, value in data.items():
        if isinstance(value, np.ndarray):
            assert (back[name].dtype, back[name].shape) == (value.dtype, value.shape)
            np.testing.assert_array_equal(back[name], value)
        else:
            assert back[name] == value


def test_result_knows_where_it_comes_from(stored: Path) -> None:
    data, provenance = load_result(stored)
    assert data == {"mean": 1.5}
    assert provenance.command == COMMAND
    assert provenance.seeds == [0, 1, 2]
    assert provenance.packages.keys() == {"gymnasium", "numba", "numpy", "torch"}
    assert provenance.packages["numpy"] == np.__version__
    assert provenance.python == ".".join(map(str, sys.version_info[:3]))
    assert list(provenance.code) == ["../experiments/make_it.py"]
    check_fresh(stored)


def test_numpy_numbers_are_numbers(tmp_path: Path, script: Path) -> None:
    path = tmp_path / "made.json"
    save_result(
        path, (np.float64(2.5), np.bool_(True)), command="x", seeds=np.arange(2), code=[script]
    )
    data, provenance = load_result(path)
    assert data == [2.5, True]
    assert data[1] is True
    assert provenance.seeds == [0, 1]


# -- what makes it stale


def test_other_prose_makes_no_result_stale(stored: Path, script: Path) -> None:
    script.write_text('"""Prints."""\n\n# Politely.\nprint(  "hello")\n')
    check_fresh(stored)


def test_other_code_makes_a_result_stale(stored: Path, script: Path) -> None:
    script.write_text("print('goodbye')\n")
    assert changed_code(stored) == ["../experiments/make_it.py"]
    with pytest.raises(
        ValueError, match=r"stale, \.\./experiments/make_it\.py changed.*`python make"
    ):
        check_fresh(stored)
    assert load_result(stored).data == {"mean": 1.5}


@pytest.mark.parametrize("now", [None, "print('hello'"])
def test_code_that_is_gone_or_broken_makes_a_result_stale(
    stored: Path, script: Path, now: str | None
) -> None:
    script.unlink()
    if now is not None:
        script.write_text(now)
    assert changed_code(stored) == ["../experiments/make_it.py"]


@pytest.mark.usefixtures("stored")
def test_moving_the_whole_folder_makes_no_result_stale(tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("results", "experiments"):
        (tmp_path / name).rename(moved / name)
    check_fresh(moved / "results" / "made.json")


def test_where_it_is_run_from_does_not_matter(
    stored: Path, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_result(stored).provenance.code
    monkeypatch.chdir(script.parent)
    check_fresh(stored)
    save_result(stored, 0, command="x", seeds=[], code=[script.name])
    assert load_result(stored).provenance.code == before


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package that takes the place of this one."""
    folder = tmp_path / "small"
    folder.mkdir()
    sources = {
        "__init__": "from small.unrelated import U",
        "agent": "import math\nfrom small import losses\nfrom small.config import Config",
        "losses": "def loss():\n    import small.inner\n    return 1",
        "inner": "Y = 1",
        "config": "from small.progress import bar\nclass Config: pass",
        "progress": "bar = 1",
        "unrelated": "U = 1",
    }
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("small", "small.unrelated"):  # of a test before
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(results, "_THIS_PACKAGE", "small")
    monkeypatch.setattr(results, "_WITHOUT_A_SAY", {"small.progress"})
    return folder


def test_imports_belong_to_the_code(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "made.json"
    save_result(path, 0, command="x", seeds=[], code=["small.agent"])
    assert list(load_result(path).provenance.code) == [
        "small.agent",
        "small.config",
        "small.inner",
        "small.losses",
    ]
    for name in ("unrelated", "progress", "__init__"):
        (package / f"{name}.py").write_text("changed = 1")
    check_fresh(path)
    (package / "inner.py").write_text("Y = 2")
    assert changed_code(path) == ["small.inner"]
    (package / "inner.py").write_text("from small import unrelated\nY = 1")
    assert changed_code(path) == ["small.inner", "small.unrelated"]
    (package / "inner.py").unlink()
    assert "small.inner" in changed_code(path)


@pytest.mark.usefixtures("package")
def test_names_taken_from_the_package_itself_bring_all_it_imports(tmp_path: Path) -> None:
    script = tmp_path / "make_it.py"
    script.write_text("from small import U, losses")
    path = tmp_path / "made.json"
    save_result(path, 0, command="x", seeds=[], code=[script])
    names = set(load_result(path).provenance.code)
    assert names == {"make_it.py", "small", "small.unrelated", "small.losses", "small.inner"}


def test_modules_may_be_given_as_such(tmp_path: Path) -> None:
    path = tmp_path / "made.json"
    save_result(path, 0, command="x", seeds=[], code=[statistics])
    by_module = load_result(path).provenance.code
    assert by_module == {"dqn.statistics": code_digest(Path(statistics.__file__).read_text())}


# -- the digest

TRY, CAUGHT = "try:\n    ", "\nexcept ValueError:\n    y = 2"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("def f(x):\n    return x", "def f( x ) :\n\n  'doc'\n  # why\n  return (x)"),
        ("class A:\n    pass", "class A:\n    'doc'\n    pass"),
        ("x: int = 1", "x: int = 1\n'''About x.'''"),
        ("async def f(): return 'a'", 'async def f():\n    """d"""\n    return "a"'),
        ("x = 'a'", "x = u'a'"),
        ("y = 1 / x", "if not np.isfinite(x).all():\n    raise ValueError(x)\ny = 1 / x"),
        ("y = x", "if x < 0:\n    rule = 'positive'\n    raise ValueError(rule)\ny = x"),
        ("y = x", "for v in (x, 2):\n    if isinstance(v, str):\n        raise TypeError\ny = x"),
        ("y = x", "check_whole('x', x)\nself._check(x, low=len(x))\ny = x"),
        ("y = x", "from dqn._arguments import check_whole\ny = x"),
        ("from dqn.replay import Batch", "from dqn.replay import Batch, check_actions"),
        ("y = x", "def check_it(x):\n    if not x: raise ValueError\n    return\ny = x"),
    ],
)
def test_digest_ignores_what_computes_nothing(first: str, second: str) -> None:
    assert code_digest(first) == code_digest(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x = 1", "x = 1.0"),
        ("x = True", "x = 1"),
        ("x = 'a'", "x = b'a'"),
        ("x = 'a'", "x = 'b'"),
        ("x = None", "x = ..."),
        ("x = y", "y = x"),
        ("f(a, b)", "f(b, a)"),
        ("f(a)", "f(*a)"),
        ("def f(a, b=1): pass", "def f(a, b=2): pass"),
        ("def f(a, *, b): pass", "def f(a, b): pass"),
        ("{1: 2, **a}", "{**a, 1: 2}"),
        ("if a:\n    b\nc", "if a:\n    b\n    c"),
        ("a < b", "a <= b"),
        ("x = -1", "x = +1"),
        ("x[1:]", "x[:1]"),
        ("a = 1\nb = 2", "b = 2\na = 1"),
        ("return_ = [1]", "return_ = (1,)"),
        ("f'{x}'", "f'{x!r}'"),
        ("import a", "import a as b"),
        ("x = ['doc']", "x = []"),
        # Not every condition before a raise leaves all as it was, nor does every body end there.
        ("y = x", "if rng.random() < x:\n    raise ValueError\ny = x"),
        ("y = x", "if (x := 2) < 1:\n    raise ValueError\ny = x"),
        ("y = x", "if x:\n    raise ValueError\nelse:\n    x = 2\ny = x"),
        ("y = x", "if x:\n    x = 2\ny = x"),
        ("y = x", "if x:\n    if x > 1:\n        return 3\n    raise ValueError\ny = x"),
        ("y = x", "if x:\n    x.pop()\n    raise ValueError\ny = x"),
        ("y = x", "for x in z:\n    y = x\ny = x"),
        ("y = x", "x = check_whole('x', x)\ny = x"),
        ("y = x", "check_whole('x', rng.integers(3))\ny = x"),
        ("y = x", "checked(x)\ny = x"),
        ("y = x", "(lambda: 0)()\ny = x"),
        ("y = x", "if (lambda: 0)():\n    raise ValueError\ny = x"),
        ("y = x", "def check_it(x):\n    return x\ny = x"),
        ("y = x", "from dqn.replay import UniformSampler\ny = x"),
        ("try:\n    f()\nexcept E:\n    raise", "try:\n    f()\nexcept E:\n    pass"),
        ("assert x\ny = x", "y = x"),
        (f"{TRY}y = x{CAUGHT}", f"{TRY}check_whole('x', x)\n    y = x{CAUGHT}"),
        (f"{TRY}y = x{CAUGHT}", f"{TRY}if x: raise ValueError\n    y = x{CAUGHT}"),
    ],
)
def test_digest_sees_every_other_change(first: str, second: str) -> None:
    assert code_digest(first) != code_digest(second)


def test_digest_is_the_same_in_every_process() -> None:
    source = Path(results.__file__).read_text()
    program = f"from dqn.results import code_digest; print(code_digest({source!r}))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == code_digest(source)


# -- refusals


def test_edited_numbers_are_found(stored: Path) -> None:
    stored.write_text(stored.read_text().replace("1.5", "2.5"))
    with pytest.raises(ValueError, match=r"made\.json was edited: make it again with `python make"):
        load_result(stored)


def test_damaged_files_are_found(stored: Path) -> None:
    whole = stored.read_text()
    for text in ("", "{}", "[]", whole[: len(whole) // 2], whole.replace('"seeds"', '"sedes"')):
        stored.write_text(text)
        with pytest.raises(ValueError, match=r"made\.json is not a stored result"):
            load_result(stored)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({1: 2}, r"data must be .* got \{1: 2\}"),
        ({"a": [object()]}, r"data\['a'\]\[0\] must be"),
        (np.array(["x"]), "array of numbers or bools"),
        ({"dtype": 1, "shape": 2, "values": 3}, "must not have just the keys"),
        (1 + 2j, "data must be"),
    ],
)
def test_refused_data_write_nothing(stored: Path, script: Path, data: Any, message: str) -> None:
    before = stored.read_bytes()
    with pytest.raises(TypeError, match=message):
        save_result(stored, data, command="x", seeds=[], code=[script])
    assert stored.read_bytes() == before


@pytest.mark.parametrize("seeds", [[1.7], [True], ["3"], [0, -1]])
def test_a_seed_is_a_whole_number(tmp_path: Path, script: Path, seeds: list[Any]) -> None:
    with pytest.raises((TypeError, ValueError), match="seeds must be a whole number"):
        save_result(tmp_path / "r.json", 0, command="x", seeds=seeds, code=[script])
    assert not (tmp_path / "r.json").exists()


def test_a_result_needs_its_origin(tmp_path: Path, script: Path) -> None:
    path = tmp_path / "made.json"
    with pytest.raises(ValueError, match="command must say"):
        save_result(path, 0, command=" ", seeds=[], code=[script])
    with pytest.raises(ValueError, match="code must name"):
        save_result(path, 0, command="x", seeds=[], code=[])
    with pytest.raises(ValueError, match="Python files"):
        save_result(path, 0, command="x", seeds=[], code=[tmp_path / "data.csv"])
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        save_result(path, 0, command="x", seeds=[], code=["no_such_module"])
    with pytest.raises(FileNotFoundError):
        save_result(path, 0, command="x", seeds=[], code=[tmp_path / "gone.py"])
    assert not path.exists()


def test_what_would_be_lost_is_refused(tmp_path: Path) -> None:
    about: dict[str, Any] = {"command": "python x", "seeds": [0]}
    masked = np.ma.masked_array([1.0, 2.0], mask=[True, False])
    with pytest.raises(TypeError, match="must not be masked"):
        save_result(tmp_path / "x.json", {"x": masked}, code=[statistics], **about)
    with pytest.raises(TypeError, match="code must be a list"):
        save_result(tmp_path / "x.json", {}, code="dqn.statistics", **about)
    assert not list(tmp_path.iterdir())


def test_code_that_is_not_python_is_a_value_error(tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("x = = 1")
    with pytest.raises(ValueError, match=r"code must be Python, got .*broken\.py"):
        save_result(tmp_path / "r.json", {}, command="make", seeds=[0], code=[broken])
    assert not (tmp_path / "r.json").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": None}, "path must be the path of a file, got None"),
        ({"command": None}, "command must say what makes the result, got None"),
        ({"seeds": None}, "seeds must be a sequence of whole numbers of at least 0, got None"),
        ({"code": None}, "code must be a list of modules and files, got None"),
        ({"code": statistics}, "code must be a list of modules and files, got <module"),
        ({"code": [None]}, "code must name modules and files, got None"),
        ({"code": [".statistics"]}, r"code must name modules and files, no module '\.statistics'"),
        ({"code": ["sys"]}, "code must name modules and files, no module 'sys'"),
    ],
)
def test_arguments_of_another_kind_are_named(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    arguments: dict[str, Any] = {
        "path": tmp_path / "r.json", "data": 0, "command": "x", "seeds": [0], "code": [statistics]
    }  # fmt: skip
    with pytest.raises((TypeError, ValueError, ModuleNotFoundError), match=message):
        save_result(**arguments | change)
    assert not list(tmp_path.iterdir())


def test_paths_sources_and_lists_are_asked_for_by_name() -> None:
    nothing: Any = None
    for reads in (load_result, changed_code, check_fresh):
        with pytest.raises(TypeError, match="path must be the path of a file, got None"):
            reads(nothing)
    with pytest.raises(TypeError, match="source must be the text of a module, got None"):
        code_digest(nothing)
    for code in (None, "dqn.mdp", statistics):
        with pytest.raises(TypeError, match="code must be a list of modules and files, got"):
            code_digests(code)  # type: ignore[arg-type]


def test_code_that_is_no_text_is_a_value_error(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'")
    with pytest.raises(ValueError, match=r"code must be Python, got .*latin\.py"):
        save_result(tmp_path / "r.json", 0, command="x", seeds=[0], code=[tmp_path / "latin.py"])
    assert not (tmp_path / "r.json").exists()


def test_tuples_become_lists(tmp_path):
    save_result(tmp_path / "r.json", {"x": (1, 2)}, command="make", seeds=[0], code=["dqn.mdp"])
    assert load_result(tmp_path / "r.json").data == {"x": [1, 2]}
