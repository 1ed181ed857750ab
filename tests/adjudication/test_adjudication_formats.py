"""What is filed about findings, and impediments: round trips, vectors, schemas."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop.adjudication import (
    FINDING_ACKNOWLEDGEMENT_PREDICATE,
    FINDING_ANSWER_PREDICATE,
    FINDING_APPEAL_PREDICATE,
    FINDING_CURE_PREDICATE,
    FINDING_RAISED_PREDICATE,
    FINDING_RULING_PREDICATE,
    FINDING_WITHDRAWAL_PREDICATE,
    IMPEDIMENT_PREDICATE,
    FindingAcknowledgement,
    FindingAnswer,
    FindingAppeal,
    FindingCure,
    FindingRaised,
    FindingRuling,
    FindingWithdrawal,
    Impediment,
    Outcome,
)
from allstop.canon import format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.ledger import PREDICATES as KNOWN
from allstop.statement import Predicate
from fact_values import digests, instants, names, windows
from make_vectors.make_adjudication_vectors import make_vectors
from source_tree import ROOT

PREDICATES: dict[str, Predicate[Any]] = {
    predicate.name: predicate
    for predicate in (
        FINDING_RAISED_PREDICATE,
        FINDING_ACKNOWLEDGEMENT_PREDICATE,
        FINDING_ANSWER_PREDICATE,
        FINDING_CURE_PREDICATE,
        FINDING_WITHDRAWAL_PREDICATE,
        FINDING_APPEAL_PREDICATE,
        FINDING_RULING_PREDICATE,
        IMPEDIMENT_PREDICATE,
    )
}
VECTORS = {
    str(path): json.loads((ROOT / "vectors" / path).read_text("utf-8")) for path in sorted(make_vectors())
}


def validator(name: str) -> Draft202012Validator:
    """Return a schema, itself checked."""
    schema = json.loads((ROOT / "spec" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


VALIDATORS = {name: validator(name) for name in PREDICATES}
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
clauses = st.from_regex(r"[0-9A-Z]{1,6}(\.[0-9a-zA-Z]{1,6}){0,5}", fullmatch=True)
several = st.lists(digests, unique=True, max_size=4).map(tuple)


@st.composite
def rulings(draw: st.DrawFn) -> FindingRuling:
    """Draw a ruling that may be filed."""
    outcome = draw(st.sampled_from(Outcome))
    return FindingRuling(
        matter=draw(digests),
        outcome=outcome,
        replayed=draw(digests if outcome is Outcome.CONFIRMED else st.none() | digests),
        answer=draw(st.none() | digests),
        reasons=draw(words),
        false_accusation=outcome is Outcome.DISMISSED and draw(st.booleans()),
    )


@st.composite
def impediments(draw: st.DrawFn) -> Impediment:
    """Draw an impediment."""
    window = draw(windows)
    return Impediment(
        clauses=tuple(draw(st.lists(clauses, unique=True, min_size=1, max_size=4))),
        authority=draw(words),
        order=draw(digests),
        start=window.start,
        end=window.end,
    )


VALUES: dict[str, st.SearchStrategy[object]] = {
    "finding-raised": st.builds(
        FindingRaised,
        code=st.from_regex(r"[A-Z]{3}-[0-9]{3}", fullmatch=True),
        about=names,
        clause=st.none() | clauses,
        text=words,
        rests_on=several,
        evidence=several,
        verdict_digest=digests,
        judged_at=instants,
    ),
    "finding-acknowledgement": st.builds(FindingAcknowledgement, finding=digests),
    "finding-answer": st.builds(FindingAnswer, matter=digests, text=words, evidence=several),
    "finding-cure": st.builds(FindingCure, finding=digests, text=words, evidence=several),
    "finding-withdrawal": st.builds(FindingWithdrawal, finding=digests, text=words),
    "finding-appeal": st.builds(FindingAppeal, finding=digests, text=words),
    "finding-ruling": rulings(),
    "impediment": impediments(),
}


@pytest.mark.parametrize("name", sorted(VALUES))
@given(data=st.data())
def test_every_statement_about_a_finding_survives_a_round_trip(name: str, data: st.DataObject) -> None:
    """Any value formats to JSON that the schema takes, and parses back through canonical bytes to itself."""
    value = data.draw(VALUES[name])
    body = PREDICATES[name].format(value)
    assert list(VALIDATORS[name].iter_errors(body)) == []
    assert value == PREDICATES[name].parse(parse_canonical_json(format_json(body)))


@pytest.mark.parametrize("path", sorted(VECTORS))
def test_codec_and_schema_judge_every_body_about_a_finding_alike(path: str) -> None:
    """Codec and schema take or refuse each vector as it says; what parses formats to the same body."""
    vector = VECTORS[path]
    predicate = PREDICATES[vector["predicate"]]
    assert vector["schemaAccepts"] == VALIDATORS[vector["predicate"]].is_valid(vector["body"])
    if vector["isValid"]:
        assert vector["body"] == predicate.format(predicate.parse(vector["body"]))
    else:
        with pytest.raises(MalformedError):
            predicate.parse(vector["body"])


def test_vectors_of_adjudication_are_those_that_the_script_makes() -> None:
    """Each file is what the script writes, and no other file is beside them."""
    made = {str(path): text for path, text in make_vectors().items()}
    found = {
        str(path.relative_to(ROOT / "vectors")): path.read_text("utf-8")
        for name in PREDICATES
        for path in (ROOT / "vectors" / name).glob("*.json")
    }
    assert made == found


def test_the_fold_knows_every_statement_about_a_finding() -> None:
    """What parties file about findings becomes facts."""
    assert PREDICATES == {name: KNOWN[predicate.name] for name, predicate in PREDICATES.items()}


def test_every_vector_says_why() -> None:
    """A vector without a reason teaches nobody anything."""
    assert all(vector["why"] for vector in VECTORS.values())
