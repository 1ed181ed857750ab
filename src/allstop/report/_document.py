"""The report as data: everything that any form of it shows, as numbers with their words (spec/report.md).

Every number and every sentence of HTML, Markdown, PDF and JSON is made once, in `document_of`, from the
verdict; the forms only arrange them. An amount keeps its exact value beside its words, whose rounding never
flatters: what was seen is rounded down, what could be hidden up.

Texts hold words of the parties as they wrote them: a form that has a syntax must escape them.
"""

from dataclasses import dataclass

from allstop.accountancy import Verdict
from allstop.agreement import ObligationKind, PartyKind
from allstop.finding import Channel, Custody, Effect, Grade, Level, Subgoal
from allstop.ids import Digest, Name
from allstop.report._document_halts import HaltEntry
from allstop.times import Instant, Window
from allstop.units import Unit

__all__ = [
    "BANNER",
    "Again",
    "Agreed",
    "Amount",
    "Assumed",
    "Bin",
    "Bloc",
    "Clause",
    "ClausePeriod",
    "Coverage",
    "CustodyRow",
    "Document",
    "Entry",
    "FindingEntry",
    "Head",
    "Held",
    "JobEntry",
    "MeterEntry",
    "NotHeld",
    "Part",
    "PartyEntry",
    "ReplayEntry",
    "Room",
    "SiteEntry",
]

BANNER = "INCONSISTENT is not a confirmed violation: that is for a panel."
"""Stands at the top of every form of the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number with its words: value 9200, unit ppm, words "at most 0.92 %".

    `value` is exact; None means that nothing bounds it or that it was not established, which `words` say.
    """

    value: int | None
    unit: Unit
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A log entry that something rests on: number 17, a measurement by Alder, its digest and proven time.

    `proven_by` is the latest instant at which witnesses prove that it was logged, None while it is pending.
    """

    index: int
    predicate: Name
    party: Name
    digest: Digest
    proven_by: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the first lines say: which agreement, in force or not, the verdict, and how far to trust all this.

    `standing` says in words whether the agreement is in force; `trust` where policy and agreement came from.
    `waiting_for` are the parties without a deposit that counts. `not_covered` has one sentence for each subgoal
    that is NOT COVERED for some judged party, with what would cover it. `periods` are the judged ones, in words.
    `origin`, `size`, `root` name the log; `counted` entries were proven by `at`, `pending` ones were not.
    """

    title: str
    banner: str
    verdict: Verdict
    verdict_words: str
    standing: str
    is_in_force: bool
    in_force_from: Instant | None
    is_retrospective: bool
    waiting_for: tuple[Name, ...]
    not_covered: tuple[str, ...]
    at: Instant
    periods: str
    period_count: int
    trust: str
    is_policy_given: bool
    is_agreement_given: bool
    digest: Digest
    agreement: Digest
    policy: Digest
    table: Digest
    origin: str
    root: str
    size: int
    counted: int
    pending: int
    legal_basis: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The room to hide over all declared sites, against the significant quantity.

    `flop` is at no trust domain that lies, `flop_liar` at one; the shares are of one significant quantity,
    rounded up. All four are without value where nothing bounds them: no period has ended, or the parties in
    `unbounded_by` have named no chips. `allowed` is the share that may stay unexplained.
    """

    flop: Amount
    flop_liar: Amount
    share: Amount
    share_liar: Amount
    significant_quantity: Amount
    allowed: Amount
    smallest_run_caught: Amount
    unbounded_by: tuple[Name, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bloc:
    """A bloc and its parties, in the order of the agreement."""

    bloc: Name
    parties: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One subgoal for one party. `verdict` None is NOT COVERED, and `would_cover` says by what it would be.

    `status` is what to print: the verdict, or "NOT COVERED". `clauses` are those that serve the subgoal.
    """

    subgoal: Subgoal
    title: str
    verdict: Verdict | None
    status: str
    clauses: tuple[str, ...]
    would_cover: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClausePeriod:
    """A clause in one period; `window` is None where it is judged once over all of them."""

    window: Window | None
    low: Amount
    high: Amount
    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause for one party: what it asks, the weakest verdict over the periods, and each period.

    `asks` is the tolerance in words, with the least custody and level. `low` and `high` are the largest of any
    one period, since the tolerance is for each: a CONSISTENT clause has `high` below it. `periods` are in order
    of time; `more_periods` counts those left out, none of them worse.
    """

    number: str
    kind: ObligationKind
    title: str
    text: str
    subgoals: tuple[Subgoal, ...]
    asks: str
    custody: Custody
    level: Level
    tolerance: Amount
    low: Amount
    high: Amount
    verdict: Verdict
    reasons: tuple[str, ...]
    periods: tuple[ClausePeriod, ...]
    more_periods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyEntry:
    """One party of the agreement. `verdict` is None for one that no clause binds, or not yet.

    `covered` is the one sentence that says what the verdict covers and what it does not. `room` is at its
    sites, at the number of liars that the agreement names; None for one that runs no site, such as a tenant. `findings` are numbers of findings.
    """

    id: Name
    name: str
    kind: PartyKind
    bloc: Name
    is_critical: bool
    has_deposited: bool
    verdict: Verdict | None
    verdict_words: str
    covered: str
    coverage: tuple[Coverage, ...]
    clauses: tuple[Clause, ...]
    room: Amount | None
    room_share: Amount | None
    sites: tuple[Name, ...]
    findings: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One segment of a bar: kind "declared", its words, its chip-time, and its share of the bar.

    Shares are rounded to the worse side: what is unaccounted or unobserved up, everything else down.

    Kinds, in order: `verified`, `plausible`, `declared`, `unaccounted`, `idle`, `off`, `unobserved`.
    """

    kind: str
    words: str
    chip_time: Amount
    share: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One column of a timeline: its window and its chip-time by segment, in chip-ms."""

    window: Window
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterEntry:
    """A registered meter: who files it, what it measures, how many chips it says that it covers, in whose hands."""

    meter: Name
    filer: Name
    channel: Channel
    chips: int
    custody: Custody


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEntry:
    """One site over all judged periods: the bar, the sentences, capacity, energy, timeline, meters.

    `sentences` are the ones a minister reads. `seen` is the share of chip-time that a meter saw, without
    value where there is no chip-time. `chips` are lots in words.
    """

    site: Name
    operator: Name
    is_declared: bool
    sentences: tuple[str, ...]
    bar: tuple[Part, ...]
    chip_time: Amount
    seen: Amount
    room: Amount
    room_liar: Amount
    room_share: Amount
    room_share_liar: Amount
    room_if_true: Amount
    capacity: Amount
    time_needed: Amount
    energy: Amount
    energy_believed: Amount
    chips: tuple[str, ...]
    meters: tuple[MeterEntry, ...]
    timeline: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEntry:
    """One declared job. `level` is None where only one side signed it."""

    job: Name
    site: Name
    operator: Name
    tenant: Name
    kind: str
    purpose: str
    lineage: Name
    window: Window
    entry: Entry
    level: Level | None
    sentence: str
    declared_low: Amount
    declared_high: Amount
    room: Amount
    seen: Amount
    expected_low: Amount
    expected_high: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEntry:
    """What became of one transcript: items committed, drawn, passed, failed, refused, not judged.

    `sample` counts the items that any witness drew.

    `state` is `passed`, `failed`, `refused`, `waiting`, `not held`, `unverifiable` or `void`; `words` say it in
    a sentence. `is_rederived` tells whether this audit itself re-executed every drawn item; `attested_by` are
    verifiers who say that they did, out of `verifier_count`. `detection` is the probability that this sample
    had caught the agreed share of forged items; `forged_high` the most items that may still be forged.
    `proven` are the operations that earn credit, of those that are `claimed`.
    """

    transcript: Name
    entry: Entry
    party: Name
    site: Name
    job: Name
    window: Window
    state: str
    words: str
    count: int
    sample: int
    passed: int
    failed: int
    refused: int
    unverifiable: int
    is_rederived: bool
    attested_by: tuple[Name, ...]
    verifier_count: int
    detection: Amount
    forged_high: int
    claimed: Amount
    proven: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingEntry:
    """One finding: what it says, what it does, what it rests on, and how to answer it.

    `rests_on` are the first entries it rests on, `more_entries` how many more there are. `answer` says where
    and by when; `answer_by` is the instant if the agreement is in force and the finding is about a party.
    """

    number: int
    code: str
    title: str
    party: Name | None
    site: Name | None
    about: str
    effect: Effect
    effect_words: str
    subgoals: tuple[Subgoal, ...]
    rests_on: tuple[Entry, ...]
    more_entries: int
    why: str
    known_problems: str
    resolve: str
    answer: str
    answer_by: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Whether readings are there and believed, and why not; `code` is the finding that says so.

    `status` is `held`, `not held`, `distrusted`, `late` or `unreadable`; only what is held counts.
    """

    status: str
    code: str | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyRow:
    """One series of readings: whose meter, in whose hands, in which blob, and whether it counts."""

    meter: Name
    site: Name
    filer: Name
    custody: Custody
    channel: Channel | None
    window: Window
    readings: int
    blob: Digest
    entry: Entry
    held: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """A figure that no measurement in the case supports: the agreement's, or the chip table's.

    `grade_words` says how far the source is trusted.
    """

    name: str
    value: str
    unit: str
    source: str
    grade: Grade
    grade_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A figure that the parties agreed on, in words: "significant quantity", "1.00e24 FLOP"."""

    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHeld:
    """A blob that statements name and this case does not hold. It is not held; that is not *withheld*."""

    blob: Digest
    named_by: tuple[Entry, ...]
    more_entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """How to derive this again: the commands, and what to compare."""

    audit: str
    report: str
    explain: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report. `more_findings`, `more_custody` and `more_not_held` count what was left out for length."""

    head: Head
    room: Room
    halts: tuple[HaltEntry, ...]
    blocs: tuple[Bloc, ...]
    parties: tuple[PartyEntry, ...]
    sites: tuple[SiteEntry, ...]
    jobs: tuple[JobEntry, ...]
    replays: tuple[ReplayEntry, ...]
    findings: tuple[FindingEntry, ...]
    more_findings: int
    custody: tuple[CustodyRow, ...]
    more_custody: int
    agreed: tuple[Agreed, ...]
    assumptions: tuple[Assumed, ...]
    not_held: tuple[NotHeld, ...]
    more_not_held: int
    again: Again
