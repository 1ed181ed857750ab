"""Rules TRN-001 to TRN-005: what re-execution of committed work shows."""

from allstop.finding import Effect, Finding, Subgoal
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Accounts, Hit
from allstop.verdict._replays import Replayed, ReplayState

__all__ = [
    "find_disagreeing_replays",
    "find_failed_replays",
    "find_refused_openings",
    "find_unverifiable_openings",
    "find_void_transcripts",
]


def find_failed_replays(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """TRN-001: an opened item does not re-execute to what was committed.

    What it detects:
        A drawn item whose result, computed again from what its prover opened, is not the result that the
        prover had committed to before anybody could know which items would be drawn.
    Why it matters:
        The party said that its chips did this work. They did something else, or nothing, for at least these
        items; a rival that trains instead of serving at equal load shows the same meter.
    Known problems:
        Says nothing about who else could have done work that does re-execute. A broken disk at the prover's
        looks the same: keep what was committed on two.

    Example:
        Cedar trains a model at the load at which it said it would serve, and invents the answers.
    How to resolve:
        Show how the item was computed, and what else the chips did at that time.
    Basis:
        The agreement's terms of replay; spec/transcript.md section 7; DESIGN section 6, the table's row *verify*.
    """
    return _hits(accounts, ReplayState.FAILED, "TRN-001", Effect.BREACH_1A)


def find_refused_openings(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """TRN-002: drawn items were not opened in time.

    What it detects:
        A draw whose time to open has run out, with drawn items that no opening of the prover contains, or
        contains in a form that does not lead to the commitment.
    Why it matters:
        Whoever opens only what looks good has not been sampled at all.
    Known problems:
        A prover that lost its records looks the same.

    Example:
        Dogwood opens nine of eleven drawn items.
    How to resolve:
        Open the missing items; the finding then falls away.
    Basis:
        The agreement's terms of replay, `open`; spec/transcript.md section 5.
    """
    return _hits(accounts, ReplayState.REFUSED, "TRN-002", Effect.BREACH_1A)


def find_void_transcripts(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """TRN-003: a transcript that shows nothing.

    What it detects:
        A commitment that was logged too late, on a beacon that is too old or is no cosigned note of this
        log, for a job that is not declared, outside the job's window, by a party that is neither its operator
        nor its tenant, or under a name that the party had used before.
    Why it matters:
        What was committed after the fact, or could have been computed long before, proves nothing about the
        time that it is claimed for.
    Known problems:
        None of it is breach: the job merely stays unverified.

    Example:
        Elm commits in March to what its chips are said to have done in January.
    How to resolve:
        Commit in time, on the newest cosigned checkpoint.
    Basis:
        The agreement's terms of replay, `commit` and `fresh`; spec/transcript.md section 7.
    """
    return _hits(accounts, ReplayState.VOID, "TRN-003", Effect.NO_CREDIT)


def find_unverifiable_openings(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """TRN-004: what was opened cannot be re-executed here.

    What it detects:
        A drawn item that was opened and that this version cannot judge: the recipe is unknown to it, or asks
        for more operations than an audit performs.
    Why it matters:
        The job stays unverified for everybody who cannot re-execute it, whatever its owner says.
    Known problems:
        A later version, or a reader with more patience, may be able to.

    Example:
        A recipe of a later version of the format.
    How to resolve:
        Use a recipe that the parties' verifiers can re-execute.
    Basis:
        spec/recipe.md; spec/transcript.md section 7.
    """
    return _hits(accounts, ReplayState.UNVERIFIABLE, "TRN-004", Effect.NOTE)


def find_disagreeing_replays(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """TRN-005: a verifier filed another result than re-execution gives.

    What it detects:
        A verifier's replay that says *passed* where this audit finds a failed item, or *failed* where all
        drawn items pass.
    Why it matters:
        Readers who do not hold the opened items rely on verifiers; one that is wrong must be seen.
    Known problems:
        Found only by readers who hold what was opened. A verifier that measured the time of an item wrongly is
        not found here.

    Example:
        The inspectorate files that all eleven items passed; two of them do not re-execute.
    How to resolve:
        Compare the two computations: a recipe gives the same bytes on every machine.
    Basis:
        spec/transcript.md section 6; threat of a false or friendly verifier.
    """
    return tuple(
        Hit(
            finding=Finding(
                code="TRN-005",
                party=replay.party,
                site=one.filed.value.site,
                about=f"transcript {one.filed.value.transcript} of {one.filed.party}: filed {replay.value.passed} passed"
                f" and {replay.value.failed} failed, re-execution gives {one.passed} and {one.failed}",
                rests_on=tuple(sorted({one.filed.entry, replay.entry})),
                effect=Effect.NOTE,
                subgoals=(Subgoal.DECLARED_USE_ACCURATE,),
            )
        )
        for one in accounts.replays
        for replay in one.disagreeing
    )


def _hits(accounts: Accounts, state: ReplayState, code: str, effect: Effect) -> tuple[Hit, ...]:
    return tuple(_hit(one, code, effect) for one in accounts.replays if one.state is state)


def _hit(one: Replayed, code: str, effect: Effect) -> Hit:
    made = one.filed.value
    return Hit(
        finding=Finding(
            code=code,
            party=one.filed.party,
            site=made.site,
            about=f"transcript {made.transcript} of job {made.job}: {one.why}",
            rests_on=tuple(sorted({one.filed.entry, *one.openings})),
            effect=effect,
            subgoals=(Subgoal.DECLARED_USE_ACCURATE,),
        )
    )
