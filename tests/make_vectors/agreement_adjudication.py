"""Terms of adjudication for the vectors of agreements: in JSON, in TOML, and how they are refused."""

from typing import Any

__all__ = ["ADJUDICATION", "ADJUDICATION_REFUSED", "ADJUDICATION_TOML"]


def _length(amount: int, unit: str) -> dict[str, Any]:
    return {"amount": amount, "unit": unit}


_CURED = {"cured": True, "length": None, "motion": None}

ADJUDICATION: dict[str, Any] = {
    "acknowledge": _length(36, "hours"),
    "answer": _length(5, "days"),
    "cure": _length(30, "days"),
    "ruling": _length(60, "days"),
    "appeal": _length(14, "days"),
    "impediment": _length(90, "days"),
    "calendar": None,
    "panel": {"members": ["alder", "birch", "cedar"], "quorum": 2, "blocs": 2},
    "appealPanel": {"members": ["alder", "birch", "cedar"], "quorum": 2, "blocs": 2},
    "measures": [
        {
            "name": "notice", "kind": "notice", "by": None, "clauses": [],
            "when": {"confirmed": True, "uncuredFor": None, "after": None},
            "ends": {"cured": True, "length": _length(1, "years"), "motion": None},
        },
        {
            "name": "suspend", "kind": "counter-suspension", "by": None, "clauses": ["4.1"],
            "when": {"confirmed": True, "uncuredFor": _length(30, "days"), "after": "notice"}, "ends": _CURED,
        },
        {
            "name": "snap-back", "kind": "snap-back", "by": "restore", "clauses": ["4.1", "4.2"],
            "when": {"confirmed": True, "uncuredFor": _length(90, "days"), "after": "suspend"},
            "ends": {"cured": True, "length": None, "motion": "lift"},
        },
        {
            "name": "end", "kind": "termination", "by": "terminate", "clauses": [],
            "when": {"confirmed": True, "uncuredFor": _length(1, "years"), "after": "snap-back"},
            "ends": {"cured": False, "length": None, "motion": None},
        },
    ],
}  # fmt: skip

ADJUDICATION_TOML = """
[adjudication]
acknowledge = { hours = 36 }
answer = { days = 5 }
cure = { days = 30 }
ruling = { days = 60 }
appeal = { days = 14 }
impediment = { days = 90 }

[adjudication.panel]
members = ["alder", "birch", "cedar"]
quorum = 2
blocs = 2

[adjudication.appeal_panel]
members = ["alder", "birch", "cedar"]
quorum = 2
blocs = 2

[[adjudication.measure]]
name = "notice"
kind = "notice"
when = { confirmed = true }
ends = { cured = true, years = 1 }

[[adjudication.measure]]
name = "suspend"
kind = "counter-suspension"
when = { confirmed = true, uncured_for = { days = 30 }, after = "notice" }
clauses = ["4.1"]
ends = { cured = true }

[[adjudication.measure]]
name = "snap-back"
kind = "snap-back"
when = { confirmed = true, uncured_for = { days = 90 }, after = "suspend" }
by = "restore"
clauses = ["4.1", "4.2"]
ends = { cured = true, motion = "lift" }

[[adjudication.measure]]
name = "end"
kind = "termination"
when = { confirmed = true, uncured_for = { years = 1 }, after = "snap-back" }
by = "terminate"
"""

Place = tuple[str | int, ...]
_FIRST = ("measures", 0)

ADJUDICATION_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("adjudication-null", "what is not agreed is left out, so that it has one spelling", False, (), None),
    ("adjudication-no-ruling", "a panel that need not rule could stall for ever", False, ("ruling",), None),
    ("adjudication-no-time-to-answer", "an answer that nobody had time to give was not heard", False,
     ("answer", "amount"), 0),
    ("adjudication-unit-of-its-own", "units are those of clocks", False, ("answer", "unit"), "fortnights"),
    ("adjudication-business-days-without-calendar", "business days are those of a calendar", True,
     ("answer", "unit"), "business-days"),
    ("adjudication-unknown-calendar", "a calendar is supplied with the agreement", True, ("calendar",), "vienna"),
    ("adjudication-stranger-on-panel", "judges are parties, whose keys are known", True,
     ("panel", "members"), ["alder", "birch", "elm"]),
    ("adjudication-member-twice", "nobody has two votes", False, ("panel", "members"), ["alder", "birch", "birch"]),
    ("adjudication-half-of-the-panel", "half and half could decide two things", True, ("panel", "quorum"), 1),
    ("adjudication-more-blocs-than-members", "each member is of one bloc", True, ("panel", "blocs"), 3),
    ("adjudication-all-must-agree", "with the accused recused nobody could be judged", True, ("panel", "quorum"), 3),
    ("adjudication-empty-panel", "somebody judges", False, ("panel", "members"), []),
    ("adjudication-appeal-without-panel", "an appeal goes somewhere", True, ("appealPanel",), None),
    ("adjudication-panel-without-appeal", "a time to appeal is stated", True, ("appeal",), None),
    ("adjudication-measure-without-end", "each measure says when it ends", True, (*_FIRST, "ends"),
     {"cured": False, "length": None, "motion": None}),
    ("adjudication-termination-that-ends", "what is terminated does not come back", True,
     ("measures", 3, "ends", "cured"), True),
    ("adjudication-measure-without-confirmation", "nothing follows an accusation alone", False,
     (*_FIRST, "when", "confirmed"), False),
    ("adjudication-measure-after-a-later-one", "a ladder is climbed from below", True,
     (*_FIRST, "when", "after"), "suspend"),
    ("adjudication-measure-twice", "a name is one measure", True, ("measures", 1, "name"), "notice"),
    ("adjudication-measure-of-its-own-kind", "kinds are a closed set", False, (*_FIRST, "kind"), "fine"),
    ("adjudication-measure-on-no-clause", "what is suspended is a clause", True, ("measures", 1, "clauses"), ["9.9"]),
    ("adjudication-unknown-key", "a key that nobody reads could mean anything", False, ("except",), []),
]  # fmt: skip
