"""A verdict has the form that spec/verdict.md and its schema give."""

import json

import pytest
from jsonschema import Draft202012Validator

from allstop.canon import format_json
from allstop.ids import digest_of
from allstop.verdict import CaseVerdict, format_verdict, verdict_digest
from source_tree import ROOT
from verdict_world import World, honest

SCHEMA = Draft202012Validator(json.loads((ROOT / "spec/schemas/verdict.schema.json").read_text("utf-8")))


def verdicts() -> dict[str, CaseVerdict]:
    """Return verdicts with and without evidence, jobs and findings."""
    world = honest()
    bare = World()
    bare.site()
    late = honest()
    late.job("run-2")
    return {"honest": world.judge(), "one site": bare.judge(), "two jobs": late.judge()}


@pytest.mark.parametrize("name", ["honest", "one site", "two jobs"])
def test_a_verdict_fits_its_schema(name: str) -> None:
    """The schema closes every object, so a key without a page is seen here."""
    value = json.loads(format_json(format_verdict(verdicts()[name])))
    assert [] == [error.message for error in SCHEMA.iter_errors(value)]


def test_the_digest_is_that_of_the_canonical_bytes() -> None:
    """Whoever has the bytes that `--json` prints can check the digest with any tool."""
    verdict = verdicts()["honest"]
    assert digest_of(format_json(format_verdict(verdict))) == verdict_digest(verdict)


def test_an_unknown_key_does_not_fit() -> None:
    """The schema can fail."""
    value = json.loads(format_json(format_verdict(verdicts()["honest"]))) | {"compliant": True}
    assert ["Additional properties are not allowed ('compliant' was unexpected)"] == [
        error.message for error in SCHEMA.iter_errors(value)
    ]
