"""Makes the vectors of becoming bound and leaving: `python tests/make_vectors/make_binding_vectors.py`.

Bodies of ten statements, each taken or refused for one reason; and seals with their shares and commitments, whole and
spoiled, computed from the text of the specification and not by the code.
"""

import base64
import hashlib
import hmac
import json
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from make_vectors.make_fact_vectors import MISSING, edit  # noqa: E402  # the folder of the tests is put on the path above

Json = dict[str, Any]
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OTHERS = (
    "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
    "7c1e2b4f0f7b1f0d3a9c0f5d2c9c5d7f8f3e6a1b0c9d8e7f6a5b4c3d2e1f0a9b",
)
PRIME = 2**255 - 19

GOOD: dict[str, Json] = {
    "approval": {"authority": "Parliament of Alder", "document": DIGEST},
    "sealed-deposit": {
        "threshold": 2, "custodians": ["cedar", "dogwood", "elm"], "commitments": [*OTHERS],
    },
    "share-receipt": {"deposit": DIGEST, "index": 1},
    "share": {"deposit": DIGEST, "index": 1, "share": base64.b64encode(bytes(range(32))).decode()},
    "deposit-withdrawal": {"deposit": DIGEST},
    "reservation": {"clauses": ["5.2"], "text": "Clause 5.2 does not bind Alder before 2029."},
    "provisional": {"clauses": ["4.1", "6.1"]},
    "succession": {"predecessor": "birch"},
    "withdrawal": {"reason": "A rival did not stop."},
    "withdrawal-revocation": {"withdrawal": DIGEST},
}  # fmt: skip

HANDED: Json = {
    "type": "urn:allstop:handed-share:v1", "agreement": DIGEST, "party": "alder", "threshold": 2,
    "custodian": "cedar", "index": 1, "share": base64.b64encode(bytes(range(32))).decode(),
}  # fmt: skip

HANDED_ROWS: list[tuple[str, str, bool, bool, Json]] = [
    ("plain", "the example of the specification", True, True, {}),
    ("another-type", "a later form has another type", False, False, {"type": "urn:allstop:handed-share:v2"}),
    ("one-opens", "one custodian could look early alone", False, False, {"threshold": 1}),
    ("index-33", "there are at most 32 shares", False, False, {"index": 33}),
    ("the-prime", "a number of the field has one spelling", False, True,
     {"share": base64.b64encode(PRIME.to_bytes(32, "big")).decode()}),
    ("no-party", "a share is of somebody's deposit", False, False, {"party": MISSING}),
    ("unknown-key", "a key that nobody reads could carry the choice", False, False, {"choice": 1}),
]  # fmt: skip

BODIES: list[tuple[str, str, str, bool, bool, Json]] = [
    ("approval", "no-document", "the word of a party may stand alone", True, True, {"document": None}),
    ("approval", "document-left-out", "null is said, not left out", False, False, {"document": MISSING}),
    ("approval", "no-authority", "somebody approved", False, False, {"authority": ""}),
    ("approval", "space-at-an-end", "what is invisible must not make two texts differ", False, False, {"authority": "Congress "}),
    ("approval", "long-authority", "texts have a limit", False, False, {"authority": "x" * 1025}),
    ("sealed-deposit", "all-needed", "all custodians may be needed", True, True, {"threshold": 3}),
    ("sealed-deposit", "one-opens", "one custodian could look early alone", False, False, {"threshold": 1}),
    ("sealed-deposit", "more-needed-than-there-are", "it could never open", False, True, {"threshold": 4}),
    ("sealed-deposit", "custodian-twice", "one custodian keeps one share", False, False, {"custodians": ["cedar", "cedar", "elm"]}),
    ("sealed-deposit", "commitment-missing", "every share has its commitment", False, True, {"commitments": [*OTHERS[:2]]}),
    ("sealed-deposit", "too-many-custodians", "lists have a limit", False, False,
     {"custodians": [f"c{i}" for i in range(33)], "commitments": [DIGEST] * 33}),
    ("sealed-deposit", "unknown-key", "a key that nobody reads could carry the choice", False, False, {"choice": True}),
    ("share-receipt", "index-0", "shares are counted from 1", False, False, {"index": 0}),
    ("share-receipt", "index-33", "there are at most 32 shares", False, False, {"index": 33}),
    ("share-receipt", "no-deposit", "a receipt is for something", False, False, {"deposit": None}),
    ("share", "largest", "the largest number of the field", True, True,
     {"share": base64.b64encode((PRIME - 1).to_bytes(32, "big")).decode()}),
    ("share", "the-prime", "a number of the field has one spelling", False, True,
     {"share": base64.b64encode(PRIME.to_bytes(32, "big")).decode()}),
    ("share", "short", "a share has 32 bytes", False, False, {"share": base64.b64encode(bytes(31)).decode()}),
    ("share", "index-as-text", "indices are integers", False, False, {"index": "1"}),
    ("deposit-withdrawal", "names-none", "one deposit is taken back, and it is named", False, False, {"deposit": MISSING}),
    ("deposit-withdrawal", "short-digest", "a statement is named by its digest", False, False, {"deposit": "9f86"}),
    ("reservation", "no-clause", "a reservation is to something", False, False, {"clauses": []}),
    ("reservation", "clause-twice", "a clause is named once", False, False, {"clauses": ["5.2", "5.2"]}),
    ("reservation", "no-number", "a clause has a number", False, False, {"clauses": ["all of it"]}),
    ("reservation", "no-words", "the others may know what is meant", False, False, {"text": ""}),
    ("provisional", "none", "an empty list ends it", True, True, {"clauses": []}),
    ("provisional", "clause-twice", "a clause is named once", False, False, {"clauses": ["4.1", "4.1"]}),
    ("succession", "nobody", "somebody went before", False, False, {"predecessor": None}),
    ("succession", "capital", "a party has a name", False, False, {"predecessor": "Birch"}),
    ("withdrawal", "no-reason", "the others may know why", False, False, {"reason": ""}),
    ("withdrawal", "unknown-key", "when it takes effect is agreed, not chosen", False, False, {"from": "2027-01-01T00:00:00Z"}),
    ("withdrawal-revocation", "names-none", "one notice is revoked, and it is named", False, False, {"withdrawal": MISSING}),
]  # fmt: skip


def spec_shares(secret: bytes, *, agreement: str, party: str, threshold: int, count: int) -> list[bytes]:
    """Derive shares as spec/binding.md section 4 says, by summing powers."""
    context = f"{agreement}\n{party}\n{threshold}\n".encode()
    label = b"allstop sealed-deposit/v1 coefficient\n"
    numbers = [int.from_bytes(secret, "big")]
    numbers += [
        int.from_bytes(hmac.new(secret, label + context + bytes([j]), hashlib.sha512).digest(), "big")
        for j in range(1, threshold)
    ]
    values = (sum(c * x**j for j, c in enumerate(numbers)) % PRIME for x in range(1, count + 1))
    return [value.to_bytes(32, "big") for value in values]


def spec_commitment(share: bytes, *, agreement: str, party: str, threshold: int, index: int) -> str:
    """Commit to a share as spec/binding.md section 4 says."""
    context = f"{agreement}\n{party}\n{threshold}\n".encode()
    label = b"allstop sealed-deposit/v1 commitment\n"
    return hashlib.sha256(label + context + bytes([index]) + share).hexdigest()


def _seal(
    tag: str, why: str, first: int, threshold: int, count: int, replaced: int | None, choice: str
) -> Json:
    secret = bytes([first]) + hashlib.sha256(tag.encode()).digest()[:31]
    place: Json = {"agreement": DIGEST, "party": "alder", "threshold": threshold}
    shares = spec_shares(secret, count=count, **place)
    if replaced is not None:
        shares[replaced - 1] = hashlib.sha256(b"garbage").digest()[:31].rjust(32, b"\0")
    return {
        "why": why,
        **place,
        "secret": secret.hex(),
        "shares": [share.hex() for share in shares],
        "commitments": [spec_commitment(share, index=i, **place) for i, share in enumerate(shares, start=1)],
        "choices": {
            ",".join(map(str, some)): choice for some in combinations(range(1, count + 1), threshold)
        },
    }


def make_seals() -> dict[str, Json]:
    """Return the seals by name."""
    rows = [
        ("deposit", "two of three open a deposit", 1, 2, 3, None, "deposit"),
        ("none", "two of three open that there is none", 0, 2, 3, None, "no deposit"),
        ("four-of-five", "any four of five open alike", 1, 4, 5, None, "deposit"),
        ("all-of-two", "all custodians may be needed", 0, 2, 2, None, "no deposit"),
        ("share-replaced", "garbage under a commitment of its own is no way out", 0, 2, 3, 3, "spoiled"),
        ("no-choice", "a first byte of 2 is no choice, and counts as a deposit", 2, 2, 3, None, "spoiled"),
    ]
    return {row[0]: _seal(*row) for row in rows}


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
    for tag, why, is_valid, schema_accepts, edits in HANDED_ROWS:
        vector = {
            "why": why,
            "isValid": is_valid,
            "schemaAccepts": schema_accepts,
            "value": edit(HANDED, edits),
        }
        found[Path("handed-share") / f"{tag}.json"] = json.dumps(vector, indent=2) + "\n"
    for tag, seal in make_seals().items():
        found[Path("seal") / f"{tag}.json"] = json.dumps(seal, indent=2) + "\n"
    return found


if __name__ == "__main__":
    for path, text in make_vectors().items():
        target = ROOT / "vectors" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
