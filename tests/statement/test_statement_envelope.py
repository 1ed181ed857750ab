"""The envelope: what DSSE asks of every reader, and what we write."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as OtherEnvelope

from allstop.canon import JSON, format_json, parse_json
from allstop.errors import MalformedError
from allstop.statement import (
    PAYLOAD_TYPE,
    SIGNATURES_MAX,
    Envelope,
    EnvelopeSignature,
    format_envelope,
    pae,
    parse_envelope,
)

hints = st.text("0123456789abcdef", max_size=64)
envelopes = st.builds(
    Envelope,
    payload_type=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    payload=st.binary(max_size=40),
    signatures=st.lists(
        st.builds(EnvelopeSignature, hint=hints, signature=st.binary(max_size=70)), min_size=1, max_size=3
    ).map(tuple),
)


def test_dsse_D1_lengths_count_bytes(vectors_dir: Path) -> None:
    """The pre-authentication encoding agrees with every vector, non-ASCII types included."""
    vectors = json.loads((vectors_dir / "dsse" / "dsse.json").read_text("utf-8"))["pae"]
    assert len(vectors) == 3
    for vector in vectors:
        expected = bytes.fromhex(vector["pae_hex"]) if "pae_hex" in vector else vector["pae"].encode()
        assert expected == pae(vector["type"], vector["body"].encode())


def test_dsse_D1_the_worked_example() -> None:
    """The specification's own example, without any folder of vectors."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert expected == pae("http://example.com/HelloWorld", b"hello world")


@given(st.text("abc/é+", max_size=20), st.binary(max_size=40))
def test_dsse_D1_agrees_with_securesystemslib(payload_type: str, payload: bytes) -> None:
    """The reference library makes the same bytes; it counts characters, so only ASCII types are compared."""
    ours = pae(payload_type, payload)
    assert ours.endswith(payload)
    if payload_type.isascii():
        assert OtherEnvelope(payload, payload_type, {}).pae() == ours


@given(envelopes)
def test_parse_is_the_inverse_of_format(envelope: Envelope) -> None:
    """What we write is canonical JSON and reads back as itself."""
    data = format_envelope(envelope)
    assert envelope == parse_envelope(data)
    assert data == format_json(parse_json(data))


@given(envelopes)
def test_securesystemslib_reads_what_we_write(envelope: Envelope) -> None:
    """The reference library finds the same payload, type and signatures."""
    distinct = {item.hint: item for item in envelope.signatures if item.hint}
    if not distinct:
        return
    envelope = Envelope(
        payload_type=envelope.payload_type, payload=envelope.payload, signatures=tuple(distinct.values())
    )
    other = OtherEnvelope.from_dict(json.loads(format_envelope(envelope)))
    assert envelope.payload == other.payload
    assert envelope.payload_type == other.payload_type
    assert [item.signature.hex() for item in distinct.values()] == [
        item.signature for item in other.signatures.values()
    ]


def test_dsse_D5_both_alphabets_are_read(vectors_dir: Path) -> None:
    """URL-safe base64, unknown fields and a missing keyid are accepted, as DSSE demands of verifiers."""
    wanted = json.loads((vectors_dir / "dsse" / "dsse.json").read_text("utf-8"))
    assert len(wanted["must_accept"]) == 3
    vector = wanted["p256"]["envelope"]
    envelope = parse_envelope(json.dumps(vector).encode())
    assert (envelope.payload, envelope.payload_type) == (b"hello world", "http://example.com/HelloWorld")
    assert [(item.hint, len(item.signature)) for item in envelope.signatures] == [("", 64)]
    url_safe = vector["signatures"][0]["sig"].replace("+", "-").replace("/", "_")
    lenient = vector | {"signatures": [{"sig": url_safe, "keyid": "", "cert": "x"}], "extra": [1]}
    assert envelope == parse_envelope(json.dumps(lenient, indent=2).encode())


PAYLOAD: dict[str, JSON] = {"payload": "aGk=", "payloadType": PAYLOAD_TYPE, "signatures": [{"sig": "aGk="}]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signatures": []}, "envelope has 0 signatures"),
        ({"signatures": [{"sig": "aGk="}] * (SIGNATURES_MAX + 1)}, "envelope.signatures: has 17"),
        ({"signatures": {}}, "envelope.signatures: found"),
        ({"signatures": [{"keyid": "x"}]}, "sig: missing"),
        ({"signatures": [{"sig": "aGk"}]}, "base64"),
        ({"signatures": [{"sig": "aG k="}]}, "base64"),
        ({"signatures": [{"sig": 1}]}, "field sig is not a text"),
        ({"signatures": [{"sig": "aGk=", "keyid": 1}]}, "keyid: found"),
        ({"payload": "aGl="}, "base64"),
        ({"payload": "*"}, "base64"),
        ({"payload": "-_+/"}, "base64"),
        ({"payload": None}, "field payload is not a text"),
        ({"payloadType": 3}, "payloadType: found"),
    ],
)
def test_what_is_no_envelope_is_refused(change: dict[str, JSON], message: str) -> None:
    """One thing is wrong each time; finding-F3 (trailing bits, stray characters) among them."""
    with pytest.raises(MalformedError, match=message):
        parse_envelope(format_json(PAYLOAD | change))


def test_a_field_twice_is_refused() -> None:
    """finding-F4: two readers could take different payloads from one envelope."""
    with pytest.raises(MalformedError, match="twice"):
        parse_envelope(b'{"payload":"aGk=","payload":"aG8=","payloadType":"x","signatures":[{"sig":""}]}')


def test_what_is_no_object_is_refused() -> None:
    """A list, a text and nothing at all are no envelopes."""
    for data in (b"[]", b'"x"', b"", b"\xff"):
        with pytest.raises(MalformedError):
            parse_envelope(data)
