"""All or none, one instant: a memoised search of every history of three parties, and of four with one faulty.

A history gives each party a life: what it files about depositing, what its custodians and the log make of it, and
when each statement is proven. A late cosignature, a stalled witness and an operator that holds a statement back
are all the same here: a later proven time. Nodes are pairs of a history as it was at an instant, and that instant;
histories that agree up to an instant share the node. Each node is held against a slow reference, against the node
before it, and against the same log written in another order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement, product
from typing import TypeVar

import pytest
from hypothesis import settings

from allstop.agreement import Agreement, AllOf, AtLeast, BindingTerms, Condition, DepositBody, Deposited
from allstop.binding import DepositWithdrawal, SealedDeposit, Share
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing import Binding, binding_of
from allstop.times import Instant
from binding_world import (
    CLOSE,
    CUSTODIANS,
    DEADLINE,
    IDENTITY,
    LEAD,
    OPEN_BY,
    SEALED,
    Log,
    Seal,
    members,
    receipt,
    seal,
    share,
    world,
)

PARTIES = tuple(Name(f"party-{number}") for number in range(4))
AFTER = DEADLINE + 1
FAR = DEADLINE + LEAD + 1
INSTANTS = (10, CLOSE, CLOSE + 1, OPEN_BY, OPEN_BY + 1, DEADLINE, AFTER, FAR)
TERMS = BindingTerms(sealed=SEALED, is_withdrawable=True)


@dataclass(frozen=True)
class Act:
    """One thing that happens in a life: proven at `at`.

    `kind` is open, back (takes the open deposit before it back), yes, none or bent (seals a choice, or shares of no
    one secret; its custodians all receipt it), or show (one custodian shows its share of the last seal).
    """

    kind: str
    at: int
    keeper: int = 0


Life = tuple[Act, ...]


def sealed_life(kind: str, at: int, shows: tuple[int, ...]) -> Life:
    """Return the life of a party that seals once; its first custodians show their shares at these instants."""
    return (Act(kind, at), *(Act("show", when, keeper) for keeper, when in enumerate(shows)))


OPEN_LIVES: tuple[Life, ...] = (
    (),
    *((Act("open", at),) for at in (10, CLOSE + 1, DEADLINE, AFTER, FAR)),
    (Act("open", 10), Act("back", CLOSE)),
    (Act("open", 10), Act("back", CLOSE + 1)),
    (Act("open", 10), Act("back", AFTER)),
    (Act("open", 10), Act("back", CLOSE + 1), Act("open", DEADLINE)),
    (Act("open", DEADLINE), Act("back", DEADLINE)),
    (Act("open", 10), Act("open", DEADLINE)),
)
SEALED_LIVES: tuple[Life, ...] = tuple(
    sealed_life(kind, at, shows)
    for kind in ("yes", "none", "bent")
    for at, shows in (
        (10, ()),
        (10, (CLOSE + 1,)),
        (10, (CLOSE + 1, OPEN_BY)),
        (10, (CLOSE + 1, OPEN_BY + 1)),
        (10, (10, 10)),
        (CLOSE + 1, (CLOSE + 1, OPEN_BY)),
    )
)
MIXED_LIVES: tuple[Life, ...] = (
    (Act("open", 10), *sealed_life("none", 10, (CLOSE + 1, OPEN_BY))),
    (*sealed_life("none", 10, (CLOSE + 1, OPEN_BY)), Act("open", DEADLINE)),
    (*sealed_life("yes", 10, (CLOSE + 1, OPEN_BY)), Act("open", 10), Act("back", CLOSE + 1)),
)
FAULTY_LIVES: tuple[Life, ...] = (
    # Two seals of one party: the first in its own chain counts, whatever was shown of the second.
    (Act("none", 10), *sealed_life("yes", 10, (CLOSE + 1, OPEN_BY))),
    (Act("yes", 10), *sealed_life("none", 10, (CLOSE + 1, OPEN_BY))),
    *(life for life in SEALED_LIVES if life[0].kind == "bent"),
    (Act("open", 10), Act("back", CLOSE), Act("open", CLOSE), Act("back", CLOSE + 1), Act("open", OPEN_BY)),
)
T = TypeVar("T")
ALL_LIVES = OPEN_LIVES + SEALED_LIVES + MIXED_LIVES


def agreed(condition: Condition, count: int) -> Agreement:
    """Return the agreement of so many parties besides the three custodians."""
    plain = world(TERMS)
    models = members()
    keys = [one.keys for one in models]
    parties = tuple(
        replace(models[0], id=name, name=name.title(), bloc=Name(f"bloc-{number}"), keys=())
        for number, name in enumerate(PARTIES[:count])
    )
    keepers = tuple(
        replace(one, keys=keys[number]) for number, one in enumerate(models) if one.id in CUSTODIANS
    )
    entry = replace(plain.entry, condition=condition)
    named = replace(plain.obligations[0], parties=(PARTIES[0],))
    return replace(
        plain,
        parties=(*parties, *keepers),
        entry=entry,
        obligations=(named,),
        log=replace(plain.log, operator=PARTIES[0]),
    )


def filed_of(party: Name, life: Life) -> tuple[Filed[object], ...]:
    """Return the statements of a life; custodians receipt every seal at once."""
    log = Log()
    last: tuple[Seal, Digest] | None = None
    opened: Digest | None = None
    for number, act in enumerate(life):
        match act.kind:
            case "open":
                opened = log.deposit(party, act.at)
            case "back":
                log.file(party, DepositWithdrawal(deposit=opened), act.at)  # type: ignore[arg-type]  # opened above
            case "show":
                made, digest = last  # type: ignore[misc]  # a seal comes before
                keeper = CUSTODIANS[act.keeper]
                log.file(keeper, share(made, digest, keeper), act.at)
            case kind:
                made = seal(
                    party, is_deposit=kind != "none", number=number, bend=2 if kind == "bent" else None
                )
                last = (made, log.file(party, made.value, act.at))
                for keeper in CUSTODIANS:
                    log.file(keeper, receipt(made, last[1], keeper), act.at)
    return tuple(log.filed)


Stand = Callable[[Agreement, State], Binding]


def stand_plainly(agreement: Agreement, state: State) -> Binding:
    """Stand as the package does."""
    return binding_of(agreement, state, identity=IDENTITY)


@dataclass
class Search:
    """Looks at every history once, and keeps what was found at each node."""

    agreement: Agreement
    wanted: int
    stand: Stand = stand_plainly
    nodes: dict[tuple[object, int], Binding] = field(default_factory=dict)
    statements: dict[tuple[Name, Life], tuple[Filed[object], ...]] = field(default_factory=dict)

    def follow(self, lives: Sequence[Life]) -> None:
        """Check every instant of one history."""
        parties = PARTIES[: len(lives)]
        expected = reference(lives, wanted=self.wanted)
        before: Binding | None = None
        for at in INSTANTS:
            node = self._node(parties, lives, at)
            check_node(node, expected, at, parties)
            if before is not None:
                check_step(before, node, parties)
            before = node

    def follow_all(self, histories: Iterable[Sequence[Life]]) -> None:
        """Check every history."""
        for lives in histories:
            self.follow(lives)

    def _node(self, parties: Sequence[Name], lives: Sequence[Life], at: int) -> Binding:
        known = tuple(tuple(act for act in life if act.at <= at) for life in lives)
        key = (known, at)
        if key not in self.nodes:
            filed = [
                one for party, life in zip(parties, known, strict=True) for one in self._filed(party, life)
            ]
            found = self.stand(self.agreement, state_of(filed, at))
            again = self.stand(self.agreement, state_of(filed[::-1], at))
            assert decided(found, parties) == decided(again, parties), "the order within a log decides"
            self.nodes[key] = found
        return self.nodes[key]

    def _filed(self, party: Name, life: Life) -> tuple[Filed[object], ...]:
        if (party, life) not in self.statements:
            self.statements[party, life] = filed_of(party, life)
        return self.statements[party, life]


def state_of(filed: Sequence[Filed[object]], at: int) -> State:
    """Return what a log of these statements says at an instant, in the order given."""
    facts: dict[type, list[Filed[object]]] = {}
    for one in filed:
        facts.setdefault(type(one.value), []).append(one)
    return State(
        at=Instant(at),
        counted=len(filed),
        pending=0,
        facts={kind: tuple(group) for kind, group in facts.items()},
    )


def reference(lives: Sequence[Life], *, wanted: int) -> tuple[int | None, dict[int, int]]:
    """Walk through the instants; return when it is in force, and since when each deposit of a bound party counts.

    Nothing but the meaning of the rules, spelled out: an open deposit counts from the close of the seals on, a
    sealed one from the second share shown by the last instant to open, and garbage counts as a deposit.
    """
    spans = {number: list(_spans(life)) for number, life in enumerate(lives)}
    for now in (at for at in INSTANTS if at <= DEADLINE):
        there = {
            n for n, found in spans.items() if any(a <= now and (b is None or now < b) for a, b in found)
        }
        if len(there) >= wanted:
            start = now + LEAD
            bound = {
                n: min(a for a, b in found if a <= start and (b is None or b > now))
                for n, found in spans.items()
                if any(a <= start and (b is None or b > now) for a, b in found)
            }
            return start, bound
    return None, {}


def _spans(life: Life) -> Iterator[tuple[int, int | None]]:
    for index, act in enumerate(life):
        if act.kind == "open":
            back = next((one.at for one in life[index + 1 :] if one.kind in ("back", "open")), None)
            is_back = (
                next((one.kind for one in life[index + 1 :] if one.kind in ("back", "open")), "") == "back"
            )
            yield max(act.at, CLOSE), back if is_back else None
    seals = [index for index, act in enumerate(life) if act.kind in ("yes", "none", "bent")]
    if not seals or life[seals[0]].at > CLOSE or life[seals[0]].kind == "none":
        return
    until = seals[1] if len(seals) > 1 else len(life)
    shows = [act.at for act in life[seals[0] : until] if act.kind == "show" and act.at <= OPEN_BY]
    if len(shows) >= 2:
        yield max(CLOSE, sorted(shows)[1]), None


def decided(found: Binding, parties: Sequence[Name]) -> Mapping[Name, tuple[object, ...]]:
    """Return what two readers of one log must not differ in."""
    rows: dict[Name, tuple[object, ...]] = {Name("all"): (found.entry.in_force_from, found.entry.met_at)}
    for party in parties:
        one = found.party(party)
        assert one is not None
        rows[party] = (one.bound_from, one.bound_until, one.stage)
    return rows


def check_node(
    node: Binding, expected: tuple[int | None, dict[int, int]], at: int, parties: Sequence[Name]
) -> None:
    """Hold one node against the reference: one instant for all who deposited by it, and nobody else is bound."""
    start, bound = expected
    # What is proven at the very instant of asking may still be undone at it, and is not told yet.
    is_known = start is not None and start - LEAD < at
    assert node.entry.in_force_from == (Instant(start) if is_known and start is not None else None)
    froms = {party: node.party(party).bound_from for party in parties}  # type: ignore[union-attr]  # all are listed
    if not is_known:
        assert not any(froms.values()), "somebody is bound, and the condition is not met"
        return
    deposited = {parties[number] for number, since in bound.items() if since <= at}
    assert {party for party, moment in froms.items() if moment is not None} == deposited
    assert len({moment for moment in froms.values() if moment is not None}) == 1, "two instants"


def check_step(before: Binding, after: Binding, parties: Sequence[Name]) -> None:
    """Nothing that was decided is undone later."""
    if before.entry.in_force_from is not None:
        assert before.entry.in_force_from == after.entry.in_force_from
    for party in parties:
        one, other = before.party(party), after.party(party)
        if one is not None and one.bound_from is not None:
            assert other is not None
            assert one.bound_from == other.bound_from


def wants(count: int, of: int) -> Condition:
    """Return the condition that so many of the parties deposit."""
    leaves = tuple(Deposited(party=name) for name in PARTIES[:of])
    return AllOf(of=leaves) if count == of else AtLeast(count=count, of=leaves)


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_every_history_of_three_parties_binds_all_or_none_at_one_instant(wanted: int) -> None:
    """The parties are alike, so lives are looked at in any combination once; `make test-long` takes all lives."""
    search = Search(agreed(wants(wanted, 3), 3), wanted)
    is_long = settings().max_examples > 1_000
    lives = (*ALL_LIVES, *FAULTY_LIVES) if is_long else ALL_LIVES[wanted % 2 :: 2]
    search.follow_all(combinations_with_replacement(lives, 3))
    assert len(search.nodes) > 400


HONEST_LIVES: tuple[Life, ...] = (
    (),
    (Act("open", 10),),
    (Act("open", 10), Act("back", CLOSE + 1)),
    sealed_life("yes", 10, (CLOSE + 1, OPEN_BY)),
    sealed_life("none", 10, (CLOSE + 1, OPEN_BY)),
)


@pytest.mark.parametrize("wanted", [3, 4])
def test_one_faulty_party_of_four_frees_nobody_and_binds_nobody_alone(wanted: int) -> None:
    """Three parties that keep to the rules, and one that equivocates, spoils its seal, or comes and goes."""
    search = Search(agreed(wants(wanted, 4), 4), wanted)
    honest = combinations_with_replacement(HONEST_LIVES, 3)
    search.follow_all((*three, faulty) for three, faulty in product(honest, FAULTY_LIVES))
    assert len(search.nodes) > 500


def with_facts(state: State, kind: type[T], facts: Sequence[Filed[T]]) -> State:
    """Return the state with other facts of one type."""
    merged: dict[type, tuple[Filed[object], ...]] = dict(state.facts)
    merged[kind] = tuple(facts)  # type: ignore[arg-type]  # facts are kept under their own type
    return replace(state, facts=merged)


def _own_instant(agreement: Agreement, state: State) -> Binding:
    """Bind each party from its own deposit on."""
    found = stand_plainly(agreement, state)
    first = {one.party: one.not_after for one in state.of(DepositBody)}
    return replace(
        found,
        parties=tuple(
            replace(one, bound_from=first.get(one.party, one.bound_from)) if one.bound_from else one
            for one in found.parties
        ),
    )


def _garbage_is_an_exit(agreement: Agreement, state: State) -> Binding:
    """Forget seals whose shares are of no one secret."""
    spoiled = {one.value.deposit for one in state.of(Share) if one.value.share == bytes(31) + b"\x07"}
    kept = [one for one in state.of(SealedDeposit) if one.digest not in spoiled]
    return stand_plainly(agreement, with_facts(state, SealedDeposit, kept))


def _last_in_the_log_counts(agreement: Agreement, state: State) -> Binding:
    """Take the seal that stands last in the log: its operator would choose."""
    last = {one.party: one for one in state.of(SealedDeposit)}
    return stand_plainly(agreement, with_facts(state, SealedDeposit, list(last.values())))


def _takes_back_at_any_time(agreement: Agreement, state: State) -> Binding:
    """Let who has taken its deposit back go free, whenever it did."""
    back = {one.value.deposit for one in state.of(DepositWithdrawal)}
    kept = [one for one in state.of(DepositBody) if one.digest not in back]
    return stand_plainly(agreement, with_facts(state, DepositBody, kept))


def _claims_count(agreement: Agreement, state: State) -> Binding:
    """Believe that what was proven a little late was filed in time."""
    facts = {
        kind: tuple(
            replace(one, not_after=Instant(one.not_after.ms - 1))
            if one.not_after.ms in (OPEN_BY + 1, AFTER)
            else one
            for one in group
        )
        for kind, group in state.facts.items()
    }
    return stand_plainly(agreement, replace(state, facts=facts))


@pytest.mark.parametrize(
    "bent",
    [_own_instant, _garbage_is_an_exit, _last_in_the_log_counts, _takes_back_at_any_time, _claims_count],
)
def test_the_search_finds_what_is_bent(bent: Stand) -> None:
    """Each of these would be a way to bind one without the other, or to leave by oneself."""
    search = Search(agreed(wants(2, 3), 3), 2, stand=bent)
    lives = (*HONEST_LIVES, *FAULTY_LIVES, (Act("open", AFTER),), (Act("open", 10), Act("back", AFTER)))
    with pytest.raises(AssertionError):
        search.follow_all(combinations_with_replacement(lives, 3))
