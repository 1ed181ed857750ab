"""Ten years of forty parties: the fold of the log, and the answers to "is it in force?" and "what is due?".

Times are of the processor, since nothing here waits. The anchors are agreed limits: five seconds for the fold of 100,000 statements, and fifty milliseconds for each
answer once it is folded. A row is the time in units of its limit; a smaller run has a limit smaller in proportion.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from allstop.adjudication import FindingAcknowledgement, FindingAnswer, FindingRaised, FindingRuling, Outcome
from allstop.agreement import Agreement, DepositBody, parse_agreement_toml, with_keys
from allstop.canon import format_base64, parse_instant
from allstop.case import Entry
from allstop.convening import Choice, Proposal, ProposalKind, Vote
from allstop.duty import DutyKey, Fulfilment
from allstop.finding import SignalKind, Verdict
from allstop.ids import Digest, Name, digest_of
from allstop.keys import parse_private_key
from allstop.ledger import PREDICATES, State, fold
from allstop.signals import AssessedParty, Assessment, Signal
from allstop.standing import Standing, standing_of
from allstop.statement import Header, Statement, Subject
from allstop.telemetry import PeriodClose
from allstop.times import DAY_MS, Instant, Window
from allstop.tlog import Hash

__all__ = ["YEARS", "make_agreement", "make_log", "run"]

Row = tuple[str, float, str | float, bool]
T = TypeVar("T")

YEARS = 10
SIZE, SIZE_FULL = 10_000, 100_000
FOLD_SECONDS, ANSWER_SECONDS = 5.0, 0.05
_PARTIES, _BLOCS, _VERIFIERS = 40, ("north", "south", "east", "west"), 4
_START = parse_instant("2027-01-01T00:00:00Z")
_MONTH_MS = 30 * DAY_MS
_AGREEMENT = digest_of(b"agreement of the benchmark")


def make_agreement() -> Agreement:
    """Return an agreement of forty operators and four verifiers with votes, phases, duties and adjudication."""
    parties = [f"party-{number:02}" for number in range(_PARTIES)]
    verifiers = [f"verifier-{number}" for number in range(_VERIFIERS)]
    lines = [_HEAD]
    for number, name in enumerate((*parties, *verifiers)):
        kind = "operator" if name in parties else "verifier"
        lines.append(
            f'[[parties]]\nid = "{name}"\nname = "{name}"\nkind = "{kind}"\nbloc = "{_BLOCS[number % 4]}"\n'
            f"critical = {str(number < 4).lower()}\n"
        )
    bound = ", ".join(f'"{name}"' for name in parties)
    panel = ", ".join(f'"{name}"' for name in parties[:5])
    lines.append(_BODY.replace("BOUND", bound).replace("PANEL", panel))
    draft = parse_agreement_toml("\n".join(lines), template=True)
    keys = {
        party.id: [
            parse_private_key(
                f"allstop-private-key/v1 ed25519 {format_base64(number.to_bytes(32, 'big'))}\n".encode()
            ).public
        ]
        for number, party in enumerate(draft.parties, start=1)
    }
    return with_keys(draft, keys=keys, references={Name("chips"): digest_of(b"no chips")})


@dataclass
class _Log:
    """Writes entries at given instants; times of entries ascend."""

    entries: list[Entry] = field(default_factory=list)
    heads: dict[Name, tuple[int, Digest]] = field(default_factory=dict)

    def file(self, party: str, predicate: str, value: object, at: Instant) -> Digest:
        name = Name(party)
        sequence, previous = self.heads.get(name, (-1, None))
        digest = digest_of(b"%d" % len(self.entries))
        if isinstance(value, Window):
            value = PeriodClose(period=value, count=sequence + 2, head=previous, inventory=())
        statement = Statement(
            predicate=Name(predicate),
            header=Header(
                agreement=_AGREEMENT,
                origin="log.example.org/bench",
                party=name,
                sequence=sequence + 1,
                previous=previous,
            ),
            subjects=(Subject(name="agreement", digest=_AGREEMENT),),
            body=PREDICATES[Name(predicate)].format(value),
        )
        self.heads[name] = (sequence + 1, digest)
        self.entries.append(
            Entry(
                index=len(self.entries),
                leaf=Hash(bytes(32)),
                digest=digest,
                statement=statement,
                signers=frozenset({name}),
                not_before=at,
                not_after=at,
                quoted_at=None,
            )
        )
        return digest


def make_log(agreement: Agreement, size: int) -> tuple[Entry, ...]:
    """Return `size` statements over ten years: every month closes, votes, findings, signals, fulfilled duties."""
    log = _Log()
    operators = [party.id for party in agreement.parties if party.kind.value == "operator"]
    for party in operators:
        log.file(party, "deposit", DepositBody(deadline_seen=None), _START)
    months = YEARS * 12
    for month in range(months):
        goal = len(operators) + (size - len(operators)) * (month + 1) // months
        for step in _month(log, operators, month):
            if len(log.entries) >= goal:
                break
            step()
    return tuple(log.entries[:size])


def _month(log: _Log, operators: list[Name], month: int) -> Iterator[Callable[[], object]]:
    """Yield what is filed in a month, most needed first, without end."""
    start = _START.plus(DAY_MS + month * _MONTH_MS)
    end = start.plus(_MONTH_MS)
    window = Window(start=start, end=end)
    for party in operators:
        yield lambda party=party: log.file(party, "period-close", window, end)  # type: ignore[misc]
    for number in range(_VERIFIERS):
        rows = tuple(
            AssessedParty(party=party, verdict=Verdict.UNDETERMINED, coverage_ppm=950_000)
            for party in sorted(operators)
        )
        value = Assessment(window=window, at=end, verdict_digest=digest_of(b"v"), parties=rows)
        yield lambda n=number, v=value: log.file(f"verifier-{n}", "assessment", v, end)  # type: ignore[misc]
    for party in operators:
        key = DutyKey(duty=Name("report"), matter=None, occurrence=month)
        done = Fulfilment(key=key, evidence=(), note="")
        yield lambda party=party, done=done: log.file(party, "fulfilment", done, end)  # type: ignore[misc]
    turn = 0
    while True:
        turn += 1
        at = end.plus(turn * 1000)
        yield lambda at=at, turn=turn: _vote(log, operators, month, turn, at)  # type: ignore[misc]
        yield lambda at=at, turn=turn: _accuse(log, operators, month, turn, at)  # type: ignore[misc]
        yield lambda at=at, turn=turn: _signal(log, operators, month, turn, at)  # type: ignore[misc]


def _vote(log: _Log, operators: list[Name], month: int, turn: int, at: Instant) -> None:
    filer = operators[turn % len(operators)]
    value = Proposal(name=Name(f"motion-{month}-{turn}"), kind=ProposalKind.MOTION, motion=Name("review"))
    proposal = log.file(filer, "proposal", value, at)
    for number, party in enumerate(operators):
        choice = Choice.FOR if number % 3 else Choice.AGAINST
        log.file(party, "vote", Vote(proposal=proposal, choice=choice), at.plus(number))


def _accuse(log: _Log, operators: list[Name], month: int, turn: int, at: Instant) -> None:
    accused, accuser = operators[8 + turn % 16], operators[24 + turn % 16]
    verdict = digest_of(b"verdict %d %d" % (month, turn))
    raised = FindingRaised(
        code="ACC-001",
        about=accused,
        clause="1.1",
        text="more was done than was declared",
        rests_on=(),
        evidence=(verdict,),
        verdict_digest=verdict,
        judged_at=at.plus(-DAY_MS),
    )
    finding = log.file(accuser, "finding-raised", raised, at)
    log.file(accused, "finding-acknowledgement", FindingAcknowledgement(finding=finding), at.plus(1))
    answer = FindingAnswer(matter=finding, text="the meter was being calibrated", evidence=())
    answered = log.file(accused, "finding-answer", answer, at.plus(2))
    for number in range(3):
        ruling = FindingRuling(
            matter=finding,
            outcome=Outcome.DISMISSED,
            replayed=verdict,
            answer=answered,
            reasons="the answer explains it",
            false_accusation=False,
        )
        log.file(operators[number], "finding-ruling", ruling, at.plus(3 + number))


def _signal(log: _Log, operators: list[Name], month: int, turn: int, at: Instant) -> None:
    value = Signal(name=Name("drill"), kind=SignalKind.TRIPWIRE, occurred_at=at)
    log.file(operators[(month + turn) % len(operators)], "signal", value, at)


def run(size: int) -> Iterator[Row]:
    """Measure the fold and the answers on a log of so many statements."""
    agreement = make_agreement()
    entries = make_log(agreement, size)
    last = entries[-1].not_after or _START
    seconds, state = _time(lambda: fold(entries, chain_faults=(), at=last))
    if state.faults:
        raise AssertionError(f"the log of the benchmark has {len(state.faults)} faults: {state.faults[0]}")
    yield _row(f"fold of {size} statements, in units of its limit", seconds, FOLD_SECONDS * size / SIZE_FULL)
    seconds, standing = _time(lambda: _stand(agreement, state))
    yield _row(
        "everything that stands, in units of the limit of the fold", seconds, FOLD_SECONDS * size / SIZE_FULL
    )
    yield from _answers(standing)


def _stand(agreement: Agreement, state: State) -> Standing:
    """Return where everything stands, with the events that duties hang on, which are gathered once."""
    standing = standing_of(agreement, state)
    if not standing.duty_events.happened:
        raise AssertionError("nothing has happened in the log of the benchmark")
    return standing


def _answers(standing: Standing) -> Iterator[Row]:
    """Measure what a reader asks of a folded log."""
    status = [_time(lambda: [(one.stage, one.missing) for one in standing.binding.parties])[0] for _ in "123"]
    yield _row("status, in units of 50 ms", min(status), ANSWER_SECONDS)
    # The first answer of a process also loads what reads evidence.
    duties = [_time(lambda: standing.duties(party=Name("party-07")))[0] for _ in "123"]
    yield _row("duties of one party, in units of 50 ms", min(duties), ANSWER_SECONDS)


def _row(name: str, seconds: float, limit: float) -> Row:
    return name, seconds / limit, 1.0, seconds <= limit


def _time(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


_HEAD = """
title = "Forty parties for ten years"
legal_basis = "none: a benchmark"

[log]
origin = "log.example.org/bench"
operator = "party-00"
"""

_BODY = """
[definitions]
counting_rule = "operations in the format used"
h100e_flop_per_second = "990e12"

[[obligations]]
clause = "1.1"
kind = "declare"
parties = [BOUND]
text = "Every use is declared."
subgoals = ["2A"]
tolerance = { at_least_chip_hours = "100" }
level = "plausible"
custody = "self-reported"
silence = "undetermined"
timeliness = "P10D"
evidence = ["job", "period-close"]

[entry]
condition = { critical_all = true }
deadline = "2027-06-01T00:00:00Z"
lead = "P1D"

[accounting]
period = "P30D"

[verification]
significant_quantity_flop = "1e24"
buffer_ppm = 500_000
window = "P365D"
detection_probability_ppm = 900_000
false_alarm_ppm = 50_000
liars = 1
gap_max = "PT1H"
observed_share_min_ppm = 900_000
total_tolerance_ppm = 2_000
mfu_low_ppm = 200_000
mfu_high_ppm = 600_000

[response]
answer = "P5D"
cure = "P30D"

[convening]
[[convening.rules]]
name = "double"
adopt = { all_of = [{ share_at_least = { percent = 55 } }, { blocs_at_least = { count = 3, percent = 50 } }] }
open = "P5D"

[[convening.motions]]
name = "review"
rule = "double"

[[convening.motions]]
name = "start"
rule = "double"

[phases]
[[phases.phase]]
name = "watch"
kind = "before"

[[phases.phase]]
name = "paused"
kind = "paused"

[[phases.transition]]
from = "watch"
to = "paused"
lead = "P1D"
when = { any_of = [{ motion = "start" }, { signal = { name = "self-copying", kind = "tripwire", parties = 2 } }, { coverage_below = { percent = 90, longer_than = "P30D", verifiers = 2 } }] }

[duties]
[[duties.duty]]
name = "report"
text = "Report every month."
kinds = ["operator"]
after = { event = "in-force" }
within = { days = 30 }
every = { days = 30 }

[adjudication]
acknowledge = { hours = 36 }
answer = { days = 5 }
ruling = { days = 30 }

[adjudication.panel]
members = [PANEL]
quorum = 3
blocs = 3
"""
