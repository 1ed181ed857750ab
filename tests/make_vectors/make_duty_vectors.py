"""Makes vectors of statements about duties: `python tests/make_vectors/make_duty_vectors.py`.

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
    "fulfilment": {
        "duty": "register", "matter": None, "occurrence": 3, "evidence": [DIGEST], "note": "unchanged since March",
    },
    "awareness": {
        "event": "incident", "matter": "leak-2027-03", "party": "alder", "awareAt": "2027-03-01T09:30:00Z",
    },
    "impossibility": {
        "duty": "register", "matter": None, "occurrence": 3, "evidence": [DIGEST],
        "reason": "the hall burned down on 2027-03-01",
    },
}  # fmt: skip

ACCEPTED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("fulfilment", "without-evidence", "a duty may ask for none", {"evidence": [], "note": ""}),
    ("fulfilment", "two-documents", "digests ascend, so that one statement has one spelling", {"evidence": [OTHER, DIGEST]}),
    ("fulfilment", "about-a-finding", "a matter may be a digest", {"matter": DIGEST, "occurrence": 0}),
    ("fulfilment", "about-a-phase", "a matter may be the instant at which a phase began", {"matter": "2027-03-28T01:00:00Z"}),
    ("fulfilment", "last-occurrence", "as many as a clock may have", {"occurrence": 99999}),
    ("awareness", "notice", "another party may be named: then it is notice", {"party": "birch"}),
    ("impossibility", "own-word", "a claim may rest on the filer's word alone", {"evidence": []}),
]  # fmt: skip

REFUSED: list[tuple[str, str, str, bool, dict[str, Any]]] = [
    ("fulfilment", "no-duty", "every key is there", False, {"duty": MISSING}),
    ("fulfilment", "no-matter", "what is absent is null", False, {"matter": MISSING}),
    ("fulfilment", "empty-matter", "no matter is null, not an empty text", False, {"matter": ""}),
    ("fulfilment", "matter-with-space", "a matter has one spelling", False, {"matter": "leak 1"}),
    ("fulfilment", "matter-too-long", "a matter is as long as a digest at most", False, {"matter": "a" * 65}),
    ("fulfilment", "occurrence-as-text", "an occurrence is an integer", False, {"occurrence": "3"}),
    ("fulfilment", "occurrence-negative", "occurrences count from zero", False, {"occurrence": -1}),
    ("fulfilment", "occurrence-beyond", "no clock has so many", False, {"occurrence": 100000}),
    ("fulfilment", "document-twice", "one document is no two", False, {"evidence": "twice"}),
    ("fulfilment", "out-of-order", "one statement has one spelling", True, {"evidence": [DIGEST, OTHER]}),
    ("fulfilment", "document-by-name", "documents are named by digest", False, {"evidence": ["report.pdf"]}),
    ("fulfilment", "invisible-note", "what cannot be seen cannot be agreed", True, {"note": "a\u200bb"}),
    ("fulfilment", "long-note", "a note is no document", False, {"note": "a" * 4097}),
    ("fulfilment", "unknown-key", "nothing is said beside the format", False, {"onTime": True}),
    ("awareness", "no-party", "whose clock starts is said", False, {"party": MISSING}),
    ("awareness", "no-matter", "every event is told apart", False, {"matter": None}),
    ("awareness", "local-time", "instants are UTC", False, {"awareAt": "2027-03-01T10:30:00+01:00"}),
    ("awareness", "no-such-day", "instants are in the calendar", True, {"awareAt": "2027-02-29T09:30:00Z"}),
    ("awareness", "upper-case", "names have one spelling", False, {"event": "Incident"}),
    ("awareness", "unknown-key", "nothing is said beside the format", False, {"severity": "high"}),
    ("impossibility", "no-reason", "an excuse says why", False, {"reason": ""}),
    ("impossibility", "reason-left-out", "every key is there", False, {"reason": MISSING}),
    ("impossibility", "no-occurrence", "an occurrence is an integer", False, {"occurrence": None}),
    ("impossibility", "unknown-key", "nothing is said beside the format", False, {"accepted": True}),
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
