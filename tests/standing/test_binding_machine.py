"""Becoming bound as a game: parties, custodians and a log operator do whatever they like; all or none, one instant."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from allstop.agreement import AtLeast, BindingTerms, Condition, DepositBody, Deposited
from allstop.binding import DepositWithdrawal, Share
from allstop.ids import Digest, Name
from allstop.ledger import State
from allstop.standing import Binding, SealState, binding_of, sealed_of
from allstop.times import Instant
from binding_world import (
    ALDER,
    BIRCH,
    CEDAR,
    CLOSE,
    CUSTODIANS,
    DEADLINE,
    IDENTITY,
    LEAD,
    OPEN_BY,
    SEALED,
    Log,
    Seal,
    receipt,
    seal,
    share,
    world,
)

PLAYERS = (ALDER, BIRCH, CEDAR)
TWO: Condition = AtLeast(count=2, of=tuple(Deposited(party=name) for name in PLAYERS))
AGREED = world(BindingTerms(sealed=SEALED, is_withdrawable=True), condition=TWO)
parties = st.sampled_from(PLAYERS)
keepers = st.sampled_from(CUSTODIANS)


class Game(RuleBasedStateMachine):
    """Every rule files one statement at the present instant, or lets time pass."""

    seals: Bundle[tuple[Digest, Seal, Name]] = Bundle("seals")
    deposits: Bundle[tuple[Digest, Name]] = Bundle("deposits")

    def __init__(self) -> None:
        super().__init__()
        self.now = 1
        self.log = Log()
        self.number = 0
        self.in_force: Instant | None = None
        self.ended: dict[Digest, tuple[SealState, object]] = {}
        # Who ever said that it wants to be bound, in whatever way.
        self.willing: set[Name] = set()

    @rule(is_far=st.sampled_from([False, False, True]))
    def let_time_pass(self, is_far: bool) -> None:
        """Let a moment pass, or go to just after the next instant that matters."""
        ahead = [at + 1 for at in (CLOSE, OPEN_BY, DEADLINE, DEADLINE + LEAD) if at + 1 > self.now]
        self.now = ahead[0] if is_far and ahead else self.now + 2

    @rule(target=deposits, party=parties)
    def deposit(self, party: Name) -> tuple[Digest, Name]:
        """Deposit openly."""
        self.willing.add(party)
        return self.log.deposit(party, self.now), party

    @rule(deposit=deposits, by=parties)
    def take_back(self, deposit: tuple[Digest, Name], by: Name) -> None:
        """Take a deposit back, one's own or another one's."""
        self.log.file(by, DepositWithdrawal(deposit=deposit[0]), self.now)

    @rule(
        target=seals,
        party=parties,
        is_deposit=st.booleans(),
        bend=st.sampled_from([None, None, None, 1, 2]),
        is_received=st.sampled_from([True, True, False]),
    )
    def seal(
        self, party: Name, is_deposit: bool, bend: int | None, is_received: bool
    ) -> tuple[Digest, Seal, Name]:
        """Seal a choice, or garbage; at times the custodians answer at once."""
        keepers = tuple(name for name in CUSTODIANS if name != party)
        self.number += 1
        made = seal(party, is_deposit=is_deposit, custodians=keepers, number=self.number, bend=bend)
        if is_deposit or bend is not None:
            self.willing.add(party)
        digest = self.log.file(party, made.value, self.now)
        for name in keepers if is_received else ():
            self.log.file(name, receipt(made, digest, name), self.now)
        return digest, made, party

    @rule(sealed=seals, keeper=keepers)
    def give_receipt(self, sealed: tuple[Digest, Seal, Name], keeper: Name) -> None:
        """Give one receipt."""
        if keeper in sealed[1].shares:
            self.log.file(keeper, receipt(sealed[1], sealed[0], keeper), self.now)

    @rule(sealed=seals, keeper=keepers, by=parties | keepers, is_good=st.booleans())
    def show(self, sealed: tuple[Digest, Seal, Name], keeper: Name, by: Name, is_good: bool) -> None:
        """Show one share, as its custodian or as somebody else, good or not."""
        if keeper in sealed[1].shares:
            good = share(sealed[1], sealed[0], keeper)
            shown = good if is_good else Share(deposit=good.deposit, index=good.index, share=bytes(32))
            self.log.file(by, shown, self.now)

    @rule(sealed=seals)
    def open_all(self, sealed: tuple[Digest, Seal, Name]) -> None:
        """Let every custodian show its share."""
        for name in sealed[1].shares:
            self.log.file(name, share(sealed[1], sealed[0], name), self.now)

    def state(self) -> State:
        """Return the log up to the instant before: of the present one more may still come."""
        return self.log.state(max(0, self.now - 1))

    def found(self) -> Binding:
        """Return where everybody stands then."""
        return binding_of(AGREED, self.state(), identity=IDENTITY)

    @invariant()
    def all_are_bound_at_one_instant(self) -> None:
        """Nobody is bound at another instant, and nobody who never wanted to be."""
        found = self.found()
        instants = {one.bound_from for one in found.parties if one.bound_from is not None}
        assert instants <= {found.entry.in_force_from}
        assert {one.party for one in found.parties if one.bound_from} <= self.willing

    @invariant()
    def nobody_who_deposited_stays_out(self) -> None:
        """Whose deposit stands when the condition is met, or counts by the instant, is bound."""
        found = self.found()
        start, met_at = found.entry.in_force_from, found.entry.met_at
        if start is None or met_at is None:
            return
        state = self.state()
        back = {
            (one.party, one.value.deposit) for one in state.of(DepositWithdrawal) if one.not_after <= met_at
        }
        stands = {
            one.party
            for one in state.of(DepositBody)
            if one.not_after <= start and (one.party, one.digest) not in back
        }
        opened = {
            one.filed.party
            for one in sealed_of(AGREED, state, identity=IDENTITY)
            if one.counts_from is not None and one.counts_from <= start
        }
        assert stands | opened == {one.party for one in found.parties if one.bound_from}

    @invariant()
    def what_is_decided_stays(self) -> None:
        """Neither the instant nor what became of a sealed deposit ever changes."""
        start = self.found().entry.in_force_from
        assert self.in_force in (None, start)
        assert start is None or start.ms <= DEADLINE + LEAD
        self.in_force = start
        for one in sealed_of(AGREED, self.state(), identity=IDENTITY):
            if one.state in (SealState.VOID, SealState.OPEN, SealState.UNOPENED):
                end = (one.state, one.choice)
                assert end == self.ended.setdefault(one.filed.digest, end)


TestGame = Game.TestCase
TestGame.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
