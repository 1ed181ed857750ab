"""Inventory, resumption and closed site: round trips, vectors, schemas, limits."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop.canon import format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.finding import JOB_KIND_WORDS, PURPOSE_WORDS
from allstop.halting import (
    CLOSED_SITE_PREDICATE,
    CLOSED_TYPES_MAX,
    INVENTORY_JOBS_MAX,
    INVENTORY_PREDICATE,
    RESUMPTION_PREDICATE,
    ClosedSite,
    Inventory,
    Resumption,
    RunningJob,
)
from allstop.ids import Name
from allstop.ledger import PREDICATES as KNOWN
from allstop.statement import Predicate
from allstop.times import Instant
from allstop.workload import JobKind, Purpose
from fact_values import counts, digests, instants, names
from make_vectors.make_halting_vectors import make_vectors
from source_tree import ROOT

PREDICATES: dict[str, Predicate[Any]] = {
    predicate.name: predicate
    for predicate in (INVENTORY_PREDICATE, RESUMPTION_PREDICATE, CLOSED_SITE_PREDICATE)
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
texts = st.from_regex(r"[!-~][ -~]{0,40}", fullmatch=True)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """Draw an inventory with jobs in their order."""
    return Inventory(
        site=draw(names),
        at=draw(instants),
        jobs=tuple(
            RunningJob(
                job=job,
                chips=draw(counts),
                kind=draw(st.sampled_from(JOB_KIND_WORDS)),
                checkpoint=draw(st.none() | digests),
            )
            for job in sorted(draw(st.sets(names, max_size=4)))
        ),
    )


@st.composite
def closed_sites(draw: st.DrawFn) -> ClosedSite:
    """Draw a closed site with its types in their order."""
    kinds = sorted(draw(st.sets(names, min_size=1, max_size=4)))
    return ClosedSite(
        site=draw(names),
        reason=draw(texts),
        access=draw(texts),
        capacity=tuple((kind, draw(counts)) for kind in kinds),
    )


VALUES: dict[str, st.SearchStrategy[object]] = {
    "inventory": inventories(),
    "resumption": st.builds(Resumption, site=names, permitted=names, motion=digests),
    "closed-site": closed_sites(),
}


@pytest.mark.parametrize("name", sorted(VALUES))
@settings(max_examples=30)
@given(data=st.data())
def test_every_statement_of_a_halt_survives_a_round_trip(name: str, data: st.DataObject) -> None:
    """Any value formats to JSON that the schema takes, and parses back through canonical bytes to itself."""
    value = data.draw(VALUES[name])
    body = PREDICATES[name].format(value)
    assert list(VALIDATORS[name].iter_errors(body)) == []
    assert value == PREDICATES[name].parse(parse_canonical_json(format_json(body)))


@pytest.mark.parametrize("path", sorted(VECTORS))
def test_codec_and_schema_judge_every_body_of_a_halt_alike(path: str) -> None:
    """Codec and schema take or refuse each vector as it says; what parses formats to the same body."""
    vector = VECTORS[path]
    predicate = PREDICATES[vector["predicate"]]
    assert vector["schemaAccepts"] == VALIDATORS[vector["predicate"]].is_valid(vector["body"])
    if vector["isValid"]:
        assert vector["body"] == predicate.format(predicate.parse(vector["body"]))
    else:
        with pytest.raises(MalformedError):
            predicate.parse(vector["body"])


def test_vectors_of_a_halt_are_those_that_the_script_makes() -> None:
    """Each file is what the script writes, and no other file is beside them."""
    made = {str(path): text for path, text in make_vectors().items()}
    found = {
        str(path.relative_to(ROOT / "vectors")): path.read_text("utf-8")
        for folder in PREDICATES
        for path in (ROOT / "vectors" / folder).iterdir()
    }
    assert made == found


def test_the_examples_of_the_page_on_halting_are_the_plain_vectors() -> None:
    """Each JSON block of the page is a plain vector."""
    text = (ROOT / "spec" / "halting.md").read_text("utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    expected = [VECTORS[f"{name}/plain.json"]["body"] for name in ("inventory", "resumption", "closed-site")]
    assert expected == blocks


def test_the_fold_knows_the_statements_of_a_halt() -> None:
    """A statement that the fold does not know would be a fault of its filer."""
    assert all(KNOWN[Name(name)] is predicate for name, predicate in PREDICATES.items())


def test_kinds_and_purposes_are_those_of_declared_jobs() -> None:
    """Agreement, inventory and job share their words, though their packages do not import one another."""
    assert tuple(kind.value for kind in JobKind) == JOB_KIND_WORDS
    assert tuple(purpose.value for purpose in Purpose) == PURPOSE_WORDS


def test_the_longest_lists_are_inside_and_one_more_is_not() -> None:
    """Limits are those of the page, from both sides."""
    job = RunningJob(job=Name("a"), chips=1, kind="other", checkpoint=None)
    jobs = tuple(replace(job, job=Name(f"j{index:04}")) for index in range(INVENTORY_JOBS_MAX + 1))
    assert INVENTORY_JOBS_MAX == Inventory(site=Name("s"), at=Instant(0), jobs=jobs[:-1]).chips
    with pytest.raises(ValueError, match="inventory has 1001 jobs, want at most 1000"):
        Inventory(site=Name("s"), at=Instant(0), jobs=jobs)
    types = tuple((Name(f"t{index:02}"), 1) for index in range(CLOSED_TYPES_MAX + 1))
    made = ClosedSite(site=Name("s"), reason="r", access="a", capacity=types[:-1])
    assert CLOSED_TYPES_MAX == len(made.capacity)
    with pytest.raises(ValueError, match="capacity has 65 types, want 1 to 64"):
        replace(made, capacity=types)
