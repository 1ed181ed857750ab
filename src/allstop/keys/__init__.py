"""Keys and signatures: Ed25519 and ML-DSA-44, key files, vkeys, key ids (spec/keys.md); keystreams.

The only package that imports `cryptography`. A `PublicKey` that exists is one that may be trusted to
bind a signer: low-order and non-canonical keys cannot be constructed.
"""

from allstop.keys._keys import (
    KeyKind,
    PublicKey,
    SigningKey,
    count_distinct_keys,
    format_private_key,
    generate_key,
    key_hint,
    parse_private_key,
    verify_signature,
)
from allstop.keys._keystream import KEYSTREAM_KEY_BYTES, open_keystream
from allstop.keys._note_key import NOTE_NAME_BYTES_MAX, NoteKey, NoteKeyType, format_vkey, parse_vkey

__all__ = [
    "KEYSTREAM_KEY_BYTES",
    "NOTE_NAME_BYTES_MAX",
    "KeyKind",
    "NoteKey",
    "NoteKeyType",
    "PublicKey",
    "SigningKey",
    "count_distinct_keys",
    "format_private_key",
    "format_vkey",
    "generate_key",
    "key_hint",
    "open_keystream",
    "parse_private_key",
    "parse_vkey",
    "verify_signature",
]
