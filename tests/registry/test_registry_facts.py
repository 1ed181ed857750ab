"""Facts of registry, workload and telemetry: round trips, vectors, schemas, limits."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop.canon import JSON, format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.registry import (
    CHIPS_PREDICATE,
    METER_PREDICATE,
    SITE_PREDICATE,
    TRANSFER_PREDICATE,
    parse_chip_table,
)
from allstop.statement import Predicate
from allstop.telemetry import MEASUREMENT_PREDICATE, PERIOD_CLOSE_PREDICATE
from allstop.workload import JOB_PREDICATE
from fact_values import chips, jobs, measurements, meters, period_closes, sites, transfers
from make_vectors.make_fact_vectors import make_vectors
from source_tree import ROOT

PREDICATES: dict[str, Predicate[Any]] = {
    predicate.name: predicate
    for predicate in (
        SITE_PREDICATE,
        CHIPS_PREDICATE,
        TRANSFER_PREDICATE,
        METER_PREDICATE,
        JOB_PREDICATE,
        MEASUREMENT_PREDICATE,
        PERIOD_CLOSE_PREDICATE,
    )
}
VALUES: dict[str, st.SearchStrategy[object]] = {
    "site": sites,
    "chips": chips(),
    "transfer": transfers(),
    "meter": meters(),
    "job": jobs(),
    "measurement": measurements(),
    "period-close": period_closes(),
}
VECTORS = {
    str(path): json.loads((ROOT / "vectors" / path).read_text("utf-8"))
    for path in sorted(make_vectors())
    if path.parent.name != "chip-table"
}


def validator(name: str) -> Draft202012Validator:
    """Return the schema of one predicate, itself checked."""
    schema = json.loads((ROOT / "spec" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


VALIDATORS = {name: validator(name) for name in PREDICATES}


@pytest.mark.parametrize("name", sorted(VALUES))
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_every_fact_survives_a_round_trip(name: str, data: st.DataObject) -> None:
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


def test_vectors_are_those_that_the_script_makes() -> None:
    """Each file is what the script writes, and no other file is beside them."""
    made = {str(path): text for path, text in make_vectors().items()}
    found = {}
    for folder in sorted({Path(path).parent for path in made}):
        for path in (ROOT / "vectors" / folder).iterdir():
            found[str(path.relative_to(ROOT / "vectors"))] = path.read_text("utf-8")
    assert made == found


def test_the_examples_of_the_specifications_are_the_plain_vectors() -> None:
    """Each JSON block of the three pages is a plain vector or a type of a chip table."""
    blocks = [
        json.loads(block)
        for page in ("registry", "workload", "telemetry")
        for block in re.findall(
            r"```json\n(.*?)```", (ROOT / "spec" / f"{page}.md").read_text("utf-8"), re.DOTALL
        )
    ]
    *bodies, chip = sorted(blocks, key=lambda block: "peaks" in block)
    plain = [VECTORS[f"{name}/plain.json"]["body"] for name in PREDICATES]
    assert all(body in bodies for body in plain)
    assert len(bodies) == len(plain)
    parse_chip_table(format_json({"title": "example", "chips": [chip]}))


@pytest.mark.parametrize("name", sorted(PREDICATES))
@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, {"unknown": 1}])
def test_a_body_of_another_kind_is_refused(name: str, wrong: JSON) -> None:
    """Anything but an object with the right keys is malformed, never another error."""
    with pytest.raises(MalformedError):
        PREDICATES[name].parse(wrong)


def _mutations(body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    bent = []
    for key in body:
        bent.append((f"without {key}", {other: body[other] for other in body if other != key}))
        for wrong in (True, 1.5, -1, "", "\u0661", [None], {"x": 1}):
            bent.append((f"{key} {wrong!r}", {**body, key: wrong}))
    return bent


@pytest.mark.parametrize("name", sorted(PREDICATES))
def test_every_member_of_every_body_is_checked(name: str) -> None:
    """Each member missing or replaced by seven kinds of nonsense is refused, or parses to itself."""
    body = VECTORS[f"{name}/plain.json"]["body"]
    for what, bent in _mutations(body):
        try:
            value = PREDICATES[name].parse(bent)
        except MalformedError:
            continue
        # A note may be any text; everything else here must have been refused.
        assert (what.split()[0], bent) == ("note", PREDICATES[name].format(value))
