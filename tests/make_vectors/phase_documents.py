"""Phases for the vectors of agreements: the worked example of spec/phases.md in both forms, and what is refused."""

from typing import Any

__all__ = ["DOCUMENTS_REFUSED", "TERMS", "TOML"]

DAY_MS = 86_400_000

TOML = """
[[phases.phase]]
name = "before"
kind = "before"

[[phases.phase]]
name = "emergency"
kind = "paused"
max = "P30D"
then = "before"

[[phases.phase]]
name = "paused"
kind = "paused"
min = "P30D"

[[phases.phase]]
name = "easing"
kind = "easing"
max = "P180D"
then = "paused"

[[phases.phase]]
name = "ended"
kind = "ended"

[[phases.transition]]
from = "before"
to = "paused"
lead = "P1D"
when = { motion = "start" }

[[phases.transition]]
from = "before"
to = "emergency"
lead = "PT6H"
when = { signal = { name = "self-copying", kind = "tripwire", parties = 2, blocs = 2 } }

[[phases.transition]]
from = "emergency"
to = "paused"
when = { motion = "start" }

[[phases.transition]]
from = "paused"
to = "easing"
lead = "P7D"
when = { all_of = [
  { elapsed = "P90D" },
  { assessed = { verdict = "CONSISTENT", parties = 2, verifiers = 2, blocs = 2 } },
] }

[[phases.transition]]
from = "easing"
to = "paused"
when = { any_of = [
  { confirmed = { findings = 1 } },
  { coverage_below = { percent = "90", longer_than = "P30D", verifiers = 2, blocs = 2 } },
] }

[[phases.transition]]
from = "easing"
to = "ended"
when = { motion = "end" }
"""
"""The block of the page."""

_BY_TWO = {"verifiers": 2, "blocs": 2}

TERMS: dict[str, Any] = {
    "phases": [
        {"name": "before", "kind": "before", "minMs": 0, "maxMs": None, "then": None},
        {"name": "emergency", "kind": "paused", "minMs": 0, "maxMs": 30 * DAY_MS, "then": "before"},
        {"name": "paused", "kind": "paused", "minMs": 30 * DAY_MS, "maxMs": None, "then": None},
        {"name": "easing", "kind": "easing", "minMs": 0, "maxMs": 180 * DAY_MS, "then": "paused"},
        {"name": "ended", "kind": "ended", "minMs": 0, "maxMs": None, "then": None},
    ],
    "transitions": [
        {"from": "before", "to": "paused", "leadMs": DAY_MS, "when": {"motion": "start"}},
        {
            "from": "before", "to": "emergency", "leadMs": DAY_MS // 4,
            "when": {"signal": {"name": "self-copying", "kind": "tripwire", "parties": 2, "blocs": 2}},
        },
        {"from": "emergency", "to": "paused", "leadMs": 0, "when": {"motion": "start"}},
        {
            "from": "paused", "to": "easing", "leadMs": 7 * DAY_MS,
            "when": {"allOf": [
                {"elapsedMs": 90 * DAY_MS},
                {"assessed": {"verdict": "CONSISTENT", "parties": 2, **_BY_TWO}},
            ]},
        },
        {
            "from": "easing", "to": "paused", "leadMs": 0,
            "when": {"anyOf": [
                {"confirmed": {"findings": 1}},
                {"coverageBelow": {"floorPpm": 900_000, "longerThanMs": 30 * DAY_MS, "parties": 1, **_BY_TWO}},
            ]},
        },
        {"from": "easing", "to": "ended", "leadMs": 0, "when": {"motion": "end"}},
    ],
}  # fmt: skip

Place = tuple[str | int, ...]
_PHASE: Place = ("phases", "phases")
_WHEN: Place = ("phases", "transitions", 0, "when")


def _signal(parties: int, blocs: int) -> dict[str, Any]:
    return {"signal": {"name": "wire", "kind": "tripwire", "parties": parties, "blocs": blocs}}


DOCUMENTS_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("phases-null", "what is not agreed is left out", False, ("phases",), None),
    ("phases-none", "an agreement has phases or does not speak of them", False, _PHASE, []),
    ("phases-unknown-key", "a key that nobody reads could mean anything", False, ("phases", "note"), "x"),
    ("phases-twice", "a phase is named once", True, (*_PHASE, 1, "name"), "before"),
    ("phases-another-kind", "kinds are a closed set", False, (*_PHASE, 0, "kind"), "frozen"),
    ("phases-begin-ended", "what has ended does not begin", True, (*_PHASE, 0, "kind"), "ended"),
    ("phases-no-least-length", "nothing has a default on the wire", False, (*_PHASE, 0, "minMs"), None),
    ("phases-length-without-then", "a phase that ends of itself says what begins", True, (*_PHASE, 1, "then"), None),
    ("phases-then-without-length", "a phase without end is followed by nothing", True, (*_PHASE, 1, "maxMs"), None),
    ("phases-least-above-greatest", "no length is both", True, (*_PHASE, 1, "minMs"), 31 * DAY_MS),
    ("phases-length-zero", "a phase takes time before it ends of itself", False, (*_PHASE, 1, "maxMs"), 0),
    ("phases-then-stranger", "a phase of this agreement follows", True, (*_PHASE, 1, "then"), "rest"),
    ("phases-ended-with-length", "what has ended stays so", True, (*_PHASE, 4, "minMs"), 1),
    ("phases-from-stranger", "a change leads from a phase", True, ("phases", "transitions", 0, "from"), "rest"),
    ("phases-to-itself", "a change changes something", True, ("phases", "transitions", 0, "to"), "before"),
    ("phases-after-the-end", "nothing follows the end", True, ("phases", "transitions", 5, "from"), "ended"),
    ("phases-eased-before-paused", "what was not paused is not eased", True, ("phases", "transitions", 0, "to"), "easing"),
    ("phases-clause-in-stranger", "a clause applies in phases of the agreement", True, ("obligations", 0, "phases"), ["rest"]),
    ("phases-no-event", "nothing at all starts no pause", False, _WHEN, {"allOf": []}),
    ("phases-not", "conditions only grow", False, _WHEN, {"not": {"motion": "start"}}),
    ("phases-two-events", "two events are joined in words", False, _WHEN, {"motion": "start", "measure": "snap-back"}),
    ("phases-nobody-signals", "somebody trips a wire", False, _WHEN, _signal(0, 0)),
    ("phases-more-blocs-than-parties", "each bloc takes a party", True, _WHEN, _signal(2, 3)),
    ("phases-too-many-parties", "limits are agreed", False, _WHEN, _signal(65, 2)),
    ("phases-local-date", "instants are in UTC", False, _WHEN, {"date": "2028-01-01T00:00:00+01:00"}),
    ("phases-at-once", "a length of time has a length", False, _WHEN, {"elapsedMs": 0}),
    ("phases-floor-of-nothing", "no coverage is below zero", False, _WHEN,
     {"coverageBelow": {"floorPpm": 0, "longerThanMs": 1, "parties": 1, **_BY_TWO}}),
    ("phases-no-finding", "nothing is confirmed by itself", False, _WHEN, {"confirmed": {"findings": 0}}),
    ("phases-another-verdict", "there is no boolean and no fourth verdict", False, _WHEN,
     {"assessed": {"verdict": "COMPLIANT", "parties": 1, **_BY_TWO}}),
    ("phases-dates-in-a-circle", "time passes before a phase comes back", True, ("phases",), {
        "phases": [
            {"name": "a", "kind": "paused", "minMs": 0, "maxMs": None, "then": None},
            {"name": "b", "kind": "paused", "minMs": 0, "maxMs": None, "then": None},
        ],
        "transitions": [
            {"from": one, "to": other, "leadMs": 0, "when": {"date": "2028-01-01T00:00:00Z"}}
            for one, other in (("a", "b"), ("b", "a"))
        ],
    }),
]  # fmt: skip
