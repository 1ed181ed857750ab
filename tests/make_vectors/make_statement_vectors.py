"""Makes vectors/statement: `python tests/make_vectors/make_statement_vectors.py`.

`payload-*.json` hold the exact text of a payload, whether the codec takes it, whether the JSON Schema takes
its value (a schema sees no spelling and not every rule), and one sentence why. `envelope-*.json` hold an
envelope, the parties' keys, and either what opening it gives or the code of the error.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from allstop.canon import format_base64  # noqa: E402
from allstop.ids import digest_of  # noqa: E402
from allstop.keys import key_hint  # noqa: E402
from allstop.statement import (  # noqa: E402
    PAYLOAD_TYPE,
    PartyBook,
    SeenCheckpoint,
    format_statement,
    pae,
    sign_statement,
    statement_digest,
)
from allstop.times import Instant  # noqa: E402
from support_statement import AGREEMENT, ALDER, BIRCH, CEDAR, book_of, key_of, make_statement  # noqa: E402

FULL = make_statement(
    sequence=7,
    previous=digest_of(b"the statement before"),
    audience=(BIRCH, CEDAR),
    checkpoint=SeenCheckpoint(size=12, root=digest_of(b"a root")),
    expires_at=Instant(1_795_425_000_250),
    subjects=[AGREEMENT, digest_of(b"a blob")],
    body={"note": "first hall", "operator": "alder", "site": "hall-1"},
)
BARE = make_statement(body={"note": "first hall", "operator": "alder", "site": "hall-1"})
PADDED = make_statement(body={"note": "first hall.", "operator": "alder", "site": "hall-1"})
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
REMOVED = object()

# name, why, path of the key, new value, does the schema take it
BENT: list[tuple[str, str, str, Any, bool]] = [
    ("type-of-in-toto", "the in-toto type is fixed; other versions are other formats", "_type", "https://in-toto.io/Statement/v0.1", False),
    ("no-subject", "in-toto S2: a statement is about something", "subject", [], False),
    ("subject-without-digest", "in-toto S2: only a digest identifies an artifact", "subject/0/digest", {}, False),
    ("subject-with-two-digests", "a second algorithm would be a second, unchecked identity", "subject/0/digest/sha512", "ab" * 64, False),
    ("subject-name-twice", "two subjects of one name cannot be told apart by people", "subject/1/name", "subject-0", True),
    ("subject-name-with-space", "labels have one spelling that shows every character", "subject/0/name", "two words", False),
    ("other-predicate-type", "a type that is not ours has no codec here", "predicateType", "https://slsa.dev/provenance/v1", False),
    ("later-version", "a new version is a new type, which an old reader must not take for the old one", "predicateType", "urn:allstop:predicate:site:v2", False),
    ("no-body", "in-toto S4: the predicate is present", "predicate/body", REMOVED, False),
    ("unknown-key", "a key that nobody reads could carry anything", "predicate/header/comment", "x", False),
    ("sequence-as-number", "numbers are decimal strings, so that no reader rounds them", "predicate/header/sequence", 7, False),
    ("sequence-with-zero", "one number has one spelling", "predicate/header/sequence", "07", False),
    ("first-with-previous", "the first statement of a party follows nothing", "predicate/header/sequence", "0", True),
    ("later-without-previous", "every later statement names the one before, or a gap could be hidden", "predicate/header/previous", REMOVED, True),
    ("previous-null", "what is absent is left out, so that absence has one spelling", "predicate/header/previous", None, False),
    ("audience-unsorted", "a set has one spelling: sorted, each name once", "predicate/header/audience", ["cedar", "birch"], True),
    ("origin-with-plus", "an origin is a key name of a signed note, which has no plus sign", "predicate/header/origin", "a+b", False),
    ("party-upper-case", "names that differ in case only look alike", "predicate/header/party", "Alder", False),
    ("digest-upper-case", "a digest has one spelling", "predicate/header/agreement", "AB" * 32, False),
    ("expiry-with-zero-fraction", "an instant has one spelling", "predicate/header/expiresAt", "2026-11-23T10:00:00.000Z", False),
]  # fmt: skip


def bend(path: str, value: Any) -> str:
    """Return the text of the full statement with one key changed, added or removed."""
    document = json.loads(format_statement(FULL))
    *parents, last = path.split("/")
    place = document
    for key in parents:
        place = place[int(key) if key.isdigit() else key]
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def payload_vectors() -> dict[str, Any]:
    """Return the vectors of the codec, by file name."""
    full = format_statement(FULL).decode()
    made = {
        "valid": vector("the example of the specification: every key is there", full, True, True),
        "valid-first": vector(
            "a party's first statement, before any checkpoint, addressed to all",
            format_statement(BARE).decode(),
            True,
            True,
        ),
        "with-space": vector("one value has one spelling", full.replace(":", ": ", 1), False, True),
        "key-order": vector(
            "keys are sorted", full.replace('"name":"subject-0"', '"aname":"subject-0"', 1), False, False
        ),
        "key-twice": vector(
            "readers differ in which of two they take", full[:-1] + ',"subject":[]}', False, False
        ),
        "trailing-newline": vector("what is signed ends where the value ends", full + "\n", False, True),
    }
    for name, why, path, value, accepts in BENT:
        made[name] = vector(why, bend(path, value), False, accepts)
    return {f"payload-{name}": item for name, item in made.items()}


def vector(why: str, payload: str, valid: bool, accepts: bool) -> dict[str, Any]:
    """Return one vector of the codec."""
    made: dict[str, Any] = {"why": why, "isValid": valid, "schemaAccepts": accepts, "payload": payload}
    if valid:
        made["digest"] = statement_digest(payload.encode())
    return made


def envelope_vectors() -> dict[str, Any]:
    """Return the vectors of opening, by file name."""
    book = book_of(alder=2, birch=1)
    both = [key_of("alder-0"), key_of("alder-1")]
    good = sign_statement(BARE, both).decode()
    one = sign_statement(BARE, both[:1]).decode()
    document = json.loads(good)
    first, second = document["signatures"]
    made: dict[str, tuple[str, str, Any]] = {
        "valid": ("two of two officers signed", good, [ALDER]),
        "valid-cosigned": (
            "a tenant who signs too is named as a signer",
            sign_statement(BARE, [*both, key_of("birch-1")]).decode(),
            [ALDER, BIRCH],
        ),
        "valid-cosigner-below-threshold": (
            "one officer of two is not Alder, so only Birch has signed",
            sign_statement(make_statement(party=BIRCH), [key_of("birch-0"), both[0]]).decode(),
            [BIRCH],
        ),
        "below-threshold": ("dsse-D3: one officer of two is not enough", one, "signature"),
        "one-key-twice": (
            "finding-F2: one key under two keyids is one key",
            write(document | {"signatures": [first, second | {"sig": first["sig"]}]}),
            "signature",
        ),
        "signature-twice": (
            "one key is counted once",
            write(document | {"signatures": [first] * 2}),
            "malformed",
        ),
        "unknown-key": (
            "every signature is by a known key, or something could hide among them",
            sign_statement(BARE, [*both, key_of("mallory")]).decode(),
            "signature",
        ),
    } | bent_envelopes(good)
    return {f"envelope-{name}": opening(book, *item) for name, item in made.items()}


def bent_envelopes(good: str) -> dict[str, tuple[str, str, str]]:
    """Return envelopes that differ from a good one in one place, with why and the code of the error."""
    document = json.loads(good)
    payload = format_statement(BARE)
    first, second = document["signatures"]
    return {
        "keyid-of-nobody": (
            "dsse-D2: a keyid only finds a key",
            write(document | {"signatures": [first | {"keyid": "0" * 64}, second]}),
            "signature",
        ),
        "signatures-reversed": (
            "signatures are sorted by keyid, so that the envelope has one spelling",
            write(document | {"signatures": [second, first]}),
            "malformed",
        ),
        "no-keyid": (
            "dsse-D5 lets a reader accept this, the log does not: one spelling",
            write(document | {"signatures": [{"sig": first["sig"]}, second]}),
            "malformed",
        ),
        "no-signature": ("nothing signed is nothing said", write(document | {"signatures": []}), "malformed"),
        "url-safe": (
            "dsse-D5 lets a reader accept the other alphabet, the log does not: one spelling",
            write(document | {"payload": document["payload"].replace("/", "_").replace("+", "-"), "x": 1}),
            "malformed",
        ),
        "trailing-bits": (
            "finding-F3: base64 with set trailing bits decodes to the same bytes",
            with_trailing_bits(sign_statement(PADDED, [key_of("alder-0"), key_of("alder-1")]).decode()),
            "malformed",
        ),
        "other-payload-type": (
            "dsse-D6: another type is another language",
            write(document | {"payloadType": "application/json"}),
            "malformed",
        ),
        "payload-changed": (
            "the signature is over the bytes of the payload",
            write(document | {"payload": format_base64(payload.replace(b"hall-1", b"hall-2"))}),
            "signature",
        ),
        "signed-without-type": (
            "dsse-D1: what is signed is the encoding with type and lengths, not the bare payload",
            write(document | {"signatures": [first, second | {"sig": bare_signature(second["keyid"])}]}),
            "signature",
        ),
    }


def with_trailing_bits(envelope: str) -> str:
    """Return the envelope with a trailing bit of its payload set: the same bytes to a careless reader."""
    payload = json.loads(envelope)["payload"]
    stem = payload.rstrip("=")
    last = ALPHABET[ALPHABET.index(stem[-1]) + 1]
    return envelope.replace(payload, stem[:-1] + last + payload[len(stem) :])


def bare_signature(keyid: str) -> str:
    """Return a signature over the payload alone, by Alder's key with this id."""
    payload = format_statement(BARE)
    keys = {key_hint(key.public): key for key in (key_of("alder-0"), key_of("alder-1"))}
    return format_base64(keys[keyid].sign(payload))


def write(document: Any) -> str:
    """Return the canonical text of an envelope that is not canonical in meaning."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def opening(book: PartyBook, why: str, envelope: str, outcome: Any) -> dict[str, Any]:
    """Return one vector of opening: signers if it opens, else the code of the error."""
    parties = {
        name: {"keys": [format_base64(key.data) for key in entry.keys], "threshold": entry.threshold}
        for name, entry in book.items()
    }
    result = {"error": outcome} if isinstance(outcome, str) else {"error": None, "signers": outcome}
    return {"why": why, "parties": parties, "envelope": envelope} | result


def pae_vector() -> dict[str, Any]:
    """Return what is signed for a short payload, to check an implementation's encoding alone."""
    return {
        "why": "dsse-D1: lengths count bytes",
        "payloadType": PAYLOAD_TYPE,
        "payload": "häll",
        "pae": pae(PAYLOAD_TYPE, "häll".encode()).hex(),
    }


def make_vectors() -> dict[Path, str]:
    """Return every file, by its path inside `vectors`."""
    made = payload_vectors() | envelope_vectors() | {"pae": pae_vector()}
    return {
        Path("statement") / f"{name}.json": json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        for name, value in made.items()
    }


if __name__ == "__main__":
    for path, text in make_vectors().items():
        place = ROOT / "vectors" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
