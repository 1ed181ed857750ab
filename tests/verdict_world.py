"""Whole cases as values: parties file, meters read, and the case is judged, all in memory.

A world is a list of filings and a dictionary of readings. Leaving one out builds the case as if it had never
been, with chains that hold: that is what a party can do which decides beforehand what to file.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import numpy as np

from agreement_examples import agreement as example_agreement
from agreement_examples import clause
from allstop.agreement import Accounting, Agreement, Edge, ObligationKind, Relation, Verification
from allstop.canon import JSON
from allstop.case import ChainFault, Entry, LoggedNote, VerifiedCase
from allstop.errors import LimitError, NotFoundError
from allstop.finding import Channel, ChipRange, CountingRule, Grade, Level
from allstop.halting import ClosedSite, Inventory, Resumption
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import PREDICATES
from allstop.registry import Chips, ChipTable, ChipType, Meter, Site, Source, Transfer, TransferKind
from allstop.statement import Header, Statement, Subject
from allstop.telemetry import Measurement, PeriodClose, Series, SeriesClaim, claim_series
from allstop.times import HOUR_MS, Instant, Window
from allstop.tlog import Hash, Note, NoteSignature, format_note
from allstop.transcript import Opening, Replay, Transcript
from allstop.units import Quantity, Unit
from allstop.verdict import CaseVerdict, judge_case
from allstop.workload import Formula, Job, JobKind, Purpose

ALDER, BIRCH, CEDAR, DOGWOOD, ELM = (Name(name) for name in ("alder", "birch", "cedar", "dogwood", "elm"))
HALL, LOT, FAST, SLOW = Name("hall-1"), Name("lot-1"), Name("fast"), Name("slow")
START = Instant(1_800_000_000_000)
HOUR = Window(start=START, end=START.plus(HOUR_MS))
LATER = HOUR.end.plus(7 * 24 * HOUR_MS)
"""When cases are judged, unless a test says otherwise: after everything that it files."""

WITNESSED = (("east", bytes(71) + b"e"), ("west", bytes(71) + b"w"))
"""What two witnesses sign under every note of these worlds."""

_LINE = NoteSignature(name="east", key_id=bytes(4), signature=b"e")
STEP_MS = 10_000
LEVELS = {"busy": 7_000_000, "idle": 2_200_000, "off": 0}
"""Power of a unit of eight chips in mW; readings vary around it so that no two runs are alike."""

PREDICATE_OF = {
    Site: "site",
    Chips: "chips",
    Transfer: "transfer",
    Meter: "meter",
    Job: "job",
    Measurement: "measurement",
    PeriodClose: "period-close",
    Transcript: "transcript",
    Opening: "opening",
    Replay: "replay",
    Inventory: "inventory",
    Resumption: "resumption",
    ClosedSite: "closed-site",
}


def chip_type(name: str, peak: int, *, floor: int = 120_000, idle: int = 340_000) -> ChipType:
    """Return a type whose figures share one source."""
    bare = ChipType(
        id=Name(name),
        name=name,
        peaks={"fp8": peak},
        tdp_milliwatt=700_000,
        memory_bytes=80 * 10**9,
        floor_milliwatt=floor,
        idle_milliwatt=idle,
        unit_milliwatt=1_275_000,
        joule_per_flop_min_attojoule=176_865,
    )
    source = Source(figures=tuple(sorted(bare.figures)), grade=Grade.DERIVED, text="made up for tests")
    return replace(bare, sources=(source,))


TABLE = ChipTable(title="chips of tests", chips=(chip_type("fast", 2 * 10**15), chip_type("slow", 10**14)))
TERMS = Verification(
    significant_quantity_flop=10**24,
    buffer_ppm=500_000,
    window_ms=365 * 24 * HOUR_MS,
    detection_probability_ppm=900_000,
    false_alarm_ppm=50_000,
    liars=0,
    gap_ms_max=STEP_MS,
    observed_share_min_ppm=500_000,
    total_tolerance_ppm=2_000,
    mfu_low_ppm=200_000,
    mfu_high_ppm=600_000,
)


def terms(**changes: object) -> Agreement:
    """Return an agreement of four clauses over one hour in the past, with these changes."""
    clauses = (
        clause("1.1", ObligationKind.REGISTER, tolerance=1),
        clause("1.2", ObligationKind.METER, tolerance=HOUR_MS),
        clause("2.1", ObligationKind.DECLARE, tolerance=HOUR_MS, level=Level.PLAUSIBLE),
        clause("3.1", ObligationKind.PROHIBIT, tolerance=10**24 + 1),
    )
    plain: dict[str, object] = {
        "obligations": clauses,
        "accounting": Accounting(start=START, period_ms=HOUR_MS, periods=1),
        "verification": TERMS,
        "edges": (Edge(source=BIRCH, relation=Relation.RENTS, target=ALDER),),
    }
    return example_agreement(**(plain | changes))


@dataclass(frozen=True, kw_only=True)
class Filing:
    """One statement to be filed; a close is made when its place in the chain is known."""

    party: Name
    value: object
    signers: frozenset[Name]
    at: Instant
    subjects: tuple[Digest, ...] = ()
    predicate: str | None = None
    body: JSON = None
    expires_at: Instant | None = None


@dataclass
class World:
    """Filings, readings by blob and row, and what is agreed."""

    agreement: Agreement = field(default_factory=terms)
    table: ChipTable = TABLE
    filings: list[Filing] = field(default_factory=list)
    blobs: dict[Digest, dict[int, Series]] = field(default_factory=dict)
    at: Instant = LATER
    clock: Instant = HOUR.end
    faults: tuple[ChainFault, ...] = ()
    quotes: list[tuple[int, bytes, Instant]] = field(default_factory=list)
    papers: dict[Digest, bytes] = field(default_factory=dict)

    def file(self, party: Name, value: object, *signers: Name, **changes: object) -> int:
        """File a statement a minute after the last one and return its index."""
        self.clock = self.clock.plus(60_000)
        filing = Filing(party=party, value=value, signers=frozenset({party, *signers}), at=self.clock)
        self.filings.append(replace(filing, **changes))  # type: ignore[arg-type]  # fields of a filing
        return len(self.filings) - 1

    def hold(self, name: str, **series: Series) -> Digest:
        """Hold a blob with these series, in the order given."""
        digest = digest_of(name.encode())
        self.blobs[digest] = dict(enumerate(series.values()))
        return digest

    def site(self, site: Name = HALL, operator: Name = ALDER) -> int:
        """Declare a site."""
        return self.file(operator, Site(site=site, operator=operator, note=""))

    def chips(
        self, count: int = 16, *, lot: Name = LOT, site: Name = HALL, kind: Name = FAST, party: Name = ALDER
    ) -> int:
        """Register a lot."""
        lot_of = Chips(lot=lot, site=site, chip_type=kind, count=count, serials_root=None, serials_count=0)
        return self.file(party, lot_of)

    def meter(
        self, name: str, first: int = 0, until: int = 8, *, party: Name = ALDER, **changes: object
    ) -> int:
        """Register a power meter over some chips, with these changes."""
        plain = Meter(
            meter=Name(name),
            site=HALL,
            channel=Channel.POWER,
            covers=(ChipRange(lot=LOT, first=first, until=until),),
            rated_milliwatt=10_200_000,
            idle_milliwatt=960_000,
            random_error_ppm=10_000,
            systematic_error_ppm=10_000,
            calibration=Name("cal-1"),
        )
        fields = changes
        if changes.get("channel", Channel.POWER) is not Channel.POWER:
            fields = {"rated_milliwatt": 0, "idle_milliwatt": 0} | changes
        return self.file(party, replace(plain, **fields))  # type: ignore[arg-type]  # fields of a meter

    def measure(
        self,
        name: str,
        series: Series,
        *,
        party: Name = ALDER,
        channel: Channel = Channel.POWER,
        blob: Digest | None = None,
        **changes: object,
    ) -> int:
        """Hold one series in a blob of its own and file the measurement that claims it.

        Changes are to the claim, or to the measurement where the claim has no such field.
        """
        blob = blob or self.hold(f"{party} {name} {len(self.filings)}", only=series)
        claim = claim_series(meter=Name(name), channel=channel, blob=blob, row=0, series=series)
        of_claim = {key: value for key, value in changes.items() if hasattr(claim, key)}
        of_whole = {key: value for key, value in changes.items() if key not in of_claim}
        return self.claim(replace(claim, **of_claim), party=party, **of_whole)  # type: ignore[arg-type]

    def claim(self, *claims: SeriesClaim, party: Name = ALDER, **changes: object) -> int:
        """File a measurement of these claims."""
        plain = Measurement(site=HALL, window=HOUR, series=claims)
        value = replace(plain, **changes)  # type: ignore[arg-type]  # fields of a measurement
        return self.file(party, value, subjects=value.blobs)

    def job(self, name: str = "run-1", first: int = 0, until: int = 8, **changes: object) -> int:
        """Declare a training run of Birch on Alder's chips for the hour, both signing."""
        signers = changes.pop("signers", (BIRCH,))
        flop = changes.pop("flop", 10**19)
        plain = Job(
            job=Name(name),
            site=HALL,
            operator=ALDER,
            tenant=BIRCH,
            kind=JobKind.TRAINING,
            purpose=Purpose.RESEARCH,
            lineage=Name("model-a"),
            chips=(ChipRange(lot=LOT, first=first, until=until),),
            window=HOUR,
            operations=Quantity(low=flop, high=flop, unit=Unit.FLOP),  # type: ignore[arg-type]  # an int
            formula=Formula.STATED,
            counting_rule=CountingRule.FORMAT_USED,
            number_format="fp8",
        )
        value = replace(plain, **changes)  # type: ignore[arg-type]  # fields of a job
        return self.file(value.operator, value, *signers)  # type: ignore[misc]  # names

    def transfer(self, count: int, *signers: Name, party: Name = ALDER, **changes: object) -> int:
        """Move chips of the first lot to hall-2, before the hour begins."""
        plain = Transfer(
            lot=LOT,
            kind=TransferKind.TRANSFER,
            from_site=HALL,
            to_site=Name("hall-2"),
            chip_type=FAST,
            count=count,
        )
        at = changes.pop("at", START.plus(-60_000))
        value = replace(plain, **changes)  # type: ignore[arg-type]  # fields of a transfer
        return self.file(party, value, *signers, at=at)

    def close(self, party: Name = ALDER, period: Window = HOUR, **changes: object) -> int:
        """Close the hour."""

        def make(count: int, head: Digest | None) -> PeriodClose:
            return PeriodClose(period=period, count=count, head=head, inventory=())

        return self.file(party, make, **changes)

    def entries(self, without: Collection[int] = ()) -> tuple[Entry, ...]:
        """Return the log without some filings, each party's chain unbroken."""
        heads: dict[Name, tuple[int, Digest]] = {}
        entries: list[Entry] = []
        for number, filing in enumerate(self.filings):
            if number in without:
                continue
            sequence, previous = heads.get(filing.party, (-1, None))
            statement = _statement(filing, sequence + 1, previous)
            digest = statement_digest(number, filing.party)
            heads[filing.party] = (sequence + 1, digest)
            entries.append(
                Entry(
                    index=len(entries),
                    leaf=Hash(bytes(32)),
                    digest=digest,
                    statement=statement,
                    signers=filing.signers,
                    not_before=filing.at,
                    not_after=filing.at,
                    quoted_at=None,
                )
            )
        return tuple(entries)

    def quote(self, at: Instant) -> bytes:
        """Log a note, cosigned at `at`, over everything filed so far; return it."""
        note = format_note(Note(text=b"note over %d filings\n" % len(self.filings), signatures=(_LINE,)))
        self.quotes.append((len(self.filings), note, at))
        return note

    def _notes(self, without: Collection[int]) -> tuple[LoggedNote, ...]:
        return tuple(
            LoggedNote(
                size=count - sum(number < count for number in without),
                note=note,
                cosignatures=WITNESSED,
                low=at,
                high=at,
            )
            for count, note, at in self.quotes
        )

    def judge(
        self,
        *,
        without: Collection[int] = (),
        without_blobs: Collection[Digest] = (),
        at: Instant | None = None,
    ) -> CaseVerdict:
        """Judge the case as it would be without some filings and blobs."""
        entries = self.entries(without)
        named = {subject.digest for entry in entries for subject in entry.statement.subjects}
        known = self.blobs.keys() | self.papers.keys()
        held = {digest for digest in known if digest in named and digest not in without_blobs}
        case = VerifiedCase(
            policy_digest=digest_of(b"policy"),
            agreement_digest=digest_of(b"agreement"),
            agreement=b"",
            origin=self.agreement.log.origin,
            size=len(entries),
            root=Hash(bytes(32)),
            entries=entries,
            chain_faults=self.faults,
            blobs=tuple(sorted(held)),
            missing=tuple(sorted(known & named - held)),
            newest=self.at,
            notes=self._notes(without),
        )
        return judge_case(
            case,
            agreement=self.agreement,
            table=self.table,
            reference=digest_of(b"table"),
            reader=Reader({digest: self.blobs[digest] for digest in held if digest in self.blobs}),
            read_blob=lambda digest: self.papers[digest],
            at=self.at if at is None else at,
        )


def statement_digest(number: int, party: Name) -> Digest:
    """Return the digest of a filing's statement: whatever else is left out, it stays the same."""
    return digest_of(f"{number} {party}".encode())


def _statement(filing: Filing, sequence: int, previous: Digest | None) -> Statement:
    value = filing.value
    if callable(value):
        make: Callable[[int, Digest | None], object] = value
        value = make(sequence + 1, previous)
    name = filing.predicate or PREDICATE_OF[type(value)]
    body = PREDICATES[Name(name)].format(value) if filing.predicate is None else filing.body
    return Statement(
        predicate=Name(name),
        header=Header(
            agreement=digest_of(b"agreement"),
            origin="log.example.org/example",
            party=filing.party,
            sequence=sequence,
            previous=previous,
            audience=(),
            checkpoint=None,
            expires_at=filing.expires_at,
        ),
        subjects=tuple(Subject(name=f"subject-{i}", digest=d) for i, d in enumerate(filing.subjects))
        or (Subject(name="agreement", digest=digest_of(b"agreement")),),
        body=body,
    )


@dataclass(frozen=True)
class Reader:
    """Reads series from a dictionary of blobs."""

    blobs: dict[Digest, dict[int, Series]]

    def read(self, blob: Digest, row: int, count_max: int) -> Series:
        """Return one series."""
        if blob not in self.blobs or row not in self.blobs[blob]:
            raise NotFoundError(f"no series {row} in {blob[:8]}")
        series = self.blobs[blob][row]
        if len(series) > count_max:
            raise LimitError(f"series has {len(series)} readings, want at most {count_max}")
        return series


def series_of(times: list[int], values: list[int], epoch: int = 0) -> Series:
    """Return a series with times counted from the start of the hour."""
    return Series(
        t=np.array(times, dtype=np.int64) + START.ms,
        v=np.array(values, dtype=np.int64),
        epoch=np.full(len(times), epoch, dtype=np.int32),
    )


def power(level: str, seed: int, *, first: int = 0, last: int = HOUR_MS) -> Series:
    """Return readings of a unit of eight chips every ten seconds, noisy in a way that the seed decides."""
    times = list(range(first, last + 1, STEP_MS))
    noise = np.random.default_rng(seed).integers(-50_000, 50_000, len(times)) if LEVELS[level] else 0
    return series_of(times, (LEVELS[level] + noise + np.zeros(len(times), dtype=np.int64)).tolist())


def honest(**changes: object) -> World:
    """Return a site of two servers, one busy with a declared run and one idle, all of it filed."""
    world = World(agreement=terms(**changes))
    world.site()
    world.chips()
    world.meter("node-1", 0, 8)
    world.meter("node-2", 8, 16)
    world.measure("node-1", power("busy", 1))
    world.measure("node-2", power("idle", 2))
    world.job()
    world.close()
    return world


def codes(verdict: CaseVerdict) -> set[str]:
    """Return the codes of all findings."""
    return {finding.code for finding in verdict.findings}
