"""Makes the vectors of agreements: `python tests/make_vectors/make_agreement_vectors.py`.

Each file holds one agreement or the body of one statement as exact text, whether the codec takes it, whether
the JSON Schema takes it (a schema cannot express every rule), and one sentence why. What is refused differs
from a good agreement in one place. A good agreement has its digest beside it, and one has its TOML.
"""

import copy
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from make_vectors import make_convening_vectors as convening
from make_vectors import phase_documents as phases
from make_vectors.agreement_adjudication import (
    ADJUDICATION,
    ADJUDICATION_REFUSED,
    ADJUDICATION_TOML,
)
from make_vectors.agreement_articles import (  # tests/ is put on the path above
    ARTICLES,
    ARTICLES_REFUSED,
    ARTICLES_TOML,
)
from make_vectors.agreement_binding import (
    BINDING,
    BINDING_REFUSED,
    BINDING_TOML,
    LEAVING,
    LEAVING_REFUSED,
)
from make_vectors.agreement_duties import (
    CALENDARS,
    CALENDARS_REFUSED,
    DUTIES,
    DUTIES_REFUSED,
    DUTIES_TOML,
)
from make_vectors.agreement_halt import HALT, HALT_REFUSED, HALT_TOML

ROOT = Path(__file__).resolve().parent.parent.parent
DAY_MS = 86_400_000
MISSING = object()

# Public keys of the Ed25519 private keys 00..01, 00..02 and so on; anybody can sign with them.
KEYS = (
    "TLWr9q15+/WrvMr8wmnYXNJlHtS4hbWGnyQa7fCluik=",
    "dCK5iHWYBo4yxESKlJrbKQ0PTjW54BsO5fGh5gD+JnQ=",
    "84FibkHnAn6kMb/jAJ6UvdJadGvuxGiUjWw8fF3JpUs=",
)

TOML = f"""\
title = "An example"

[log]
origin = "log.example.org/example"
operator = "cedar"

[[parties]]
id = "alder"
name = "Alder"
kind = "operator"
bloc = "north"
critical = true
keys = [{{ kind = "ed25519", data = "{KEYS[0]}" }}]

[[parties]]
id = "birch"
name = "Birch"
kind = "tenant"
bloc = "south"
critical = true
keys = [{{ kind = "ed25519", data = "{KEYS[1]}" }}]

[[parties]]
id = "cedar"
name = "Cedar"
kind = "verifier"
bloc = "neutral"
keys = [{{ kind = "ed25519", data = "{KEYS[2]}" }}]

[[edges]]
source = "birch"
relation = "rents"
target = "alder"

[definitions]
counting_rule = "operations in the format used"
h100e_flop_per_second = "990e12"

[definitions.terms]
run = "All work on one set of weights."

[[definitions.bands]]
quantity = "run-flop"
name = "free"
at_most = "1e24"

[[definitions.bands]]
quantity = "run-flop"
name = "prohibited"
above = "1e24"

[[definitions.clocks]]
name = "notice"
length = "P14D"
basis = "Article 5"

[[references]]
name = "chips"
digest = "{"ab" * 32}"

[[obligations]]
clause = "4.1"
kind = "prohibit"
parties = ["alder", "birch"]
text = "No {{run}} exceeds 1e24 FLOP; a change takes {{notice}}."
subgoals = ["2A"]
tolerance = {{ above_flop = "1e24" }}
level = "declared"
custody = "counterparty"
silence = "undetermined"
timeliness = "P30D"
evidence = ["site", "chips", "meter", "measurement", "job", "period-close"]

[[obligations]]
clause = "4.2"
kind = "declare"
parties = ["alder"]
text = "Every hour of every chip is declared."
subgoals = ["1A", "2A"]
tolerance = {{ at_least_chip_hours = "485.5" }}
level = "plausible"
custody = "self-reported"
silence = "breach"
evidence = ["meter", "measurement", "job", "period-close"]

[entry]
condition = {{ all_of = [{{ critical_all = true }}, {{ bloc_at_least = {{ bloc = "neutral", count = 1 }} }}] }}
deadline = "2027-12-31T00:00:00Z"
lead = "P30D"

[accounting]
period = "P30D"
periods = 12

[verification]
significant_quantity_flop = "1e24"
buffer_ppm = 500_000
window = "P365D"
detection_probability_ppm = 900_000
false_alarm_ppm = 50_000
liars = 0
gap_max = "PT10S"
observed_share_min_ppm = 950_000
total_tolerance_ppm = 5_000
mfu_low_ppm = 200_000
mfu_high_ppm = 600_000

[[assumptions]]
name = "mfu"
value = "0.2 to 0.6"
unit = "1"
source = "a table"
grade = "S1"

[response]
answer = "P10D"
cure = "P30D"
"""

REPLAY_TOML = """
[replay]
forged_share_ppm = 200_000
commit = "PT1H"
open = "P1D"
fresh = "PT30M"
timing_error_ppm = 250_000

[[obligations]]
clause = "4.3"
kind = "verify"
parties = ["alder"]
text = "Declared work is shown by replay."
subgoals = ["1A"]
tolerance = { at_least_percent = "50" }
level = "declared"
custody = "self-reported"
silence = "undetermined"
evidence = ["job", "transcript", "opening", "period-close"]
"""


def _party(name: str, kind: str, bloc: str, key: str, *, critical: bool) -> dict[str, Any]:
    return {
        "id": name, "name": name.title(), "kind": kind, "bloc": bloc, "critical": critical,
        "keys": [{"kind": "ed25519", "data": key}], "threshold": 1,
    }  # fmt: skip


GOOD: dict[str, Any] = {
    "type": "urn:allstop:agreement:v1",
    "title": "An example",
    "legalBasis": "",
    "log": {"origin": "log.example.org/example", "operator": "cedar"},
    "parties": [
        _party("alder", "operator", "north", KEYS[0], critical=True),
        _party("birch", "tenant", "south", KEYS[1], critical=True),
        _party("cedar", "verifier", "neutral", KEYS[2], critical=False),
    ],
    "edges": [{"source": "birch", "relation": "rents", "target": "alder"}],
    "definitions": {
        "countingRule": "operations in the format used",
        "h100eFlopPerSecond": "990000000000000",
        "terms": [{"name": "run", "text": "All work on one set of weights."}],
        "bands": [
            {"quantity": "run-flop", "name": "free", "low": None, "lowClosed": False,
             "high": "1000000000000000000000000", "highClosed": True},
            {"quantity": "run-flop", "name": "prohibited", "low": "1000000000000000000000000",
             "lowClosed": False, "high": None, "highClosed": False},
        ],
        "clocks": [{"name": "notice", "ms": 14 * DAY_MS, "basis": "Article 5"}],
    },
    "references": [{"name": "chips", "digest": "ab" * 32}],
    "obligations": [
        {
            "clause": "4.1", "kind": "prohibit", "parties": ["alder", "birch"],
            "text": "No {run} exceeds 1e24 FLOP; a change takes {notice}.", "subgoals": ["2A"],
            "tolerance": "1000000000000000000000001", "level": "declared", "custody": "counterparty",
            "silence": "undetermined", "undeclaredIsTraining": False, "timelinessMs": 30 * DAY_MS,
            "evidence": ["site", "chips", "meter", "measurement", "job", "period-close"],
        },
        {
            "clause": "4.2", "kind": "declare", "parties": ["alder"],
            "text": "Every hour of every chip is declared.", "subgoals": ["1A", "2A"],
            "tolerance": "1747800000", "level": "plausible", "custody": "self-reported",
            "silence": "breach", "undeclaredIsTraining": False, "timelinessMs": None,
            "evidence": ["meter", "measurement", "job", "period-close"],
        },
    ],
    "entry": {
        "condition": {"allOf": [{"criticalAll": True}, {"blocAtLeast": {"bloc": "neutral", "count": 1}}]},
        "deadline": "2027-12-31T00:00:00Z",
        "leadMs": 30 * DAY_MS,
    },
    "accounting": {"start": None, "periodMs": 30 * DAY_MS, "periods": 12},
    "verification": {
        "significantQuantityFlop": "1000000000000000000000000", "bufferPpm": 500_000, "windowMs": 365 * DAY_MS,
        "detectionProbabilityPpm": 900_000, "falseAlarmPpm": 50_000, "liars": 0, "gapMsMax": 10_000,
        "observedShareMinPpm": 950_000, "totalTolerancePpm": 5_000, "mfuLowPpm": 200_000, "mfuHighPpm": 600_000,
    },
    "assumptions": [{"name": "mfu", "value": "0.2 to 0.6", "unit": "1", "source": "a table", "grade": "S1"}],
    "response": {"answerMs": 10 * DAY_MS, "cureMs": 30 * DAY_MS},
}  # fmt: skip

REPLAYED: dict[str, Any] = {
    **GOOD,
    "replay": {
        "forgedSharePpm": 200_000, "commitMs": 3_600_000, "openMs": DAY_MS, "freshMs": 1_800_000,
        "timingErrorPpm": 250_000,
    },
    "obligations": [
        *GOOD["obligations"],
        {
            "clause": "4.3", "kind": "verify", "parties": ["alder"], "text": "Declared work is shown by replay.",
            "subgoals": ["1A"], "tolerance": "500000", "level": "declared", "custody": "self-reported",
            "silence": "undetermined", "undeclaredIsTraining": False, "timelinessMs": None,
            "evidence": ["job", "transcript", "opening", "period-close"],
        },
    ],
}  # fmt: skip

CONVENED: dict[str, Any] = {
    **GOOD,
    "convening": convening.TERMS,
    "parties": [party | {"seat": convening.SEATS[party["id"]]} for party in GOOD["parties"]],
}

PHASED: dict[str, Any] = {**GOOD, "phases": phases.TERMS}

Place = tuple[str | int, ...]

ACCEPTED: list[tuple[str, str, Place, Any]] = [
    ("retrospective", "accounts may begin in the past", ("accounting", "start"), "2024-01-01T00:00:00Z"),
    ("without-clauses", "an agreement may bind to nothing yet", ("obligations",), []),
    ("band-of-one-amount", "exactly 16 may be a class of its own", ("definitions", "bands"), [
        {"quantity": "q", "name": "p", "low": "16", "lowClosed": True, "high": "16", "highClosed": True}]),
    ("some-of-many", "conditions nest", ("entry", "condition"), {"anyOf": [
        {"deposited": "cedar"}, {"atLeast": {"count": 2, "of": [{"deposited": n} for n in ("alder", "birch")]}}]}),
]  # fmt: skip

REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("later-version", "a later version is another type", False, ("type",), "urn:allstop:agreement:v2"),
    ("missing-title", "nothing has a default on the wire", False, ("title",), MISSING),
    ("unknown-key", "a key that nobody reads could mean anything", False, ("note",), "x"),
    ("padded-title", "space at an end makes two texts that read alike", True, ("title",), "An example "),
    ("invisible-character", "what cannot be seen cannot be agreed", True, ("title",), "An\u200bexample"),
    ("unknown-operator", "the log is run by a party", True, ("log", "operator"), "elm"),
    ("origin-with-space", "an origin is one line of a note", False, ("log", "origin"), "a b"),
    ("party-twice", "an id is one party", True, ("parties", 1, "id"), "alder"),
    ("shared-key", "one key in two hands counts twice", True, ("parties", 1, "keys", 0, "data"), KEYS[0]),
    ("threshold-above-keys", "nobody could sign", True, ("parties", 0, "threshold"), 2),
    ("no-keys", "a template cannot be signed", False, ("parties", 0, "keys"), []),
    ("low-order-key", "anybody could sign for it", True, ("parties", 0, "keys", 0, "data"), "AQ" + "A" * 41 + "="),
    ("unpadded-key", "base64 has one spelling", False, ("parties", 0, "keys", 0, "data"), KEYS[0].rstrip("=")),
    ("edge-to-itself", "a relation takes two", True, ("edges", 0, "target"), "birch"),
    ("edge-to-nobody", "an edge joins parties", True, ("edges", 0, "target"), "elm"),
    ("no-chip-table", "capacity needs the table of chips", False, ("references",), []),
    ("empty-band", "a class holds something", True, ("definitions", "bands", 0, "low"), "1000000000000000000000000"),
    ("band-below-zero", "no amount is negative", True, ("definitions", "bands"), [
        {"quantity": "q", "name": "p", "low": None, "lowClosed": False, "high": "0", "highClosed": False}]),
    ("closed-without-bound", "there is no end to close", True, ("definitions", "bands", 1, "highClosed"), True),
    ("bound-as-number", "amounts are decimals in quotes", False, ("definitions", "bands", 0, "high"), 16),
    ("clause-twice", "a clause is named once", True, ("obligations", 1, "clause"), "4.1"),
    ("clause-binds-nobody", "a clause binds somebody", False, ("obligations", 0, "parties"), []),
    ("clause-binds-stranger", "a clause binds parties", True, ("obligations", 0, "parties"), ["elm"]),
    ("clause-without-subgoal", "a clause serves a subgoal", False, ("obligations", 0, "subgoals"), []),
    ("tolerance-zero", "doing nothing is no breach", False, ("obligations", 0, "tolerance"), "0"),
    ("tolerance-with-exponent", "the wire has plain decimals", False, ("obligations", 0, "tolerance"), "1e24"),
    ("unknown-kind", "kinds are a closed set", False, ("obligations", 0, "kind"), "cap"),
    ("presumption-without-prohibition", "only a prohibition counts training", True,
     ("obligations", 1, "undeclaredIsTraining"), True),
    ("no-condition", "no deposit at all must not do", False, ("entry", "condition"), {"allOf": []}),
    ("negation", "conditions only grow", False, ("entry", "condition"), {"not": {"deposited": "alder"}}),
    ("condition-on-stranger", "parties deposit", True, ("entry", "condition"), {"deposited": "elm"}),
    ("condition-out-of-reach", "entry must be possible", True, ("entry", "condition"),
     {"blocAtLeast": {"bloc": "north", "count": 2}}),
    ("deadline-in-local-time", "instants are in UTC", False, ("entry", "deadline"), "2027-12-31T00:00:00+01:00"),
    ("period-zero", "a period has a length", False, ("accounting", "periodMs"), 0),
    ("certain-detection", "nothing is caught for certain", False,
     ("verification", "detectionProbabilityPpm"), 1_000_000),
    ("utilisation-upside-down", "low is not above high", True, ("verification", "mfuHighPpm"), 1),
    ("ungraded-assumption", "a figure says how far it is trusted", False, ("assumptions", 0, "grade"), "A"),
]  # fmt: skip

REPLAY_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("replay-null", "what is not agreed is left out, so that it has one spelling", False, ("replay",), None),
    ("replay-empty", "nothing has a default on the wire", False, ("replay",), {}),
    ("replay-missing-open", "without a time to open nobody is ever late", False, ("replay", "openMs"), MISSING),
    ("replay-unknown-key", "a key that nobody reads could mean anything", False, ("replay", "sample"), 10),
    ("replay-forged-share-zero", "no sample catches nothing", False, ("replay", "forgedSharePpm"), 0),
    ("replay-forged-share-above-all", "more than every item cannot be forged", False,
     ("replay", "forgedSharePpm"), 1_000_001),
    ("replay-forged-share-as-text", "a share is an integer", False, ("replay", "forgedSharePpm"), "200000"),
    ("replay-commit-zero", "nobody can commit at once", False, ("replay", "commitMs"), 0),
    ("replay-open-zero", "nobody can open at once", False, ("replay", "openMs"), 0),
    ("replay-fresh-zero", "a beacon is older than what it begins", False, ("replay", "freshMs"), 0),
    ("replay-open-without-end", "a time longer than a century is none", False,
     ("replay", "openMs"), 3_162_240_000_001),
    ("replay-timing-error-negative", "an error is no gain", False, ("replay", "timingErrorPpm"), -1),
    ("replay-timing-error-above-tenfold", "such a figure says nothing", False,
     ("replay", "timingErrorPpm"), 10_000_001),
    ("verify-tolerance-above-all", "a share ends at the whole", True, ("obligations", 2, "tolerance"), "1000001"),
    ("verify-tolerance-as-integer", "amounts are decimals in quotes", False, ("obligations", 2, "tolerance"), 500_000),
    ("verify-presumes-training", "only a prohibition counts training", True,
     ("obligations", 2, "undeclaredIsTraining"), True),
]  # fmt: skip

BODIES: list[tuple[str, str, str, bool, Any]] = [
    ("agreement", "valid", "the title of what is on the log", True, {"title": "An example"}),
    ("agreement", "empty-title", "a title says something", False, {"title": ""}),
    ("agreement", "unknown-key", "a key that nobody reads could mean anything", False, {"title": "a", "x": 1}),
    ("signature", "valid", "the header says who signs what", True, {}),
    ("signature", "reservation", "a signature has no conditions", False, {"except": "4.1"}),
    ("deposit", "valid", "the depositor repeats the deadline", True, {"deadlineSeen": "2027-12-31T00:00:00Z"}),
    ("deposit", "without-deadline", "it need not", True, {"deadlineSeen": None}),
    ("deposit", "missing-deadline", "what is absent is null", False, {}),
    ("deposit", "condition-of-its-own", "everybody waits for the same condition", False,
     {"deadlineSeen": None, "condition": {"deposited": "birch"}}),
]  # fmt: skip


def canonical(value: object) -> str:
    """Return RFC 8785 text; all keys here are ASCII and all numbers are integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def changed(path: Place, new: object, *, base: dict[str, Any] = GOOD) -> dict[str, Any]:
    """Return a good agreement with one place replaced."""
    value = copy.deepcopy(base)
    place: Any = value
    for step in path[:-1]:
        place = place[step]
    if new is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return value


Refused = list[tuple[str, str, bool, Place, Any]]


def documents() -> list[tuple[str, str, dict[str, Any], str, Refused]]:
    """Return each good agreement that has both forms: name, why, value, TOML, and how it is refused if bent."""

    def below(key: str, refused: Refused) -> Refused:
        return [(tag, why, by_schema, (key, *path), new) for tag, why, by_schema, path, new in refused]

    asked, cited = "declared work may be asked to be shown", "figures may say which article they come from"
    table, kept = "texts are made at a table", "what goes on through a halt is agreed"
    begun = "what starts and lifts a pause is data"
    bound = "how parties are bound, and how they leave, is agreed"
    return [
        ("valid", "both forms are one value", GOOD, TOML, REFUSED),
        ("valid-with-replay", asked, REPLAYED, TOML + REPLAY_TOML, REPLAY_REFUSED),
        (
            "valid-with-convening",
            table,
            CONVENED,
            convening.with_table(TOML),
            convening.DOCUMENTS_REFUSED,
        ),
        (
            "valid-with-articles",
            cited,
            changed(("articles",), ARTICLES),
            TOML + ARTICLES_TOML,
            below("articles", ARTICLES_REFUSED),
        ),
        (
            "valid-with-halt",
            kept,
            changed(("halt",), HALT),
            TOML + HALT_TOML,
            below("halt", HALT_REFUSED),
        ),
        (
            "valid-with-duties",
            "who has to do what by when is agreed, with the calendars that it takes",
            {**GOOD, "calendars": CALENDARS, "duties": DUTIES},
            TOML + DUTIES_TOML,
            [*below("calendars", CALENDARS_REFUSED), *below("duties", DUTIES_REFUSED)],
        ),
        (
            "valid-with-binding",
            bound,
            {**GOOD, "binding": BINDING, "leaving": LEAVING},
            TOML + BINDING_TOML,
            [*below("binding", BINDING_REFUSED), *below("leaving", LEAVING_REFUSED)],
        ),
        (
            "valid-with-adjudication",
            "who judges, by when, and what follows is agreed",
            changed(("adjudication",), ADJUDICATION),
            TOML + ADJUDICATION_TOML,
            below("adjudication", ADJUDICATION_REFUSED),
        ),
        ("valid-with-phases", begun, PHASED, TOML + phases.TOML, phases.DOCUMENTS_REFUSED),
    ]


def make() -> dict[str, dict[str, Any]]:
    """Return every vector by path below `vectors`."""
    files: dict[str, dict[str, Any]] = {}

    def put(name: str, why: str, *, is_valid: bool, by_schema: bool, text: str, **more: str) -> None:
        if is_valid:
            more["digest"] = hashlib.sha256(text.encode()).hexdigest()
        kind = name.partition("/")[0]
        files[f"{name}.json"] = {
            "why": why, "predicate": kind, "isValid": is_valid, "schemaAccepts": by_schema, "canonical": text, **more
        }  # fmt: skip

    kind = "agreement-document"
    for name, why, value, toml, refused in documents():
        put(f"{kind}/{name}", why, is_valid=True, by_schema=True, text=canonical(value), toml=toml)
        for tag, reason, by_schema, path, new in refused:
            text = canonical(changed(path, new, base=value))
            put(f"{kind}/{tag}", reason, is_valid=False, by_schema=by_schema, text=text)
    for name, why, path, new in ACCEPTED:
        put(f"{kind}/{name}", why, is_valid=True, by_schema=True, text=canonical(changed(path, new)))
    spaced = canonical(GOOD) + "\n"
    put(f"{kind}/trailing-newline", "one value has one spelling", is_valid=False, by_schema=True, text=spaced)
    for kind, name, why, is_valid, body in BODIES:
        put(f"{kind}/{name}", why, is_valid=is_valid, by_schema=is_valid, text=canonical(body))
    return files


def write(folder: Path) -> None:
    """Write every vector below `folder`."""
    for name, value in make().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=2, ensure_ascii=True) + "\n", "utf-8")


if __name__ == "__main__":
    write(ROOT / "vectors")
