"""Makes vectors of signals and assessments: `python tests/make_vectors/make_signal_vectors.py`.

Each file holds the body of one statement, whether the codec takes it, whether the JSON Schema takes it (a schema
cannot express every rule), and one sentence why. What is refused differs from a good body in one place.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from make_vectors.make_fact_vectors import MISSING, edit  # noqa: E402  # tests/ is put on the path above

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OTHER = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

GOOD: dict[str, Any] = {
    "signal": {
        "name": "self-copying", "kind": "tripwire", "occurredAt": "2027-03-01T09:30:00Z", "evidence": [DIGEST],
    },
    "assessment": {
        "window": {"from": "2027-03-01T00:00:00Z", "until": "2027-03-31T00:00:00Z"},
        "at": "2027-04-02T00:00:00Z",
        "verdictDigest": DIGEST,
        "parties": [
            {"party": "alder", "verdict": "CONSISTENT", "coveragePpm": 984000},
            {"party": "birch", "verdict": "UNDETERMINED", "coveragePpm": None},
        ],
    },
}  # fmt: skip

ACCEPTED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("signal", "incident", "a class of incident is signalled like a wire", {"kind": "incident", "name": "weights-lost"}),
    ("signal", "without-evidence", "a signal may rest on the filer's word alone", {"evidence": []}),
    ("signal", "two-documents", "documents keep the order in which they were named", {"evidence": [DIGEST, OTHER]}),
    ("assessment", "judged-at-once", "a window may be judged at the instant of its end", {"at": "2027-03-31T00:00:00Z"}),
    ("assessment", "nothing-seen", "no coverage is not unknown coverage", {"parties/1/coveragePpm": 0}),
    ("assessment", "everything-seen", "the greatest share", {"parties/0/coveragePpm": 1000000}),
    ("assessment", "inconsistent", "the third verdict", {"parties/0/verdict": "INCONSISTENT"}),
]  # fmt: skip

REFUSED: list[tuple[str, str, str, bool, dict[str, Any]]] = [
    ("signal", "another-kind", "kinds are a closed set", False, {"kind": "rumour"}),
    ("signal", "no-kind", "every key is there", False, {"kind": MISSING}),
    ("signal", "document-twice", "one document is no two", False, {"evidence": "twice"}),
    ("signal", "document-by-name", "documents are named by digest", False, {"evidence": ["report.pdf"]}),
    ("signal", "local-time", "instants are UTC", False, {"occurredAt": "2027-03-01T10:30:00+01:00"}),
    ("signal", "no-such-day", "instants are in the calendar", True, {"occurredAt": "2027-02-29T09:30:00Z"}),
    ("signal", "upper-case", "names have one spelling", False, {"name": "Self-Copying"}),
    ("signal", "unknown-key", "nothing is said beside the format", False, {"severity": "high"}),
    ("assessment", "no-parties", "an assessment of nobody says nothing", False, {"parties": []}),
    ("assessment", "party-twice", "a party has one verdict", True, {"parties/1/party": "alder"}),
    ("assessment", "out-of-order", "one assessment has one spelling", True, {"parties/0/party": "cedar"}),
    ("assessment", "window-backwards", "a window ends after it starts", True, {"window/until": "2027-02-28T00:00:00Z"}),
    ("assessment", "window-not-ended", "nobody judges what is not over", True, {"at": "2027-03-30T23:59:59Z"}),
    ("assessment", "another-verdict", "there is no boolean and no fourth verdict", False, {"parties/0/verdict": "COMPLIANT"}),
    ("assessment", "more-than-all", "a share is at most the whole", False, {"parties/0/coveragePpm": 1000001}),
    ("assessment", "negative-coverage", "a share is not negative", False, {"parties/0/coveragePpm": -1}),
    ("assessment", "coverage-as-text", "parts per million are an integer", False, {"parties/0/coveragePpm": "984000"}),
    ("assessment", "no-coverage", "unknown coverage is null, not absent", False, {"parties/0/coveragePpm": MISSING}),
    ("assessment", "short-digest", "a digest is a whole SHA-256", False, {"verdictDigest": DIGEST[:-1]}),
    ("assessment", "unknown-key", "nothing is said beside the format", False, {"parties/0/note": "on time"}),
]  # fmt: skip


def make_vectors() -> dict[Path, str]:
    """Return the text of every vector by its path below vectors/."""
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
