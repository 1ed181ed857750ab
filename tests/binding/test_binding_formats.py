"""Statements about becoming bound and leaving: round trips, vectors, schemas; and seals made from the specification."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop import binding
from allstop.binding import (
    Approval,
    DepositWithdrawal,
    Provisional,
    Reservation,
    SealContext,
    SealedDeposit,
    Share,
    ShareReceipt,
    Succession,
    Withdrawal,
    WithdrawalRevocation,
    commit_share,
    derive_shares,
    format_handed_share,
    open_seal,
    parse_handed_share,
)
from allstop.canon import JSON, format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.ledger import PREDICATES as KNOWN
from allstop.statement import Predicate
from fact_values import digests, names
from make_vectors.make_binding_vectors import GOOD, make_vectors
from source_tree import ROOT

PREDICATES: dict[str, Predicate[Any]] = {
    value.name: value for value in vars(binding).values() if isinstance(value, Predicate)
}
VECTORS = {
    str(path): json.loads((ROOT / "vectors" / path).read_text("utf-8")) for path in sorted(make_vectors())
}
BODIES = sorted(path for path in VECTORS if path.partition("/")[0] in PREDICATES)
HANDED = sorted(path for path in VECTORS if path.startswith("handed-share/"))
SEALS = sorted(path for path in VECTORS if path.startswith("seal/"))


def validator(name: str) -> Draft202012Validator:
    """Return a schema, itself checked."""
    schema = json.loads((ROOT / "spec" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


VALIDATORS = {name: validator(name) for name in PREDICATES}
words = st.from_regex(r"[!-~](?:[ -~]{0,30}[!-~])?", fullmatch=True)
indices = st.integers(1, 32)
clauses = st.lists(st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}", fullmatch=True), max_size=4, unique=True).map(
    tuple
)


@st.composite
def sealed_deposits(draw: st.DrawFn) -> SealedDeposit:
    """Draw a sealed deposit for some custodians; its commitments commit to nothing."""
    custodians = draw(st.lists(names, min_size=2, max_size=5, unique=True))
    return SealedDeposit(
        threshold=draw(st.integers(2, len(custodians))),
        custodians=tuple(custodians),
        commitments=tuple(draw(digests) for _ in custodians),
    )


VALUES: dict[str, st.SearchStrategy[object]] = {
    "approval": st.builds(Approval, authority=words, document=st.none() | digests),
    "sealed-deposit": sealed_deposits(),
    "share-receipt": st.builds(ShareReceipt, deposit=digests, index=indices),
    "share": st.builds(
        Share,
        deposit=digests,
        index=indices,
        share=st.integers(0, binding.SHARE_PRIME - 1).map(lambda n: n.to_bytes(32, "big")),
    ),
    "deposit-withdrawal": st.builds(DepositWithdrawal, deposit=digests),
    "reservation": st.builds(Reservation, clauses=clauses.filter(bool), text=words),
    "provisional": st.builds(Provisional, clauses=clauses),
    "succession": st.builds(Succession, predecessor=names),
    "withdrawal": st.builds(Withdrawal, reason=words),
    "withdrawal-revocation": st.builds(WithdrawalRevocation, withdrawal=digests),
}


@given(st.data(), st.sampled_from(sorted(VALUES)))
def test_bodies_survive_their_own_encoding(data: st.DataObject, name: str) -> None:
    """Parse is the inverse of format, through bytes; the schema takes every body."""
    value = data.draw(VALUES[name])
    body = PREDICATES[name].format(value)
    assert value == PREDICATES[name].parse(parse_canonical_json(format_json(body)))
    assert VALIDATORS[name].is_valid(body)


def test_the_fold_knows_every_predicate() -> None:
    """None is exported and forgotten."""
    assert sorted(VALUES) == sorted(PREDICATES)
    assert set(PREDICATES) <= set(KNOWN)


@pytest.mark.parametrize("path", BODIES)
def test_codec_and_schema_judge_every_body_as_the_vector_says(path: str) -> None:
    """What parses formats to the same body; what does not is malformed."""
    vector = VECTORS[path]
    predicate = PREDICATES[vector["predicate"]]
    assert vector["schemaAccepts"] == VALIDATORS[vector["predicate"]].is_valid(vector["body"])
    if vector["isValid"]:
        assert vector["body"] == predicate.format(predicate.parse(vector["body"]))
    else:
        with pytest.raises(MalformedError):
            predicate.parse(vector["body"])


@pytest.mark.parametrize("name", sorted(PREDICATES))
@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, {"unknown": 1}])
def test_a_body_of_another_kind_is_refused(name: str, wrong: JSON) -> None:
    """Anything but an object with the right keys is malformed, never another error."""
    with pytest.raises(MalformedError):
        PREDICATES[name].parse(wrong)


@pytest.mark.parametrize("path", HANDED)
def test_the_file_of_a_share_is_judged_as_the_vector_says(path: str) -> None:
    """What parses formats to the same bytes; what does not is malformed."""
    vector = VECTORS[path]
    data = format_json(vector["value"])
    assert vector["schemaAccepts"] == validator("handed-share").is_valid(vector["value"])
    if vector["isValid"]:
        assert data == format_handed_share(parse_handed_share(data))
    else:
        with pytest.raises(MalformedError):
            parse_handed_share(data)


@pytest.mark.parametrize("path", SEALS)
def test_seals_from_the_text_of_the_specification_open_as_they_say(path: str) -> None:
    """Shares and commitments are derived as there, and each choice of shares gives the choice that is written down."""
    vector = VECTORS[path]
    context = SealContext(
        agreement=Digest(vector["agreement"]), party=Name(vector["party"]), threshold=vector["threshold"]
    )
    shares = dict(enumerate(map(bytes.fromhex, vector["shares"]), start=1))
    commitments = [Digest(one) for one in vector["commitments"]]
    assert commitments == [commit_share(share, index=i, context=context) for i, share in shares.items()]
    derived = derive_shares(bytes.fromhex(vector["secret"]), count=len(shares), context=context)
    assert ("replaced" in path) == (derived != tuple(shares.values()))
    for some, choice in vector["choices"].items():
        shown = {int(i): shares[int(i)] for i in some.split(",")}
        assert choice == open_seal(shown, commitments=commitments, context=context).value


def test_vectors_are_those_that_the_script_makes() -> None:
    """Each file is what the script writes, and no other file is beside them."""
    made = {str(path): text for path, text in make_vectors().items()}
    found = {
        str(path.relative_to(ROOT / "vectors")): path.read_text("utf-8")
        for folder in sorted({path.partition("/")[0] for path in made})
        for path in (ROOT / "vectors" / folder).iterdir()
    }
    assert made == found


def test_the_examples_of_the_specification_are_the_plain_vectors() -> None:
    """Each JSON block of the page that is a body is a plain vector, and each body stands there."""
    text = (ROOT / "spec" / "binding.md").read_text("utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    assert [*GOOD.values()] == blocks
