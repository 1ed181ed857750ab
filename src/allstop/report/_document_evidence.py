"""Evidence of the report: findings and how to answer them, custody of readings, assumptions, what is not held."""

from functools import cache

from allstop.finding import Effect, Finding, Grade, Rule, read_rule
from allstop.ids import Digest
from allstop.registry import ChipType
from allstop.report._document import Agreed, Assumed, CustodyRow, FindingEntry, Held, NotHeld
from allstop.report._document_entries import Entries
from allstop.report._words import format_flop, format_length, format_percent
from allstop.times import INSTANT_MS_MAX, Instant
from allstop.units import PPM
from allstop.verdict import RULES, CaseVerdict, HeldSeries

__all__ = ["agreed_of", "assumptions_of", "custody_of", "findings_of", "not_held_of"]

FINDINGS_MAX = 500
"""Most findings that are shown one by one; `audit --json` has them all."""

CUSTODY_MAX = 1000
"""Most series of readings that are listed."""

NOT_HELD_MAX = 200
"""Most blobs that are listed as not held."""

_EFFECTS = {
    Effect.NOTE: "it is shown, and changes no account",
    Effect.UNOBSERVED: "what it names is not believed; that time counts as unobserved, at full capacity",
    Effect.NO_CREDIT: "the job earns no credit",
    Effect.BREACH_1A: "nothing that could have happened fits what the party itself filed: 1A is INCONSISTENT",
}

_GRADES = {
    Grade.PRIMARY: "primary text, read",
    Grade.PRIMARY_OPENING: "primary text, only its opening read",
    Grade.QUOTED: "quoted in a register",
    Grade.SECONDARY: "secondary sources",
    Grade.SINGLE_SECONDARY: "one secondary source only",
    Grade.DERIVED: "derived, or assumed with the reason given",
    Grade.MEMORY: "from memory, not verified",
}

_FIGURES = {
    "tdpMilliwatt": "rated power of the chip",
    "memoryBytes": "memory",
    "floorMilliwatt": "share of a server that only is on",
    "idleMilliwatt": "share of a server up to which it is idle",
    "unitMilliwatt": "largest share of a server",
    "joulePerFlopMinAttojoule": "least energy of one operation",
}
"""Figures of the chip table in words; the others are peaks of number formats."""


@cache
def _rule(code: str) -> Rule:
    return read_rule(RULES[code])


def findings_of(verdict: CaseVerdict, entries: Entries) -> tuple[tuple[FindingEntry, ...], int]:
    """Return the first findings, numbered from 1 in the order of the verdict, and how many more there are."""
    shown = verdict.findings[:FINDINGS_MAX]
    found = tuple(_finding(verdict, entries, number, one) for number, one in enumerate(shown, start=1))
    return found, len(verdict.findings) - len(shown)


def _finding(verdict: CaseVerdict, entries: Entries, number: int, finding: Finding) -> FindingEntry:
    rule = _rule(finding.code)
    sections = dict(rule.sections)
    rests_on, more = entries.first(finding.rests_on)
    answer, answer_by = _answer(verdict, finding)
    return FindingEntry(
        number=number,
        code=finding.code,
        title=rule.title,
        party=finding.party,
        site=finding.site,
        about=finding.about,
        effect=finding.effect,
        effect_words=_EFFECTS[finding.effect],
        subgoals=finding.subgoals,
        rests_on=rests_on,
        more_entries=more,
        why=sections["Why it matters"],
        known_problems=sections["Known problems"],
        resolve=sections["How to resolve"],
        answer=answer,
        answer_by=answer_by,
    )


def _answer(verdict: CaseVerdict, finding: Finding) -> tuple[str, Instant | None]:
    """Say where a finding is answered and by when.

    A finding is nobody's before its party is told, which no log shows, so the clock starts at the instant of
    the audit at the earliest.
    """
    if finding.party is None:
        return "It is about no party; nobody has to answer.", None
    if not verdict.entry.is_in_force(verdict.at):
        return "Nothing is due: the agreement is not in force.", None
    log = verdict.agreement.log
    terms = verdict.agreement.response
    due = Instant(min(verdict.at.ms + terms.answer_ms, INSTANT_MS_MAX))
    words = (
        f"By filing with the log {log.origin}, kept by {log.operator}: within {format_length(terms.answer_ms)}"
        f" of being told, and then {format_length(terms.cure_ms)} to cure."
    )
    return words, due


def custody_of(verdict: CaseVerdict, entries: Entries) -> tuple[tuple[CustodyRow, ...], int]:
    """Return each series of readings, in log order, and how many more there are."""
    facts = verdict.facts
    shown = facts.series[:CUSTODY_MAX]
    rows = tuple(
        CustodyRow(
            meter=held.claim.meter,
            site=held.filed.value.site,
            filer=held.filed.party,
            custody=facts.custody_of(held.filed.party, held.filed.value.site),
            channel=None if held.meter is None else held.meter.value.channel,
            window=held.filed.value.window,
            readings=held.claim.count,
            blob=held.claim.blob,
            entry=entries.entry(held.key.entry),
            held=_held(verdict, held),
        )
        for held in shown
    )
    return rows, len(facts.series) - len(shown)


def _held(verdict: CaseVerdict, held: HeldSeries) -> Held:
    if held.series is None and held.problem is None:
        words = "not held here; that is not to say that anybody withheld it"
        return Held(status="not held", code=None, words=words)
    if held.series is None:
        return Held(status="unreadable", code="TEL-009", words=f"counts as unobserved: {held.problem}")
    if held.key in verdict.areas.distrusted:
        code = _distrusted_by(verdict, held)
        return Held(status="distrusted", code=code, words=f"counts as unobserved, see {code}")
    if any(verdict.facts.is_late(held.filed, window) for window in verdict.windows):
        words = "filed too late for a period that it covers; there it does not count"
        return Held(status="late", code="TEL-010", words=words)
    return Held(status="held", code=None, words="held, and nothing speaks against it")


def _distrusted_by(verdict: CaseVerdict, held: HeldSeries) -> str:
    """Return the code of the first finding that took a series out; a broken chain takes out all of them."""
    about = f"meter {held.claim.meter}: "
    for one in verdict.findings:
        is_of = one.party == held.filed.party and held.key.entry in one.rests_on
        if is_of and one.effect is Effect.UNOBSERVED and one.about.startswith(about):
            return one.code
    return "STM-001"


def not_held_of(verdict: CaseVerdict, entries: Entries) -> tuple[tuple[NotHeld, ...], int]:
    """Return the blobs that statements name and the case does not hold, and how many more there are."""
    shown = verdict.not_held[:NOT_HELD_MAX]
    named: dict[Digest, list[int]] = {digest: [] for digest in shown}
    for entry in verdict.case.entries:
        for subject in entry.statement.subjects:
            if subject.digest in named:
                named[subject.digest].append(entry.index)
    found = []
    for digest, indices in named.items():
        named_by, more = entries.first(indices)
        found.append(NotHeld(blob=digest, named_by=named_by, more_entries=more))
    return tuple(found), len(verdict.not_held) - len(shown)


def agreed_of(verdict: CaseVerdict) -> tuple[Agreed, ...]:
    """Return the figures on which the parties agreed, and by which everything here is judged."""
    terms, response = verdict.agreement.verification, verdict.agreement.response
    quantity = terms.significant_quantity_flop
    rows = {
        "significant quantity: one forbidden run": f"{format_flop(quantity, up=False)} FLOP",
        "share of it that may stay unexplained": format_percent(terms.buffer_ppm, PPM, up=False),
        "window over which room to hide is summed": format_length(terms.window_ms),
        "accounting period": format_length(verdict.agreement.accounting.period_ms),
        "probability with which checks should detect": format_percent(
            terms.detection_probability_ppm, PPM, up=False
        ),
        "probability of a false alarm": format_percent(terms.false_alarm_ppm, PPM, up=True),
        "owners of meters who may lie": str(terms.liars),
        "longest pause between readings": format_length(terms.gap_ms_max),
        "least share seen of a plausible job": format_percent(terms.observed_share_min_ppm, PPM, up=False),
        "time to answer a finding": format_length(response.answer_ms),
        "time to cure it": format_length(response.cure_ms),
    }
    return tuple(Agreed(name=name, words=words) for name, words in rows.items())


def assumptions_of(verdict: CaseVerdict) -> tuple[Assumed, ...]:
    """Return the agreement's assumptions, then the figures of the chip types that are used here.

    Chips of a type that the table does not have count as the worst of it, so then the whole table is used.
    """
    rows = [
        _assumed(one.name, one.value, one.unit, one.source, one.grade)
        for one in verdict.agreement.assumptions
    ]
    used = {filed.value.chip_type for filed in verdict.state.chips}
    is_whole = any(verdict.table.find_type(kind) is None for kind in used)
    for chip in verdict.table.chips:
        if is_whole or chip.id in used:
            rows += _chip_figures(chip)
    return tuple(rows)


def _chip_figures(chip: ChipType) -> list[Assumed]:
    values: dict[str, tuple[str, str]] = {
        name: (format_flop(peak, up=True), "FLOP/s at most") for name, peak in chip.peaks.items()
    }
    values |= {
        "tdpMilliwatt": _watt(chip.tdp_milliwatt),
        "memoryBytes": (f"{chip.memory_bytes:,}", "bytes"),
        "floorMilliwatt": _watt(chip.floor_milliwatt),
        "idleMilliwatt": _watt(chip.idle_milliwatt),
        "unitMilliwatt": _watt(chip.unit_milliwatt),
        "joulePerFlopMinAttojoule": (f"{chip.joule_per_flop_min_attojoule:,}", "aJ/FLOP"),
    }
    return [
        _assumed(
            f"{chip.name}: {_FIGURES.get(figure, f'peak {figure}')}", *values[figure], one.text, one.grade
        )
        for one in chip.sources
        for figure in one.figures
    ]


def _watt(milliwatt: int) -> tuple[str, str]:
    whole, part = divmod(milliwatt, 1000)
    return (f"{whole:,}.{part:03d}" if part else f"{whole:,}"), "W"


def _assumed(name: str, value: str, unit: str, source: str, grade: Grade) -> Assumed:
    return Assumed(name=name, value=value, unit=unit, source=source, grade=grade, grade_words=_GRADES[grade])
