"""What people read about replay before they sign: the terms, the sample, what breaks a verify clause."""

import json
from pathlib import Path

import pytest

from agreement_examples import REPLAY, agreement, clause
from allstop.agreement import ObligationKind, format_agreement
from allstop.cli._agreement_text import format_share
from allstop.finding import Level
from support_cli import Captured, run

VERIFY = clause("9.1", ObligationKind.VERIFY, text="Declared work is shown by replay.", tolerance=125_000)
TERMS = """\
replay      a sample that finds 20 % of a job's items forged with probability 90 %
            committed within 1 h of the end of the window, opened within 1 d of the draw
            begun at most 30 min after the beacon; the time of an item is known to 25 %
"""
ABSENT = "replay      not agreed, so no work can be verified\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Return the file of an agreement with terms of replay and a verify clause."""
    path = tmp_path / "agreement.json"
    path.write_bytes(format_agreement(agreement(replay=REPLAY, obligations=(clause(), VERIFY))))
    return str(path)


def test_show_says_what_the_sample_catches_and_when(file: str, captured: Captured) -> None:
    """The terms stand with the other clocks; the share that is a breach stands under its clause."""
    done = run(captured, ["agreement", "show", file])
    assert done.status == 0
    assert TERMS + "\nparty " in done.out
    assert done.out.endswith(
        "9.1 verify: alder (2A; at least declared, self-reported; silence means undetermined)\n"
        "    Declared work is shown by replay.\n"
        "    a breach is 12.5 % or more of declared operations not shown by replay\n"
    )
    assert done.out.count("a breach is") == 1


def test_check_says_how_many_items_are_drawn(file: str, captured: Captured) -> None:
    """Exact hypergeometric figures: 20 % of the items, found with 90 %."""
    done = run(captured, ["agreement", "check", file])
    drawn = "            each witness draws 10 of 100 items, 11 of 10000 items, 11 of 1000000 items\n"
    shown = "            clause 9.1: a breach is 12.5 % or more of declared operations not shown by replay\n"
    assert done.out.endswith("\n" + TERMS + drawn + shown)
    assert "AGR-019 warning: clause 9.1: asks that less than 125000 ppm" in done.out


def test_json_has_the_terms_and_the_unit_of_each_tolerance(file: str, captured: Captured) -> None:
    """What is printed in words is there as figures too."""
    shown = json.loads(run(captured, ["agreement", "show", file, "--json"]).out)
    assert [("3600000000", "chip-ms"), ("125000", "ppm")] == [
        (one["tolerance"], one["unit"]) for one in shown["obligations"]
    ]
    expected = {
        "forgedSharePpm": 200_000,
        "commitMs": 3_600_000,
        "openMs": 86_400_000,
        "freshMs": 1_800_000,
        "timingErrorPpm": 250_000,
    }
    assert expected == shown["replay"]
    assert expected == json.loads(run(captured, ["agreement", "check", file, "--json"]).out)["replay"]


@pytest.mark.parametrize(
    ("obligation", "told"), [(VERIFY, ABSENT), (clause(level=Level.VERIFIED), ABSENT), (clause(), "")]
)
def test_missing_terms_are_said_where_a_clause_needs_them(
    obligation: object, told: str, tmp_path: Path, captured: Captured
) -> None:
    """Where nobody asks for verified work, nothing is said of replay."""
    path = tmp_path / "agreement.json"
    path.write_bytes(format_agreement(agreement(obligations=(obligation,))))
    for verb in ("show", "check"):
        out = run(captured, ["agreement", verb, str(path)]).out
        assert "".join(line for line in out.splitlines(keepends=True) if "replay  " in line) == told
    assert json.loads(run(captured, ["agreement", "show", str(path), "--json"]).out)["replay"] is None


@pytest.mark.parametrize(
    ("ppm", "text"),
    [(0, "0 %"), (1, "0.0001 %"), (10_000, "1 %"), (125_000, "12.5 %"), (1_000_000, "100 %"), (999_999, "99.9999 %")],
)  # fmt: skip
def test_shares_are_written_exactly(ppm: int, text: str) -> None:
    """No rounding: these are what people sign."""
    assert text == format_share(ppm)
