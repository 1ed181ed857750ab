"""Sites and jobs of the report: chip-time as one bar, sentences, capacity, energy, meters, timeline."""

from collections.abc import Sequence

from allstop.finding import Level
from allstop.ids import Name
from allstop.ledger import Filed
from allstop.report._document import Amount, Bin, JobEntry, MeterEntry, Part, SiteEntry
from allstop.report._document_amounts import NO_BOUND, chip_time, flop, missing, share, share_of
from allstop.report._document_entries import Entries
from allstop.report._document_halts import closed_sentence
from allstop.report._document_room import (
    UNDECLARED,
    caught_sentence,
    rate_of,
    room_sentence,
    seen_share,
    smallest_run_caught,
    time_needed,
)
from allstop.report._words import format_count, format_energy, format_flop, join_words
from allstop.units import Unit
from allstop.verdict import (
    CaseVerdict,
    Facts,
    JobLevel,
    Replayed,
    ReplayState,
    Segment,
    SiteAccount,
    segments_of,
    timeline_of,
)
from allstop.workload import Job

__all__ = ["jobs_of", "sites_of"]

_BAR = {
    Segment.VERIFIED: "active, and a drawn sample of it was re-executed",
    Segment.PLAUSIBLE: "active, and what was declared fits the meters",
    Segment.DECLARED: "active, and only declared",
    Segment.UNACCOUNTED: "active, and nothing accounts for it",
    Segment.IDLE: "idle",
    Segment.OFF: "off",
    Segment.UNOBSERVED: "unobserved: no trusted meter saw it",
}
"""Kinds of chip-time in the order of the bar, with their words."""

_BAD = (Segment.UNACCOUNTED, Segment.UNOBSERVED)

_BINS_MIN, _BINS_MAX = 12, 120
"""Stretches of a timeline: as many as can be told apart on paper, fewer where there are many meters."""

_PARTS_MAX = 2_000
"""Meters times stretches that a timeline may look at, at about two milliseconds each."""

_LEVELS = {
    None: ("signed by one side only: it shows nothing", ""),
    Level.DECLARED: ("declared by operator and tenant", ", and shown by nothing else"),
    Level.PLAUSIBLE: ("plausible: its quantities fit the meters", "; what was done is not verified"),
    Level.VERIFIED: ("verified: a sample drawn after commitment was re-executed", ""),
}
"""What a level means in words, and what to add where nothing of the job was to be re-executed."""

_REPLAYED = {
    ReplayState.FAILED: "drawn items that {} committed to failed when they were re-executed",
    ReplayState.REFUSED: "drawn items that {} committed to were not opened in time",
    ReplayState.UNVERIFIABLE: "what {} opened of it cannot be re-executed here",
    ReplayState.NOT_HELD: "this reader does not hold what {} opened of it",
    ReplayState.WAITING: "what {} committed to is not drawn, or not due to be opened, yet",
    ReplayState.PASSED: "a drawn sample of what {} committed to was re-executed, which does not verify all of it",
}
"""What re-execution adds to a job that is not verified, the worst first; a void transcript adds nothing."""


def sites_of(verdict: CaseVerdict) -> tuple[SiteEntry, ...]:
    """Return every site that anything on the log names."""
    return tuple(_site(verdict, site) for site in verdict.sites)


def _site(verdict: CaseVerdict, site: SiteAccount) -> SiteEntry:
    quantity = verdict.agreement.verification.significant_quantity_flop
    pairs = [pair[0] for pair in site.balances]
    chip_ms = sum(balance.chip_ms for balance in pairs)
    # Without chips nothing bounds what could have been hidden: who names none must not seem to hide none.
    rooms = site.room_flop if chip_ms else (None, None)
    shares = [share_of(value, quantity, up=True) for value in rooms]
    if_true = sum(balance.room_if_true_flop for balance in pairs) if chip_ms else None
    rate = rate_of(site)
    return SiteEntry(
        site=site.site,
        operator=site.operator,
        is_declared=site.site not in verdict.facts.undeclared_sites(site.operator),
        sentences=_sentences(verdict, site, shares, is_bounded=chip_ms > 0),
        bar=_bar(verdict, site.site),
        chip_time=chip_time(chip_ms, up=False),
        seen=seen_share([site]),
        room=flop(rooms[0], up=True),
        room_liar=flop(rooms[1], up=True),
        room_share=shares[0],
        room_share_liar=shares[1],
        room_if_true=flop(if_true, up=True),
        capacity=Amount(value=rate, unit=Unit.FLOP_PER_SECOND, words=f"{format_flop(rate, up=True)} FLOP/s"),
        time_needed=time_needed(quantity, rate),
        energy=_energy(site, site.measured_millijoule),
        energy_believed=_energy(site, site.believed_millijoule),
        chips=_chips(verdict, site.site),
        meters=_meters(verdict.facts, site.site),
        timeline=_timeline(verdict, site.site),
    )


def _sentences(
    verdict: CaseVerdict, site: SiteAccount, shares: list[Amount], *, is_bounded: bool
) -> tuple[str, ...]:
    terms = verdict.agreement.verification
    if is_bounded:
        room = room_sentence("here", shares[0], shares[1])
    elif site.balances:
        room = f"Could have been hidden here: {NO_BOUND}; no chips are named."
    else:
        room = f"Could have been hidden here: {NO_BOUND}; no accounting period has ended."
    needed = time_needed(terms.significant_quantity_flop, rate_of(site))
    closed = closed_sentence(verdict, site.site)
    return (
        *([] if closed is None else [closed]),
        f"Seen by a meter of its own: {seen_share([site]).words} of chip-hours.",
        room,
        f"Time this site would need for one: {needed.words}.",
        caught_sentence(terms, smallest_run_caught(verdict, site.smallest_run_caught_flop)),
        UNDECLARED,
    )


def _bar(verdict: CaseVerdict, site: Name) -> tuple[Part, ...]:
    """Return the chip-time of a site by kind; parts of nothing are left out."""
    segments = segments_of(verdict, site)
    whole = sum(chip_ms for _, chip_ms in segments)
    return tuple(
        Part(
            kind=kind.value,
            words=_BAR[kind],
            chip_time=chip_time(chip_ms, up=kind in _BAD),
            share=share_of(chip_ms, whole, up=kind in _BAD),
        )
        for kind, chip_ms in segments
        if chip_ms
    )


def _timeline(verdict: CaseVerdict, site: Name) -> tuple[Bin, ...]:
    meters = max(1, len(verdict.facts.meters_at(site)))
    bins = max(_BINS_MIN, min(_BINS_MAX, _PARTS_MAX // meters))
    return tuple(
        Bin(window=one.window, parts=tuple((kind.value, chip_ms) for kind, chip_ms in one.segments))
        for one in timeline_of(verdict, site, bins_max=bins)
    )


def _energy(site: SiteAccount, millijoule: int) -> Amount:
    if not site.measured_millijoule:
        return missing(Unit.MILLIJOULE, "no power readings")
    return Amount(value=millijoule, unit=Unit.MILLIJOULE, words=format_energy(millijoule))


def _chips(verdict: CaseVerdict, site: Name) -> tuple[str, ...]:
    """Name the registered lots of a site: the largest count under which each was registered."""
    lots: dict[tuple[Name, Name], int] = {}
    for filed in verdict.state.chips:
        if filed.value.site == site:
            key = (filed.value.lot, filed.value.chip_type)
            lots[key] = max(lots.get(key, 0), filed.value.count)
    words = []
    for (lot, kind), count in lots.items():
        known = verdict.table.find_type(kind)
        name = f"{kind}, a type that the table does not have" if known is None else known.name
        words.append(f"{lot}: {format_count(count, 'chip')} of {name}")
    return tuple(words)


def _meters(facts: Facts, site: Name) -> tuple[MeterEntry, ...]:
    return tuple(
        MeterEntry(
            meter=filed.value.meter,
            filer=filed.party,
            channel=filed.value.channel,
            chips=filed.value.chip_count,
            custody=facts.custody_of(filed.party, site),
        )
        for filed in facts.meters_at(site)
    )


def jobs_of(verdict: CaseVerdict, entries: Entries) -> tuple[JobEntry, ...]:
    """Return every declared job that counts, with its level and the room that the meters leave it."""
    filed = {one.entry: one for one in verdict.state.jobs}
    replays = verdict.areas.replays
    return tuple(
        _job(job, filed[job.entry], entries, replays.get((job.site, job.job), ())) for job in verdict.jobs
    )


def _job_sentence(level: Level | None, replays: Sequence[Replayed]) -> str:
    """Say how far a job is established, with the worst that re-execution shows of it and whose commitment that is."""
    words, unreplayed = _LEVELS[level]
    if level is Level.VERIFIED:
        return words
    for state, shown in _REPLAYED.items():
        names = sorted({one.filed.party for one in replays if one.state is state})
        if names:
            return f"{words}; {shown.format(join_words(names))}"
    return words + unreplayed


def _job(job: JobLevel, filed: Filed[Job], entries: Entries, replays: Sequence[Replayed]) -> JobEntry:
    declared = filed.value
    low, high = flop(job.declared_low, up=False), flop(job.declared_high, up=True)
    return JobEntry(
        job=job.job,
        site=job.site,
        operator=declared.operator,
        tenant=declared.tenant,
        kind=declared.kind.value,
        purpose=declared.purpose.value,
        lineage=declared.lineage,
        window=declared.window,
        entry=entries.entry(job.entry),
        level=job.level,
        sentence=_job_sentence(job.level, replays),
        declared_low=low,
        declared_high=high,
        room=flop(job.account.flop_high, up=True),
        seen=share(job.share_ppm, up=False) if job.account.chip_ms else missing(Unit.PPM, "nothing"),
        expected_low=chip_time(job.expected_chip_ms.low, up=False),
        expected_high=chip_time(job.expected_chip_ms.high, up=True),
    )
