"""Predicates: what they read, and whom they say that they may be shown to."""

import pytest

from allstop.canon import JSON
from allstop.errors import MalformedError
from allstop.ids import Name, digest_of
from allstop.statement import Audience, Header, Predicate, Statement, Subject

AGREEMENT = digest_of(b"agreement")


def predicate(**changes: object) -> Predicate[JSON]:
    """Return a kind of statement whose body is any JSON."""
    plain: dict[str, object] = {
        "name": Name("site"),
        "parse": lambda body: body,
        "format": lambda value: value,
        "audience": Audience.PARTIES,
        "secret": ("note", "parties.coveragePpm"),
    }
    return Predicate(**(plain | changes))  # type: ignore[arg-type]  # fields of a predicate


def statement(name: str) -> Statement:
    """Return a statement of this kind."""
    header = Header(agreement=AGREEMENT, origin="log.example", party=Name("alder"), sequence=0, previous=None)
    subjects = (Subject(name="agreement", digest=AGREEMENT),)
    return Statement(predicate=Name(name), header=header, subjects=subjects, body={"note": "first hall"})


def test_a_predicate_reads_its_own_statements_only() -> None:
    """The body of its own kind comes back as a value; that of another kind is refused."""
    assert {"note": "first hall"} == predicate().read(statement("site"))
    assert "urn:allstop:predicate:site:v1" == predicate().type_uri
    with pytest.raises(MalformedError, match="statement is a job, want a site"):
        predicate().read(statement("job"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": ("Note",)}, "has secret field 'Note', want keys of its body"),
        ({"secret": ("parties.",)}, "want keys of its body"),
        ({"secret": ("note", "note")}, "names a secret field twice"),
        ({"audience": Audience.ANYONE}, "is for anyone and has secret fields"),
        ({"audience": Audience.VERIFIERS, "secret": ()}, "is for verifiers and names no secret field"),
    ],
)
def test_an_audience_that_contradicts_its_secrets_is_refused(changes: dict[str, object], words: str) -> None:
    """What anyone may see has no secrets, and what only verifiers see has nothing else."""
    with pytest.raises(ValueError, match=words):
        predicate(**changes)


def test_each_audience_can_be_declared() -> None:
    """Anyone without secrets, parties with or without, verifiers with; a predicate without one cannot be made."""
    assert () == predicate(audience=Audience.ANYONE, secret=()).secret
    assert () == predicate(secret=()).secret
    assert Audience.VERIFIERS is predicate(audience=Audience.VERIFIERS).audience
    with pytest.raises(TypeError, match="audience"):
        Predicate(name=Name("site"), parse=str, format=str)  # type: ignore[call-arg]  # it lacks an audience
