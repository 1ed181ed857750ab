"""Makes vectors/keys: `python tests/make_vectors/make_key_vectors.py`.

Each file holds one public key, signature, vkey or private key file of spec/keys.md, whether it is accepted, and
one sentence why. ML-DSA-44 signatures are hedged, so each run writes other bytes for those.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

FOLDER = Path(__file__).resolve().parent.parent.parent / "vectors" / "keys"
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
SIGN = 1 << 255
ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SEED = bytes(range(32))
MESSAGE = b"Alder has halted"
NAME = "example.org/log"

ED25519 = Ed25519PrivateKey.from_private_bytes(SEED)
ED25519_PUBLIC = ED25519.public_key().public_bytes_raw()
ML_DSA_44 = MLDSA44PrivateKey.from_seed_bytes(SEED)
ML_DSA_44_PUBLIC = ML_DSA_44.public_key().public_bytes_raw()

LOW_ORDER = {
    "order-1": (1, "the neutral point: one constant signature fits every message"),
    "order-1-signed": (1 | SIGN, "the neutral point with a sign on x = 0"),
    "order-1-unreduced": (P + 1, "the neutral point, y not reduced"),
    "order-1-unreduced-signed": (P + 1 | SIGN, "the neutral point, y not reduced, with a sign on x = 0"),
    "order-2": (P - 1, "the point of order 2"),
    "order-2-signed": (P - 1 | SIGN, "the point of order 2 with a sign on x = 0"),
    "order-4": (0, "a point of order 4"),
    "order-4-signed": (SIGN, "the other point of order 4"),
    "order-4-unreduced": (P, "a point of order 4, y not reduced"),
    "order-4-unreduced-signed": (P | SIGN, "the other point of order 4, y not reduced"),
    "order-8-a": (ORDER_8_Y, "a point of order 8"),
    "order-8-b": (ORDER_8_Y | SIGN, "a point of order 8"),
    "order-8-c": (P - ORDER_8_Y, "a point of order 8"),
    "order-8-d": (P - ORDER_8_Y | SIGN, "a point of order 8"),
}


def write(name: str, why: str, **vector: Any) -> None:
    """Write one vector as ASCII JSON."""
    text = json.dumps({"why": why, **vector}, indent=2) + "\n"
    (FOLDER / f"{name}.json").write_text(text, encoding="ascii")


def write_public_keys() -> None:
    """The 14 low-order encodings, keys that are not canonical, wrong lengths."""
    for name, (number, why) in LOW_ORDER.items():
        key = number.to_bytes(32, "little").hex()
        write(f"public-key-{name}", why, format="public-key", kind="ed25519", keyHex=key, isValid=False)
    others = {
        "plain": ("an ordinary key", ED25519_PUBLIC, True),
        "unreduced": ("y = p + 2 is a second spelling of y = 2", (P + 2).to_bytes(32, "little"), False),
        "largest": ("y = 2^255 - 1 is not reduced", b"\xff" * 32, False),
        "short": ("31 bytes", ED25519_PUBLIC[:31], False),
        "long": ("33 bytes", ED25519_PUBLIC + b"\0", False),
    }
    for name, (why, data, valid) in others.items():
        write(
            f"public-key-{name}", why, format="public-key", kind="ed25519", keyHex=data.hex(), isValid=valid
        )
    for name, data in {"plain": ML_DSA_44_PUBLIC, "short": ML_DSA_44_PUBLIC[:-1]}.items():
        write(
            f"public-key-ml-dsa-44-{name}", f"{len(data)} bytes",
            format="public-key", kind="ml-dsa-44", keyHex=data.hex(), isValid=len(data) == 1312,
        )  # fmt: skip


def write_signatures() -> None:
    """Good signatures, and the ways in which they go wrong."""
    good = ED25519.sign(MESSAGE)
    s = int.from_bytes(good[32:], "little")
    cases = {
        "plain": ("it verifies", MESSAGE, good, True),
        "other-message": ("a signature is for one message", MESSAGE + b"?", good, False),
        "unreduced-s": ("S + L would be a second signature", MESSAGE, good[:32] + (s + ORDER).to_bytes(32, "little"), False),
        "bent-r": ("one bit of R", MESSAGE, bytes([good[0] ^ 1]) + good[1:], False),
        "bent-s": ("one bit of S", MESSAGE, good[:32] + bytes([good[32] ^ 1]) + good[33:], False),
        "short": ("63 bytes", MESSAGE, good[:63], False),
        "long": ("65 bytes", MESSAGE, good + b"\0", False),
        "empty": ("no bytes sign nothing", MESSAGE, b"", False),
    }  # fmt: skip
    pq = ML_DSA_44.sign(MESSAGE)
    pq_cases = {
        "plain": ("it verifies, with the empty context", MESSAGE, pq, True),
        "other-message": ("a signature is for one message", MESSAGE + b"?", pq, False),
        "with-context": ("a context is signed too", MESSAGE, ML_DSA_44.sign(MESSAGE, b"allstop"), False),
        "short": ("2,419 bytes", MESSAGE, pq[:-1], False),
    }
    for kind, key, group in (("ed25519", ED25519_PUBLIC, cases), ("ml-dsa-44", ML_DSA_44_PUBLIC, pq_cases)):
        for name, (why, message, signature, valid) in group.items():
            write(
                f"signature-{kind}-{name}", why, format="signature", kind=kind, keyHex=key.hex(),
                messageHex=message.hex(), signatureHex=signature.hex(), isValid=valid,
            )  # fmt: skip


def vkey(blob: bytes, name: str = NAME) -> str:
    """Write a vkey with the id that belongs to name and key."""
    digest = hashlib.sha256(name.encode() + b"\n" + blob).hexdigest()
    return f"{name}+{digest[:8]}+{base64.b64encode(blob).decode()}"


def write_vkeys() -> None:
    """One vkey of each type, and the ways in which they go wrong."""
    good = vkey(b"\x01" + ED25519_PUBLIC)
    key_id = good.split("+")[1]
    cases = {
        "ed25519": ("type 1 signs notes", good, True),
        "cosignature": ("type 4 cosigns with a time", vkey(b"\x04" + ED25519_PUBLIC), True),
        "ml-dsa-44": ("type 6 cosigns with ML-DSA-44", vkey(b"\x06" + ML_DSA_44_PUBLIC), True),
        "upper-case-id": ("an id has lower-case digits", good.replace(key_id, key_id.upper()), False),
        "wrong-id": ("the id belongs to name and key", good.replace(key_id, "00000000"), False),
        "other-name": ("the id binds the name", good.replace(NAME, "example.org/lot"), False),
        "space-in-name": ("a space would end the name in a signature line", vkey(b"\x01" + ED25519_PUBLIC, "my log"), False),
        "no-name": ("a name has at least one byte", vkey(b"\x01" + ED25519_PUBLIC, ""), False),
        "long-name": ("a name has at most 255 bytes", vkey(b"\x01" + ED25519_PUBLIC, "a" * 256), False),
        "unknown-type": ("ECDSA keys are not taken", vkey(b"\x02" + ED25519_PUBLIC), False),
        "short-key": ("31 bytes", vkey(b"\x01" + ED25519_PUBLIC[:31]), False),
        "low-order-key": ("weak keys are refused in every wrapping", vkey(b"\x01\x01" + bytes(31)), False),
        "type-of-other-kind": ("1,312 bytes are no Ed25519 key", vkey(b"\x01" + ML_DSA_44_PUBLIC), False),
        "missing-padding": ("base64 is padded", vkey(b"\x06" + ML_DSA_44_PUBLIC).rstrip("="), False),
        "newline": ("nothing follows the key", good + "\n", False),
    }  # fmt: skip
    for name, (why, text, valid) in cases.items():
        write(f"vkey-{name}", why, format="vkey", text=text, isValid=valid)


def write_private_key_files() -> None:
    """Private key files of a seed that everybody knows: 00 01 02 ... 1f."""
    seed = base64.b64encode(SEED).decode()
    good = f"allstop-private-key/v1 ed25519 {seed}\n"
    cases = {
        "ed25519": ("one line", good, ED25519_PUBLIC),
        "ml-dsa-44": ("the seed of FIPS 204", good.replace("ed25519", "ml-dsa-44"), ML_DSA_44_PUBLIC),
        "no-newline": ("the line ends", good[:-1], None),
        "two-lines": ("one key a file", good + good, None),
        "other-version": ("a new version is a new format", good.replace("v1", "v2"), None),
        "unknown-kind": ("two kinds exist", good.replace("ed25519", "ed448"), None),
        "short-seed": ("31 bytes", good.replace(seed, base64.b64encode(SEED[:31]).decode()), None),
        "set-trailing-bits": ("base64 has one spelling", good.replace("8=\n", "9=\n"), None),
    }
    for name, (why, text, key) in cases.items():
        vector: dict[str, Any] = {"format": "private-key-file", "text": text, "isValid": key is not None}
        if key is not None:
            vector["keyHex"] = key.hex()
        write(f"private-key-{name}", why, **vector)


def main() -> None:
    """Write every vector of this folder anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    write_public_keys()
    write_signatures()
    write_vkeys()
    write_private_key_files()


if __name__ == "__main__":
    main()
