"""report.json has the form that spec/report.md and its schema give, and no figure without its exact value."""

import json
from typing import cast

import pytest
from jsonschema import Draft202012Validator

from allstop.canon import JSON, format_json, parse_canonical_json
from allstop.report import Document, format_document
from replay_world import replayed
from report_documents import document_from, undeclared
from source_tree import ROOT
from verdict_world import World, honest, power, terms

SCHEMA_TEXT = (ROOT / "spec/schemas/report.schema.json").read_text("utf-8")
SCHEMA = Draft202012Validator(json.loads(SCHEMA_TEXT))


def documents() -> dict[str, Document]:
    """Return reports of cases with and without evidence, re-execution, findings and ended periods."""
    bare, copied = World(agreement=terms()), honest()
    bare.site()
    copied.measure("node-1", power("busy", 1))
    world = honest()
    return {
        "honest": document_from(world.judge()),
        "undeclared": undeclared(),
        "bare": document_from(bare.judge()),
        "not held": document_from(world.judge(without_blobs={min(world.blobs)})),
        "early": document_from(world.judge(at=world.clock.plus(-3_600_000)), is_given=False),
        "copied": document_from(copied.judge()),
        "replayed": document_from(replayed().judge()),
        "refused": document_from(replayed(leave_out=["opening"]).judge()),
    }


DOCUMENTS = documents()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_report_fits_its_schema(name: str) -> None:
    """The schema closes every object, so a key without a page is seen here."""
    value = json.loads(format_document(DOCUMENTS[name]))
    assert [] == [f"{error.json_path}: {error.message}" for error in SCHEMA.iter_errors(value)]


def test_a_report_is_canonical() -> None:
    """One spelling: what is parsed and written again is the same bytes."""
    data = format_document(DOCUMENTS["honest"])
    assert data == format_json(parse_canonical_json(data))


@pytest.mark.parametrize(
    "change",
    [{"compliant": True}, {"type": "urn:allstop:report:v2"}, {"replays": None}, {"moreFindings": -1}],
)
def test_another_form_does_not_fit(change: dict[str, JSON]) -> None:
    """The schema can fail."""
    value = json.loads(format_document(DOCUMENTS["honest"])) | change
    assert 1 == len(list(SCHEMA.iter_errors(value)))


def amounts_of(value: JSON) -> list[dict[str, JSON]]:
    """Return every amount in a report."""
    if isinstance(value, list):
        return [amount for item in value for amount in amounts_of(item)]
    if not isinstance(value, dict):
        return []
    if {"unit", "value", "words"} == set(value):
        return [value]
    return [amount for item in value.values() for amount in amounts_of(item)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_amount_without_value_says_so_in_words(name: str) -> None:
    """Words with a number stand beside an exact value, and words without one beside none."""
    found = amounts_of(json.loads(format_document(DOCUMENTS[name])))
    assert found
    for amount in found:
        words = cast(str, amount["words"])
        is_known = amount["value"] is not None or words == "longer than anyone will wait"
        assert is_known is (words[0].isdigit() or words[0] == "-" or words.startswith("longer"))


def test_the_page_names_every_part() -> None:
    """spec/report.md has each key of the top level."""
    page = (ROOT / "spec/report.md").read_text("utf-8")
    keys = json.loads(SCHEMA_TEXT)["properties"]
    lost = [key for key in keys if not key.startswith("more") and f"`{key}`" not in page]
    assert not lost
