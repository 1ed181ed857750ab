"""Where parties stand: signature and approval first, reservations, provisional application, succession, leaving."""

import re
from dataclasses import replace

import pytest

from allstop.agreement import (
    AtLeast,
    BindingTerms,
    Condition,
    Deposited,
    LeavingTerms,
    PartyKind,
    Relation,
    SignatureBody,
    SprintTerms,
)
from allstop.binding import (
    Approval,
    DepositWithdrawal,
    Provisional,
    Reservation,
    Succession,
    Withdrawal,
    WithdrawalRevocation,
)
from allstop.canon import parse_instant
from allstop.clocks import Length, LengthUnit
from allstop.finding import read_rule
from allstop.ids import Name, digest_of
from allstop.registry import Chips
from allstop.standing import (
    BINDING_RULES,
    STAGE_TABLE,
    Binding,
    PartyStanding,
    Stage,
    StageEvent,
    binding_of,
    stage_after,
    step_stage,
)
from allstop.times import Instant
from binding_world import ACCESSION, ALDER, BIRCH, CEDAR, DOGWOOD, ELM, LEAD, Log, world
from source_tree import ROOT

FAR = 10**12
SIGNED = BindingTerms(signature_first=(PartyKind.STATE,), approval_first=(PartyKind.STATE,))
LEAVING = LeavingTerms(notice=Length(amount=100, unit=LengthUnit.MS), survives=("1.1",))


def one(found: Binding, party: Name) -> PartyStanding:
    """Return where a party stands."""
    standing = found.party(party)
    assert standing is not None
    return standing


def codes(found: Binding) -> list[str]:
    """Return the codes of what was found."""
    return [finding.code for finding in found.findings]


def both_in() -> Log:
    """Return a log under which Alder and Birch are bound at 40."""
    log = Log()
    log.deposit(ALDER, 10)
    log.deposit(BIRCH, 20)
    return log


def test_the_table_of_stages_is_the_one_in_the_specification() -> None:
    """Each row of the page is a pair of the table, and the other way round."""
    text = (ROOT / "spec" / "binding.md").read_text("utf-8")
    rows = re.findall(r"^\| (\w+) \| ([a-z, ]+) \| (\w+) \|$", text, re.MULTILINE)
    words = {(stage.value, event.value): after.value for (stage, event), after in STAGE_TABLE.items()}
    assert words == {
        (stage, event): after for stage, event, after in rows if (stage, event) != ("stage", "event")
    }


def test_an_event_without_a_row_changes_nothing() -> None:
    """Every pair of stage and event leads somewhere, and only rows move."""
    for stage in Stage:
        for event in StageEvent:
            assert STAGE_TABLE.get((stage, event), stage) is step_stage(stage, event)
    assert Stage.LEFT is stage_after([StageEvent.BOUND, StageEvent.FREE, StageEvent.SIGNED])


def test_a_deposit_that_falls_leaves_signature_approval_and_seal() -> None:
    """What outlives it still stands: the stage is the best of what is left."""
    events = [StageEvent.SIGNED, StageEvent.APPROVED, StageEvent.SEALED, StageEvent.DEPOSITED]
    assert Stage.SEALED is stage_after([*events, StageEvent.TAKEN_BACK])
    assert Stage.APPROVED is stage_after([*events, StageEvent.TAKEN_BACK, StageEvent.LAPSED])
    assert Stage.DEPOSITED is stage_after([*events, StageEvent.LAPSED])
    assert Stage.LISTED is stage_after([StageEvent.DEPOSITED, StageEvent.TAKEN_BACK])


@pytest.mark.parametrize(
    ("signed", "approved", "expected"), [(5, 6, 20), (30, 6, 30), (5, 35, 35), (60, 70, 70)]
)
def test_a_deposit_counts_from_when_signature_and_approval_are_there(
    signed: int, approved: int, expected: int
) -> None:
    """The latest of the three is the instant of the deposit; the order in which they come does not matter."""
    log = both_in()
    log.file(ALDER, SignatureBody(), 1)
    log.file(ALDER, Approval(authority="Parliament of Alder", document=None), 2)
    log.file(BIRCH, SignatureBody(), signed)
    log.file(BIRCH, Approval(authority="Congress of Birch", document=None), approved)
    assert Instant(expected) == binding_of(world(SIGNED), log.state()).entry.met_at


def test_what_is_missing_is_said_for_each_party_and_by_when() -> None:
    """Signature, approval and deposit, in words; nothing once nothing can help."""
    log = Log()
    log.deposit(ALDER, 10)
    log.file(ALDER, SignatureBody(), 11)
    found = binding_of(world(SIGNED), log.state(30))
    assert (Stage.SIGNED, ("its domestic approval",), Instant(100)) == (
        one(found, ALDER).stage,
        one(found, ALDER).missing,
        one(found, ALDER).due,
    )
    assert ("its signature", "its domestic approval", "its deposit") == one(found, BIRCH).missing
    assert [True, True, False, False, False] == [party.is_needed for party in found.parties]
    assert ("the deposit of alder", "the deposit of birch") == found.unmet
    over = binding_of(world(SIGNED), log.state(101))
    assert ((), None) == (one(over, BIRCH).missing, one(over, BIRCH).due)


def test_reservations_count_where_the_text_allows_them_and_before_the_deposit() -> None:
    """One allowed and in time, one to another clause, one after the deposit."""
    log = Log()
    log.file(ALDER, Reservation(clauses=("1.1",), text="not before 2029"), 5)
    log.file(ALDER, Reservation(clauses=("9.9",), text="never"), 6)
    log.deposit(ALDER, 10)
    log.deposit(BIRCH, 20)
    log.file(BIRCH, Reservation(clauses=("1.1",), text="too late"), 20)
    found = binding_of(world(BindingTerms(reservable=("1.1",))), log.state())
    assert [("1.1",), ()] == [party.reservations for party in found.parties[:2]]
    assert ["BND-008", "BND-008"] == codes(found)
    at = Instant(FAR)
    assert [False, True] == [party.is_held_to("1.1", at) for party in found.parties[:2]]


def test_provisional_application_ends_when_bound_or_when_the_party_says_so() -> None:
    """The last statement of a party that is allowed counts; another clause than agreed is a finding."""
    terms = BindingTerms(provisional=("1.1",))
    log = Log()
    log.file(CEDAR, Provisional(clauses=("1.1",)), 5)
    log.file(CEDAR, Provisional(clauses=("2.2",)), 6)
    log.file(ALDER, Provisional(clauses=("1.1",)), 7)
    log.file(DOGWOOD, Provisional(clauses=("1.1",)), 7)
    log.file(DOGWOOD, Provisional(clauses=()), 8)
    log.deposit(ALDER, 10)
    before = binding_of(world(terms), log.state(15))
    assert [("1.1",), (), ("1.1",), ()] == [
        one(before, p).provisional for p in (ALDER, BIRCH, CEDAR, DOGWOOD)
    ]
    assert one(before, ALDER).is_held_to("1.1", Instant(15))
    assert not one(before, BIRCH).is_held_to("1.1", Instant(15))
    assert ["BND-008"] == codes(before)
    log.deposit(BIRCH, 20)
    after = binding_of(world(terms), log.state(50))
    assert [(), ("1.1",)] == [one(after, p).provisional for p in (ALDER, CEDAR)]
    unmet = Log()
    unmet.file(CEDAR, Provisional(clauses=("1.1",)), 5)
    assert () == one(binding_of(world(terms), unmet.state(101)), CEDAR).provisional


def test_a_successor_is_bound_too_and_frees_nobody() -> None:
    """With the signature of the predecessor, or of the state responsible for it; through a chain of successions."""
    value = world(BindingTerms(), edges=((DOGWOOD, Relation.RESPONSIBLE_FOR, CEDAR),))
    log = both_in()
    log.file(CEDAR, Succession(predecessor=BIRCH), 60, signers=(BIRCH,))
    log.file(ELM, Succession(predecessor=CEDAR), 50, signers=(DOGWOOD,))
    found = binding_of(value, log.state())
    assert [Instant(40), Instant(40), Instant(60), None, Instant(60)] == [p.bound_from for p in found.parties]
    assert [None, CEDAR, ELM] == [p.successor for p in found.parties[:3]]
    assert (DOGWOOD,) == one(found, CEDAR).responsible
    assert one(found, BIRCH).is_bound(Instant(FAR))


@pytest.mark.parametrize("signers", [(), (ALDER,)])
def test_a_succession_without_consent_is_a_finding(signers: tuple[Name, ...]) -> None:
    """Nobody takes another one's place by its own word."""
    log = both_in()
    log.file(CEDAR, Succession(predecessor=BIRCH), 60, signers=signers)
    found = binding_of(world(BindingTerms()), log.state())
    assert one(found, CEDAR).bound_from is None
    assert ["BND-009"] == codes(found)
    log.file(ALDER, Succession(predecessor=ALDER), 61)
    assert ["BND-009", "BND-009"] == codes(binding_of(world(BindingTerms()), log.state()))


def test_notice_runs_and_the_party_is_held_to_what_survives() -> None:
    """Bound while notice runs, free at its end, but for the clauses that survive."""
    value = world(BindingTerms(), leaving=replace(LEAVING, is_together=False))
    log = both_in()
    log.file(ALDER, Withdrawal(reason="a rival did not stop"), 60)
    stages = [one(binding_of(value, log.state(at)), ALDER).stage for at in (59, 60, 159, 160)]
    assert [Stage.BOUND, Stage.LEAVING, Stage.LEAVING, Stage.LEFT] == stages
    found = one(binding_of(value, log.state()), ALDER)
    assert (Instant(160), ("1.1",)) == (found.bound_until, found.surviving)
    assert [True, False] == [found.is_bound(Instant(at)) for at in (159, 160)]
    assert found.is_held_to("1.1", Instant(160))
    assert not found.is_held_to("2.1", Instant(160))
    assert one(binding_of(value, log.state()), BIRCH).is_bound(Instant(FAR))


def test_when_too_few_would_stay_all_are_free_at_one_instant() -> None:
    """Simultaneous release: the others are not left bound to what their rival has left."""
    value = world(BindingTerms(), leaving=LEAVING)
    log = both_in()
    log.deposit(CEDAR, 25)
    log.file(CEDAR, Withdrawal(reason="not needed for the condition"), 50)
    log.file(ALDER, Withdrawal(reason="needed"), 60)
    found = binding_of(value, log.state())
    assert Instant(160) == found.released_at
    assert [Instant(160), Instant(160), Instant(150)] == [p.bound_until for p in found.parties[:3]]
    assert [True, False] == [found.is_in_force(Instant(at)) for at in (159, 160)]
    assert {Stage.LEFT} == {p.stage for p in found.parties[:3]}


def test_a_successor_keeps_nobody_bound() -> None:
    """Two of three must stay. Birch stays and lets Dogwood succeed it: that is still one, and all are free."""
    two: Condition = AtLeast(count=2, of=tuple(Deposited(party=name) for name in (ALDER, BIRCH, DOGWOOD)))
    value = world(BindingTerms(), condition=two, leaving=LEAVING)
    log = both_in()
    log.file(DOGWOOD, Succession(predecessor=BIRCH), 50, signers=(BIRCH,))
    log.file(ALDER, Withdrawal(reason="the end"), 60)
    found = binding_of(value, log.state())
    assert Instant(160) == found.released_at
    assert frozenset() == found.bound_at(Instant(160))


@pytest.mark.parametrize(("revoked", "is_free"), [(159, False), (160, True), (161, True)])
def test_a_notice_can_be_revoked_until_it_has_run(revoked: int, is_free: bool) -> None:
    """Revoked in time it is as if it had never been; at its end it is too late."""
    value = world(BindingTerms(), leaving=LEAVING)
    log = both_in()
    notice = log.file(ALDER, Withdrawal(reason="perhaps"), 60)
    log.file(ALDER, WithdrawalRevocation(withdrawal=notice), revoked)
    found = binding_of(value, log.state())
    assert is_free == (one(found, ALDER).bound_until is not None)
    assert (["BND-010"] if is_free else []) == codes(found)
    log.file(ALDER, Withdrawal(reason="after all"), 200)
    again = one(binding_of(value, log.state()), ALDER)
    assert Instant(160 if is_free else 300) == again.bound_until


def test_notices_that_do_not_count_are_findings() -> None:
    """Not bound, a second one while the first runs, another one's revocation, no terms of leaving."""
    log = both_in()
    notice = log.file(ALDER, Withdrawal(reason="first"), 60)
    log.file(ALDER, Withdrawal(reason="second"), 70)
    log.file(CEDAR, Withdrawal(reason="never bound"), 70)
    log.file(BIRCH, WithdrawalRevocation(withdrawal=notice), 80)
    found = binding_of(world(BindingTerms(), leaving=LEAVING), log.state())
    assert ["BND-010"] * 3 == codes(found)
    assert Instant(160) == one(found, ALDER).bound_until
    nowhere = binding_of(world(BindingTerms()), log.state())
    assert ["BND-010"] * 4 == codes(nowhere)
    assert one(nowhere, ALDER).bound_until is None


def test_the_others_may_let_a_party_go_sooner() -> None:
    """A motion that is adopted after the notice ends it; one from before was about another one."""
    value = world(BindingTerms(), leaving=replace(LEAVING, vote=Name("let-go"), is_together=False))
    log = both_in()
    log.file(ALDER, Withdrawal(reason="with consent"), 60)
    for adopted, expected in ((90, 90), (59, 160), (500, 160)):
        found = binding_of(value, log.state(), released={ALDER: Instant(adopted)})
        assert Instant(expected) == one(found, ALDER).bound_until


@pytest.mark.parametrize(
    ("filed", "amount", "unit", "expected"),
    [
        ("2027-02-28T10:00:00Z", 12, LengthUnit.MONTHS, "2028-02-28T23:59:59.999Z"),
        ("2028-02-29T10:00:00Z", 12, LengthUnit.MONTHS, "2029-02-28T23:59:59.999Z"),
        ("2028-02-29T10:00:00Z", 365, LengthUnit.DAYS, "2029-02-28T23:59:59.999Z"),
        ("2027-03-01T00:00:00Z", 365, LengthUnit.DAYS, "2028-02-29T23:59:59.999Z"),
        ("2027-05-01T10:00:00Z", 90, LengthUnit.DAYS, "2027-07-30T23:59:59.999Z"),
    ],
)
def test_notice_in_months_and_days_runs_over_leap_days(
    filed: str, amount: int, unit: LengthUnit, expected: str
) -> None:
    """Day 1 is the day after the notice; the last day runs to its last millisecond."""
    value = world(BindingTerms(), leaving=replace(LEAVING, notice=Length(amount=amount, unit=unit)))
    log = both_in()
    log.file(ALDER, Withdrawal(reason="dates"), parse_instant(filed).ms)
    found = one(binding_of(value, log.state(parse_instant(filed).ms)), ALDER)
    assert parse_instant(expected) == found.bound_until


@pytest.mark.parametrize(("count", "is_sprint"), [(9, False), (10, True), (400, True)])
def test_growth_before_leaving_is_a_sprint(count: int, is_sprint: bool) -> None:
    """A tenth more chips around the notice is a finding; old chips, a lot named twice and others' chips are not."""
    sprint = SprintTerms(growth_ppm=100_000, window_ms=10)
    value = world(
        BindingTerms(),
        leaving=replace(LEAVING, sprint=sprint),
        edges=((ALDER, Relation.OWNS, DOGWOOD),),
    )
    log = both_in()

    def register(party: Name, lot: str, chips: int, at: int) -> None:
        log.file(
            party,
            Chips(lot=Name(lot), site=Name("hall"), chip_type=Name("fast"), count=chips, serials_root=None, serials_count=0),
            at,
        )  # fmt: skip

    register(ALDER, "old", 100, 30)
    register(ALDER, "old", 400, 61)
    register(BIRCH, "theirs", 400, 61)
    register(DOGWOOD, "new", count, 55)
    register(ALDER, "after", 400, 161)
    log.file(ALDER, Withdrawal(reason="ready"), 60)
    found = [finding for finding in binding_of(value, log.state()).findings if finding.code == "BND-011"]
    assert is_sprint == bool(found)
    if count == 10:
        assert "registered 10 chips around its notice, 10 % of the 100 before" == found[0].about


def test_a_deposit_taken_back_in_vain_is_a_finding() -> None:
    """Not allowed, another one's, or after the condition was met."""
    log = both_in()
    log.file(ALDER, DepositWithdrawal(deposit=log.filed[0].digest), 15)
    assert ["BND-006"] == codes(binding_of(world(BindingTerms()), log.state()))
    allowed = world(BindingTerms(is_withdrawable=True))
    free = binding_of(allowed, log.state())
    assert ([], Stage.LISTED) == (codes(free), one(free, ALDER).stage)
    late = both_in()
    late.file(ALDER, DepositWithdrawal(deposit=late.filed[0].digest), 21)
    late.file(BIRCH, DepositWithdrawal(deposit=late.filed[0].digest), 15)
    found = binding_of(allowed, late.state())
    assert ["BND-006", "BND-006"] == codes(found)
    assert {ALDER, BIRCH} == found.bound_at(Instant(FAR))


def test_a_party_that_takes_back_and_deposits_again_is_deposited() -> None:
    """The second deposit stands by itself, and the stage follows what stands."""
    value = world(BindingTerms(is_withdrawable=True))
    log = Log()
    first = log.deposit(ALDER, 10)
    log.deposit(ALDER, 12)
    log.file(ALDER, DepositWithdrawal(deposit=first), 15)
    assert Stage.DEPOSITED is one(binding_of(value, log.state(16)), ALDER).stage


def test_every_rule_explains_itself_under_its_code() -> None:
    """`allstop explain` and the pages of findings read these words."""
    for code, rule in BINDING_RULES.items():
        assert code == read_rule(rule).code


def test_an_accession_after_all_were_released_binds_nobody() -> None:
    """The end is one instant too: who comes later is not bound to what has ended."""
    value = world(BindingTerms(accession=ACCESSION), leaving=LEAVING)
    log = both_in()
    log.file(ALDER, Withdrawal(reason="the end"), 60)
    log.deposit(CEDAR, 170)
    found = binding_of(value, log.state())
    assert frozenset() == found.bound_at(Instant(FAR))
    assert Stage.LEFT is one(found, CEDAR).stage


def test_forty_parties_are_placed_within_the_time_of_a_status() -> None:
    """Forty parties that deposit one after the other, some of them twice, give one instant for all."""
    names = [Name(f"party-{i}") for i in range(40)]
    plain = world(BindingTerms(is_withdrawable=True))
    member = plain.parties[2]
    parties = (*plain.parties, *(replace(member, id=n, keys=()) for n in names))
    value = replace(plain, parties=parties)
    log = both_in()
    for i, name in enumerate(names):
        first = log.deposit(name, i)
        log.file(name, DepositWithdrawal(deposit=first), i + 3)
        log.deposit(name, i + 5)
    found = binding_of(value, log.state(), identity=digest_of(b""))
    assert {Instant(20 + LEAD)} == {
        party.bound_from for party in found.parties if party.bound_from and party.bound_from.ms <= 20 + LEAD
    }
