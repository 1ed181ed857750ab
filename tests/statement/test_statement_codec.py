"""The payload: one value, one spelling, and nothing else parses."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st
from in_toto_attestation.v1.statement import Statement as OtherStatement

from allstop.canon import JSON, JSON_DEPTH_MAX, format_json, parse_json
from allstop.errors import MalformedError
from allstop.ids import Digest, Name, digest_of
from allstop.statement import (
    AUDIENCE_MAX,
    SEQUENCE_MAX,
    SUBJECTS_MAX,
    Audience,
    Header,
    Predicate,
    SeenCheckpoint,
    Statement,
    Subject,
    format_statement,
    parse_statement,
    statement_digest,
)
from allstop.times import Instant
from support_statement import AGREEMENT, ALDER, BIRCH, CEDAR, ORIGIN, make_statement

FULL = make_statement(
    sequence=7,
    previous=digest_of(b"six"),
    audience=(BIRCH, CEDAR),
    checkpoint=SeenCheckpoint(size=12, root=digest_of(b"root")),
    expires_at=Instant(1_795_425_000_250),
    subjects=[AGREEMENT, digest_of(b"blob")],
    body={"note": 'say "header" \\ ünd 𐀀', "list": [1, None, True, []]},
)
BARE = make_statement()

names = st.from_regex(r"[a-z0-9](?:[a-z0-9._-]{0,5}[a-z0-9])?", fullmatch=True).map(Name)
digests = st.binary(max_size=4).map(digest_of)
printable = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\'), min_size=1
)
bodies: st.SearchStrategy[JSON] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('aé𐀀\uffff,"{', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Draw any statement that the types allow."""
    sequence = draw(st.integers(0, SEQUENCE_MAX))
    header = Header(
        agreement=draw(digests),
        origin=draw(printable.map(lambda text: text.replace("+", "-")[:255])),
        party=draw(names),
        sequence=sequence,
        previous=draw(digests) if sequence else None,
        audience=tuple(sorted(draw(st.sets(names, max_size=3)))),
        checkpoint=draw(
            st.none() | st.builds(SeenCheckpoint, size=st.integers(0, SEQUENCE_MAX), root=digests)
        ),
        expires_at=draw(st.none() | st.integers(0, 253_402_300_799_999).map(Instant)),
    )
    labels = draw(st.lists(printable.map(lambda text: text[:200]), min_size=1, max_size=3, unique=True))
    return Statement(
        predicate=draw(names),
        header=header,
        subjects=tuple(Subject(name=label, digest=draw(digests)) for label in labels),
        body=draw(bodies),
    )


@given(statements())
def test_parse_is_the_inverse_of_format(statement: Statement) -> None:
    """Every statement that can be made can be read back as itself, from canonical JSON."""
    payload = format_statement(statement)
    assert statement == parse_statement(payload)
    assert payload == format_json(parse_json(payload))


@given(statements(), st.data())
def test_only_one_spelling_parses(statement: Statement, data: st.DataObject) -> None:
    """Whatever is changed in the bytes, what still parses is another statement with the changed bytes as its own."""
    payload = bytearray(format_statement(statement))
    index = data.draw(st.integers(0, len(payload) - 1))
    payload[index] ^= data.draw(st.integers(1, 255))
    try:
        bent = parse_statement(bytes(payload))
    except MalformedError:
        return
    assert bent != statement
    assert bytes(payload) == format_statement(bent)


@pytest.mark.parametrize("statement", [FULL, BARE], ids=["full", "bare"])
def test_no_flipped_byte_gives_the_same_statement(statement: Statement) -> None:
    """Each byte takes three other values: the bytes are refused, or are the one spelling of something else."""
    payload = format_statement(statement)
    for index in range(len(payload)):
        for mask in (0x01, 0x20, 0x80):
            bent = payload[:index] + bytes([payload[index] ^ mask]) + payload[index + 1 :]
            try:
                other = parse_statement(bent)
            except MalformedError:
                continue
            assert other != statement
            assert bent == format_statement(other)


@pytest.mark.parametrize("count", [0, 1, 40, 100])
def test_the_grammar_agrees_with_json_on_every_cut(count: int) -> None:
    """Every prefix of a statement, with or without junk behind it, is refused."""
    payload = format_statement(FULL)
    for end in range(0, len(payload), max(1, count)):
        with pytest.raises(MalformedError):
            parse_statement(payload[:end])
    with pytest.raises(MalformedError, match="not canonical"):
        parse_statement(payload + b" ")


def test_a_body_cannot_pose_as_a_header() -> None:
    """A body that holds a copy of the whole tail, as object or as text, changes nothing of the header."""
    fake = parse_json(format_statement(make_statement(party=BIRCH)))
    as_text = format_statement(make_statement(party=BIRCH)).decode()
    for body in (fake, as_text, [fake, as_text], {"body": fake, "header": fake}):
        statement = replace(FULL, body=body)
        assert statement == parse_statement(format_statement(statement))


def test_a_copy_of_a_header_behind_the_header_is_refused() -> None:
    """Keys that occur twice, at either level, do not parse, whichever a lenient reader would take."""
    payload = format_statement(BARE).decode()
    header = payload[payload.index(',"header":') : payload.index('},"predicateType"')]
    for bent in (payload.replace(header, header * 2), payload[:-1] + ',"subject":[]}'):
        with pytest.raises(MalformedError, match=r"twice|not JSON"):
            parse_statement(bent.encode())


def bend(path: str, value: JSON) -> bytes:
    """Return the full statement with one key changed, added, or (value `...` as text) removed."""
    document = json.loads(format_statement(FULL))
    *parents, last = path.split(".")
    place = document
    for key in parents:
        place = place[int(key) if key.isdigit() else key]
    if value == "REMOVED":
        del place[last]
    else:
        place[last] = value
    return format_json(document)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("_type", "https://in-toto.io/Statement/v0.1", "_type"),
        ("_type", "REMOVED", "statement._type: missing"),
        ("extra", 1, "unknown key 'extra'"),
        ("subject", [], "0 subjects|canonical form"),
        ("subject", "REMOVED", "statement.subject: missing"),
        ("subject.0.digest", {}, "sha256: missing"),
        ("subject.0.digest.sha256", "AB" * 32, "malformed digest"),
        ("subject.0.digest.sha512", "ab" * 64, "unknown key 'sha512'"),
        ("subject.0.uri", "x", "unknown key 'uri'"),
        ("subject.0.name", "subject-1", "same name"),
        ("subject.0.name", "two words", "malformed subject name"),
        ("subject.0.name", "x" * 201, "malformed subject name"),
        ("subject.0.name", "", "malformed subject name"),
        ("subject.0.name", "ä", "canonical form|malformed subject name"),
        ("predicateType", "", "predicateType"),
        ("predicateType", "urn:allstop:predicate:site:v2", "predicateType"),
        ("predicateType", "urn:allstop:predicate:Site:v1", "malformed name"),
        ("predicate", "REMOVED", "predicate"),
        ("predicate.body", "REMOVED", "body: missing"),
        ("predicate.more", 1, "unknown key 'more'"),
        ("predicate.header.more", 1, "unknown key 'more'"),
        ("predicate.header.agreement", "12", "malformed digest"),
        ("predicate.header.audience", ["cedar", "birch"], "not sorted"),
        ("predicate.header.audience", ["birch", "birch"], "not sorted"),
        ("predicate.header.audience", ["Birch"], "malformed name"),
        (
            "predicate.header.audience",
            [f"p{index:03d}" for index in range(AUDIENCE_MAX + 1)],
            "audience has 65",
        ),
        ("predicate.header.origin", "two words", "malformed origin"),
        ("predicate.header.origin", "a+b", "malformed origin"),
        ("predicate.header.origin", "", "malformed origin"),
        ("predicate.header.party", "Alder", "malformed name"),
        ("predicate.header.sequence", 7, "sequence"),
        ("predicate.header.sequence", "07", "malformed decimal"),
        ("predicate.header.sequence", "0", "wants no previous"),
        ("predicate.header.sequence", str(SEQUENCE_MAX + 1), "sequence is"),
        ("predicate.header.sequence", "-1", "canonical form"),
        ("predicate.header.previous", "REMOVED", "wants a previous"),
        ("predicate.header.previous", None, "previous"),
        ("predicate.header.checkpoint", None, "checkpoint"),
        ("predicate.header.checkpoint.size", "9" * 30, "checkpoint size"),
        ("predicate.header.checkpoint.size", "x", "malformed decimal"),
        ("predicate.header.checkpoint.time", "1", "unknown key 'time'"),
        ("predicate.header.expiresAt", "2026-11-23T10:00:00.000Z", "malformed instant"),
    ],
)
def test_each_way_of_being_wrong_is_named(path: str, value: JSON, message: str) -> None:
    """One key is bent in a canonical statement; the message says which."""
    with pytest.raises(MalformedError, match=message):
        parse_statement(bend(path, value))


def test_a_statement_has_a_limit_on_subjects() -> None:
    """None is too few (in-toto S2) and more than the limit too many, at construction already."""
    with pytest.raises(MalformedError, match="0 subjects"):
        make_statement(subjects=[])
    with pytest.raises(MalformedError, match="257 subjects"):
        make_statement(subjects=[AGREEMENT] * (SUBJECTS_MAX + 1))
    most = make_statement(subjects=[AGREEMENT] * SUBJECTS_MAX)
    assert most == parse_statement(format_statement(most))


def test_a_negative_size_cannot_be_made() -> None:
    """Ranges are checked at construction, not only when read."""
    with pytest.raises(MalformedError, match="checkpoint size is -1"):
        SeenCheckpoint(size=-1, root=AGREEMENT)


def test_the_limit_on_depth_is_on_the_whole_statement() -> None:
    """A body may be as deep as the limit leaves, and what cannot be written cannot be read either."""

    def nested(depth: int) -> JSON:
        value: JSON = 1
        for _ in range(depth):
            value = [value]
        return value

    deepest = make_statement(body=nested(JSON_DEPTH_MAX - 2))
    payload = format_statement(deepest)
    assert deepest == parse_statement(payload)
    with pytest.raises(MalformedError, match="levels"):
        parse_statement(payload.replace(b"[1]", b"[[1]]"))
    many = make_statement(body=[[] for _ in range(100)])
    assert many == parse_statement(format_statement(many))


def test_a_hostile_payload_costs_no_more_than_its_length() -> None:
    """Sixty kilobytes of nearly matching headers are refused without backtracking over all of them."""
    payload = format_statement(FULL)
    tail = payload[payload.index(b',"header":') : -1]
    for junk in (tail * 80, b',"header":{"agreement":"' * 2500, tail + b'"birch",' * 8000):
        with pytest.raises(MalformedError):
            parse_statement(payload[: payload.index(b',"header":')] + junk)


def test_dsse_S1_to_S4_invalid_in_toto_statements_are_refused(vectors_dir: Path) -> None:
    """The in-toto project's own invalid statements do not parse; its valid one is not of ours and names why."""
    text = (vectors_dir / "in-toto-attestation" / "statements.json").read_text("utf-8")
    cases = json.loads(text)
    for statement, _ in cases["invalid"]:
        with pytest.raises(MalformedError):
            parse_statement(format_json(parse_json(statement.encode())))
    for statement in cases["valid"]:
        with pytest.raises(MalformedError, match="predicateType is 'thePredicate'"):
            parse_statement(format_json(parse_json(statement.encode())))


@given(statements())
def test_the_in_toto_library_accepts_what_we_write(statement: Statement) -> None:
    """The reference library validates our payload and reads the same type, subjects and predicate."""
    document = json.loads(format_statement(statement))
    other = OtherStatement([], document["predicateType"], document["predicate"])
    other.pb.ParseFromString(other.pb.SerializeToString())
    other.pb.Clear()
    ParseDict({key: document[key] for key in ("_type", "subject", "predicateType")}, other.pb)
    other.pb.predicate.update({"header": {}})
    other.validate()
    expected = [(item.name, item.digest) for item in statement.subjects]
    assert expected == [(item.name, item.digest["sha256"]) for item in other.pb.subject]
    assert f"urn:allstop:predicate:{statement.predicate}:v1" == other.pb.predicate_type


def test_the_digest_is_of_the_payload() -> None:
    """`previous` is plain SHA-256 over the bytes that were signed."""
    payload = format_statement(BARE)
    assert digest_of(payload) == statement_digest(payload)


def test_a_predicate_reads_only_its_own_statements() -> None:
    """Type and body go together: another name is refused before the body is looked at."""

    def parse(body: JSON) -> str:
        if not isinstance(body, str):
            raise MalformedError("body is not a text")
        return body

    note = Predicate(name=Name("note"), parse=parse, format=str, audience=Audience.ANYONE)
    assert note.type_uri == "urn:allstop:predicate:note:v1"
    assert note.read(make_statement(predicate="note", body="hello")) == "hello"
    assert re.search(note.type_uri, format_statement(make_statement(predicate="note")).decode())
    with pytest.raises(MalformedError, match="statement is a site, want a note"):
        note.read(make_statement(predicate="site", body="hello"))
    with pytest.raises(MalformedError, match="not a text"):
        note.read(make_statement(predicate="note", body=1))


def test_party_and_origin_are_what_the_tests_say() -> None:
    """The helper builds what the other tests rest on."""
    assert (
        BARE.header.party,
        BARE.header.origin,
        Digest(BARE.subjects[0].digest),
    ) == (ALDER, ORIGIN, AGREEMENT)
