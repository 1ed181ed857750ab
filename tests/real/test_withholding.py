"""Nothing is gained by leaving out, on real measurements (DESIGN section 3).

For statements that a duty asks for, and for blobs: without it no clause and no subgoal becomes CONSISTENT
that was not, and the room to hide does not fall. `make test-long` tries all of them.
"""

from itertools import combinations

import pytest
from hypothesis import settings

from allstop.case import parse_blob_path
from allstop.errors import VerificationError
from allstop.ids import Digest
from allstop.store import DirectoryCaseFiles
from allstop.verdict import CaseVerdict
from support_real import Cases, CaseTerms, RealRun, audit

IS_LONG = settings.get_current_profile_name() == "long"

STATEMENTS = (
    "site",
    "chips",
    "meter:wall-1",
    "measurement",
    "job",
    "alder:period-close",
    "birch:period-close",
)
NAMING_CHIPS = frozenset({"chips", "meter:wall-1", "job"})
"""Without any of these nothing on the log names a chip, and what nobody names is subgoal 2B."""

GPT3_METERS = (
    tuple(f"meter:node-{number}" for number in range(1, 65))
    if IS_LONG
    else ("meter:node-1", "meter:node-6", "meter:node-36")
)
GPT3_UNHELD = ("node-1", "node-6", "node-36", "sw-0")


def consistent(verdict: CaseVerdict) -> set[tuple[str, str]]:
    """Return everything that the verdict calls CONSISTENT: clauses, subgoals, parties."""
    found = set()
    for party in verdict.parties:
        named = [(clause.clause, clause.verdict) for clause in party.clauses]
        named += [(goal.value, one) for goal, one in party.subgoals.items() if one is not None]
        named.append(("all", party.verdict))
        found |= {(str(party.party), what) for what, one in named if one.value == "CONSISTENT"}
    return found


def rooms(verdict: CaseVerdict) -> list[int]:
    """Return the room to hide of the site, with no liar and with one, and of all sites together."""
    site = [room for one in verdict.sites for room in one.room_flop]
    return [*(site or [0, 0]), *verdict.room_flop]


def check_nothing_gained(full: CaseVerdict, less: CaseVerdict, *, has_chips: bool = True) -> None:
    """Compare the verdict on a case with that on the same case of which something was left out."""
    assert not consistent(less) - consistent(full)
    assert full.verdict.value == less.verdict.value or less.verdict.value != "CONSISTENT"
    if has_chips:
        assert all(after >= before for before, after in zip(rooms(full), rooms(less), strict=True))


def silences(count_max: int) -> list[frozenset[str]]:
    """Return every set of up to so many statements."""
    return [frozenset(s) for count in range(1, count_max + 1) for s in combinations(STATEMENTS, count)]


@pytest.mark.parametrize(
    "silent", silences(len(STATEMENTS) if IS_LONG else 2), ids=lambda s: "+".join(sorted(s))
)
def test_silence_gains_nothing(cases: Cases, offline: RealRun, silent: frozenset[str]) -> None:
    """One wall meter, every statement, every pair: no better than with any one of them filed again."""
    less = cases.verdict(offline, CaseTerms(silent=silent))
    for statement in silent:
        full = cases.verdict(offline, CaseTerms(silent=silent - {statement}))
        check_nothing_gained(full, less, has_chips=not silent >= NAMING_CHIPS)


def test_silence_about_everything_is_undetermined(cases: Cases, offline: RealRun) -> None:
    """Operator and tenant who file nothing at all earn nothing: no clause is CONSISTENT."""
    verdict = cases.verdict(offline, CaseTerms(silent=frozenset(STATEMENTS)))
    assert not consistent(verdict)
    assert verdict.verdict.value == "UNDETERMINED"


def test_a_tenant_gains_nothing_by_its_operators_silence(cases: Cases, offline: RealRun) -> None:
    """Site declared, and then no chips, meters, readings or jobs: the tenant has shown nothing either."""
    silent = frozenset({"chips", "meter:wall-1", "measurement", "job"})
    verdict = cases.verdict(offline, CaseTerms(silent=silent))
    assert not consistent(verdict)


def test_leaving_out_the_declaration_of_a_site_does_not_empty_it(cases: Cases, offline: RealRun) -> None:
    """Chips, meters and jobs at a site that nobody declared count in full; the declaration is missing."""
    verdict = cases.verdict(offline, CaseTerms(silent=frozenset({"site"})))
    assert rooms(cases.verdict(offline)) == rooms(verdict)
    reasons = {reason for party in verdict.parties for one in party.clauses for reason in one.reasons}
    assert "missing: a declaration of site hall-1" in reasons


def test_every_blob_not_held_gains_nothing(cases: Cases, offline: RealRun) -> None:
    """Without the agreement or the chip table there is no verdict; without readings no better one."""
    case = cases.case(offline)
    paths = [path for path in DirectoryCaseFiles(case.folder).paths() if path.startswith("blobs/")]
    refused = 0
    for digest in map(parse_blob_path, paths):
        try:
            check_nothing_gained(cases.verdict(offline), audit(case, hidden=[digest]))
        except VerificationError:
            refused += 1
    assert (3, 2) == (len(paths), refused)


@pytest.mark.parametrize("statement", ["site", "chips", "meter:sw-0", *GPT3_METERS])
def test_64_meters_silence_gains_nothing(cases: Cases, gpt3: RealRun, statement: str) -> None:
    """An original, its copy, a meter without copy, the switch, site and chips, each left out alone."""
    less = cases.verdict(gpt3, CaseTerms(silent=frozenset({statement})))
    check_nothing_gained(cases.verdict(gpt3), less)


def test_64_meters_blobs_not_held_gain_nothing(cases: Cases, gpt3: RealRun) -> None:
    """A blob that two meters share, one of a meter without copy, the switch's; all of them in the long run."""
    series = [one for filed in cases.verdict(gpt3).state.measurements for one in filed.value.series]
    blobs: dict[Digest, None] = {one.blob: None for one in series if IS_LONG or one.meter in GPT3_UNHELD}
    for blob in blobs:
        less = audit(cases.case(gpt3), hidden=[blob])
        assert [blob] == list(less.not_held)
        check_nothing_gained(cases.verdict(gpt3), less)
