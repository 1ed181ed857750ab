"""Makes the vectors of adjudication: `python tests/make_vectors/make_adjudication_vectors.py`.

Bodies of what is filed about findings, and of impediments, each taken or refused for one reason.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from make_vectors.make_fact_vectors import MISSING, edit  # noqa: E402  # the folder of the tests is put on the path above

Json = dict[str, Any]
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OTHER = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
THIRD = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"
LONG = "x" * 4097

GOOD: dict[str, Json] = {
    "finding-raised": {
        "code": "ACC-001", "about": "alder", "clause": "4.1", "text": "more was computed than declared",
        "restsOn": [DIGEST], "evidence": [OTHER], "verdictDigest": THIRD, "judgedAt": "2027-03-01T00:00:00Z",
    },
    "finding-acknowledgement": {"finding": DIGEST},
    "finding-answer": {"matter": DIGEST, "text": "the meter was being calibrated", "evidence": [OTHER]},
    "finding-cure": {"finding": DIGEST, "text": "the meter was replaced", "evidence": [OTHER]},
    "finding-withdrawal": {"finding": DIGEST, "text": "the answer explains it"},
    "finding-appeal": {"finding": DIGEST, "text": "the panel replayed another case"},
    "finding-ruling": {
        "matter": DIGEST, "outcome": "confirmed", "replayed": THIRD, "answer": OTHER,
        "reasons": "the verdict replays, and the answer does not explain entry 17", "falseAccusation": False,
    },
    "impediment": {
        "clauses": ["4.1"], "authority": "High Court of Alder", "order": OTHER,
        "from": "2027-03-01T00:00:00Z", "until": "2027-06-01T00:00:00Z",
    },
}  # fmt: skip

Row = tuple[str, str, str, bool, bool, Json]

BODIES: list[Row] = [
    ("finding-raised", "no-clause", "a duty may be broken that is no clause", True, True, {"clause": None}),
    ("finding-raised", "nothing-filed", "what is missing cannot be named", True, True, {"restsOn": [], "evidence": []}),
    ("finding-raised", "no-verdict", "what nobody can replay cannot be judged", False, False, {"verdictDigest": None}),
    ("finding-raised", "statement-twice", "a statement is named once", False, False, {"restsOn": [DIGEST, DIGEST]}),
    ("finding-raised", "evidence-as-text", "evidence is named by digest", False, False, {"evidence": ["see mail"]}),
    ("finding-raised", "too-much-evidence", "a list has a limit", False, False,
     {"evidence": [f"{number:064x}" for number in range(65)]}),
    ("finding-raised", "no-words", "an accusation says something", False, False, {"text": ""}),
    ("finding-raised", "too-many-words", "texts have a limit", False, False, {"text": LONG}),
    ("finding-raised", "code-in-words", "codes are those of rules", False, False, {"code": "cheating"}),
    ("finding-raised", "clause-with-space", "a clause has a number", False, False, {"clause": "4.1 a"}),
    ("finding-raised", "local-time", "instants are in UTC", False, False, {"judgedAt": "2027-03-01T01:00:00+01:00"}),
    ("finding-raised", "missing-clause", "null is said, not left out", False, False, {"clause": MISSING}),
    ("finding-raised", "unknown-key", "a key that nobody reads could carry anything", False, False, {"penalty": "x"}),
    ("finding-acknowledgement", "no-finding", "it acknowledges something", False, False, {"finding": None}),
    ("finding-acknowledgement", "with-text", "an answer is another statement", False, False, {"text": "no"}),
    ("finding-answer", "no-evidence", "an answer may rest on nothing", True, True, {"evidence": []}),
    ("finding-answer", "no-words", "an empty answer is none", False, False, {"text": ""}),
    ("finding-answer", "evidence-twice", "a blob is named once", False, False, {"evidence": [OTHER, OTHER]}),
    ("finding-answer", "unknown-key", "a key that nobody reads could carry anything", False, False, {"admits": True}),
    ("finding-cure", "too-many-words", "texts have a limit", False, False, {"text": LONG}),
    ("finding-cure", "by-name", "a finding is named by digest", False, False, {"finding": "ACC-001"}),
    ("finding-withdrawal", "no-reason", "a withdrawal has a reason", False, False, {"text": ""}),
    ("finding-withdrawal", "missing-reason", "nothing has a default", False, False, {"text": MISSING}),
    ("finding-appeal", "no-reason", "an appeal has a reason", False, False, {"text": ""}),
    ("finding-appeal", "too-many-words", "texts have a limit", False, False, {"text": LONG}),
    ("finding-ruling", "dismissed", "what does not replay is dismissed without a digest", True, True,
     {"outcome": "dismissed", "replayed": None, "answer": None}),
    ("finding-ruling", "false-accusation", "what is dismissed may have been false", True, True,
     {"outcome": "dismissed", "falseAccusation": True}),
    ("finding-ruling", "accepted", "a cure is accepted", True, True, {"outcome": "accepted", "replayed": None}),
    ("finding-ruling", "confirmed-unseen", "nothing is confirmed without a replay", False, False, {"replayed": None}),
    ("finding-ruling", "confirmed-and-false", "what is confirmed was not false", False, False,
     {"falseAccusation": True}),
    ("finding-ruling", "guilty", "outcomes are a closed set", False, False, {"outcome": "guilty"}),
    ("finding-ruling", "no-reasons", "a ruling has reasons", False, False, {"reasons": ""}),
    ("finding-ruling", "missing-answer", "null is said, not left out", False, False, {"answer": MISSING}),
    ("finding-ruling", "mark-as-text", "true or false", False, False, {"falseAccusation": "no"}),
    ("impediment", "two-clauses", "an order may touch several clauses", True, True, {"clauses": ["4.2", "4.1"]}),
    ("impediment", "no-clause", "an order forbids something", False, False, {"clauses": []}),
    ("impediment", "clause-twice", "a clause is named once", False, False, {"clauses": ["4.1", "4.1"]}),
    ("impediment", "clause-with-space", "a clause has a number", False, False, {"clauses": ["4.1 a"]}),
    ("impediment", "backward", "an order begins before it ends", False, True, {"until": "2027-02-01T00:00:00Z"}),
    ("impediment", "without-end", "what has no end is no impediment", False, False, {"until": None}),
    ("impediment", "no-order", "there is a document", False, False, {"order": None}),
    ("impediment", "no-authority", "somebody forbids", False, False, {"authority": ""}),
    ("impediment", "long-authority", "texts have a limit", False, False, {"authority": "x" * 257}),
]  # fmt: skip


def make_vectors() -> dict[Path, str]:
    """Return the text of every vector by its path below vectors/."""
    rows: list[Row] = [(name, "plain", "the example of the specification", True, True, {}) for name in GOOD]
    found = {}
    for predicate, tag, why, is_valid, schema_accepts, edits in [*rows, *BODIES]:
        vector = {
            "why": why,
            "predicate": predicate,
            "isValid": is_valid,
            "schemaAccepts": schema_accepts,
            "body": edit(GOOD[predicate], edits),
        }
        found[Path(predicate) / f"{tag}.json"] = json.dumps(vector, indent=2) + "\n"
    return found


if __name__ == "__main__":
    for path, text in make_vectors().items():
        target = ROOT / "vectors" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
