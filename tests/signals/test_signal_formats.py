"""Signals and assessments: round trips, vectors, schemas, limits."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop.canon import JSON, format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.finding import SignalKind, Verdict
from allstop.ids import Digest, Name
from allstop.signals import ASSESSMENT_PREDICATE, SIGNAL_PREDICATE, AssessedParty, Assessment, Signal
from allstop.statement import Predicate
from allstop.times import INSTANT_MS_MAX, Instant, Window
from fact_values import digests, instants, names, windows
from make_vectors.make_signal_vectors import make_vectors
from source_tree import ROOT

PREDICATES: dict[str, Predicate[Any]] = {one.name: one for one in (SIGNAL_PREDICATE, ASSESSMENT_PREDICATE)}
VECTORS = {
    str(path): json.loads((ROOT / "vectors" / path).read_text("utf-8")) for path in sorted(make_vectors())
}


def validator(name: str) -> Draft202012Validator:
    """Return a schema, itself checked."""
    schema = json.loads((ROOT / "spec" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


VALIDATORS = {name: validator(name) for name in PREDICATES}

signals = st.builds(
    Signal,
    name=names,
    kind=st.sampled_from(SignalKind),
    occurred_at=instants,
    evidence=st.lists(digests, max_size=4, unique=True).map(tuple),
)


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    """Draw an assessment of a few parties, made at or after the end of its window."""
    window = draw(windows)
    parties = [
        AssessedParty(
            party=name,
            verdict=draw(st.sampled_from(Verdict)),
            coverage_ppm=draw(st.none() | st.integers(0, 1_000_000)),
        )
        for name in sorted(draw(st.sets(names, min_size=1, max_size=4)))
    ]
    return Assessment(
        window=window,
        at=Instant(draw(st.integers(window.end.ms, INSTANT_MS_MAX))),
        verdict_digest=draw(digests),
        parties=tuple(parties),
    )


VALUES: dict[str, st.SearchStrategy[object]] = {"signal": signals, "assessment": assessments()}
DIGEST = Digest("9f" * 32)
SIGNAL = Signal(name=Name("a"), kind=SignalKind.INCIDENT, occurred_at=Instant(0))
ALDER = AssessedParty(party=Name("alder"), verdict=Verdict.CONSISTENT, coverage_ppm=None)
BIRCH = replace(ALDER, party=Name("birch"))
ASSESSMENT = Assessment(
    window=Window(start=Instant(0), end=Instant(1)),
    at=Instant(1),
    verdict_digest=DIGEST,
    parties=(ALDER, BIRCH),
)


@pytest.mark.parametrize("name", sorted(VALUES))
@given(data=st.data())
def test_every_signal_and_assessment_survives_a_round_trip(name: str, data: st.DataObject) -> None:
    """Any value formats to JSON that the schema takes, and parses back through canonical bytes to itself."""
    value = data.draw(VALUES[name])
    body = PREDICATES[name].format(value)
    assert list(VALIDATORS[name].iter_errors(body)) == []
    assert value == PREDICATES[name].parse(parse_canonical_json(format_json(body)))


@pytest.mark.parametrize("path", sorted(VECTORS))
def test_codec_and_schema_judge_every_vector_alike(path: str) -> None:
    """Codec and schema take or refuse each vector as it says; what parses formats to the same body."""
    vector = VECTORS[path]
    predicate = PREDICATES[vector["predicate"]]
    assert vector["schemaAccepts"] == VALIDATORS[vector["predicate"]].is_valid(vector["body"])
    if vector["isValid"]:
        assert vector["body"] == predicate.format(predicate.parse(vector["body"]))
    else:
        with pytest.raises(MalformedError):
            predicate.parse(vector["body"])


def test_vectors_of_signals_are_those_that_the_script_makes() -> None:
    """Each file is what the script writes, and no other file is beside them."""
    made = {str(path): text for path, text in make_vectors().items()}
    found = {
        str(path.relative_to(ROOT / "vectors")): path.read_text("utf-8")
        for folder in PREDICATES
        for path in (ROOT / "vectors" / folder).iterdir()
    }
    assert made == found


def test_the_examples_of_the_page_are_the_plain_vectors() -> None:
    """Each JSON block of the page is a plain vector."""
    text = (ROOT / "spec" / "phases.md").read_text("utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    assert [VECTORS[f"{name}/plain.json"]["body"] for name in PREDICATES] == blocks


@pytest.mark.parametrize("name", sorted(PREDICATES))
@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, {"unknown": 1}])
def test_a_signal_of_another_kind_of_json_is_refused(name: str, wrong: JSON) -> None:
    """Anything but an object with the right keys is malformed, never another error."""
    with pytest.raises(MalformedError):
        PREDICATES[name].parse(wrong)


def test_the_limits_hold_at_construction() -> None:
    """Each rule of the types, one value past its edge."""
    many = tuple(Digest(f"{number:064x}") for number in range(65))
    assert 64 == len(replace(SIGNAL, evidence=many[:64]).evidence)
    crowd = tuple(replace(ALDER, party=Name(f"p{number:03}")) for number in range(257))
    assert 256 == len(replace(ASSESSMENT, parties=crowd[:256]).parties)
    bad: list[tuple[Any, dict[str, Any], str]] = [
        (SIGNAL, {"evidence": many}, "at most 64"),
        (SIGNAL, {"evidence": (DIGEST, DIGEST)}, "twice"),
        (ALDER, {"coverage_ppm": -1}, "0 to 1000000"),
        (ALDER, {"coverage_ppm": 1_000_001}, "0 to 1000000"),
        (ASSESSMENT, {"parties": ()}, "1 to 256"),
        (ASSESSMENT, {"parties": crowd}, "1 to 256"),
        (ASSESSMENT, {"parties": (BIRCH, ALDER)}, "another order"),
        (ASSESSMENT, {"parties": (ALDER, ALDER)}, "another order"),
        (ASSESSMENT, {"at": Instant(0)}, "had not ended"),
    ]
    for value, changes, message in bad:
        with pytest.raises(ValueError, match=message):
            replace(value, **changes)


def test_what_is_said_of_a_party_is_found_by_name() -> None:
    """A party that is not named is not assessed."""
    assert ASSESSMENT.of(Name("birch")) == BIRCH
    assert ASSESSMENT.of(Name("cedar")) is None
