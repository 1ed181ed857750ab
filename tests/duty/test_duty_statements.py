"""Fulfilment, awareness and impossibility: round trips, vectors, schemas, limits."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop.canon import JSON, format_json, parse_canonical_json
from allstop.clocks import OCCURRENCE_COUNT_MAX
from allstop.duty import (
    AWARENESS_PREDICATE,
    FULFILMENT_PREDICATE,
    IMPOSSIBILITY_PREDICATE,
    Awareness,
    DutyKey,
    Fulfilment,
    Impossibility,
)
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.statement import Predicate
from fact_values import digests, instants, names
from make_vectors.make_duty_vectors import make_vectors
from source_tree import ROOT

PREDICATES: dict[str, Predicate[Any]] = {
    one.name: one for one in (FULFILMENT_PREDICATE, AWARENESS_PREDICATE, IMPOSSIBILITY_PREDICATE)
}
VECTORS = {
    str(path): json.loads((ROOT / "vectors" / path).read_text("utf-8")) for path in sorted(make_vectors())
}
matters = st.from_regex(r"[0-9A-Za-z]([0-9A-Za-z._:-]{0,62}[0-9A-Za-z])?", fullmatch=True)
evidence = st.sets(digests, max_size=4).map(lambda found: tuple(sorted(found)))
texts = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=40)
keys = st.builds(
    DutyKey,
    duty=names,
    matter=st.none() | matters,
    occurrence=st.integers(0, OCCURRENCE_COUNT_MAX - 1),
)
VALUES: dict[str, st.SearchStrategy[object]] = {
    "fulfilment": st.builds(Fulfilment, key=keys, evidence=evidence, note=st.just("") | texts),
    "awareness": st.builds(Awareness, event=names, matter=matters, party=names, aware_at=instants),
    "impossibility": st.builds(Impossibility, key=keys, evidence=evidence, reason=texts),
}


def validator(name: str) -> Draft202012Validator:
    """Return a schema, itself checked."""
    schema = json.loads((ROOT / "spec" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


VALIDATORS = {name: validator(name) for name in PREDICATES}


@pytest.mark.parametrize("name", sorted(VALUES))
@given(data=st.data())
def test_every_statement_about_a_duty_survives_a_round_trip(name: str, data: st.DataObject) -> None:
    """Any value formats to JSON that the schema takes, and parses back through canonical bytes to itself."""
    value = data.draw(VALUES[name])
    body = PREDICATES[name].format(value)
    assert list(VALIDATORS[name].iter_errors(body)) == []
    assert value == PREDICATES[name].parse(parse_canonical_json(format_json(body)))


@pytest.mark.parametrize("path", sorted(VECTORS))
def test_codec_and_schema_judge_every_duty_vector_alike(path: str) -> None:
    """Codec and schema take or refuse each vector as it says; what parses formats to the same body."""
    vector = VECTORS[path]
    predicate = PREDICATES[vector["predicate"]]
    assert vector["schemaAccepts"] == VALIDATORS[vector["predicate"]].is_valid(vector["body"])
    if vector["isValid"]:
        assert vector["body"] == predicate.format(predicate.parse(vector["body"]))
    else:
        with pytest.raises(MalformedError):
            predicate.parse(vector["body"])


def test_vectors_of_duties_are_those_that_the_script_makes() -> None:
    """Each file is what the script writes, and no other file is beside them."""
    made = {str(path): text for path, text in make_vectors().items()}
    found = {
        str(path.relative_to(ROOT / "vectors")): path.read_text("utf-8")
        for folder in PREDICATES
        for path in (ROOT / "vectors" / folder).iterdir()
    }
    assert made == found


def test_the_examples_of_the_duties_page_are_the_plain_vectors() -> None:
    """The JSON blocks of section 5 of the page are the plain vectors, in its order."""
    text = (ROOT / "spec" / "duties.md").read_text("utf-8")
    section = text.partition("\n## 5. ")[2].partition("\n## 6. ")[0]
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]
    assert [VECTORS[f"{name}/plain.json"]["body"] for name in PREDICATES] == blocks


@pytest.mark.parametrize("name", sorted(PREDICATES))
@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, {"unknown": 1}])
def test_a_duty_statement_of_another_kind_of_json_is_refused(name: str, wrong: JSON) -> None:
    """Anything but an object with the right keys is malformed, never another error."""
    with pytest.raises(MalformedError):
        PREDICATES[name].parse(wrong)


@pytest.mark.parametrize("matter", ["a", "Z9", "9f" * 32, "2027-03-28T01:00:00.250Z", "a.b_c-d:e"])
def test_a_matter_is_a_name_a_digest_or_an_instant(matter: str) -> None:
    """All three fit into one text; other texts do not."""
    assert matter == DutyKey(duty=Name("d"), matter=matter, occurrence=0).matter
    for bad in ("", ".a", "a.", "a b", "a\n", "é", "a" * 65):
        with pytest.raises(MalformedError, match="malformed matter"):
            DutyKey(duty=Name("d"), matter=bad, occurrence=0)
