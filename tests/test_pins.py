"""Dependencies are pinned to exact bytes (threat-M1)."""

import re
from pathlib import Path

import pytest

from source_tree import ROOT

PIN = re.compile(
    r"[a-z0-9][a-z0-9._-]*(?:\[[a-z,-]+\])?==[^ ;]+(?: ; .+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+\Z"
)
FILES = sorted((ROOT / "requirements").glob("*.txt"))


def pins(text: str) -> list[str]:
    """Return each requirement of a file with the lines that belong to it; comments are dropped."""
    lines = [
        line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#") and line.strip()
    ]
    found: list[str] = []
    for line in lines:
        if line[0] == " ":
            found[-1] += line
        else:
            found.append(line)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_requirement_has_a_version_and_hashes(path: Path) -> None:
    """A line without a hash, an option or an index would let somebody else choose what is installed."""
    found = pins(path.read_text("utf-8"))
    assert found
    assert [] == [pin.partition("\n")[0] for pin in found if PIN.match(pin) is None]


def test_a_line_without_hash_or_with_an_index_is_seen() -> None:
    """The rule can fail: an unhashed pin, a range, an index line."""
    good = "numpy==2.4.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"
    bad = ["numpy==2.4.0\n", "numpy>=2\n", "--index-url https://example.org/simple\n"]
    assert [good] == [pin for pin in pins(good + "".join(bad)) if PIN.match(pin) is not None]
