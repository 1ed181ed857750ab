"""Rules STM-001 to STM-007 and LOG-001: statements that break a rule of statements.

The ledger has found the faults while folding; these rules put them into words, one code each.
"""

from allstop.finding import Effect, Finding
from allstop.ledger import FaultKind
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit

__all__ = [
    "find_backdated",
    "find_bad_note",
    "find_broken_chain",
    "find_expired",
    "find_malformed",
    "find_misplaced",
    "find_not_authorised",
    "find_unknown_predicate",
]


def find_broken_chain(facts: Facts) -> tuple[Hit, ...]:
    """STM-001: a party's chain of statements is broken.

    What it detects:
        A sequence number that is missing, a statement that does not name the digest of the one before
        it, or two different statements for one number.
    Why it matters:
        The chain is what makes leaving out a statement visible. A party with a broken chain may have
        shown different readers different things.
    Known problems:
        A party that loses its records and starts again breaks its own chain without ill intent.

    Example:
        Elm files statement 7 after statement 5, or two statements with number 6.
    How to resolve:
        Find and file what is missing. Until then nothing that helps the party rests on what it filed.
    Basis:
        DESIGN section 6, monotone under omission; threat-I1; threat-I3; spec/statement.md.
    """
    return _hits(facts, FaultKind.CHAIN, Effect.UNOBSERVED)


def find_unknown_predicate(facts: Facts) -> tuple[Hit, ...]:
    """STM-002: a statement of a kind that this version does not know.

    What it detects:
        A well-signed statement whose predicate is not in the registry of predicates.
    Why it matters:
        It may say something that matters; this program cannot tell and says so.
    Known problems:
        Statements of later versions are shown here; a newer program reads them.

    Example:
        Cedar files a statement of kind weather.
    How to resolve:
        Audit with a version that knows the predicate.
    Basis:
        spec/statement.md.
    """
    return _hits(facts, FaultKind.UNKNOWN_PREDICATE, Effect.NOTE)


def find_malformed(facts: Facts) -> tuple[Hit, ...]:
    """STM-003: a statement whose content is not in its one form.

    What it detects:
        A well-signed statement whose body the codec of its predicate refuses, or a period-close that
        does not fit its own chain.
    Why it matters:
        It counts as not filed: nobody can be sure what it says.
    Known problems:
        None known.

    Example:
        A job whose operations are written with an exponent.
    How to resolve:
        File the statement again in its form.
    Basis:
        The specification page of the predicate.
    """
    return _hits(facts, FaultKind.MALFORMED_BODY, Effect.NOTE)


def find_not_authorised(facts: Facts) -> tuple[Hit, ...]:
    """STM-004: a statement by a party that has no say in the matter.

    What it detects:
        A site, lot of chips or job stated by another party than the site's operator.
    Why it matters:
        Rivals could otherwise fill each other's registers, to blame or to cover.
    Known problems:
        None known.

    Example:
        Birch registers chips at a site that Alder operates.
    How to resolve:
        The operator files it, or the edge between the parties is written into the agreement.
    Basis:
        spec/registry.md; threat-D1.
    """
    return _hits(facts, FaultKind.NOT_AUTHORISED, Effect.NOTE)


def find_backdated(facts: Facts) -> tuple[Hit, ...]:
    """STM-005: a statement names a checkpoint that this log never had.

    What it detects:
        A header that claims to have seen a size and root that are not a state of this log before the
        statement.
    Why it matters:
        The checkpoint that a statement has seen is what bounds its age from below. A false one is an
        attempt at another time, or the trace of a split view.
    Known problems:
        None known.

    Example:
        A statement in entry 40 claims to have seen a tree of 60 entries.
    How to resolve:
        Show the checkpoint: if the log signed it, that is a proof of a split view.
    Basis:
        threat-I2; threat-B1; DESIGN section 3, time.
    """
    return _hits(facts, FaultKind.BACKDATED, Effect.NOTE)


def find_expired(facts: Facts) -> tuple[Hit, ...]:
    """STM-006: a statement had expired when it was filed.

    What it detects:
        A header whose expiry lies before the time of filing that witnesses prove.
    Why it matters:
        The filer itself said that the statement must not be used after that.
    Known problems:
        A slow log can let an honest statement expire.

    Example:
        A deposit that expires on Monday is logged on Tuesday.
    How to resolve:
        File a fresh statement.
    Basis:
        threat-I3; spec/statement.md.
    """
    return _hits(facts, FaultKind.EXPIRED, Effect.NOTE)


def find_misplaced(facts: Facts) -> tuple[Hit, ...]:
    """STM-007: a statement stands where it says nothing.

    What it detects:
        A statement that is logged a second time, logged before the one that it follows, or made under
        another agreement.
    Why it matters:
        Replaying true statements in the wrong place is a cheap forgery. They count once, or not at all.
    Known problems:
        Who did it cannot be told: the party, the log, or a bystander with a copy.

    Example:
        A job declared under a test agreement is logged under this one.
    How to resolve:
        Nothing needs to be done; the statement is ignored.
    Basis:
        threat-I3; spec/case.md section 4.
    """
    return _hits(facts, FaultKind.MISPLACED, Effect.NOTE)


def find_bad_note(facts: Facts) -> tuple[Hit, ...]:
    """LOG-001: a checkpoint statement quotes a note that does not hold.

    What it detects:
        A quoted checkpoint that does not verify under the policy, is not the previous one, has another
        root than this log had, or is dated before an earlier one.
    Why it matters:
        Time is proven by these notes. One that does not hold proves none, and one that a quorum
        cosigned over another root is the proof of a split view.
    Known problems:
        None known.

    Example:
        The log's operator quotes a note with one cosignature where the policy wants three.
    How to resolve:
        The operator publishes a batch that quotes the note that witnesses did cosign.
    Basis:
        threat-B1; threat-I2; spec/checkpoint.md.
    """
    return _hits(facts, FaultKind.BAD_NOTE, Effect.NOTE)


def _hits(facts: Facts, kind: FaultKind, effect: Effect) -> tuple[Hit, ...]:
    return tuple(
        Hit(
            finding=Finding(
                code=kind.value,
                party=fault.party,
                site=None,
                about=fault.text,
                rests_on=(fault.entry,),
                effect=effect,
                subgoals=(),
            )
        )
        for fault in facts.state.faults
        if fault.kind is kind
    )
