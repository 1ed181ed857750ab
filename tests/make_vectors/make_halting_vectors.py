"""Makes the vectors of a halt: `python tests/make_vectors/make_halting_vectors.py`.

Bodies of `inventory`, `resumption` and `closed-site`, each taken or refused for one reason.
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

GOOD: dict[str, Json] = {
    "inventory": {
        "site": "hall-1", "at": "2027-03-28T09:00:00Z",
        "jobs": [
            {"job": "chat-7", "chips": 64, "kind": "inference", "checkpoint": None},
            {"job": "run-1", "chips": 448, "kind": "training", "checkpoint": DIGEST},
        ],
    },
    "resumption": {"site": "hall-1", "permitted": "safety-training", "motion": DIGEST},
    "closed-site": {
        "site": "hall-9", "reason": "weapons laboratory; inspectors are not admitted",
        "access": "power at the fence, read by a verifier's own meter",
        "capacity": [{"chipType": "h100-sxm-80gb", "count": 64}],
    },
}  # fmt: skip

_CHAT, _RUN = GOOD["inventory"]["jobs"]
_LOT = GOOD["closed-site"]["capacity"][0]

BODIES: list[tuple[str, str, str, bool, bool, Json]] = [
    ("inventory", "nothing-ran", "a site may have been idle, and says so", True, True, {"jobs": []}),
    ("inventory", "jobs-out-of-order", "one inventory has one spelling", False, True, {"jobs": [_RUN, _CHAT]}),
    ("inventory", "job-twice", "a job is listed once", False, True, {"jobs": [_RUN, _RUN]}),
    ("inventory", "job-on-no-chips", "what runs, runs on something", False, False, {"jobs/0/chips": 0}),
    ("inventory", "chips-as-text", "counts are integers", False, False, {"jobs/0/chips": "64"}),
    ("inventory", "more-chips-than-any-lot", "a count has a limit", False, False, {"jobs/0/chips": 10**9 + 1}),
    (
        "inventory", "kind-of-its-own", "kinds are those of declared jobs, so that both can be compared",
        False, False, {"jobs/0/kind": "evaluation"},
    ),
    ("inventory", "checkpoint-left-out", "null is said, not left out", False, False, {"jobs/0/checkpoint": MISSING}),
    ("inventory", "checkpoint-as-path", "a checkpoint is committed to by its digest", False, False,
     {"jobs/1/checkpoint": "/scratch/run-1/step-9000"}),
    ("inventory", "local-time", "the instant is in UTC", False, False, {"at": "2027-03-28T11:00:00+02:00"}),
    ("inventory", "unknown-key", "a key that nobody reads could carry anything", False, False, {"note": "x"}),
    ("resumption", "motion-by-name", "a motion is one proposal, not all of its name", False, False, {"motion": "restart"}),
    ("resumption", "no-motion", "nothing resumes by itself", False, False, {"motion": None}),
    ("resumption", "missing-site", "work resumes somewhere", False, False, {"site": MISSING}),
    ("resumption", "unknown-key", "a key that nobody reads could carry anything", False, False, {"from": "now"}),
    ("closed-site", "no-capacity", "a site without capacity would be nothing to close", False, False, {"capacity": []}),
    ("closed-site", "no-chips", "a type of which there is none is left out", False, False, {"capacity/0/count": 0}),
    ("closed-site", "type-twice", "a type is counted once", False, True, {"capacity": [_LOT, _LOT]}),
    (
        "closed-site", "types-out-of-order", "one statement has one spelling", False, True,
        {"capacity": [_LOT, {"chipType": "a100-sxm-80gb", "count": 8}]},
    ),
    ("closed-site", "no-reason", "people may know why", False, False, {"reason": ""}),
    ("closed-site", "blank-access", "what is offered instead is said", False, False, {"access": " "}),
    ("closed-site", "long-reason", "texts have a limit", False, False, {"reason": "x" * 1025}),
    ("closed-site", "unknown-key", "a key that nobody reads could carry anything", False, False, {"until": None}),
]  # fmt: skip


def make_vectors() -> dict[Path, str]:
    """Return the text of every vector by its path below vectors/."""
    rows: list[tuple[str, str, str, bool, bool, Json]] = [
        (name, "plain", "the example of the specification", True, True, {}) for name in GOOD
    ]
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
