"""Statements of the table: round trips, vectors, schemas, and bodies that say nothing or too much."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.canon import format_json, parse_canonical_json
from allstop.changes import Change, Op
from allstop.convening import (
    COMMENT_PREDICATE,
    ENDORSEMENT_PREDICATE,
    PROPOSAL_PREDICATE,
    PROPOSAL_WITHDRAWAL_PREDICATE,
    VOTE_PREDICATE,
    Choice,
    Comment,
    Endorsement,
    Proposal,
    ProposalKind,
    ProposalWithdrawal,
    Vote,
)
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from fact_values import digests, names
from make_vectors.make_convening_vectors import make_vectors
from source_tree import ROOT

PREDICATES: dict[str, Any] = {
    predicate.name: predicate
    for predicate in (
        PROPOSAL_PREDICATE,
        PROPOSAL_WITHDRAWAL_PREDICATE,
        COMMENT_PREDICATE,
        ENDORSEMENT_PREDICATE,
        VOTE_PREDICATE,
    )
}
VECTORS = sorted(make_vectors())
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
changes = st.one_of(
    st.builds(
        Change, op=st.just(Op.SET), path=st.just(("a", "b")), was=st.just(b"1"), now=st.just(b"[null]")
    ),
    st.builds(Change, op=st.just(Op.ADD), path=st.just(("a",)), now=st.just(b"null")),
    st.builds(Change, op=st.just(Op.REMOVE), path=st.just(("a",)), was=st.just(b'{"x":"1"}')),
    st.just(Change(op=Op.ORDER, path=("a",), was=b'["x","y"]', now=b'["y","x"]')),
)
maybe = st.none() | digests
VALUES: dict[str, st.SearchStrategy[object]] = {
    "proposal": st.one_of(
        st.builds(
            Proposal,
            name=names,
            kind=st.just(ProposalKind.TEXT),
            text=digests,
            base=maybe,
            counters=maybe,
            note=texts,
        ),
        st.builds(
            Proposal, name=names, kind=st.just(ProposalKind.MOTION), motion=names, about=maybe, note=texts
        ),
        st.builds(
            Proposal,
            name=names,
            kind=st.just(ProposalKind.AMENDMENT),
            base=digests,
            text=digests,
            changes=st.lists(changes, min_size=1, max_size=4).map(tuple),
        ),
    ),
    "proposal-withdrawal": st.builds(ProposalWithdrawal, proposal=digests, reason=texts),
    "comment": st.builds(
        Comment,
        proposal=digests,
        clause=st.none() | st.sampled_from(("4.1", "IV.2")),
        text=texts.filter(bool),
    ),
    "endorsement": st.builds(Endorsement, proposal=digests, text=texts),
    "vote": st.builds(Vote, proposal=digests, choice=st.sampled_from(Choice), reason=texts),
}


@pytest.mark.parametrize("name", PREDICATES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_bodies_survive_their_own_encoding(name: str, data: st.DataObject) -> None:
    """What is filed is read back as the same value, from the same bytes."""
    value, predicate = data.draw(VALUES[name]), PREDICATES[name]
    body = format_json(predicate.format(value))
    assert value == predicate.parse(parse_canonical_json(body))
    assert body == format_json(predicate.format(predicate.parse(parse_canonical_json(body))))


@pytest.mark.parametrize("path", VECTORS, ids=str)
def test_codec_and_schema_agree_with_the_vector(path: Any) -> None:
    """A good body comes back byte for byte, a bad one is refused; the schema sees what a schema can see."""
    text = (ROOT / "vectors" / path).read_text("utf-8")
    assert make_vectors()[path] == text
    vector = json.loads(text)
    predicate = PREDICATES[vector["predicate"]]
    if vector["isValid"]:
        assert vector["body"] == predicate.format(predicate.parse(vector["body"]))
    else:
        with pytest.raises(MalformedError):
            predicate.parse(vector["body"])
    schema = json.loads((ROOT / f"spec/schemas/{vector['predicate']}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert vector["schemaAccepts"] is validator.is_valid(vector["body"])


@pytest.mark.parametrize("name", PREDICATES)
def test_no_vector_was_added_or_lost_by_hand(name: str) -> None:
    """The files are those that the script makes."""
    on_disk = {path.name for path in (ROOT / "vectors" / name).glob("*.json")}
    assert {path.name for path in VECTORS if path.parent.name == name} == on_disk


@pytest.mark.parametrize("name", PREDICATES)
def test_schemas_are_closed(name: str) -> None:
    """No object in a schema takes keys that nobody reads; the sides of a change are any value of the agreement."""
    ahead: list[Any] = [json.loads((ROOT / f"spec/schemas/{name}.schema.json").read_text("utf-8"))]
    while ahead:
        item = ahead.pop()
        if isinstance(item, dict):
            assert item.get("type") != "object" or item["additionalProperties"] is False
            ahead += item.values()
        elif isinstance(item, list):
            ahead += item


def test_the_wire_form_of_a_vote_is_that_of_the_specification() -> None:
    """Bytes on the log are forever, so the names are written down here a second time."""
    vote = Vote(proposal=Digest("9f" * 32), choice=Choice.FOR)
    assert {"proposal": "9f" * 32, "choice": "for", "reason": ""} == VOTE_PREDICATE.format(vote)
    wanted = {f"urn:allstop:predicate:{name}:v1" for name in ("comment", "endorsement", "proposal", "vote")}
    uris = {predicate.type_uri for predicate in PREDICATES.values()}
    assert wanted | {"urn:allstop:predicate:proposal-withdrawal:v1"} == uris


def test_a_proposal_has_no_more_than_its_kind_needs() -> None:
    """A motion with a text, or an amendment without changes, cannot be made at all."""
    moved = Proposal(name=Name("start-now"), kind=ProposalKind.MOTION, motion=Name("start"))
    for wrong in ({"motion": None}, {"text": "9f" * 32}, {"base": "9f" * 32}, {"note": "x" * 4097}):
        with pytest.raises(ValueError, match=r"motion|note"):
            replace(moved, **wrong)
