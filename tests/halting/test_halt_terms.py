"""Terms of a halt: classes of work, caps, what a motion lets resume, and that nothing else may go on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement_examples import agreement
from allstop.agreement import HaltTerms, PermittedUse, ResumeTerms, parse_agreement_toml
from allstop.agreement import format_agreement as format_whole
from allstop.agreement import parse_agreement as parse_whole
from allstop.errors import MalformedError
from allstop.finding import JOB_KIND_WORDS, PURPOSE_WORDS
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS, Instant
from allstop.units import QUANTITY_MAX
from make_vectors.make_agreement_vectors import TOML
from source_tree import ROOT

SERVING, SAFETY = Name("serving"), Name("safety-training")
ALDER, BIRCH = Name("alder"), Name("birch")
SERVE = PermittedUse(name=SERVING, jobs=("inference",), cap_chip_ms=1000)
STUDY = PermittedUse(name=SAFETY, jobs=("training", "fine-tuning"), purposes=("safety",), parties=(BIRCH,))
RELEASE = ResumeTerms(motion=Name("resume-safety"), permitted=(SAFETY,))
TERMS = HaltTerms(drain_ms=HOUR_MS, inventory_ms=DAY_MS, permitted=(SERVE, STUDY), resume=(RELEASE,))
START = Instant(10**12)


@pytest.mark.parametrize(
    ("kind", "purpose", "tenant", "expected"),
    [
        ("inference", "deployment", ALDER, SERVING),
        ("inference", "safety", BIRCH, SERVING),
        ("training", "safety", BIRCH, SAFETY),
        ("fine-tuning", "safety", BIRCH, SAFETY),
        ("training", "safety", ALDER, None),
        ("training", "research", BIRCH, None),
        ("other", "safety", BIRCH, None),
    ],
)
def test_a_job_is_of_the_first_class_that_admits_it(
    kind: str, purpose: str, tenant: Name, expected: Name | None
) -> None:
    """Kind, purpose and tenant must all fit; what fits nowhere may not go on."""
    found = TERMS.class_of(kind=kind, purpose=purpose, tenant=tenant)
    assert expected == (None if found is None else found.name)


def test_without_classes_nothing_goes_on() -> None:
    """A bare halt permits no kind of work for any purpose."""
    bare = HaltTerms(drain_ms=0, inventory_ms=1)
    for kind in JOB_KIND_WORDS:
        for purpose in PURPOSE_WORDS:
            assert bare.class_of(kind=kind, purpose=purpose, tenant=ALDER) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_cap_takes_from_both_bounds(low: int, more: int) -> None:
    """What is beyond the cap is outside, at either bound; without a cap nothing is."""
    assert (max(0, low - 1000), max(0, low + more - 1000)) == SERVE.outside(low, low + more)
    assert (0, 0) == STUDY.outside(low, low + more)


def test_what_no_motion_releases_is_permitted_from_the_start() -> None:
    """Serving needs nobody's leave."""
    assert START == TERMS.permitted_from(SERVING, tenant=ALDER, start=START, adopted={})


@pytest.mark.parametrize(
    ("adopted", "expected"),
    [
        ({}, None),
        ({"resume-all": [START]}, None),
        ({"resume-safety": [START.plus(-1)]}, None),
        ({"resume-safety": [START]}, START),
        ({"resume-safety": [START.plus(9), START.plus(5)]}, START.plus(5)),
        ({"resume-safety": [START.plus(-1), START.plus(5)]}, START.plus(5)),
    ],
)
def test_what_a_motion_releases_waits_for_it(
    adopted: dict[Name, list[Instant]], expected: Instant | None
) -> None:
    """Its adoption in this halt counts, the first one; that of another motion, or for another halt, does not."""
    assert expected == TERMS.permitted_from(SAFETY, tenant=BIRCH, start=START, adopted=adopted)


def test_a_motion_may_release_for_some_only() -> None:
    """Who may resume what is agreed: of two motions each releases for its own, and nobody else."""
    release = [
        ResumeTerms(motion=Name("a"), permitted=(SERVING,), parties=(ALDER,)),
        ResumeTerms(motion=Name("b"), permitted=(SERVING,), parties=(BIRCH,)),
    ]
    terms = HaltTerms(drain_ms=0, inventory_ms=1, permitted=(SERVE,), resume=tuple(release))
    adopted = {Name("a"): [START.plus(5)]}
    assert START.plus(5) == terms.permitted_from(SERVING, tenant=ALDER, start=START, adopted=adopted)
    assert terms.permitted_from(SERVING, tenant=BIRCH, start=START, adopted=adopted) is None


@given(st.lists(st.integers(-5, 5), max_size=4), st.lists(st.integers(-5, 5), max_size=4))
def test_one_more_adoption_never_takes_leave_away(first: list[int], more: list[int]) -> None:
    """What is known to be permitted stays so, from the same instant or an earlier one."""
    motion = Name("resume-safety")
    few = {motion: [START.plus(ms) for ms in first]}
    many = {motion: [START.plus(ms) for ms in first + more]}
    before = TERMS.permitted_from(SAFETY, tenant=BIRCH, start=START, adopted=few)
    after = TERMS.permitted_from(SAFETY, tenant=BIRCH, start=START, adopted=many)
    assert before is None or (after is not None and after <= before)


def test_terms_of_a_halt_survive_a_round_trip_and_may_be_left_out() -> None:
    """An agreement without a halt has no key for it, so that older ones keep their identity."""
    assert TERMS == parse_whole(format_whole(agreement(halt=TERMS))).halt
    assert b'"halt"' not in format_whole(agreement())


def use(**changes: Any) -> PermittedUse:
    """Return a class of work with some fields replaced."""
    plain: dict[str, Any] = {"name": SERVING, "jobs": ("inference",)}
    return PermittedUse(**(plain | changes))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: use(jobs=()), "permitted use serving names no kind of job"),
        (lambda: use(jobs=("evaluation",)), "names kind of job 'evaluation', want one of training, inference"),
        (lambda: use(purposes=("good",)), "names purpose 'good', want one of research, deployment, safety"),
        (lambda: use(cap_chip_ms=-1), "cap of serving is -1 chip-ms"),
        (lambda: use(cap_chip_ms=QUANTITY_MAX + 1), "cap of serving is"),
        (lambda: use(parties=(ALDER, ALDER)), "party alder is listed twice"),
        (lambda: ResumeTerms(motion=SAFETY, permitted=()), "motion safety-training lets nothing resume"),
        (lambda: HaltTerms(drain_ms=-1, inventory_ms=1), "drain is -1 ms"),
        (lambda: HaltTerms(drain_ms=0, inventory_ms=0), "time to file the inventory is 0 ms, want 1"),
        (lambda: HaltTerms(drain_ms=0, inventory_ms=1, permitted=(SERVE, SERVE)), "permitted use serving is listed twice"),
        (
            lambda: HaltTerms(drain_ms=0, inventory_ms=1, resume=(RELEASE,)),
            "motion resume-safety resumes safety-training, which is no permitted use",
        ),
        (
            lambda: agreement(halt=HaltTerms(drain_ms=0, inventory_ms=1, permitted=(use(parties=(Name("zoe"),)),))),
            "permitted use serving names zoe, who is no party",
        ),
    ],
)  # fmt: skip
def test_terms_that_say_nothing_or_too_much_are_refused(make: Any, message: str) -> None:
    """Each refusal names what was found."""
    with pytest.raises(MalformedError, match=message):
        make()


def test_the_example_of_the_page_is_an_agreement() -> None:
    """The TOML of the page on halting, put into the plain text of the vectors, leads to its terms."""
    page = (ROOT / "spec" / "halting.md").read_text("utf-8")
    block = page.partition("```toml\n")[2].partition("```")[0]
    found = parse_agreement_toml(f"{TOML}\n{block}").halt
    assert found is not None
    assert (6 * HOUR_MS, DAY_MS) == (found.drain_ms, found.inventory_ms)
    assert [1000 * HOUR_MS, None] == [one.cap_chip_ms for one in found.permitted]
    assert [(Name("resume-safety"), (SAFETY,))] == [(one.motion, one.permitted) for one in found.resume]
