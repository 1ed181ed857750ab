"""The house style, as far as a program can check it: sizes, floors, what the pure floors may touch."""

import ast
import re
import subprocess
import sys

import pytest

from source_tree import (
    PACKAGE,
    ROOT,
    all_texts,
    code_line_count,
    functions,
    imports,
    python_files,
    used_names,
)

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
FILE_BYTES_MAX = 1_000_000
CODE = ("src", "tests", "bench", "docs")
VERIFIER = ("errors", "units", "times", "ids", "canon", "keys", "statement", "tlog", "witness", "case")
EDGES = ("report", "store", "ingest", "config", "app", "cli")
"""The only packages that touch the world."""

PURE_BANNED = {
    "builtins.open", "builtins.print", "builtins.input", "builtins.breakpoint", "builtins.exec", "builtins.eval",
    "json", "base64",  # lenient; `canon` wraps them
    "os", "pathlib", "shutil", "tempfile", "glob", "subprocess", "socket", "urllib", "http", "sqlite3",
    "importlib", "logging", "random", "secrets", "time", "zipfile", "tarfile",
    "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today",
    "numpy.random", "numpy.load", "numpy.save", "numpy.fromfile", "numpy.memmap", "numpy.loadtxt",
    ".read_text", ".read_bytes", ".write_text", ".write_bytes", ".mkdir", ".unlink", ".tofile",
}  # fmt: skip
PURE_ALLOWED = {
    "os.cpu_count",  # how many, never which: results do not depend on it
    "numpy.random.Generator",  # chance comes in as an argument
}
CANON_ALLOWED = {"json", "base64"}
UNPICKLERS = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}

BANNED_TEXT = {
    "path of one machine": r"(?:^|[^a-z.])/(?:wor[k]|roo[t]|far[m])/",
    "host of a registry": r"pypi\.or[g]|pythonhosted\.or[g]|npmjs\.(?:or[g]|co[m])|crates\.i[o]|proxy\.golang\.or[g]",
    "unfinished work": r"\bTOD[O]\b|\bFIXM[E]\b",
}  # the brackets keep this file from naming what it bans


def is_below(name: str, banned: set[str]) -> bool:
    """Tell whether a dotted name is a banned one or lies inside it."""
    return any(name == ban or name.startswith(ban + ".") for ban in banned)


def test_no_file_is_too_long() -> None:
    """A file that a reader cannot take in alone is two files."""
    long = [path for path, _ in python_files(*CODE) if len(path.read_text().splitlines()) > FILE_LINES_MAX]
    assert not long


def test_no_function_is_too_long() -> None:
    """Code lines are counted, not blank lines, comments or the docstring."""
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path, tree in python_files(*CODE)
        for function in functions(tree)
        if code_line_count(function, path.read_text().splitlines()) > FUNCTION_LINES_MAX
    ]
    assert not long


def test_every_package_says_what_it_is_and_exports() -> None:
    """Each `__init__` has a docstring and a literal `__all__` (ruff keeps it sorted) that names real things."""
    bad = []
    for path, tree in python_files("src"):
        if path.name != "__init__.py" and path.parent != PACKAGE:
            continue
        exports = [
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            and "__all__" in {t.id for t in node.targets if isinstance(t, ast.Name)}
        ]
        names = exports[0] if exports else []
        if not ast.get_docstring(tree) or not names or len(set(names)) != len(names):
            bad.append(str(path.relative_to(ROOT)))
    assert not bad


def test_every_folder_with_code_is_a_package() -> None:
    """A folder without `__init__` would escape the floors that lint-imports enforces."""
    bad = [path for path, _ in python_files("src/allstop") if not (path.parent / "__init__.py").exists()]
    assert not bad


def test_private_modules_stay_private() -> None:
    """Only a package, and the tests of that package, see its `_modules` and its `_names`."""
    bad = []
    for path, tree in python_files(*CODE):
        place = path.relative_to(
            PACKAGE if path.is_relative_to(PACKAGE) else ROOT / path.relative_to(ROOT).parts[0]
        )
        for module, name in imports(tree):
            parts = [*module.split("."), *([name] if name else [])]
            private = any(part.startswith("_") and not part.startswith("__") for part in parts[2:])
            if parts[0] == "allstop" and private and parts[1] != place.parts[0]:
                bad.append(f"{path.relative_to(ROOT)}: {'.'.join(parts)}")
    assert not bad


def test_no_relative_imports() -> None:
    """Every import says from which floor it comes."""
    bad = [path for path, tree in python_files(*CODE) if any(m.startswith(".") for m, _ in imports(tree))]
    assert not bad


def test_pure_floors_do_not_touch_the_world() -> None:
    """No disk, network, clock, chance, environment or log below the adapters; `json` only in `canon`."""
    bad = []
    for path, tree in python_files("src"):
        package = path.relative_to(PACKAGE).parts[0]
        if package in EDGES:
            continue
        allowed = PURE_ALLOWED | (CANON_ALLOWED if package == "canon" else set())
        named = {f"{module}.{name}" if name else module for module, name in imports(tree)} - {"os"}
        bad += [
            f"{path.relative_to(ROOT)}: {name}"
            for name in sorted(named | set(used_names(tree)))
            if is_below(name, PURE_BANNED) and not is_below(name, allowed)
        ]
    assert not bad


def test_the_rule_for_pure_floors_can_fail() -> None:
    """Each way of touching the world is seen, however it was imported; what is harmless is not."""
    code = """
import os, os.path, time as clock, numpy as np
from datetime import datetime as dt
from pathlib import Path
os.environ["a"]; clock.time(); np.random.default_rng(1); dt.now(); Path("a").read_bytes(); open("a")
os.cpu_count(); np.random.Generator; dt(2026, 1, 1); [].append(1)
"""
    seen = {name for name in used_names(ast.parse(code)) if is_below(name, PURE_BANNED)} - PURE_ALLOWED
    expected = {
        "os.environ", "time.time", "numpy.random.default_rng", "datetime.datetime.now", "pathlib.Path",
        ".read_bytes", "builtins.open",
    }  # fmt: skip
    assert expected == seen


def test_nothing_is_ever_unpickled() -> None:
    """A pickle runs code while it is read, so nothing here reads or writes one (a test may show that)."""
    bad = [
        f"{path.relative_to(ROOT)}: {module}"
        for path, tree in python_files("src", "bench", "docs")
        for module, _ in imports(tree)
        if module.partition(".")[0] in UNPICKLERS
    ]
    assert not bad


@pytest.mark.parametrize("what", BANNED_TEXT)
def test_no_text_holds_what_is_banned(what: str) -> None:
    """Paths of one machine, hosts of registries and marks of unfinished work are in no file."""
    pattern = re.compile(BANNED_TEXT[what], re.MULTILINE)
    bad = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1} {hit.group().strip()}"
        for path, text in all_texts()
        for hit in pattern.finditer(text)
    ]
    assert not bad


def test_no_file_is_large() -> None:
    """Measurements and vectors made by others do not belong into the repository."""
    bad = [path for path, text in all_texts() if len(text.encode()) > FILE_BYTES_MAX]
    assert not bad


def test_only_the_fixtures_know_where_the_measurements_are() -> None:
    """A test reaches real data through `data_dir` and `vectors_dir`, which fail where the folder is wanted."""
    wanted = ("ALLSTOP_" + "DATA", "ALLSTOP_" + "VECTORS")
    readers = [
        str(path.relative_to(ROOT))
        for path, tree in python_files("src", "tests")
        if any(isinstance(node, ast.Constant) and node.value in wanted for node in ast.walk(tree))
    ]
    expected = ["tests/conftest.py", "tests/test_docs.py"]
    assert expected == sorted(readers)


def test_no_skip_hides_behind_a_missing_module() -> None:
    """Everything that tests import is pinned, so a missing module is a failure."""
    bad = [path for path, tree in python_files("tests") if "pytest.importorskip" in set(used_names(tree))]
    assert not bad


@pytest.mark.parametrize("module", ["", *VERIFIER])
def test_the_verifier_loads_little(module: str) -> None:
    """A fresh interpreter that imports `allstop` or a floor of the verifier has no NumPy and no door loaded."""
    name = f"allstop.{module}".rstrip(".")
    code = f"import sys, {name}; print(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set() == set(done.stdout.split()) & {
        "numpy",
        "duckdb",
        "psutil",
        "typer",
        "rich",
        "click",
        "sqlite3",
    }
