"""The halt in a report: one legal instant, and for each site the bounds of when it was seen to stop, apart.

The sentences are made here, once. Amounts of time are whole milliseconds after the legal instant; in words the
earlier bound is rounded down and the later one up, to tenths of a second.
"""

from dataclasses import dataclass

from allstop.canon import format_instant
from allstop.halting import ClosedSite, Inventory
from allstop.ids import Name
from allstop.report._words import format_count, format_length
from allstop.times import Instant
from allstop.verdict import CaseVerdict, RampDown, Stopping, ramp_downs_of

__all__ = ["HaltEntry", "SiteHalt", "closed_sentence", "halts_of", "legal_sentence", "physical_sentence"]

_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteHalt:
    """One site in one halt: `hall-1` of `alder`, stopped, not before 118,125 ms and not after 121,641 ms.

    `outcome` is `stopped`, `unknown`, `running` or `unjudged`; the bounds are milliseconds after the legal instant,
    None where there is none. `words` say it in a sentence, `inventory` what was filed as running at the instant.
    """

    site: Name
    party: Name
    outcome: str
    not_before_ms: int | None
    not_after_ms: int | None
    judged_until: Instant | None
    words: str
    inventory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltEntry:
    """One halt: a clause, the instant at which it began to apply, and the sites to which it applies.

    `legal` says that instant in a sentence, `physical` what was seen of all sites together.
    """

    clause: str
    instant: Instant
    drained_by: Instant
    legal: str
    physical: str
    sites: tuple[SiteHalt, ...]


def halts_of(verdict: CaseVerdict) -> tuple[HaltEntry, ...]:
    """Return every halt that has begun, oldest first, with its sites by name."""
    groups: dict[tuple[Instant, str], list[RampDown]] = {}
    for one in ramp_downs_of(verdict):
        groups.setdefault((one.legal, one.clause), []).append(one)
    return tuple(
        HaltEntry(
            clause=clause,
            instant=instant,
            drained_by=found[0].drained,
            legal=legal_sentence(found[0]),
            physical=physical_sentence(found),
            sites=tuple(_site(verdict, one) for one in found),
        )
        for (instant, clause), found in groups.items()
    )


def legal_sentence(one: RampDown) -> str:
    """Return the instant of a halt, which follows from the log alone."""
    drain_ms = one.drained.ms - one.legal.ms
    rest = f"; what runs may drain for {format_length(drain_ms)}" if drain_ms else "; nothing may drain"
    return (
        f"Legally: clause {one.clause} has applied since {format_instant(one.legal)}, one instant that follows"
        f" from the log{rest}."
    )


def physical_sentence(found: list[RampDown]) -> str:
    """Return what meters say of all sites of a halt together. Nothing is averaged."""
    stopped = [one for one in found if one.outcome is Stopping.STOPPED]
    parts = []
    if stopped:
        first = min(one.earliest_ms or 0 for one in stopped)
        last = max(one.latest_ms or 0 for one in stopped)
        parts.append(
            f"{_sites(len(stopped))} seen to stop, none before {_after(first, up=False)} and none after"
            f" {_after(last, up=True)}"
        )
    for outcome, words in (
        (Stopping.RUNNING, "seen to run on"),
        (Stopping.UNKNOWN, "not known to have stopped"),
        (Stopping.UNJUDGED, "not judged yet"),
    ):
        count = sum(one.outcome is outcome for one in found)
        if count:
            parts.append(f"{_sites(count)} {words}")
    return f"Physically, by meters: {'; '.join(parts)}."


def _sites(count: int) -> str:
    return f"{format_count(count, 'site')} {'was' if count == 1 else 'were'}"


def _site(verdict: CaseVerdict, one: RampDown) -> SiteHalt:
    return SiteHalt(
        site=one.site,
        party=one.party,
        outcome=one.outcome.value,
        not_before_ms=one.earliest_ms,
        not_after_ms=one.latest_ms,
        judged_until=one.until,
        words=_words(one),
        inventory=_inventory(verdict, one),
    )


def _words(one: RampDown) -> str:
    until = "" if one.until is None else format_instant(one.until)
    low = "" if one.earliest_ms is None else _after(one.earliest_ms, up=False)
    high = "" if one.latest_ms is None else _after(one.latest_ms, up=True)
    match one.outcome:
        case Stopping.STOPPED:
            if one.latest_ms == 0:
                return f"seen idle, or doing what may go on, from the instant until {until}"
            return f"seen to stop not before {low} and not after {high}, and to stay so until {until}"
        case Stopping.UNKNOWN:
            return f"not before {low}; nobody can say that it stopped by {until}"
        case Stopping.RUNNING:
            return f"seen to run on, until {until}"
        case Stopping.UNJUDGED:
            return "no accounting period that holds the time after the instant has ended"


def _after(ms: int, *, up: bool) -> str:
    """Return a bound after the instant, rounded outward to tenths of a second: `2 min 3.6 s after it`."""
    tenths = -(-ms // 100) if up else ms // 100
    seconds, tenth = divmod(tenths, 10)
    days, seconds = divmod(seconds, _DAY_S)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    if seconds or tenth or not parts:
        parts.append(f"{seconds}.{tenth} s")
    return f"{' '.join(parts)} after it"


def _inventory(verdict: CaseVerdict, one: RampDown) -> str:
    """Return what the operator filed as running at the instant: the first that is not a forecast."""
    for filed in verdict.state.of(Inventory):
        value = filed.value
        is_its = (value.site, value.at, filed.party) == (one.site, one.legal, one.party)
        if is_its and filed.not_after >= one.legal:
            if not value.jobs:
                return "nothing, says its operator"
            saved = sum(job.checkpoint is not None for job in value.jobs)
            return (
                f"{format_count(len(value.jobs), 'job')} on {format_count(value.chips, 'chip')}, {saved} with a"
                " checkpoint committed to"
            )
    return "not filed"


def closed_sentence(verdict: CaseVerdict, site: Name) -> str | None:
    """Return what is known of a site that its operator closed, None for one that is open."""
    found = [
        one
        for one in verdict.state.of(ClosedSite)
        if one.value.site == site and verdict.facts.is_own(one.party, site)
    ]
    if not found:
        return None
    held: dict[Name, int] = {}
    for one in found:
        for kind, count in one.value.capacity:
            held[kind] = max(held.get(kind, 0), count)
    chips = ", ".join(f"{format_count(count, 'chip')} of {kind}" for kind, count in sorted(held.items()))
    access = " ".join(found[-1].value.access.split())
    return (
        f"Closed to inspection by its operator: {chips} count in full, but for what meters show. Offered instead:"
        f" {access}"
    )
