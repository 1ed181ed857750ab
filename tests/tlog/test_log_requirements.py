"""Every requirement of the log standards that applies has a test named after it."""

import re

from source_tree import ROOT

REQUIREMENTS = {
    "note": [f"N{number}" for number in range(1, 10)],
    "checkpoint": [f"C{number}" for number in range(1, 5)],
    "tile": [f"T{number}" for number in range(1, 9)],
    "cosignature": [f"K{number}" for number in range(1, 6)],
    "witness": [f"W{number}" for number in range(1, 7)],
    "proof": ["P1", "P2"],
    "policy": [f"Q{number}" for number in range(1, 5)],
}
ABSENT = {"T1", "W6"}
"""Those without any test; spec/log.md section 7 says why."""


def test_every_requirement_has_a_test_or_a_reason() -> None:
    """Names of tests are `test_<standard>_<id>_...`; what is absent is in the table of the specification."""
    sources = [
        path.read_text() for name in ("tlog", "witness") for path in (ROOT / "tests" / name).glob("test_*.py")
    ]
    named = {found for text in sources for found in re.findall(r"def test_([a-z]+)_([A-Z]\d)_", text)}
    wanted = {(standard, item) for standard, items in REQUIREMENTS.items() for item in items}
    assert {item for _, item in wanted - named} == ABSENT
    assert not {item for item in named - wanted if item[0] != "threat"}
    page = (ROOT / "spec" / "log.md").read_text()
    assert set(re.findall(r"^\| ([TW]\d) \|", page, re.MULTILINE)) == ABSENT
