"""What `import allstop` offers to a researcher, and what it does not load."""

import subprocess
import sys

import pytest

import allstop


def test_every_verb_is_the_function_of_its_package() -> None:
    """The names that the package promises are there, and are no copies."""
    from allstop.app import audit_directory
    from allstop.verdict import verdict_digest

    assert audit_directory is allstop.audit_directory
    assert verdict_digest is allstop.verdict_digest
    assert all(hasattr(allstop, name) for name in allstop.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """A misspelt verb is told as Python tells it."""
    with pytest.raises(AttributeError, match="no attribute 'adit'"):
        allstop.adit  # noqa: B018


def test_nothing_is_loaded_before_it_is_used() -> None:
    """Importing the package alone loads none of its floors, and neither NumPy nor DuckDB."""
    code = "import allstop, sys; print([m for m in sys.modules if m.startswith(('allstop.', 'numpy', 'duckdb'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


@pytest.mark.parametrize("package", ["store", "witness", "case"])
def test_logs_and_witnesses_run_without_numpy(package: str) -> None:
    """Whoever keeps a log, witnesses one or opens a case loads neither NumPy nor DuckDB."""
    code = (
        f"import allstop.{package}, sys; print([m for m in ('numpy', 'duckdb', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_what_is_loaded_late_is_the_same() -> None:
    """The names of a prover's folder are there when asked for, and no others."""
    from allstop import store

    assert store.ProverFolder.__module__ == "allstop.store._prover"
    assert all(hasattr(store, name) for name in store.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Prover'"):
        store.Prover  # noqa: B018
