"""Makes the vectors of facts: `python tests/make_vectors/make_fact_vectors.py`.

Each file holds the body of one statement, whether the codec takes it, whether the JSON Schema takes it (a
schema cannot express every rule), and one sentence why. Bodies that are refused differ from a good one in
one place.
"""

import copy
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
WINDOW = {"from": "2026-11-23T00:00:00Z", "until": "2026-11-24T00:00:00Z"}
MISSING = object()

GOOD: dict[str, Any] = {
    "site": {"site": "hall-1", "operator": "alder", "note": "first hall"},
    "chips": {
        "lot": "alder-h100", "site": "hall-1", "chipType": "h100-sxm-80gb", "count": 512,
        "serialsRoot": DIGEST, "serialsCount": 512,
    },
    "transfer": {
        "lot": "alder-h100", "kind": "transfer", "fromSite": "hall-1", "toSite": "hall-2",
        "chipType": "h100-sxm-80gb", "count": 8,
    },
    "meter": {
        "meter": "node-1-power", "site": "hall-1", "channel": "power",
        "covers": [{"lot": "alder-h100", "first": 0, "until": 8}],
        "ratedMilliwatt": "10200000", "idleMilliwatt": "2720000",
        "randomErrorPpm": 10000, "systematicErrorPpm": 10000, "calibration": "bmc-2026",
    },
    "job": {
        "job": "run-1", "site": "hall-1", "operator": "alder", "tenant": "birch", "kind": "training",
        "purpose": "research", "lineage": "model-a",
        "chips": [{"lot": "alder-h100", "first": 0, "until": 512}], "window": WINDOW,
        "operations": {"low": "1270500000000000000000", "high": "1270500000000000000000", "unit": "flop"},
        "formula": "6nd", "countingRule": "format-used", "numberFormat": "fp8", "stated": ["parameters"],
        "parameters": {"low": "175000000000", "high": "175000000000", "unit": "1"},
        "tokens": {"low": "1210000000", "high": "1210000000", "unit": "1"},
    },
    "measurement": {
        "site": "hall-1", "window": WINDOW,
        "series": [{
            "meter": "node-1-power", "blob": DIGEST, "row": 0, "count": 1440,
            "first": "2026-11-23T00:00:00Z", "last": "2026-11-23T23:59:00.500Z", "total": "583200000000",
            "statedFrom": "2026-11-23T00:00:00Z", "statedUntil": "2026-11-24T00:00:00Z",
        }],
        "statedTotalMillijoule": "583000000000",
    },
    "period-close": {
        "period": WINDOW, "count": 3, "head": DIGEST,
        "inventory": [{"lot": "alder-a100", "count": 0}, {"lot": "alder-h100", "count": 512}],
    },
}  # fmt: skip

ACCEPTED: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "chips",
        "without-serials",
        "a lot may commit to no serial numbers",
        {"serialsRoot": None, "serialsCount": 0},
    ),
    ("transfer", "destruction", "destroyed chips reach no site", {"kind": "destruction", "toSite": None}),
    (
        "transfer",
        "supply",
        "a supplier's account names no site of origin",
        {"kind": "supply", "fromSite": None},
    ),
    (
        "meter",
        "counter",
        "a meter of a channel other than power has no rated or idle power",
        {"channel": "busy-time", "ratedMilliwatt": "0", "idleMilliwatt": "0"},
    ),
    ("meter", "covers-nothing", "a network switch covers no chip", {"covers": []}),
    (
        "job",
        "stated",
        "a stated figure has bounds and no formula",
        {"formula": "stated", "parameters": None, "tokens": None, "operations/low": "1000000000000000000001"},
    ),
    (
        "job",
        "formula-without-factors",
        "parameters and tokens may stay undisclosed if the bounds are multiples that the formula gives",
        {"parameters": None, "tokens": None, "numberFormat": "mixed"},
    ),
    (
        "job",
        "frozen-weights",
        "tuning with frozen weights lies between 4 ND and 6 ND",
        {"formula": "4nd-6nd", "kind": "fine-tuning", "operations/low": "847000000000000000000"},
    ),
    (
        "measurement",
        "negative-total",
        "readings may be impossible; rules judge them",
        {"series/0/total": "-7"},
    ),
    (
        "measurement",
        "no-stated-total",
        "nobody else may have stated a total",
        {"statedTotalMillijoule": None},
    ),
    (
        "measurement",
        "no-stated-period",
        "a source may not say when it began and ended",
        {"series/0/statedFrom": None, "series/0/statedUntil": None},
    ),
    ("period-close", "first-statement", "a close that is the first has no head", {"count": 1, "head": None}),
]

REFUSED: list[tuple[str, str, str, bool, dict[str, Any]]] = [
    (
        "site",
        "upper-case-name",
        "names are lower case, so that names that look alike are alike",
        False,
        {"site": "Hall-1"},
    ),
    ("site", "missing-operator", "defaults do not exist", False, {"operator": MISSING}),
    ("site", "unknown-key", "a key that nobody reads could carry anything", False, {"owner": "birch"}),
    ("site", "long-note", "a note has at most 1024 characters", False, {"note": "x" * 1025}),
    ("chips", "no-chips", "a lot has at least one chip", False, {"count": 0}),
    ("chips", "count-as-text", "counts are integers", False, {"count": "512"}),
    ("chips", "root-without-serials", "a root commits to something", True, {"serialsCount": 0}),
    (
        "chips",
        "serials-without-root",
        "serials that are counted are committed to",
        True,
        {"serialsRoot": None},
    ),
    ("chips", "more-serials-than-chips", "a lot has at most one serial a chip", True, {"serialsCount": 513}),
    ("transfer", "unknown-kind", "kinds are a closed set", False, {"kind": "gift"}),
    ("transfer", "no-origin", "a transfer leaves a site", True, {"fromSite": None}),
    ("transfer", "same-site", "a transfer moves chips", True, {"toSite": "hall-1"}),
    ("transfer", "destroyed-and-arrived", "destroyed chips reach no site", True, {"kind": "destruction"}),
    (
        "transfer",
        "supply-with-origin",
        "a supply names only where the chips arrived",
        True,
        {"kind": "supply"},
    ),
    (
        "meter",
        "overlapping-ranges",
        "a chip that is covered twice by one meter would be counted twice",
        True,
        {"covers": [{"lot": "a", "first": 0, "until": 8}, {"lot": "a", "first": 7, "until": 9}]},
    ),
    ("meter", "empty-range", "a range holds at least one chip", True, {"covers/0/until": 0}),
    ("meter", "idle-above-rated", "a meter idles below its rated power", True, {"idleMilliwatt": "10200000"}),
    ("meter", "leading-zero", "a decimal has one spelling", False, {"ratedMilliwatt": "010200000"}),
    (
        "meter",
        "error-above-one",
        "a relative error is at most one million ppm",
        False,
        {"randomErrorPpm": 1000001},
    ),
    (
        "meter",
        "counter-with-rated-power",
        "only power meters are rated in watts",
        True,
        {"channel": "energy"},
    ),
    (
        "job",
        "wrong-product",
        "the operations must follow from the formula",
        True,
        {"tokens/high": "1210000001"},
    ),
    ("job", "parameters-alone", "parameters without tokens lead nowhere", True, {"tokens": None}),
    (
        "job",
        "stated-with-parameters",
        "a stated figure has no formula to lead to it",
        True,
        {"formula": "stated"},
    ),
    (
        "job",
        "not-a-multiple",
        "six times a whole number is never this",
        True,
        {"parameters": None, "tokens": None, "operations/high": "1270500000000000000001"},
    ),
    ("job", "wrong-unit", "operations are in flop", False, {"operations/unit": "mJ"}),
    ("job", "no-chips", "a job runs on chips", False, {"chips": []}),
    (
        "job",
        "unknown-format",
        "formats are those of the reference table, or mixed",
        False,
        {"numberFormat": "fp12"},
    ),
    (
        "job",
        "stated-out-of-order",
        "lists that are sets have one order",
        True,
        {"stated": ["tokens", "parameters"]},
    ),
    (
        "job",
        "backward-window",
        "a window ends after it starts",
        True,
        {"window/until": "2026-11-22T00:00:00Z"},
    ),
    ("measurement", "no-series", "a measurement measures something", False, {"series": []}),
    ("measurement", "same-series-twice", "a series counts once", True, {"series": "twice"}),
    (
        "measurement",
        "missing-stated-end",
        "what is absent is null",
        False,
        {"series/0/statedUntil": MISSING},
    ),
    ("measurement", "minus-zero", "zero has one spelling", False, {"series/0/total": "-0"}),
    ("measurement", "no-readings", "a series has at least one reading", False, {"series/0/count": 0}),
    (
        "measurement",
        "ends-before-start",
        "first is the least time",
        True,
        {"series/0/first": "2026-11-24T00:00:00Z"},
    ),
    (
        "measurement",
        "instant-with-offset",
        "instants are in UTC",
        False,
        {"series/0/last": "2026-11-23T23:59:00+00:00"},
    ),
    ("period-close", "head-of-first", "the first statement has no predecessor", True, {"count": 1}),
    ("period-close", "no-head", "a later close names its predecessor", True, {"head": None}),
    (
        "period-close",
        "lots-out-of-order",
        "lots are in ascending order",
        True,
        {"inventory/0/lot": "alder-z100"},
    ),
    ("period-close", "counts-nothing", "a close counts at least itself", False, {"count": 0}),
]


TABLE: dict[str, Any] = {
    "title": "one type",
    "chips": [
        {
            "id": "x-1", "name": "Example accelerator", "peaks": {"fp16": "500000000000000"},
            "tdpMilliwatt": "400000", "memoryBytes": "80000000000", "floorMilliwatt": "50000",
            "idleMilliwatt": "200000", "unitMilliwatt": "800000", "joulePerFlopMinAttojoule": "400000",
            "sources": [
                {"figures": ["fp16", "memoryBytes", "tdpMilliwatt"], "grade": "P", "text": "data sheet"},
                {
                    "figures": ["floorMilliwatt", "idleMilliwatt", "joulePerFlopMinAttojoule", "unitMilliwatt"],
                    "grade": "D", "text": "assumed",
                },
            ],
        }
    ],
}  # fmt: skip

TABLES: list[tuple[str, str, bool, bool, dict[str, Any]]] = [
    ("plain", "one type, every figure with its source", True, True, {}),
    (
        "no-source",
        "every figure is cited",
        False,
        True,
        {"chips/0/sources/0/figures": ["fp16", "memoryBytes"]},
    ),
    ("unknown-format", "formats are a closed set", False, False, {"chips/0/peaks": {"fp12": "1"}}),
    ("no-peaks", "a chip does something", False, False, {"chips/0/peaks": {}}),
    (
        "floor-above-idle",
        "a server that is on draws at least its floor",
        False,
        True,
        {"chips/0/floorMilliwatt": "200001"},
    ),
    ("free-operations", "no operation is free", False, True, {"chips/0/joulePerFlopMinAttojoule": "0"}),
    ("same-type-twice", "types are in ascending order", False, True, {"chips": "twice"}),
    ("number-not-text", "figures are decimals", False, False, {"chips/0/tdpMilliwatt": 400000}),
]


def edit(body: Any, edits: dict[str, Any]) -> Any:
    """Return a copy of `body` with some members replaced, added or removed."""
    changed = copy.deepcopy(body)
    for path, value in edits.items():
        *parents, last = path.split("/")
        at = changed
        for step in parents:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if value is MISSING:
            del at[last]
        elif value == "twice":
            at[last] = at[last] * 2
        else:
            at[last] = value
    return changed


def make_vectors() -> dict[Path, str]:
    """Return the text of every vector by its path below vectors/."""
    rows: list[tuple[str, str, str, bool, bool, Any]] = []
    rows.extend((name, "plain", "the example of the specification", True, True, GOOD[name]) for name in GOOD)
    rows.extend((name, tag, why, True, True, edit(GOOD[name], edits)) for name, tag, why, edits in ACCEPTED)
    rows.extend(
        (name, tag, why, False, schema, edit(GOOD[name], edits)) for name, tag, why, schema, edits in REFUSED
    )
    vectors = {}
    for predicate, tag, why, is_valid, schema_accepts, body in rows:
        vector = {
            "why": why,
            "predicate": predicate,
            "isValid": is_valid,
            "schemaAccepts": schema_accepts,
            "body": body,
        }
        vectors[Path(predicate) / f"{tag}.json"] = json.dumps(vector, indent=2) + "\n"
    for tag, why, is_valid, schema_accepts, edits in TABLES:
        # The bytes are what an agreement pins, so the vector holds them as text: canonical JSON.
        canonical = json.dumps(edit(TABLE, edits), separators=(",", ":"), sort_keys=True)
        vector = {
            "why": why,
            "predicate": "chip-table",
            "isValid": is_valid,
            "schemaAccepts": schema_accepts,
            "canonical": canonical,
        }
        vectors[Path("chip-table") / f"{tag}.json"] = json.dumps(vector, indent=2) + "\n"
    return vectors


if __name__ == "__main__":
    for path, text in make_vectors().items():
        target = ROOT / "vectors" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
