"""Makes the vectors of the table: `python tests/make_vectors/make_convening_vectors.py`.

Bodies of its statements, and what `make_agreement_vectors` needs for agreements that have a table. Each file
holds a value, whether the codec takes it, whether the JSON Schema does, and one sentence why.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from make_vectors.make_fact_vectors import MISSING, edit  # noqa: E402  # tests/ is put on the path above

DAY_MS = 86_400_000
BASE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TEXT = "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f14a1b2c3"

GOOD: dict[str, Any] = {
    "proposal": {
        "name": "shorter-answer", "kind": "amendment", "motion": None, "base": BASE, "text": TEXT, "counters": None,
        "about": None, "note": "five days are enough",
        "changes": [{"op": "set", "path": ["response", "answerMs"], "was": 10 * DAY_MS, "now": 5 * DAY_MS}],
    },
    "proposal-withdrawal": {"proposal": BASE, "reason": "the counter-text says it better"},
    "comment": {"proposal": BASE, "clause": "4.1", "text": "what counts as a run?"},
    "endorsement": {"proposal": BASE, "text": "our members can live with this"},
    "vote": {"proposal": BASE, "choice": "against", "reason": "clause 4.1 has no end"},
}  # fmt: skip

PLAIN: dict[str, Any] = {"kind": "text", "base": None, "changes": []}
MOVED: dict[str, Any] = {"kind": "motion", "motion": "start", "base": None, "text": None, "changes": []}
PATH = ["response", "answerMs"]

ACCEPTED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("proposal", "text", "a whole text names no text that it starts from", PLAIN),
    ("proposal", "counter-text", "a text may start from another and answer it", {**PLAIN, "base": BASE, "counters": BASE}),
    ("proposal", "motion", "a motion names what it moves", MOVED),
    ("proposal", "motion-about", "a motion may be about a statement, such as a finding", {**MOVED, "about": BASE}),
    ("proposal", "clause-added", "what was not there has one side", {
        "changes": [{"op": "add", "path": ["obligations", "5.1"], "now": {"clause": "5.1"}}]}),
    ("proposal", "clause-removed", "what is gone has one side", {
        "changes": [{"op": "remove", "path": ["obligations", "4.2"], "was": {"clause": "4.2"}}]}),
    ("proposal", "clauses-in-order", "a list may only be put in another order", {
        "changes": [{"op": "order", "path": ["obligations"], "was": ["4.1", "4.2"], "now": ["4.2", "4.1"]}]}),
    ("proposal", "to-nothing", "null is a value", {
        "changes": [{"op": "set", "path": ["obligations", "4.1", "timelinessMs"], "was": 1, "now": None}]}),
    ("comment", "on-the-whole", "a comment need not be about a clause", {"clause": None}),
    ("endorsement", "without-words", "support needs no reason", {"text": ""}),
    ("vote", "without-reason", "a vote needs no reason", {"choice": "for", "reason": ""}),
    ("proposal-withdrawal", "without-reason", "nor does taking back", {"reason": ""}),
]  # fmt: skip

REFUSED: list[tuple[str, str, str, bool, dict[str, Any]]] = [
    ("proposal", "unknown-kind", "kinds are a closed set", False, {"kind": "decree"}),
    ("proposal", "missing-counters", "what is absent is null", False, {"counters": MISSING}),
    ("proposal", "amendment-of-nothing", "an amendment names the text that it changes", True, {"base": None}),
    ("proposal", "amendment-to-nothing", "and the text that it leads to", True, {"text": None}),
    ("proposal", "amendment-without-changes", "an amendment changes something", True, {"changes": []}),
    ("proposal", "text-with-changes", "a text is whole", True, {"kind": "text"}),
    ("proposal", "motion-without-name", "a motion moves something", True, {**MOVED, "motion": None}),
    ("proposal", "motion-with-text", "a motion has no text", True, {**MOVED, "text": TEXT}),
    ("proposal", "text-about", "only a motion is about a statement", True, {**PLAIN, "about": BASE}),
    ("proposal", "upper-case-name", "names are lower case", False, {"name": "Shorter"}),
    ("proposal", "change-of-nothing", "a change changes something", True, {
        "changes": [{"op": "set", "path": PATH, "was": 1, "now": 1}]}),
    ("proposal", "change-without-place", "a change has a place", False, {
        "changes": [{"op": "set", "path": [], "was": 1, "now": 2}]}),
    ("proposal", "change-without-was", "what is replaced is named", False, {
        "changes": [{"op": "set", "path": PATH, "now": 2}]}),
    ("proposal", "added-over-something", "what is added was not there", False, {
        "changes": [{"op": "add", "path": PATH, "was": 1, "now": 2}]}),
    ("proposal", "order-of-others", "putting in order adds nothing", True, {
        "changes": [{"op": "order", "path": ["obligations"], "was": ["4.1", "4.2"], "now": ["4.2", "4.3"]}]}),
    ("proposal", "order-of-values", "an order is of ids", False, {
        "changes": [{"op": "order", "path": ["obligations"], "was": [1, 2], "now": [2, 1]}]}),
    ("proposal", "unknown-operation", "operations are a closed set", False, {
        "changes": [{"op": "move", "path": PATH, "was": 1, "now": 2}]}),
    ("proposal", "long-note", "a note has at most 4096 characters", False, {"note": "x" * 4097}),
    ("proposal-withdrawal", "unknown-key", "a key that nobody reads could mean anything", False, {"by": "birch"}),
    ("comment", "empty", "a comment says something", False, {"text": ""}),
    ("comment", "no-clause-number", "a clause is named by its number", False, {"clause": "the first"}),
    ("endorsement", "short-digest", "a digest has 64 digits", False, {"proposal": BASE[:-1]}),
    ("vote", "unknown-choice", "choices are a closed set", False, {"choice": "maybe"}),
    ("vote", "by-name", "a vote names a digest, not a name that two texts may share", False, {"proposal": "treaty"}),
    ("vote", "weighted", "every vote is one vote", False, {"weight": 2}),
]  # fmt: skip

ANYBODY: dict[str, Any] = {"kinds": [], "seats": [], "blocs": [], "parties": []}
TERMS: dict[str, Any] = {
    "rules": [
        {
            "name": "both-sides", "voters": {**ANYBODY, "seats": ["company"]}, "proposers": ANYBODY,
            "adopt": {"allOf": [{"criticalAll": True}, {"blocsAtLeast": {"count": 2, "ppm": 500_001}}]},
            "veto": "none", "tacit": False, "openMs": 14 * DAY_MS,
        },
        {
            "name": "silence", "voters": ANYBODY, "proposers": {**ANYBODY, "parties": ["alder", "birch"]},
            "adopt": {"anyOf": [{"shareAtLeast": {"ppm": 1_000_000}}, {"atLeast": {"count": 2, "of": [
                {"agrees": "cedar"}, {"seatAtLeast": {"seat": "scientist", "count": 1}},
                {"kindAtLeast": {"kind": "verifier", "count": 1}}, {"blocAtLeast": {"bloc": "north", "count": 1}}]}}]},
            "veto": "critical", "tacit": True, "openMs": 30 * DAY_MS,
        },
    ],
    "motions": [{"name": "start", "rule": "both-sides"}, {"name": "lift", "rule": "both-sides"}],
    "textRule": "both-sides",
    "amendmentRule": "silence",
    "amendmentLeadMs": 30 * DAY_MS,
}  # fmt: skip

TOML = """
[convening]
text_rule = "both-sides"
amendment_rule = "silence"
amendment_lead = "P30D"
motions = [{ name = "start", rule = "both-sides" }, { name = "lift", rule = "both-sides" }]

[[convening.rules]]
name = "both-sides"
voters = { seats = ["company"] }
adopt = { all_of = [{ critical_all = true }, { blocs_at_least = { count = 2, percent = "50.0001" } }] }
open = "P14D"

[[convening.rules]]
name = "silence"
proposers = { parties = ["alder", "birch"] }
veto = "critical"
tacit = true
open = "P30D"

[convening.rules.adopt]
any_of = [
  { share_at_least = { percent = "100" } },
  { at_least = { count = 2, of = [
    { agrees = "cedar" },
    { seat_at_least = { seat = "scientist", count = 1 } },
    { kind_at_least = { kind = "verifier", count = 1 } },
    { bloc_at_least = { bloc = "north", count = 1 } },
  ] } },
]
"""

SEATS = {"alder": "company", "birch": "company", "cedar": "scientist"}
"""Seat of each party of the example agreement that has a table."""

Place = tuple[str | int, ...]
_RULE: Place = ("convening", "rules", 0)
DOCUMENTS_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("convening-null", "what is not agreed is left out", False, ("convening",), None),
    ("convening-rule-twice", "a rule is named once", True, ("convening", "rules", 1, "name"), "both-sides"),
    ("convening-unknown-rule", "a motion is decided by a rule", True, ("convening", "motions", 0, "rule"), "none"),
    ("convening-motion-twice", "a motion is named once", True, ("convening", "motions", 1, "name"), "start"),
    ("convening-stranger-votes", "voters are parties", True, (*_RULE, "voters", "parties"), ["elm"]),
    ("convening-nobody-votes", "somebody votes", True, (*_RULE, "voters", "seats"), ["official"]),
    ("convening-waits-for-stranger", "a rule waits for who may vote", True, (*_RULE, "adopt"), {"agrees": "cedar"}),
    ("convening-out-of-reach", "a rule can be met", True, (*_RULE, "adopt"), {"seatAtLeast": {"seat": "company", "count": 3}}),
    ("convening-too-many-blocs", "a rule can be met", True, (*_RULE, "adopt"), {"blocsAtLeast": {"count": 3, "ppm": 1}}),
    ("convening-veto-of-nobody", "a veto is somebody's", True, ("convening", "rules", 1, "voters", "parties"), ["cedar"]),
    ("convening-no-share", "nothing is adopted by nobody", False, (*_RULE, "adopt"), {"shareAtLeast": {"ppm": 0}}),
    ("convening-more-than-all", "a share is at most the whole", False, (*_RULE, "adopt"), {"shareAtLeast": {"ppm": 1_000_001}}),
    ("convening-negation", "rules only grow", False, (*_RULE, "adopt"), {"not": {"agrees": "alder"}}),
    ("convening-closed-at-once", "a vote takes time", False, (*_RULE, "openMs"), 0),
    ("convening-unknown-seat", "seats are a closed set", False, ("parties", 0, "seat"), "lobbyist"),
    ("convening-seat-null", "who has no seat has no key", False, ("parties", 0, "seat"), None),
    ("convening-unknown-veto", "vetoes are a closed set", False, (*_RULE, "veto"), "everybody"),
]  # fmt: skip


def with_table(toml: str) -> str:
    """Return the TOML of the example agreement with seats and a table."""
    for party, seat in SEATS.items():
        toml = toml.replace(f'id = "{party}"', f'id = "{party}"\nseat = "{seat}"')
    return toml + TOML


def make_vectors() -> dict[Path, str]:
    """Return the text of every vector of a statement by its path below vectors/."""
    rows = [
        (name, "plain", "the example of the specification", True, True, body) for name, body in GOOD.items()
    ]
    rows += [(name, tag, why, True, True, edit(GOOD[name], edits)) for name, tag, why, edits in ACCEPTED]
    rows += [
        (name, tag, why, False, schema, edit(GOOD[name], edits)) for name, tag, why, schema, edits in REFUSED
    ]
    return {
        Path(predicate) / f"{tag}.json": json.dumps(
            {
                "why": why,
                "predicate": predicate,
                "isValid": is_valid,
                "schemaAccepts": schema_accepts,
                "body": body,
            },
            indent=2,
        )
        + "\n"
        for predicate, tag, why, is_valid, schema_accepts, body in rows
    }


if __name__ == "__main__":
    for path, text in make_vectors().items():
        target = ROOT / "vectors" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
