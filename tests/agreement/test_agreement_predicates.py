"""The statements about an agreement: bodies with one spelling."""

import pytest

from allstop.agreement import (
    AGREEMENT_PREDICATE,
    DEPOSIT_PREDICATE,
    SIGNATURE_PREDICATE,
    AgreementBody,
    DepositBody,
    SignatureBody,
)
from allstop.canon import JSON, parse_instant
from allstop.errors import MalformedError

SEEN = parse_instant("2026-12-31T00:00:00Z")


def test_bodies_survive_their_own_encoding() -> None:
    """Parse is the inverse of format for each predicate."""
    title = AgreementBody(title="A pause")
    assert title == AGREEMENT_PREDICATE.parse(AGREEMENT_PREDICATE.format(title))
    assert SignatureBody() == SIGNATURE_PREDICATE.parse(SIGNATURE_PREDICATE.format(SignatureBody()))
    for seen in (SEEN, None):
        body = DepositBody(deadline_seen=seen)
        assert body == DEPOSIT_PREDICATE.parse(DEPOSIT_PREDICATE.format(body))


def test_the_wire_forms_are_those_of_the_specification() -> None:
    """Bytes on the log are forever, so the names are written down here a second time."""
    assert AGREEMENT_PREDICATE.format(AgreementBody(title="A pause")) == {"title": "A pause"}
    assert SIGNATURE_PREDICATE.format(SignatureBody()) == {}
    assert DEPOSIT_PREDICATE.format(DepositBody(deadline_seen=SEEN)) == {
        "deadlineSeen": "2026-12-31T00:00:00Z"
    }
    names = [p.type_uri for p in (AGREEMENT_PREDICATE, SIGNATURE_PREDICATE, DEPOSIT_PREDICATE)]
    assert [f"urn:allstop:predicate:{name}:v1" for name in ("agreement", "signature", "deposit")] == names


@pytest.mark.parametrize("body", [None, [], {}, {"title": 1}, {"title": ""}, {"title": "a", "x": 1}])
def test_other_bodies_of_an_agreement_are_refused(body: JSON) -> None:
    """Exactly one key, a text that is not empty."""
    with pytest.raises(MalformedError, match="body"):
        AGREEMENT_PREDICATE.parse(body)


@pytest.mark.parametrize("body", [None, [], {"x": 1}])
def test_other_bodies_of_a_signature_are_refused(body: JSON) -> None:
    """A signature says nothing but that it is one."""
    with pytest.raises(MalformedError, match="body"):
        SIGNATURE_PREDICATE.parse(body)


@pytest.mark.parametrize(
    "body", [None, {}, {"deadlineSeen": 1}, {"deadlineSeen": "soon"}, {"deadlineSeen": None, "x": 1}]
)
def test_other_bodies_of_a_deposit_are_refused(body: JSON) -> None:
    """The deadline is an instant or null, and is always there."""
    with pytest.raises(MalformedError, match="body"):
        DEPOSIT_PREDICATE.parse(body)
