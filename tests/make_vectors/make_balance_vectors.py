"""Makes vectors/balance: `python tests/make_vectors/make_balance_vectors.py`.

Each file holds all that the account of one cell rests on, what spec/balance.md sections 2 to 4 make of it, and one
sentence why. Times are in ms, readings in the unit of the channel, amounts that may be large are decimal strings.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from allstop.accountancy import (  # noqa: E402
    Cell,
    CellInput,
    ChipPower,
    JobUse,
    MeterView,
    account_cell,
    steps_of,
)
from allstop.finding import Channel, ChipRange  # noqa: E402
from allstop.ids import Name  # noqa: E402
from allstop.telemetry import Series  # noqa: E402
from allstop.times import Instant, Window  # noqa: E402

HOUR = 3_600_000
CHIP = {
    "peakFlopPerSecond": "1978900000000000",
    "joulePerFlopMinAttojoule": "176865",
    "floorMilliwatt": 120_000,
    "idleMilliwatt": 340_000,
    "unitMilliwatt": 1_275_000,
}


def meter(
    name: str, channel: str, *series: list[list[int]], domain: str = "alder", chips: int = 8, **changes: Any
) -> dict[str, Any]:
    """Return a meter of some chips; a series is a list of time, reading, epoch."""
    plain = {
        "meter": name,
        "domain": domain,
        "isOwn": domain == "alder",
        "channel": channel,
        "chips": chips,
        "randomErrorPpm": 10_000,
        "systematicErrorPpm": 10_000,
        "mayClear": True,
        "series": list(series),
        "missing": [],
    }
    return plain | changes


def gauge(value: int, first: int = 0, last: int = HOUR, step: int = 600_000) -> list[list[int]]:
    """Return steady readings."""
    return [[at, value, 0] for at in range(first, last + 1, step)]


def case(why: str, *meters: dict[str, Any], count: int = 8, liars: int = 0, **changes: Any) -> dict[str, Any]:
    """Return what an account rests on, with these changes."""
    plain = {
        "why": why,
        "chip": CHIP,
        "count": count,
        "window": [0, HOUR],
        "gapMs": 600_000,
        "liars": liars,
        "zMicro": 4_000_000,
        "meters": list(meters),
        "jobs": [],
    }
    return plain | changes


IDLE, BUSY = 2_500_000, 7_000_000
CASES = {
    "no-meter": case("chips that no meter covers could have been used at full speed throughout"),
    "idle": case("below the idle level operations are bounded by energy, and never zero", meter("m", "power", gauge(IDLE))),
    "active": case("above the idle level the time bound is the smaller one", meter("m", "power", gauge(BUSY))),
    "below-floor": case(
        "power below the floor of all chips means that some are off and others may be busy",
        meter("m", "power", gauge(900_000)),
    ),
    "off-by-own-word": case("a meter of its own that reads zero makes a site idle, never off: some operations remain possible", meter("m", "power", gauge(0))),
    "gap": case(
        "readings further apart than the gap say nothing about the time between",
        meter("m", "power", gauge(IDLE, last=1_200_000) + gauge(IDLE, first=2_400_000)),
    ),
    "epoch": case(
        "readings of two epochs are not joined, however close they are",
        meter("m", "power", gauge(IDLE, last=1_800_000) + [[t, v, 1] for t, v, _ in gauge(IDLE, first=2_400_000)]),
    ),
    "two-series": case(
        "no step leads from one series to the next, so a short gap between two is unobserved",
        meter("m", "power", gauge(IDLE, last=1_800_000), gauge(IDLE, first=1_800_001, last=3_600_001)),
    ),
    "long-counter": case(
        "a counter bounds the time between two readings under one identity, in which machines may have been off",
        meter("m", "energy", [[0, 0, 0], [HOUR, 9_000_000, 0]]),
    ),
    "busy-time": case(
        "busy time bounds activity and operations, and part of a step by what the rest can hold",
        meter("m", "busy-time", [[0, 0, 0], [HOUR, 7_200_000, 0]]),
        jobs=[{"job": "run-1", "window": [0, 600_000]}],
    ),
    "tensor": case("tensor activity is a share of the time", meter("m", "tensor-activity", gauge(250_000))),
    "switch-of-others": case(
        "an open switch in a counterparty's hands means off",
        meter("m", "breaker", gauge(0), domain="utility"),
    ),
    "switch-of-own": case("a switch in the operator's own hands means nothing", meter("m", "breaker", gauge(0))),
    "contradiction": case(
        "two meters that cannot both be right bound nothing for the time that their series share",
        meter("m", "power", gauge(IDLE)),
        meter("n", "power", gauge(BUSY, last=1_800_000), domain="utility"),
    ),
    "one-liar": case(
        "with one liar the second smallest bound of two domains counts",
        meter("m", "power", gauge(IDLE)),
        meter("n", "power", gauge(IDLE + 10_000), domain="utility"),
        liars=1,
    ),
    "one-liar-one-domain": case(
        "with one liar a single domain clears nothing, and still accuses itself",
        meter("m", "power", gauge(BUSY)),
        liars=1,
    ),
    "required-channel": case(
        "a silent meter of the operator leaves its chips unobserved whatever its other meters say",
        meter("m", "power", gauge(IDLE)),
        meter("n", "busy-time"),
    ),
    "claimed-by-others": case(
        "readings that another filer says it has, and that are not held, leave their time unobserved",
        meter("m", "power", gauge(IDLE)),
        meter("n", "power", domain="utility", missing=[[600_000, 1_800_000]]),
    ),
    "lesser-custody": case(
        "a meter in worse hands than the clause asks for clears nobody and still accuses",
        meter("m", "power", gauge(BUSY), mayClear=False),
    ),
    "part-of-a-unit": case(
        "chips outside the cell may be among those that work", meter("m", "power", gauge(BUSY)), count=3
    ),
    "two-jobs": case(
        "time that two jobs claim belongs to the first in the log",
        meter("m", "power", gauge(BUSY)),
        jobs=[{"job": "run-2", "window": [0, 2_000_000]}, {"job": "run-1", "window": [1_000_000, 3_000_000]}],
    ),
    "phantom-chips": case(
        "more chips under the meter than draw power lower no bound",
        meter("m", "power", gauge(BUSY), chips=100),
        count=100,
    ),
    "beyond-64-bits": case(
        "a billion chips for the longest time that can be written are exact",
        count=10**9,
        window=[0, 253_402_300_799_999],
    ),
}  # fmt: skip


def window(pair: list[int]) -> Window:
    """Return a window between two times."""
    return Window(start=Instant(pair[0]), end=Instant(pair[1]))


def view_of(one: dict[str, Any], chip: dict[str, Any], gap_ms: int) -> MeterView:
    """Return the meter as the account sees it."""
    channel, chips = Channel(one["channel"]), one["chips"]
    parts = []
    for rows in one["series"]:
        t, v, epoch = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
        parts.append(Series(t=t, v=v, epoch=epoch.astype(np.int32)))
    return MeterView(
        meter=Name(one["meter"]),
        domain=Name(one["domain"]),
        own=one["isOwn"],
        channel=channel,
        covers=(ChipRange(lot=Name("lot-1"), first=0, until=chips),),
        chips=chips,
        floor_milliwatt=chips * chip["floorMilliwatt"],
        idle_milliwatt=chips * chip["idleMilliwatt"],
        unit_milliwatt=chips * chip["unitMilliwatt"],
        random_ppm=one["randomErrorPpm"],
        systematic_ppm=one["systematicErrorPpm"],
        steps=steps_of(parts, channel=channel, gap_ms_max=gap_ms) if parts else None,
        missing=tuple(window(pair) for pair in one["missing"]),
        bounds=one["mayClear"],
    )


def input_of(vector: dict[str, Any]) -> CellInput:
    """Return the input of the account that a vector describes."""
    chip = vector["chip"]
    bare = CellInput(
        cell=Cell(chip_type=Name("h100-sxm-80gb"), count=vector["count"], meters=(), jobs=()),
        chip=ChipPower(
            peak_flop_per_second=int(chip["peakFlopPerSecond"]),
            attojoule_per_flop=int(chip["joulePerFlopMinAttojoule"]),
            floor_milliwatt=chip["floorMilliwatt"],
        ),
        views=tuple(view_of(one, chip, vector["gapMs"]) for one in vector["meters"]),
        jobs=tuple(JobUse(job=Name(use["job"]), window=window(use["window"])) for use in vector["jobs"]),
    )
    return replace(
        bare,
        cell=replace(bare.cell, meters=tuple(sorted(view.meter for view in bare.views))),
    )


def account(vector: dict[str, Any]) -> dict[str, Any]:
    """Return what the account says, as the vector writes it."""
    found = account_cell(
        input_of(vector), window=window(vector["window"]), liars=vector["liars"], z_micro=vector["zMicro"]
    )
    return {
        "classes": {kind.value: str(chip_ms) for kind, chip_ms in found.by_class},
        "contradictions": [[pair.one, pair.other] for pair in found.contradictions],
        "jobs": [
            {
                "job": part.job,
                "chipMs": str(part.chip_ms),
                "unobservedChipMs": str(part.unobserved_chip_ms),
                "activeChipMs": {"low": str(part.active_low_chip_ms), "high": str(part.active_high_chip_ms)},
                "flopHigh": str(part.flop_high),
            }
            for part in found.by_job
        ],
    }


def make() -> dict[str, str]:
    """Return every file of the folder, by name."""
    return {
        f"{name}.json": json.dumps(vector | {"account": account(vector)}, indent=1) + "\n"
        for name, vector in CASES.items()
    }


if __name__ == "__main__":
    folder = ROOT / "vectors" / "balance"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in make().items():
        (folder / name).write_text(text, "utf-8")
