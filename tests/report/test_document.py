"""The document of a report: figures worked out by hand, and nothing that is missing looks like nothing to hide."""

from dataclasses import replace
from typing import Any, TypeVar

import pytest

from allstop import __version__
from allstop.accountancy import Verdict
from allstop.agreement import Accounting
from allstop.finding import Custody, Level, Subgoal
from allstop.ids import Name
from allstop.report import Document
from allstop.times import HOUR_MS, Window
from allstop.verdict import verdict_digest
from replay_world import ITEM_FLOP, ITEMS, SAMPLE, Prover, honestly, replayed
from report_documents import document_from, honest_document, in_force, undeclared
from verdict_world import (
    ALDER,
    BIRCH,
    CEDAR,
    DOGWOOD,
    HALL,
    HOUR,
    LATER,
    START,
    World,
    honest,
    power,
    terms,
)

T = TypeVar("T")

PEAK = 2 * 10**15
"""Operations a second of one chip of the type `fast`."""


def only(found: tuple[T, ...]) -> T:
    """Return the one item there is."""
    (one,) = found
    return one


def test_the_figures_of_an_honest_hour() -> None:
    """Sixteen chips of 2e15 FLOP/s, half busy and half idle, seen throughout: each figure follows by hand."""
    document = honest_document()
    site, room = only(document.sites), document.room
    chip_ms = 16 * HOUR_MS
    assert (chip_ms, "16.0 chip-h") == (site.chip_time.value, site.chip_time.words)
    assert (1_000_000, "100 %") == (site.seen.value, site.seen.words)
    assert (16 * PEAK, "3.20e16 FLOP/s") == (site.capacity.value, site.capacity.words)
    # With one owner of meters who lies there is nothing but capacity: N p t.
    assert (16 * PEAK * 3600, "1.16e20 FLOP") == (site.room_liar.value, site.room_liar.words)
    assert (116, "0.02 %") == (site.room_share_liar.value, site.room_share_liar.words)
    # The busy half could have computed at its peak; the idle half less, by energy.
    assert site.room.value is not None
    assert 8 * PEAK * 3600 < site.room.value < 16 * PEAK * 3600
    # 1e24 FLOP at 3.2e16 FLOP/s are 31,250,000 s.
    assert (31_250_000_000, "361.6 days") == (site.time_needed.value, site.time_needed.words)
    assert [("plausible", 8 * HOUR_MS), ("idle", 8 * HOUR_MS)] == [
        (part.kind, part.chip_time.value) for part in site.bar
    ]
    assert ["50 %", "50 %"] == [part.share.words for part in site.bar]
    assert (site.room, site.room_liar) == (room.flop, room.flop_liar)
    assert (10**24, 5 * 10**23) == (room.significant_quantity.value, room.allowed.value)


def test_the_sentences_of_a_minister() -> None:
    """Word for word, with what was not established and what nobody can see."""
    document = honest_document()
    assert document.room.sentences == (
        "Seen by a meter of its own: 100 % of chip-hours.",
        "Could have been hidden at all declared sites together: at most 0.01 % of one forbidden run;"
        " 0.02 % if one meter's owner lies.",
        "Time they would need for one together: 361.6 days.",
        "Smallest hidden run our checks would catch nine times in ten: not established; nothing was re-executed.",
        "This says nothing about undeclared sites.",
    )
    site = only(document.sites)
    assert site.sentences[1] == (
        "Could have been hidden here: at most 0.01 % of one forbidden run; 0.02 % if one meter's owner lies."
    )
    assert "Time this site would need for one: 361.6 days." == site.sentences[2]


def test_energy_and_timeline_add_up() -> None:
    """Two servers of about 7 kW and 2.2 kW for an hour are 9.2 kWh; the timeline holds each chip-ms once."""
    site = only(honest_document().sites)
    assert site.energy.value is not None
    assert 9.2e9 * 3.6 == pytest.approx(site.energy.value, rel=0.01)
    assert "9.20 kWh" == site.energy.words
    assert site.energy_believed == site.energy
    assert 16 * HOUR_MS == sum(chip_ms for one in site.timeline for _, chip_ms in one.parts)
    assert (HOUR.start, HOUR.end) == (site.timeline[0].window.start, site.timeline[-1].window.end)
    bare = World(agreement=terms())
    bare.site()
    energy = only(document_from(bare.judge()).sites).energy
    assert (None, "no power readings") == (energy.value, energy.words)


def test_a_timeline_has_fewer_stretches_where_there_are_many_meters() -> None:
    """Two meters: a stretch each half minute. Two hundred: twelve in all. A period is never cut in vain."""
    assert 120 == len(only(honest_document().sites).timeline)
    many = honest()
    for number in range(200):
        many.meter(f"spare-{number}", 0, 8, party=CEDAR)
    assert 12 == len(only(document_from(many.judge()).sites).timeline)
    accounting = Accounting(start=START, period_ms=HOUR_MS // 150, periods=150)
    short = document_from(honest(accounting=accounting).judge())
    assert 150 == len(only(short.sites).timeline)
    assert 120 == len(short.parties[0].clauses[0].periods)
    assert 30 == short.parties[0].clauses[0].more_periods


def test_what_is_not_covered_stands_alone_with_what_would_cover_it() -> None:
    """No clause serves 1A, 1B and 2B: three sentences at the top, and three rows without a verdict."""
    document = honest_document()
    assert ["1A NOT COVERED", "1B NOT COVERED", "2B NOT COVERED"] == [
        line.partition(":")[0] for line in document.head.not_covered
    ]
    assert document.head.not_covered[2].startswith(
        "2B NOT COVERED: undeclared machines. Would be covered by: supply accounts"
    )
    coverage = {one.subgoal: one for one in document.parties[0].coverage}
    assert (None, "NOT COVERED", ()) == (
        coverage[Subgoal.NO_HIDDEN_SITES].verdict,
        coverage[Subgoal.NO_HIDDEN_SITES].status,
        coverage[Subgoal.NO_HIDDEN_SITES].clauses,
    )
    accounted = coverage[Subgoal.KNOWN_SITES_ACCOUNTED]
    assert (Verdict.CONSISTENT, ("1.1", "1.2", "2.1", "3.1"), None) == (
        accounted.verdict,
        accounted.clauses,
        accounted.would_cover,
    )
    assert document.parties[0].covered == (
        "Covers 2A (use of declared sites). NOT COVERED: 1A (what declared work really was),"
        " 1B (properties of models and of their use) and 2B (undeclared machines)."
    )


def test_every_party_stands_under_its_bloc() -> None:
    """Judged or not: who is bound by no clause is there, without a verdict."""
    document = honest_document()
    assert [("north", (ALDER, CEDAR)), ("south", (BIRCH, DOGWOOD))] == [
        (bloc.bloc, bloc.parties) for bloc in document.blocs
    ]
    assert [Verdict.CONSISTENT, None, None, None] == [party.verdict for party in document.parties]
    assert "not judged: no clause binds it" == document.parties[1].verdict_words


def test_a_clause_shows_bounds_tolerance_and_reasons() -> None:
    """An undeclared busy hour: the least and the most are on either side of what is true, eight chip-hours."""
    document = undeclared()
    clauses = {clause.number: clause for clause in document.parties[0].clauses}
    declare = clauses["2.1"]
    assert Verdict.INCONSISTENT is declare.verdict
    assert (HOUR_MS, "1.0 chip-h") == (declare.tolerance.value, declare.tolerance.words)
    assert declare.low.value is not None
    assert declare.low.value <= 8 * HOUR_MS == declare.high.value
    assert declare.asks == (
        "activity that is not shown to be declared: a breach from 1.0 chip-h on;"
        " only jobs at least plausible can show the contrary"
    )
    assert ("0 chips", "1 chip") == (clauses["1.1"].high.words, clauses["1.1"].tolerance.words)
    assert (None, 1) == (clauses["3.1"].periods[0].window, len(clauses["3.1"].periods))
    assert ["unaccounted", "idle"] == [part.kind for part in document.sites[0].bar]


def test_a_clause_shows_its_worst_period_beside_a_tolerance_for_one() -> None:
    """Two half hours: each is there, and the row of the clause has the largest bounds of one, not the sums."""
    halves = honest(accounting=Accounting(start=START, period_ms=HOUR_MS // 2, periods=2))
    document = document_from(halves.judge())
    assert document.head.periods.startswith(
        "2 accounting periods of 30 minutes, from 2027-01-15T08:00:00Z until"
    )
    for clause in document.parties[0].clauses[:3]:
        assert 2 == len(clause.periods)
        assert clause.low.value == max(one.low.value or 0 for one in clause.periods)
        assert clause.high.value == max(one.high.value or 0 for one in clause.periods)


def test_a_consistent_clause_never_shows_as_much_as_would_be_a_breach() -> None:
    """Each of two half hours stays below the tolerance by one chip-ms, both together do not: no contradiction."""
    middle = START.plus(HOUR_MS // 2)
    halves = honest(accounting=Accounting(start=START, period_ms=HOUR_MS // 2, periods=2))
    del halves.filings[6:]
    for start in (START, middle):
        halves.close(period=Window(start=start, end=start.plus(HOUR_MS // 2)))
    (declare,) = (one for one in document_from(halves.judge()).parties[0].clauses if one.number == "2.1")
    highs = [one.high.value or 0 for one in declare.periods]
    obligations = tuple(
        replace(one, tolerance=max(highs) + 1, level=Level.DECLARED) if one.clause == "2.1" else one
        for one in halves.agreement.obligations
    )
    halves.agreement = replace(halves.agreement, obligations=obligations)
    clauses = document_from(halves.judge()).parties[0].clauses
    (declare,) = (one for one in clauses if one.number == "2.1")
    assert (Verdict.CONSISTENT, max(highs)) == (declare.verdict, declare.high.value)
    assert sum(highs) > (declare.tolerance.value or 0)
    for clause in clauses:
        if clause.verdict is Verdict.CONSISTENT:
            assert (clause.high.value or 0) < (clause.tolerance.value or 0)


def test_a_finding_says_what_it_rests_on_and_how_to_answer() -> None:
    """The entries with filer and proven time, the rule's own words, and nothing due while nobody is bound."""
    document = undeclared()
    finding = only(document.findings)
    assert (1, "ACC-001", ALDER, (1,)) == (
        finding.number,
        finding.code,
        finding.party,
        document.parties[0].findings,
    )
    assert [("measurement", ALDER), ("measurement", ALDER)] == [
        (entry.predicate, entry.party) for entry in finding.rests_on
    ]
    assert finding.resolve.startswith("Declare the work, or explain it")
    assert ("Nothing is due: the agreement is not in force.", None) == (finding.answer, finding.answer_by)


def test_in_force_or_not_is_said_for_the_instant_of_the_audit() -> None:
    """Before, between deposit and moment, and after it; in force, an answer is due from the audit on."""
    world = in_force()
    head = document_from(world.judge(at=START.plus(-HOUR_MS))).head
    assert ("Not yet in force: it binds from 2027-01-15T08:00:00Z on.", False) == (
        head.standing,
        head.is_in_force,
    )
    document = document_from(world.judge())
    assert ("In force since 2027-01-15T08:00:00Z.", True) == (
        document.head.standing,
        document.head.is_in_force,
    )
    assert (CEDAR, DOGWOOD) == document.head.waiting_for
    finding = next(one for one in document.findings if one.code == "ACC-001")
    assert LATER.plus(world.agreement.response.answer_ms) == finding.answer_by
    assert "log.example.org/example, kept by dogwood: within 10 days of being told" in finding.answer
    head = honest_document().head
    assert head.standing.startswith("Not in force: nobody is bound. This looks back:")


def test_the_head_names_the_worst_first_and_whose_trust_root_it_is() -> None:
    """Whoever reads only the first lines reads the verdict and whether it is a full audit."""
    verdict = honest().judge()
    given, own = document_from(verdict).head, document_from(verdict, is_given=False).head
    assert "Policy and agreement came from outside the case." == given.trust
    assert own.trust.startswith("NOT A FULL AUDIT: the policy and the agreement came from the case itself")
    assert "CONSISTENT: Alder." == given.verdict_words
    assert "INCONSISTENT is not a confirmed violation: that is for a panel." == given.banner
    assert (verdict_digest(verdict), verdict.case.agreement_digest) == (given.digest, given.agreement)
    assert __version__ == given.version


def room_value(document: Document) -> float:
    """Return the room to hide, where no bound is more than any."""
    value = document.room.flop.value
    return float("inf") if value is None else value


@pytest.mark.parametrize("index", range(8))
def test_leaving_a_statement_out_shows_as_worse(index: int) -> None:
    """Whatever Alder does not file: no better verdict, no less room, no larger share seen, no less not covered."""
    rank = [Verdict.CONSISTENT, Verdict.UNDETERMINED, Verdict.INCONSISTENT]
    whole, part = honest_document(), document_from(honest().judge(without={index}))
    assert rank.index(part.head.verdict) > 0
    assert room_value(part) >= room_value(whole)
    assert (part.sites[0].seen.value or 0) <= (whole.sites[0].seen.value or 0)
    assert set(whole.head.not_covered) <= set(part.head.not_covered)


def test_who_names_no_chips_has_no_bound() -> None:
    """A site without chips, meters or jobs is not a site where nothing could be hidden."""
    bare = World(agreement=terms())
    bare.site()
    document = document_from(bare.judge())
    assert (None, (ALDER,)) == (document.room.flop.value, document.room.unbounded_by)
    assert (
        "Could have been hidden at all declared sites together: no bound; alder named no chips."
        == document.room.sentences[1]
    )
    site = only(document.sites)
    assert (None, None, None) == (site.room.value, site.room_liar.value, site.room_if_true.value)
    assert "Could have been hidden here: no bound; no chips are named." == site.sentences[1]
    assert "Time this site would need for one: not established; no chips are named." == site.sentences[2]
    assert "no bound: it has named no chips" == document.parties[0].room.words  # type: ignore[union-attr]


def test_a_tenant_without_a_site_has_no_room_of_its_own() -> None:
    """Nought would look like nothing to hide; what it may have hidden is counted where it rents."""
    clauses = tuple(
        replace(one, parties=(ALDER, BIRCH)) for one in terms().obligations if one.clause == "3.1"
    )
    document = document_from(honest(obligations=clauses).judge())
    tenant = only(tuple(party for party in document.parties if party.id == BIRCH))
    assert (None, None, ()) == (tenant.room, tenant.room_share, tenant.sites)
    assert tenant.verdict is not None


def test_before_any_period_has_ended_nothing_is_bounded() -> None:
    """An audit half way through the first period shows no room at all, neither large nor small."""
    document = document_from(honest().judge(at=HOUR.start.plus(HOUR_MS // 2)))
    assert "No accounting period has ended yet." == document.head.periods
    assert (None, Verdict.UNDETERMINED) == (document.room.flop.value, document.head.verdict)
    assert "no bound; no accounting period has ended" in document.room.sentences[1]


def test_readings_that_are_not_held_are_not_called_withheld() -> None:
    """The row says so, the blob is listed with the entry that names it, and its time is unobserved."""
    world = honest()
    lost = min(world.blobs)
    document = document_from(world.judge(without_blobs={lost}))
    row = only(tuple(row for row in document.custody if row.blob == lost))
    assert ("not held", None) == (row.held.status, row.held.code)
    entry = only(only(document.not_held).named_by)
    assert (lost, row.entry.index) == (document.not_held[0].blob, entry.index)
    parts = {part.kind: part.chip_time.value for part in document.sites[0].bar}
    assert 8 * HOUR_MS == parts["unobserved"]
    assert "50 %" == document.sites[0].seen.words


def test_distrusted_readings_name_the_finding() -> None:
    """A meter with two histories: both rows say TEL-001; the other meter's row stays as it was."""
    world = honest()
    world.measure("node-1", power("idle", 3))
    document = document_from(world.judge())
    found = [(row.meter, row.held.status, row.held.code) for row in document.custody]
    assert [
        ("node-1", "distrusted", "TEL-001"),
        ("node-2", "held", None),
        ("node-1", "distrusted", "TEL-001"),
    ] == found
    assert all(row.custody is Custody.SELF_REPORTED for row in document.custody)


def test_a_copy_is_distrusted_and_its_original_is_not() -> None:
    """The finding rests on both entries; only the later one is out."""
    world = honest()
    world.measure("node-1", power("busy", 1))
    document = document_from(world.judge())
    assert ["held", "held", "distrusted"] == [row.held.status for row in document.custody]


def test_assumptions_name_the_figures_of_the_chips_in_use() -> None:
    """The type that is registered is listed with source and grade; the other type of the table is not."""
    rows = honest_document().assumptions
    assert {"fast"} == {row.name.partition(":")[0] for row in rows}
    figures = {row.name: (row.value, row.unit) for row in rows}
    assert ("2.00e15", "FLOP/s at most") == figures["fast: peak fp8"]
    assert ("1,275", "W") == figures["fast: largest share of a server"]
    assert {("made up for tests", "derived, or assumed with the reason given")} == {
        (row.source, row.grade_words) for row in rows
    }


def test_an_unknown_chip_type_brings_the_whole_table() -> None:
    """Its chips count as the worst of the table, so all of it is assumed."""
    world = World(agreement=terms())
    world.site()
    world.chips(kind=Name("fastest"))
    document = document_from(world.judge())
    assert {"fast", "slow"} == {row.name.partition(":")[0] for row in document.assumptions}
    assert ("lot-1: 16 chips of fastest, a type that the table does not have",) == document.sites[0].chips


def test_a_replay_that_passed_is_re_derived_and_bounded() -> None:
    """Forty items, of which the agreed sample passed: seven may still be forged, and Cedar attests the same."""
    document = document_from(replayed().judge())
    replay = only(document.replays)
    assert ("passed", True, ITEMS, 7) == (replay.state, replay.is_rederived, replay.count, replay.forged_high)
    assert (replay.sample, 0, 0, 0) == (replay.passed, replay.failed, replay.refused, replay.unverifiable)
    # Each witness draws a sample of its own.
    assert SAMPLE <= replay.sample <= ITEMS
    assert ((CEDAR,), 1) == (replay.attested_by, replay.verifier_count)
    assert replay.words.endswith(
        "Of 40 items, at most 7 may still be forged. Attested by 1 of 1 verifier (cedar)."
    )
    assert replay.detection.value is not None
    assert 900_000 <= replay.detection.value < 1_000_000
    assert only(document.jobs).sentence.startswith("verified")
    assert "verified" == document.sites[0].bar[0].kind
    assert document.room.smallest_run_caught.value is not None
    assert "elsewhere not established" in document.room.sentences[3]


def test_what_verifiers_attest_is_never_shown_as_re_derived() -> None:
    """A reader without the opened items: not held, attested by one verifier, not re-derived, nothing proven."""
    world = replayed()
    recipe, *opened = world.papers
    document = document_from(world.judge(without_blobs=set(opened)))
    replay = only(document.replays)
    assert ("not held", False, 0, 0) == (
        replay.state,
        replay.is_rederived,
        replay.passed,
        replay.proven.value,
    )
    assert replay.words.endswith("Attested by 1 of 1 verifier (cedar); this audit did not re-derive it.")
    assert (None, "not established") == (replay.detection.value, replay.detection.words)
    assert (None, "not established; nothing was re-executed") == (
        document.room.smallest_run_caught.value,
        document.room.smallest_run_caught.words,
    )
    assert recipe in world.papers


@pytest.mark.parametrize(
    ("leave_out", "state", "words"),
    [(["opening"], "refused", "Refused: "), (["replay"], "passed", "Passed, re-executed by this audit: ")],
)
def test_each_state_of_a_replay_has_its_words(leave_out: list[str], state: str, words: str) -> None:
    """What was refused says so; what nobody attests claims no attestation."""
    replay = only(document_from(replayed(leave_out=leave_out).judge()).replays)
    assert state == replay.state
    assert replay.words.startswith(words)
    assert ("Attested" in replay.words) is ("replay" not in leave_out)


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        (
            {"leave_out": ["opening"]},
            "plausible",
            "drawn items that alder committed to were not opened in time",
        ),
        (
            {"do": lambda index, given, nonce: bytes(len(honestly(index, given, nonce)))},
            "plausible",
            "drawn items that alder committed to failed when they were re-executed",
        ),
        (
            {"flop": 2 * ITEMS * ITEM_FLOP},
            "plausible",
            "a drawn sample of what alder committed to was re-executed, which does not verify all of it",
        ),
        (
            {"flop": 10**23},
            "declared",
            "a drawn sample of what alder committed to was re-executed, which does not verify all of it",
        ),
    ],
)
def test_the_sentence_of_a_job_says_what_re_execution_showed(
    changes: dict[str, Any], level: str, words: str
) -> None:
    """Refused, failed, passed for half of what is declared, passed for what cannot be: never 'nothing else'."""
    job = only(document_from(replayed(**changes).judge()).jobs)
    assert level == (job.level and job.level.value)
    assert job.sentence.endswith(f"; {words}")
    assert "nothing else" not in job.sentence


def test_a_job_whose_re_execution_is_not_due_or_not_held_says_so() -> None:
    """Before the time to open has run out, and for a reader without what was opened."""
    late = replayed(leave_out=["opening", "replay"])
    assert "not due to be opened, yet" in only(document_from(late.judge(at=late.clock)).jobs).sentence
    world = replayed()
    _, *opened = world.papers
    unheld = only(document_from(world.judge(without_blobs=set(opened))).jobs).sentence
    assert unheld.endswith("; this reader does not hold what alder opened of it")


def test_a_job_of_which_nothing_was_committed_is_shown_by_its_meters_alone() -> None:
    """A void transcript, committed too late, adds nothing to the sentence of its job."""
    void = Prover().start().commit(at=LATER.plus(-HOUR_MS))
    void.draw()
    for document in (honest_document(), document_from(void.close().judge())):
        assert "plausible: its quantities fit the meters; what was done is not verified" == (
            only(document.jobs).sentence
        )


def test_the_commands_repeat_this_report() -> None:
    """A folder with a space is quoted, and agreement and instant are those of the audit."""
    document = document_from(honest().judge(), case="my case")
    digest = document.head.agreement
    terms_ = f"'my case' --policy FILE --agreement {digest} --at 2027-01-22T09:00:00Z"
    assert (f"allstop audit {terms_}", f"allstop report {terms_}") == (
        document.again.audit,
        document.again.report,
    )


def test_the_same_case_gives_the_same_document() -> None:
    """Made twice from two audits, it is equal in every field."""
    assert document_from(honest().judge()) == honest_document()


def test_the_site_that_nobody_declared_says_so() -> None:
    """Chips at a site without a declaration: the site is there, and marked."""
    world = honest()
    document = document_from(world.judge(without={0}))
    assert (HALL, False) == (only(document.sites).site, only(document.sites).is_declared)
