"""The `assessment` predicate: what an audit of a case came to, as a verifier signs it for those who hold less of it.

Implements spec/phases.md section 6. It is testimony: whoever holds the same case re-derives the verdict and compares
its digest; everybody else sees how many verifiers, of which blocs, say the same.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_instant, format_window
from allstop.errors import MalformedError
from allstop.finding import Verdict
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.times import Instant, Window
from allstop.units import PPM

__all__ = [
    "ASSESSED_COUNT_MAX",
    "ASSESSMENT_PREDICATE",
    "AssessedParty",
    "Assessment",
    "format_assessment",
    "parse_assessment",
]

ASSESSED_COUNT_MAX = 256
"""Most parties that one assessment may name: as many as an agreement may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedParty:
    """One party's verdict over the window, and the share of its chip-time that meters saw.

        {"party": "alder", "verdict": "UNDETERMINED", "coveragePpm": 912000}

    `coverage_ppm` is rounded down; it is None where the party has named no chips, so that nothing bounds it.
    Range: `0 <= coverage_ppm <= 1_000_000`.
    """

    party: Name
    verdict: Verdict
    coverage_ppm: int | None

    def __post_init__(self) -> None:
        if self.coverage_ppm is not None and not 0 <= self.coverage_ppm <= PPM:
            raise ValueError(f"coverage is {self.coverage_ppm} ppm, want 0 to {PPM}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict of this digest, reached at `at`, says this of each party over the window.

        {"window": {"from": "2027-03-01T00:00:00Z", "until": "2027-03-31T00:00:00Z"}, "at": "2027-04-02T00:00:00Z",
         "verdictDigest": "9f86...", "parties": [{"party": "alder", "verdict": "CONSISTENT", "coveragePpm": 984000}]}

    Parties are in the order of their names, each once, at least one. The window has ended by `at`.
    """

    window: Window
    at: Instant
    verdict_digest: Digest
    parties: tuple[AssessedParty, ...]

    def __post_init__(self) -> None:
        names = [one.party for one in self.parties]
        if not 1 <= len(names) <= ASSESSED_COUNT_MAX:
            raise ValueError(f"assessment has {len(names)} parties, want 1 to {ASSESSED_COUNT_MAX}")
        if sorted(set(names)) != names:
            raise ValueError("assessment has parties in another order than that of their names, or one twice")
        if self.at < self.window.end:
            raise ValueError("assessment is of a window that had not ended")

    def of(self, party: Name) -> AssessedParty | None:
        """Return what it says of a party, or None."""
        return next((one for one in self.parties if one.party == party), None)


def parse_assessment(body: JSON) -> Assessment:
    """Parse the body of an `assessment` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "assessment")
    try:
        assessment = Assessment(
            window=fields.window("window"),
            at=fields.instant("at"),
            verdict_digest=fields.digest("verdictDigest"),
            parties=tuple(_parse_party(one) for one in fields.objects("parties", ASSESSED_COUNT_MAX)),
        )
    except ValueError as exc:
        raise MalformedError(f"assessment: {exc}") from exc
    fields.done()
    return assessment


def _parse_party(fields: Fields) -> AssessedParty:
    party = AssessedParty(
        party=fields.name("party"),
        verdict=fields.choice("verdict", Verdict),
        coverage_ppm=None if fields.raw("coveragePpm") is None else fields.integer("coveragePpm", high=PPM),
    )
    fields.done()
    return party


def format_assessment(assessment: Assessment) -> JSON:
    """Return the body of an `assessment` statement."""
    return {
        "window": format_window(assessment.window),
        "at": format_instant(assessment.at),
        "verdictDigest": assessment.verdict_digest,
        "parties": [
            {"party": one.party, "verdict": one.verdict.value, "coveragePpm": one.coverage_ppm}
            for one in assessment.parties
        ],
    }


ASSESSMENT_PREDICATE = Predicate(
    name=Name("assessment"),
    parse=parse_assessment,
    format=format_assessment,
    audience=Audience.PARTIES,
    secret=("parties.coveragePpm", "verdictDigest"),
)
