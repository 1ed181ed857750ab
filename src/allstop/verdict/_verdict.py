"""The verdict on a case: a pure function of policy, log, blobs held, and the instant (DESIGN section 2).

Integrity is judged before content: what a rule takes out of the accounts is out before any sum is made.
The canonical bytes of the verdict, and so its digest, are the same on every machine that holds the case.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from allstop.accountancy import AreaBalance, Verdict, room_in_window, weakest
from allstop.agreement import Agreement, EntryStatus, Obligation
from allstop.case import VerifiedCase
from allstop.errors import LimitError
from allstop.finding import Channel, Custody, Effect, Finding, Subgoal, order_findings
from allstop.ids import Digest, Name
from allstop.ledger import State, fold
from allstop.registry import ChipTable
from allstop.standing import Standing, findings_of, standing_of
from allstop.telemetry import SeriesReader, energy_millijoule
from allstop.times import Instant, Window
from allstop.units import Unit
from allstop.verdict._areas import Areas
from allstop.verdict._duties import is_tenant
from allstop.verdict._facts import Facts, gather_facts
from allstop.verdict._hits import Hit
from allstop.verdict._judgement import ClauseResult, judge_clause
from allstop.verdict._levels import JobLevel, level_jobs
from allstop.verdict._replays import ReadBlob, Replayed, replay_transcripts
from allstop.verdict.rules import ACCOUNT_RULES, FACT_RULES, Accounts

__all__ = ["PERIODS_MAX", "CaseVerdict", "ClauseTotal", "PartyVerdict", "SiteAccount", "judge_case"]

_REHEARSAL = "\n\u2014 rehearsal.".encode()
"""How the line of a witness for rehearsals begins in a note."""

PERIODS_MAX = 4096
"""Most accounting periods that one audit judges."""

SPLIT_METERS_MIN = 65_536
"""Over as many meters the false-alarm probability is divided even where there are fewer, so that nobody
tightens a bound by registering fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAccount:
    """A site's balances over the judged periods, at 0 and at 1 trust domain that may lie.

    `smallest_run_caught_flop` is K, at the agreed f, within the jobs whose whole time was replayed, None where
    there are none.
    `measured_millijoule` is arithmetic over all the operator's power readings that are held;
    `believed_millijoule` over those that integrity leaves.
    """

    site: Name
    operator: Name
    balances: tuple[tuple[AreaBalance, AreaBalance], ...]
    room_flop: tuple[int, int]
    measured_millijoule: int
    believed_millijoule: int
    smallest_run_caught_flop: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseTotal:
    """A clause's bounds summed over periods; `high` is None where nothing bounds one of them."""

    clause: str
    unit: Unit
    low: int
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyVerdict:
    """What one bound party has shown. `subgoals` maps each to a verdict, or None where NOT COVERED.

    `room_flop` is None where nothing bounds it: the party has named no chips, for some period.
    """

    party: Name
    verdict: Verdict
    subgoals: Mapping[Subgoal, Verdict | None]
    clauses: tuple[ClauseResult, ...]
    room_flop: int | None

    @property
    def cumulative(self) -> tuple[ClauseTotal, ...]:
        """Each clause's bounds summed over all judged periods, for clauses that are judged period by period by an amount.

        No verdict rests on these: they show amounts that stay below the tolerance and recur.
        """
        totals: dict[str, ClauseTotal] = {}
        for one in self.clauses:
            if one.window is None or one.unit is Unit.PPM:
                continue  # Judged once over all periods, or a share, which does not add up.
            before = totals.get(one.clause, ClauseTotal(clause=one.clause, unit=one.unit, low=0, high=0))
            high = None if before.high is None or one.high is None else before.high + one.high
            totals[one.clause] = replace(before, low=before.low + one.low, high=high)
        return tuple(totals.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerdict:
    """The whole judgement, with everything that it rests on.

    `room_flop` sums the room to hide over all sites and the sliding window, at 0 and 1 domain that may lie.
    `areas` is what the accounts were made with, for pictures of parts of them; it is no part of the digest.
    """

    case: VerifiedCase
    agreement: Agreement
    table: ChipTable
    reference: Digest
    at: Instant
    state: State
    standing: Standing
    is_retrospective: bool
    windows: tuple[Window, ...]
    parties: tuple[PartyVerdict, ...]
    sites: tuple[SiteAccount, ...]
    room_flop: tuple[int, int]
    jobs: tuple[JobLevel, ...]
    replays: tuple[Replayed, ...]
    areas: Areas
    findings: tuple[Finding, ...]
    not_held: tuple[Digest, ...]

    @property
    def verdict(self) -> Verdict:
        """The weakest of all bound parties."""
        return weakest(tuple(party.verdict for party in self.parties))

    @property
    def entry(self) -> EntryStatus:
        """Where entry into force stands."""
        return self.standing.binding.entry

    @property
    def is_rehearsal(self) -> bool:
        """Whether a witness for rehearsals signed a logged note: such a one signs whatever time it is told."""
        return any(_REHEARSAL in one.note for one in self.case.notes)

    @property
    def facts(self) -> Facts:
        """Everything that the judgement rests on."""
        return self.areas.facts

    @property
    def smallest_run_caught_flop(self) -> int | None:
        """`K` over all sites: a hidden run above it, inside the jobs that were replayed, would have been caught.

        None where nothing was replayed. Elsewhere it says nothing.
        """
        caught = [site.smallest_run_caught_flop for site in self.sites]
        known = [flop for flop in caught if flop is not None]
        return sum(known) if known else None


def judge_case(
    case: VerifiedCase,
    *,
    agreement: Agreement,
    table: ChipTable,
    reference: Digest,
    reader: SeriesReader,
    read_blob: ReadBlob,
    at: Instant,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> CaseVerdict:
    """Judge a verified case at an instant; `read_blob` reads what was opened of transcripts, which is re-executed.

    Raises:
        LimitError: more than PERIODS_MAX periods have ended by `at`.
    """
    state = fold(case.entries, chain_faults=case.chain_faults, at=at)
    standing = standing_of(agreement, state, identity=case.agreement_digest)
    entry = standing.binding.entry
    windows, is_retrospective = _windows(agreement, entry, at)
    facts = gather_facts(
        agreement=agreement,
        table=table,
        state=state,
        reader=reader,
        held=frozenset(case.blobs),
        in_force_from=entry.in_force_from,
        standing=standing,
        is_retrospective=is_retrospective,
        tick=tick,
    )
    hits = [hit for rule in FACT_RULES.values() for hit in rule(facts)]
    areas, replays = _replayed(_areas(facts, hits, len(windows)), case, read_blob)
    # Readings in worse hands than a clause asks for make no job plausible for that clause.
    by_custody = {one: level_jobs(facts, areas, windows, custody=one) for one in _custodies(standing)}
    levels = by_custody[Custody.SELF_REPORTED]
    parties = tuple(
        _judge_party(facts, areas, by_custody, party, windows) for party in _bound(standing, is_retrospective)
    )
    accounts = Accounts(
        areas=areas, levels=levels, windows=windows, clauses=_clauses(parties), replays=replays
    )
    hits += [hit for rule in ACCOUNT_RULES.values() for hit in rule(facts, accounts)]
    findings = order_findings((*(hit.finding for hit in hits), *findings_of(standing)))
    sites = tuple(_site_account(facts, areas, filed.value.site, windows) for filed in facts.sites)
    return CaseVerdict(
        case=case,
        agreement=agreement,
        table=table,
        reference=reference,
        at=at,
        state=state,
        standing=standing,
        is_retrospective=is_retrospective,
        windows=windows,
        parties=tuple(_apply(party, findings) for party in parties),
        sites=sites,
        room_flop=_room_of_all(sites, windows, agreement.verification.window_ms),
        jobs=levels,
        replays=replays,
        areas=areas,
        findings=findings,
        not_held=case.missing,
    )


def _windows(agreement: Agreement, entry: EntryStatus, at: Instant) -> tuple[tuple[Window, ...], bool]:
    """Return the periods that have ended, and whether they lie before the agreement bound anybody."""
    schedule = agreement.accounting.schedule(in_force_from=entry.in_force_from)
    if schedule is None:
        return (), False
    if schedule.closed_count(at) > PERIODS_MAX:
        raise LimitError(f"{schedule.closed_count(at)} periods have ended, want at most {PERIODS_MAX}")
    windows = tuple(window for _, window in schedule.closed(at))
    in_force = entry.in_force_from
    return windows, agreement.accounting.start is not None and (
        in_force is None or agreement.accounting.start < in_force
    )


def _areas(facts: Facts, hits: Sequence[Hit], window_count: int) -> Areas:
    """Take out what the rules distrust; a filer with a broken chain shows nothing that helps it."""
    distrusted = {key for hit in hits for key in hit.distrusted}
    distrusted |= {held.key for held in facts.series if held.filed.party in facts.state.distrusted}
    refused = {entry for hit in hits for entry in hit.refused}
    refused |= {filed.entry for filed in facts.state.jobs if filed.party in facts.state.distrusted}
    meters = max(SPLIT_METERS_MIN, len(facts.meters))
    splits = meters * max(1, window_count) * max(1, len(facts.clauses))
    return Areas(facts=facts, distrusted=frozenset(distrusted), refused=frozenset(refused), splits=splits)


def _replayed(areas: Areas, case: VerifiedCase, read_blob: ReadBlob) -> tuple[Areas, tuple[Replayed, ...]]:
    """Re-execute what was opened, and credit it."""
    held = frozenset(case.blobs)
    replays = replay_transcripts(
        areas.facts, jobs=areas.jobs, notes=case.notes, held=held, read_blob=read_blob
    )
    return areas.with_replays(replays), replays


def _bound(standing: Standing, is_retrospective: bool) -> tuple[Name, ...]:
    """Return the parties that some clause binds: those that are or were bound, or all in a retrospective."""
    named = {
        party
        for text in standing.convening.texts
        for obligation in text.agreement.obligations
        for party in obligation.parties
    }
    if not is_retrospective and standing.binding.entry.in_force_from is not None:
        named &= {one.party for one in standing.binding.parties if one.bound_from is not None}
    return tuple(party.id for party in standing.agreement.parties if party.id in named)


def _judge_party(
    facts: Facts,
    areas: Areas,
    levels: Mapping[Custody, Sequence[JobLevel]],
    party: Name,
    windows: Sequence[Window],
) -> PartyVerdict:
    clauses: list[ClauseResult] = []
    by_subgoal: dict[Subgoal, list[Verdict]] = {}
    for obligation, periods in _obligations(facts, party, windows):
        found = levels[obligation.custody]
        results = judge_clause(facts, areas, found, obligation, party, periods)
        if not results:
            continue
        clauses += results
        verdict = weakest(tuple(result.verdict for result in results))
        for subgoal in obligation.subgoals:
            by_subgoal.setdefault(subgoal, []).append(verdict)
    subgoals = {
        subgoal: weakest(tuple(by_subgoal[subgoal])) if subgoal in by_subgoal else None for subgoal in Subgoal
    }
    return PartyVerdict(
        party=party,
        verdict=weakest(tuple(verdict for verdict in subgoals.values() if verdict is not None)),
        subgoals=subgoals,
        clauses=tuple(clauses),
        room_flop=_room(facts, areas, party, windows),
    )


def _custodies(standing: Standing) -> tuple[Custody, ...]:
    """Return each custody that some clause asks for, and self-reported, by which jobs are listed."""
    asked = {clause.custody for text in standing.convening.texts for clause in text.agreement.obligations}
    return tuple(custody for custody in Custody if custody in asked | {Custody.SELF_REPORTED})


def _obligations(
    facts: Facts, party: Name, windows: Sequence[Window]
) -> Iterator[tuple[Obligation, Sequence[Window]]]:
    """Yield each clause that binds a party, with the periods that began while a text with it was in force.

    A clause that an amendment left as it was is one clause: its sums go on.
    """
    texts = () if facts.standing is None else facts.standing.convening.texts
    found: dict[Obligation, list[Window]] = {}
    for index, text in enumerate(texts):
        until = texts[index + 1].start if index + 1 < len(texts) else None
        periods = [one for one in windows if text.start <= one.start and (until is None or one.start < until)]
        if not periods and len(texts) > 1:
            continue
        for obligation in text.agreement.obligations:
            if party in obligation.parties:
                found.setdefault(obligation, []).extend(periods)
    yield from found.items()


def _room(facts: Facts, areas: Areas, party: Name, windows: Sequence[Window]) -> int | None:
    terms = facts.agreement.verification
    sites = [filed.value.site for filed in facts.sites if filed.value.operator == party]
    rooms = []
    for window in windows:
        balances = [areas.balance(site, window, liars=terms.liars) for site in sites]
        if not is_tenant(facts, party) and not sum(balance.chip_ms for balance in balances):
            return None
        rooms.append((window, sum(balance.room_flop for balance in balances)))
    return room_in_window(rooms, window_ms=terms.window_ms)


def _room_of_all(sites: Sequence[SiteAccount], windows: Sequence[Window], window_ms: int) -> tuple[int, int]:
    """Sum the room to hide across sites: splitting a run over sites or parties does not make it smaller."""
    sums = []
    for f in (0, 1):
        rooms = [
            (window, sum(site.balances[index][f].room_flop for site in sites))
            for index, window in enumerate(windows)
        ]
        sums.append(room_in_window(rooms, window_ms=window_ms))
    return sums[0], sums[1]


def _clauses(parties: Sequence[PartyVerdict]) -> tuple[ClauseResult, ...]:
    return tuple(clause for party in parties for clause in party.clauses)


def _apply(party: PartyVerdict, findings: Sequence[Finding]) -> PartyVerdict:
    """Let findings speak: if no world fits what a party itself filed, 1A is INCONSISTENT."""
    if not any(f.party == party.party and f.effect is Effect.BREACH_1A for f in findings):
        return party
    subgoals = {**party.subgoals, Subgoal.DECLARED_USE_ACCURATE: Verdict.INCONSISTENT}
    return PartyVerdict(
        party=party.party,
        verdict=Verdict.INCONSISTENT,
        subgoals=subgoals,
        clauses=party.clauses,
        room_flop=party.room_flop,
    )


def _site_account(facts: Facts, areas: Areas, site: Name, windows: Sequence[Window]) -> SiteAccount:
    balances = tuple(
        (areas.balance(site, window, liars=0), areas.balance(site, window, liars=1)) for window in windows
    )
    terms = facts.agreement.verification
    window_ms = terms.window_ms
    caught = [(window, areas.balance(site, window, liars=terms.liars).caught_flop) for window in windows]
    rooms = tuple(
        room_in_window([(pair[f].window, pair[f].room_flop) for pair in balances], window_ms=window_ms)
        for f in (0, 1)
    )
    power = [
        held
        for held in facts.series
        if held.series is not None
        and held.filed.value.site == site
        # Others may meter the same chips: their energy is the same energy.
        and facts.is_own(held.filed.party, site)
        and held.meter is not None
        and held.meter.value.channel is Channel.POWER
    ]
    energies = {held.key: energy_millijoule(held.series) for held in power if held.series is not None}
    return SiteAccount(
        site=site,
        operator=facts.operators[site],
        balances=balances,
        room_flop=(rooms[0], rooms[1]),
        measured_millijoule=sum(energies.values()),
        believed_millijoule=sum(mj for key, mj in energies.items() if key not in areas.distrusted),
        smallest_run_caught_flop=room_in_window(
            [(window, flop or 0) for window, flop in caught], window_ms=window_ms
        )
        if any(flop is not None for _, flop in caught)
        else None,
    )
