"""The part `articles`: nothing has a default on the wire, and the form for people leads to the same value."""

import copy
from typing import Any

import pytest

from agreement_examples import agreement
from allstop.agreement import ArticleTerms, format_agreement, parse_agreement
from allstop.canon import format_json, parse_json
from allstop.errors import MalformedError
from make_vectors.agreement_articles import ARTICLES


def whole() -> dict[str, Any]:
    """Return the JSON of an agreement with articles, none of them of a band."""
    value: Any = parse_json(format_agreement(agreement()))
    return {**value, "articles": {**copy.deepcopy(ARTICLES), "bands": []}}


def test_articles_survive_their_own_encoding() -> None:
    """Parse is the inverse of format."""
    data = format_json(whole())
    assert data == format_agreement(parse_agreement(data))


@pytest.mark.parametrize("key", list(ARTICLES))
def test_every_missing_or_unknown_key_is_refused(key: str) -> None:
    """Goal: two readers never fill in different values. Method: drop each key, add one, at both levels."""
    lacking = whole()
    del lacking["articles"][key]
    extra = whole()
    extra["articles"][f"{key}2"] = []
    cases = [lacking, extra]
    rows = whole()["articles"][key]
    for inner in rows[0] if isinstance(rows, list) and rows else ():
        for change in ("drop", "add"):
            value = whole()
            row = value["articles"][key][0]
            if change == "drop":
                del row[inner]
            else:
                row[f"{inner}2"] = row[inner]
            cases.append(value)
    for value in cases:
        with pytest.raises(MalformedError):
            parse_agreement(format_json(value))


@pytest.mark.parametrize("key", ["sums", "deadlines", "units", "counts", "omitted"])
def test_nothing_is_said_twice(key: str) -> None:
    """Of two rows about one thing nobody would know which counts."""
    value = whole()
    value["articles"][key] *= 2
    with pytest.raises(MalformedError, match="listed twice"):
        parse_agreement(format_json(value))


def test_an_agreement_without_a_source_has_no_key() -> None:
    """Older texts keep their bytes, and null is no second spelling."""
    assert b"articles" not in format_agreement(agreement())
    value = {**whole(), "articles": None}
    with pytest.raises(MalformedError):
        parse_agreement(format_json(value))
    assert ArticleTerms(source="a text") == ArticleTerms(source="a text", omitted=())
