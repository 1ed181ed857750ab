"""Opening: no statement without every signature, none on fewer keys than its party asked for."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as OtherEnvelope
from securesystemslib.exceptions import VerificationError as OtherError
from securesystemslib.signer import Key, SSlibKey  # type: ignore[attr-defined]  # it has no `__all__`

from allstop.canon import format_base64, format_json
from allstop.errors import MalformedError, SignatureError
from allstop.ids import Name, digest_of
from allstop.keys import KeyKind, SigningKey, key_hint
from allstop.statement import (
    ENTRY_BYTES_MAX,
    PARTIES_MAX,
    PARTY_KEYS_MAX,
    PAYLOAD_TYPE,
    SIGNATURES_MAX,
    Envelope,
    EnvelopeSignature,
    PartyBook,
    PartyKeys,
    Statement,
    format_envelope,
    format_statement,
    open_statement,
    open_statements,
    pae,
    parse_envelope,
    sign_statement,
)
from support_statement import ALDER, BIRCH, CEDAR, book_of, key_of, make_statement

BOOK = book_of(alder=2, birch=1)
BOTH = [key_of("alder-0"), key_of("alder-1")]


def test_a_statement_with_its_threshold_opens() -> None:
    """Both officers signed: the statement comes back, with the digest of what was signed."""
    statement = make_statement(body={"note": "hello"})
    opened = open_statement(sign_statement(statement, BOTH), BOOK)
    assert (statement, frozenset({ALDER})) == (opened.statement, opened.signers)
    assert digest_of(format_statement(statement)) == opened.digest


def test_a_plain_mapping_of_parties_will_do() -> None:
    """The book is only an index: any mapping gives the same."""
    data = sign_statement(make_statement(), BOTH)
    assert open_statement(data, BOOK) == open_statement(data, dict(BOOK))
    assert (2, BOOK[ALDER]) == (len(BOOK), dict(BOOK)[ALDER])


def test_cosigners_count_once_they_reach_their_own_threshold() -> None:
    """Operator and tenant: each with all it asks for. One officer of two is not Alder."""
    for signers, expected in (
        ([*BOTH, key_of("birch-0")], {ALDER, BIRCH}),
        ([key_of("birch-0"), key_of("birch-1")], {BIRCH}),
        ([key_of("birch-1"), key_of("alder-1")], {BIRCH}),
    ):
        party = ALDER if ALDER in expected else BIRCH
        data = sign_statement(make_statement(party=party), signers)
        assert frozenset(expected) == open_statement(data, BOOK).signers


@pytest.mark.parametrize("signers", [["alder-0"], ["alder-1", "birch-0"], ["birch-0", "birch-1"]])
def test_dsse_D3_fewer_distinct_keys_than_the_threshold_are_refused(signers: list[str]) -> None:
    """Two of Alder's keys must sign, whoever else did."""
    data = sign_statement(make_statement(), [key_of(label) for label in signers])
    with pytest.raises(SignatureError, match="party alder has not signed with its threshold"):
        open_statement(data, BOOK)


def test_a_statement_in_the_name_of_a_stranger_is_refused() -> None:
    """Known keys cannot speak for a party that the agreement does not have."""
    data = sign_statement(make_statement(party=CEDAR), BOTH)
    with pytest.raises(SignatureError, match="party cedar has not signed with its threshold"):
        open_statement(data, BOOK)


def test_a_signature_by_an_unknown_key_is_refused() -> None:
    """Every signature must be by a known key, so that nothing unsaid hides among them."""
    data = sign_statement(make_statement(), [*BOTH, key_of("mallory")])
    with pytest.raises(SignatureError, match="by no known key"):
        open_statement(data, BOOK)


def envelope_of(
    statement: Statement, *signatures: tuple[str, bytes], payload_type: str = PAYLOAD_TYPE
) -> bytes:
    """Return an envelope with any hints and signatures, sorted by hint."""
    return format_envelope(
        Envelope(
            payload_type=payload_type,
            payload=format_statement(statement),
            signatures=tuple(EnvelopeSignature(hint=hint, signature=data) for hint, data in signatures),
        )
    )


def signed(statement: Statement, key: SigningKey, hint: str | None = None) -> tuple[str, bytes]:
    """Return hint and signature of one key."""
    signature = key.sign(pae(PAYLOAD_TYPE, format_statement(statement)))
    return key_hint(key.public) if hint is None else hint, signature


def test_finding_F2_one_key_under_two_hints_is_one_key() -> None:
    """A second keyid does not make a second signer: a hint only finds a key, and names it by its bytes."""
    statement = make_statement()
    own = signed(statement, BOTH[0])
    other = (key_hint(BOTH[1].public), own[1])
    with pytest.raises(SignatureError, match="does not verify"):
        open_statement(envelope_of(statement, *sorted([own, other])), BOOK)
    with pytest.raises(MalformedError, match="each key once"):
        open_statement(envelope_of(statement, own, own), BOOK)


def test_dsse_D2_a_hint_decides_nothing() -> None:
    """A wrong hint finds no key or the wrong key; it never makes a signature count that does not verify."""
    statement = make_statement(party=BIRCH)
    key = key_of("birch-0")
    for hint, message in (("0" * 64, "no known key"), (key_hint(BOTH[0].public), "does not verify")):
        with pytest.raises(SignatureError, match=message):
            open_statement(envelope_of(statement, signed(statement, key, hint)), BOOK)


def test_signatures_have_one_order() -> None:
    """Sorted by keyid: the same signatures in another order are other bytes, and refused."""
    statement = make_statement()
    pair = sorted(signed(statement, key) for key in BOTH)
    open_statement(envelope_of(statement, *pair), BOOK)
    with pytest.raises(MalformedError, match="sorted by keyid"):
        open_statement(envelope_of(statement, *reversed(pair)), BOOK)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data + b"\n", "not canonical"),
        (lambda data: data.replace(b'","payloadType', b'", "payloadType'), "not canonical"),
        (lambda data: data.replace(b'{"payload":', b'{"extra":1,"payload":'), "not canonical"),
        (lambda data: data.replace(b'"keyid":"', b'"keyid":"x'), "keyid of 64"),
        (lambda data: data.replace(b'"keyid":"', b'"keyid":"\xc3\xa9'), "keyid of 64"),
        (lambda data: data.replace(b'=="}]}', b'=="}]'), "not JSON"),
        (lambda data: data.replace(b"in-toto+json", b"other+json"), "payload type is"),
        (lambda data: b"", "not JSON"),
        (lambda data: b'{"payload":"', "not JSON"),
        (lambda data: data[:12] + b"!" + data[12:], "base64"),
        (lambda data: data[:12] + b"\xff" + data[13:], "base64"),
        (lambda data: b" " * (ENTRY_BYTES_MAX + 1), "want at most 65535"),
    ],
)
def test_an_envelope_has_one_spelling(change: Callable[[bytes], bytes], message: str) -> None:
    """dsse-D6 and canonical form: what a general reader may accept is not what the log may hold."""
    data = sign_statement(make_statement(), BOTH)
    with pytest.raises(MalformedError, match=message):
        open_statement(change(data), BOOK)


def test_dsse_D4_the_payload_that_was_verified_is_the_one_that_is_parsed() -> None:
    """A correctly signed payload that is not a canonical statement is refused after its signature held."""
    payload = format_statement(make_statement()).replace(b'"body":{}', b'"body": {}')
    key = key_of("birch-0")
    data = format_envelope(
        Envelope(
            payload_type=PAYLOAD_TYPE,
            payload=payload,
            signatures=(
                EnvelopeSignature(hint=key_hint(key.public), signature=key.sign(pae(PAYLOAD_TYPE, payload))),
            ),
        )
    )
    with pytest.raises(MalformedError, match="not canonical"):
        open_statement(data, BOOK)


def test_no_flipped_byte_opens() -> None:
    """Each byte of an envelope is flipped three ways: a signature or the form fails, whichever it is."""
    data = sign_statement(make_statement(body={"note": "hello"}), BOTH)
    for index in range(len(data)):
        for mask in (0x01, 0x20, 0x80):
            bent = data[:index] + bytes([data[index] ^ mask]) + data[index + 1 :]
            with pytest.raises((MalformedError, SignatureError)):
                open_statement(bent, BOOK)


@given(st.binary(max_size=200))
def test_junk_never_opens_and_never_surprises(data: bytes) -> None:
    """Whatever comes, the answer is one of two errors."""
    with pytest.raises((MalformedError, SignatureError)):
        open_statement(data, BOOK)


def other_keys() -> list[Key]:
    """Return Alder's keys as the reference library holds them."""
    return [
        SSlibKey(key_hint(key.public), "ed25519", "ed25519", {"public": key.public.data.hex()})
        for key in BOTH
    ]


@pytest.mark.parametrize("count", [1, 2])
def test_securesystemslib_agrees_on_thresholds(count: int) -> None:
    """The reference verifier accepts and refuses the same envelopes at threshold two."""
    data = sign_statement(make_statement(), BOTH[:count])
    other = OtherEnvelope.from_dict(json.loads(data))
    if count == 2:
        other.verify(other_keys(), 2)
        open_statement(data, BOOK)
    else:
        with pytest.raises(OtherError):
            other.verify(other_keys(), 2)
        with pytest.raises(SignatureError):
            open_statement(data, BOOK)


def test_limits_of_signing() -> None:
    """An envelope larger than a log entry, or with too many signers, cannot be made."""
    with pytest.raises(MalformedError, match="want at most 65535"):
        sign_statement(make_statement(body="x" * 60_000), BOTH)
    with pytest.raises(MalformedError, match="17 signatures"):
        sign_statement(make_statement(), [key_of(f"k{index}") for index in range(SIGNATURES_MAX + 1)])
    with pytest.raises(MalformedError, match="0 signatures"):
        sign_statement(make_statement(), [])
    assert sign_statement(make_statement(), BOTH) == sign_statement(make_statement(), [*BOTH, BOTH[0]])


def test_many_statements_open_as_one_by_one() -> None:
    """Chunks and maps change nothing about results or their order."""
    datas = [sign_statement(make_statement(body=number), BOTH) for number in range(300)]
    expected = tuple(open_statement(data, BOOK) for data in datas)
    assert expected == open_statements(datas, BOOK)
    with ThreadPoolExecutor(3) as pool:
        assert expected == open_statements(datas, dict(BOOK), map=pool.map)
    assert open_statements([], BOOK) == ()


@pytest.mark.parametrize("bad", [0, 127, 128, 299])
def test_the_first_bad_entry_is_named(bad: int) -> None:
    """The error carries the index, of the first one if several are bad, on any map."""
    datas = [sign_statement(make_statement(body=number), BOTH) for number in range(300)]
    datas[bad] = sign_statement(make_statement(), BOTH[:1])
    datas[299] = sign_statement(make_statement(), BOTH[:1])
    with pytest.raises(SignatureError, match=rf"^entry {bad}: party alder"):
        open_statements(datas, BOOK)
    datas[bad] = b""
    with ThreadPoolExecutor(3) as pool, pytest.raises(MalformedError, match=rf"^entry {bad}: not JSON"):
        open_statements(datas, BOOK, map=pool.map)


def test_a_bad_payload_before_a_bad_signature_is_named_first() -> None:
    """Signatures are checked ahead of payloads, and still the first entry that fails is the one named."""
    datas = [sign_statement(make_statement(body=number), BOTH) for number in range(10)]
    datas[4] = sign_statement(make_statement(party=CEDAR), BOTH)
    datas[6] = b""
    with pytest.raises(SignatureError, match=r"^entry 4: party cedar has not signed"):
        open_statements(datas, BOOK)


@pytest.mark.parametrize(
    ("labels", "threshold", "message"),
    [
        (["a"], 0, "threshold 0"),
        (["a"], 2, "threshold 2"),
        ([], 1, "0 keys"),
        (["a", "a"], 1, "the same key twice"),
        ([f"k{index}" for index in range(PARTY_KEYS_MAX + 1)], 1, "65 keys"),
    ],
)
def test_a_partys_keys_have_a_sane_threshold(labels: list[str], threshold: int, message: str) -> None:
    """threat-H2 and DSSE's own list: threshold 0, more than the keys, one key twice."""
    with pytest.raises(MalformedError, match=message):
        PartyKeys(party=ALDER, keys=tuple(key_of(label).public for label in labels), threshold=threshold)


def test_a_party_signs_with_ed25519_only() -> None:
    """Statements have one kind of signature; the log and its witnesses have the other one too."""
    key = key_of("alder-0", KeyKind.ML_DSA_44)
    with pytest.raises(MalformedError, match="not Ed25519"):
        PartyKeys(party=ALDER, keys=(key.public,), threshold=1)


def test_threat_H2_a_key_belongs_to_one_party() -> None:
    """One officer's key under two parties could make up both sides of a transfer."""
    keys = (key_of("alder-0").public,)
    shared: Mapping[Name, PartyKeys] = {
        name: PartyKeys(party=name, keys=keys, threshold=1) for name in (ALDER, BIRCH)
    }
    with pytest.raises(MalformedError, match="parties alder and birch have the same key"):
        PartyBook(shared)
    with pytest.raises(MalformedError, match="listed under birch"):
        PartyBook({BIRCH: shared[ALDER]})


def test_a_book_has_a_limit() -> None:
    """More parties than any agreement has are refused before their keys are looked at."""
    one = PartyKeys(party=ALDER, keys=(key_of("alder-0").public,), threshold=1)
    with pytest.raises(MalformedError, match=f"want at most {PARTIES_MAX}"):
        PartyBook({Name(f"p{index}"): one for index in range(PARTIES_MAX + 1)})


def test_dsse_must_reject(vectors_dir: Path) -> None:
    """Every line of the vectors' list of what must be rejected has a test in this package."""
    listed = json.loads((vectors_dir / "dsse" / "dsse.json").read_text("utf-8"))["must_reject"]
    expected = [
        "no signatures",
        "payload not base64",
        "sig not base64",
        "unknown payloadType",
        "threshold 0 or > number of keys",
        "same key counted twice under two keyids",
        "envelope re-parsed after verification",
    ]
    assert expected == listed
    empty = format_json({"payload": format_base64(b"x"), "payloadType": PAYLOAD_TYPE, "signatures": []})
    with pytest.raises(MalformedError, match="0 signatures"):
        open_statement(empty, BOOK)
    assert parse_envelope(sign_statement(make_statement(), BOTH)).payload_type == PAYLOAD_TYPE
