"""Texts in force: adopted amendments one after another, each of exactly the text that its author saw."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement_examples import clause
from allstop.agreement import AMENDABLE, Agreement, ShareAtLeast, agreement_value, format_agreement
from allstop.canon import JSON, format_json
from allstop.changes import Change, Op, item_id
from allstop.convening import Proposal
from allstop.ids import Digest, digest_of
from allstop.standing import Convening, TallyState, convening_of, find_voting, texts_of
from allstop.times import DAY_MS, INSTANT_MS_MAX, Instant
from voting_world import (
    ALDER,
    BIRCH,
    CEDAR,
    DOGWOOD,
    EARLY,
    MAJORITY,
    START,
    VotingWorld,
    amendment,
    rule_of,
    table,
)

PLAIN = table(rule_of(MAJORITY))
VOTERS = (ALDER, BIRCH, CEDAR)


def bound(agreement: Agreement, number: str, text: str = "Every use is declared.") -> Agreement:
    """Return the agreement with one more clause."""
    return replace(agreement, obligations=(*agreement.obligations, clause(number, text=text)))


def digest(agreement: Agreement) -> Digest:
    """Return the identity of an agreement."""
    return digest_of(format_agreement(agreement))


def adopt(world: VotingWorld, proposal: Proposal, *, at: Instant = EARLY, opened: Instant = START) -> Digest:
    """File an amendment and enough votes for it."""
    filed = world.file(ALDER, proposal, opened)
    world.votes(filed, agree=VOTERS, at=at)
    return filed


def held(world: VotingWorld, agreement: Agreement = PLAIN) -> Convening:
    """Return what the table has done."""
    return convening_of(agreement, world.state())


def test_an_adopted_amendment_is_the_text_from_its_adoption() -> None:
    """Before it the first text applies, from then on the second; both are known by their digests."""
    second = bound(PLAIN, "2.1")
    world = VotingWorld()
    proposal = adopt(world, amendment("more", PLAIN, second))
    convening = held(world)
    assert [(Instant(0), None), (EARLY, proposal)] == [(one.start, one.proposal) for one in convening.texts]
    assert (PLAIN, second) == tuple(one.agreement for one in convening.texts)
    assert (digest(PLAIN), digest(second)) == tuple(one.digest for one in convening.texts)
    assert digest(PLAIN) == convening.text_at(EARLY.plus(-1)).digest
    assert digest(second) == convening.text_at(EARLY).digest
    assert convening.texts == texts_of(PLAIN, convening.tallies)


def test_an_amendment_takes_effect_after_its_lead_time() -> None:
    """Everybody has the agreed time to prepare; a shorter lead agreed meanwhile overtakes nobody."""
    terms = PLAIN.convening
    assert terms is not None
    slow = replace(PLAIN, convening=replace(terms, amendment_lead_ms=30 * DAY_MS))
    fast = replace(slow, convening=replace(terms, amendment_lead_ms=0))
    world = VotingWorld()
    adopt(world, amendment("faster", slow, fast))
    adopt(world, amendment("more", fast, bound(fast, "2.1")), opened=EARLY.plus(1), at=EARLY.plus(2))
    convening = held(world, slow)
    start = EARLY.plus(30 * DAY_MS)
    assert [Instant(0), start, start] == [one.start for one in convening.texts]
    assert digest(bound(fast, "2.1")) == convening.text_at(start).digest


def test_amendments_build_on_one_another() -> None:
    """The second changes what the first made, and is voted on under the rule that the first left."""
    terms = PLAIN.convening
    assert terms is not None
    (rule,) = terms.rules
    strict = replace(
        PLAIN, convening=replace(terms, rules=(replace(rule, adopt=ShareAtLeast(ppm=1_000_000)),))
    )
    world = VotingWorld()
    adopt(world, amendment("unanimity", PLAIN, strict))
    later = adopt(
        world, amendment("more", strict, bound(strict, "2.1")), opened=EARLY.plus(1), at=EARLY.plus(2)
    )
    assert [TallyState.ADOPTED, TallyState.OPEN] == [one.state for one in held(world).tallies]
    world.votes(later, agree=[DOGWOOD], at=EARLY.plus(3))
    assert digest(bound(strict, "2.1")) == held(world).texts[-1].digest


def test_of_two_amendments_of_one_text_the_first_adopted_takes_effect() -> None:
    """The other was adopted too, and changes nothing: nobody has voted on the two together."""
    world = VotingWorld()
    late = adopt(world, amendment("late", PLAIN, bound(PLAIN, "3.1")), at=EARLY.plus(1))
    first = adopt(world, amendment("first", PLAIN, bound(PLAIN, "2.1")))
    convening = held(world)
    assert [None, first] == [one.proposal for one in convening.texts]
    assert {late: "another amendment of the same text was adopted before it"} == convening.lost


def test_of_two_adopted_at_one_instant_neither_takes_effect_unless_they_are_one() -> None:
    """The log's operator orders a batch, so its order decides nothing; two ways to one text are one amendment."""
    for other, count in (("3.1", 0), ("2.1", 1)):
        world = VotingWorld()
        adopt(world, amendment("one", PLAIN, bound(PLAIN, "2.1")))
        adopt(world, amendment("other", PLAIN, bound(PLAIN, other), note="the same?"))
        convening = held(world)
        assert 1 + count == len(convening.texts)
        assert 2 - 2 * count == len(convening.lost)


WRONG = {
    "another base": ({"base": Digest("ab" * 32)}, "was not the agreed one"),
    "another result": ({"text": Digest("ab" * 32)}, "another text than the one that it names"),
    "a key of a party": (
        {"changes": (Change(op=Op.SET, path=("parties", "birch", "critical"), was=b"true", now=b"false"),)},
        "cannot be amended in force",
    ),
    "the log": (
        {"changes": (Change(op=Op.SET, path=("log", "operator"), was=b'"dogwood"', now=b'"elm"'),)},
        "cannot be amended in force",
    ),
    "no agreement": (
        {
            "changes": (
                Change(op=Op.SET, path=("obligations", "1.1", "parties"), was=b'["alder"]', now=b'["fir"]'),
            )
        },
        "who is no party",
    ),
    "a place that is not there": (
        {"changes": (Change(op=Op.SET, path=("obligations", "9.9", "text"), was=b'"a"', now=b'"b"'),)},
        "there is no '9.9'",
    ),
    "deep nonsense": (
        {"changes": (Change(op=Op.SET, path=("obligations",), was=b"[]", now=b"[[[[[[]]]]]]"),)},
        "lead to no agreement",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_amendment_that_leads_nowhere_is_void_however_many_agree(what: str) -> None:
    """All four agree, and still the text stays as it is; the finding says why."""
    edits, why = WRONG[what]
    world = VotingWorld()
    proposal = replace(amendment("wrong", PLAIN, bound(PLAIN, "2.1")), **edits)  # type: ignore[arg-type]  # as listed
    world.votes(world.file(ALDER, proposal, START), agree=[*VOTERS, DOGWOOD])
    state = world.state()
    convening = convening_of(PLAIN, state)
    assert [TallyState.VOID] == [one.state for one in convening.tallies]
    assert why in convening.tallies[0].why
    assert 1 == len(convening.texts)
    assert ["VOT-004"] == [one.code for one in find_voting(PLAIN, state, convening)]


def test_only_clauses_and_the_table_may_be_amended() -> None:
    """Clocks that run already, and the figures behind verdicts, need another agreement."""
    assert ("convening", "obligations") == AMENDABLE


def test_a_table_may_abolish_itself() -> None:
    """What is decided so is decided: afterwards nothing can be proposed any more."""
    world = VotingWorld()
    adopt(world, amendment("no-more-table", PLAIN, replace(PLAIN, convening=None)))
    adopt(world, amendment("more", replace(PLAIN, convening=None), bound(PLAIN, "2.1")), opened=EARLY.plus(1))
    convening = held(world)
    assert [TallyState.ADOPTED, TallyState.VOID] == [one.state for one in convening.tallies]
    assert (2, "the agreement has no table") == (len(convening.texts), convening.tallies[1].why)


moves = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 3), st.integers(1, 4)), max_size=6
)


@settings(max_examples=30, deadline=None)
@given(moves=moves, lead=st.sampled_from((0, 2)))
def test_a_longer_log_only_adds_texts(moves: list[tuple[str, int, int, int]], lead: int) -> None:
    """Whatever is proposed and voted, the texts that a shorter log proves stand at the head of those of the longer."""
    terms = PLAIN.convening
    assert terms is not None
    first = replace(PLAIN, convening=replace(terms, amendment_lead_ms=lead))
    texts = [first]
    for number in range(3):
        texts.append(bound(texts[-1], f"{number + 2}.1"))
    world = VotingWorld()
    for number, (name, base, opened, after) in enumerate(moves):
        value = amendment(f"{name}-{number}", texts[base], bound(texts[base], f"{base + 2}.{after}"))
        adopt(world, value, opened=START.plus(opened), at=START.plus(opened + after))
    whole = convening_of(first, world.state())
    for at in range(8):
        part = convening_of(first, world.state(START.plus(at)))
        assert part.texts == whole.texts[: len(part.texts)]
        assert part.texts == texts_of(first, part.tallies)
        for digest_, why in part.lost.items():
            assert why == whole.lost[digest_]
    assert [one.start for one in whole.texts] == sorted(one.start for one in whole.texts)


wild: st.SearchStrategy[JSON] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 2**53 - 1)
    | st.sampled_from(("", "alder", "1.1", "x" * 5000, "\u202e")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("clause", "rules", "name")), inner)
    ),
    max_leaves=12,
)
places = st.sampled_from(
    (
        ("obligations",),
        ("obligations", "1.1"),
        ("obligations", "1.1", "tolerance"),
        ("convening",),
        ("convening", "rules"),
        ("convening", "rules", "rule", "adopt"),
        ("convening", "rules", "rule", "openMs"),
        ("convening", "motions", "start", "rule"),
    )
)


def at_place(path: tuple[str, ...]) -> JSON:
    """Return what the text holds at a place."""
    value: JSON = agreement_value(PLAIN)
    for part in path:
        if isinstance(value, list):
            value = next(one for one in value if item_id(one) == part)
        elif isinstance(value, dict):
            value = value[part]
    return value


@settings(max_examples=120, deadline=None)
@given(path=places, value=wild)
def test_no_amendment_stops_the_count(path: tuple[str, ...], value: JSON) -> None:
    """Whatever a party writes into an amendment, it is adopted as an agreement or void: nothing is ever raised."""
    was, now = format_json(at_place(path)), format_json(value)
    if was == now:
        return
    world = VotingWorld()
    change = Change(op=Op.SET, path=path, was=was, now=now)
    adopt(world, replace(amendment("wild", PLAIN, bound(PLAIN, "2.1")), changes=(change,)))
    adopt(world, amendment("tame", PLAIN, bound(PLAIN, "2.1")))
    convening = held(world)
    assert [TallyState.VOID, TallyState.ADOPTED] == [one.state for one in convening.tallies]
    assert digest(bound(PLAIN, "2.1")) == convening.texts[-1].digest


def test_a_log_at_the_end_of_time_stops_nobody() -> None:
    """A vote that would close beyond the last instant there is stays open."""
    world = VotingWorld()
    end = Instant(INSTANT_MS_MAX)
    world.file(ALDER, amendment("late", PLAIN, bound(PLAIN, "2.1")), end)
    (tally,) = convening_of(PLAIN, world.state(end)).tallies
    assert (TallyState.FELL, end) == (tally.state, tally.closes)


def test_an_amendment_of_a_text_without_a_table_that_is_not_in_force_yet() -> None:
    """The table decides until it is gone; what it decided meanwhile takes effect with its end."""
    terms = PLAIN.convening
    assert terms is not None
    slow = replace(PLAIN, convening=replace(terms, amendment_lead_ms=30 * DAY_MS))
    none = replace(slow, convening=None)
    world = VotingWorld()
    adopt(world, amendment("no-more-table", slow, none))
    adopt(world, amendment("more", none, bound(none, "2.1")), opened=EARLY.plus(1), at=EARLY.plus(2))
    texts = held(world, slow).texts
    assert [EARLY.plus(30 * DAY_MS)] * 2 == [one.start for one in texts[1:]]
    assert digest(bound(none, "2.1")) == texts[-1].digest
