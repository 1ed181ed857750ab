"""The envelope: DSSE v1.0.2 around a payload, and the exact bytes that a signature covers.

Implements spec/statement.md section 4. Reading an envelope believes nothing: see `_open` for that.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_base64, format_json, parse_base64_any, parse_json
from allstop.errors import MalformedError

__all__ = [
    "PAYLOAD_TYPE",
    "SIGNATURES_MAX",
    "Envelope",
    "EnvelopeSignature",
    "format_envelope",
    "pae",
    "parse_envelope",
]

PAYLOAD_TYPE = "application/vnd.in-toto+json"
SIGNATURES_MAX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeSignature:
    """One signature with its hint, the `keyid`, which says which key to try and proves nothing.

    Wire form: `{"keyid": "4bf5…", "sig": "iGv0…=="}`. An empty hint is not written.
    """

    hint: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload, its type, and signatures over both.

        {"payload": "eyJf…", "payloadType": "application/vnd.in-toto+json",
         "signatures": [{"keyid": "4bf5…", "sig": "iGv0…=="}]}

    Range: `1 <= len(signatures) <= SIGNATURES_MAX`.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.signatures) <= SIGNATURES_MAX:
            raise MalformedError(
                f"envelope has {len(self.signatures)} signatures, want 1 to {SIGNATURES_MAX}"
            )


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: the DSSE pre-authentication encoding.

    Preimage (DSSE v1.0.2): "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload, lengths in bytes.
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def format_envelope(envelope: Envelope) -> bytes:
    """Return the envelope as RFC 8785 JSON."""
    signatures: list[JSON] = []
    for item in envelope.signatures:
        line: dict[str, JSON] = {"sig": format_base64(item.signature)}
        if item.hint:
            line["keyid"] = item.hint
        signatures.append(line)
    return format_json(
        {
            "payload": format_base64(envelope.payload),
            "payloadType": envelope.payload_type,
            "signatures": signatures,
        }
    )


def parse_envelope(data: bytes) -> Envelope:
    """Parse any valid DSSE envelope: either base64 alphabet, unknown fields ignored, `keyid` optional.

    Strictness about JSON and base64 stays: one text has one reading. No signature is checked.

    Raises:
        MalformedError: `data` is not a DSSE envelope.
    """
    fields = Fields(parse_json(data), "envelope")
    return Envelope(
        payload=_data(fields, "payload"),
        payload_type=fields.text("payloadType"),
        signatures=tuple(
            EnvelopeSignature(
                hint=item.text("keyid") if item.has("keyid") else "", signature=_data(item, "sig")
            )
            for item in fields.objects("signatures", SIGNATURES_MAX)
        ),
    )


def _data(fields: Fields, key: str) -> bytes:
    value = fields.raw(key)
    if not isinstance(value, str):
        raise MalformedError(f"envelope field {key} is not a text, want base64")
    return parse_base64_any(value)
