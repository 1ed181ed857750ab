"""Terms of becoming bound and of leaving for the vectors of agreements: in JSON, in TOML, and how they are refused."""

from typing import Any

__all__ = ["BINDING", "BINDING_REFUSED", "BINDING_TOML", "LEAVING", "LEAVING_REFUSED"]

DAY_MS = 86_400_000

BINDING: dict[str, Any] = {
    "signatureFirst": ["operator"],
    "approvalFirst": ["operator", "tenant"],
    "withdrawable": True,
    "provisional": ["4.2"],
    "reservable": ["4.1"],
    "sealed": {
        "custodians": ["birch", "cedar"], "threshold": 2, "receipts": 2,
        "close": "2027-11-01T12:00:00Z", "openBy": "2027-11-03T12:00:00Z",
    },
    "accession": {"until": "2029-01-01T00:00:00Z", "rule": "admit", "leadMs": 30 * DAY_MS},
}  # fmt: skip

LEAVING: dict[str, Any] = {
    "notice": {"amount": 12, "unit": "months"},
    "survives": ["4.2"],
    "together": True,
    "vote": "let-go",
    "sprint": {"growthPpm": 100_000, "windowMs": 90 * DAY_MS},
}

BINDING_TOML = """
[binding]
signature_first = ["operator"]
approval_first = ["operator", "tenant"]
withdrawable = true
provisional = ["4.2"]
reservable = ["4.1"]

[binding.sealed]
custodians = ["birch", "cedar"]
threshold = 2
receipts = 2
close = "2027-11-01T12:00:00Z"
open_by = "2027-11-03T12:00:00Z"

[binding.accession]
until = "2029-01-01T00:00:00Z"
rule = "admit"
lead = "P30D"

[leaving]
notice = { months = 12 }
survives = ["4.2"]
vote = "let-go"
sprint = { percent = "10", window = "P90D" }
"""

Place = tuple[str | int, ...]

BINDING_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("binding-null", "what is not agreed is left out, so that it has one spelling", False, (), None),
    ("binding-kind-of-its-own", "kinds are those of parties", False, ("signatureFirst",), ["king"]),
    ("binding-kind-twice", "a kind is named once", False, ("approvalFirst",), ["tenant", "tenant"]),
    ("binding-withdrawable-left-open", "yes or no", False, ("withdrawable",), None),
    ("binding-provisional-stranger", "what is applied is a clause", True, ("provisional",), ["9.9"]),
    ("binding-reservable-stranger", "what is reserved is a clause", True, ("reservable",), ["9.9"]),
    ("binding-unknown-key", "a key that nobody reads could mean anything", False, ("ratified",), True),
    ("binding-one-opens", "one custodian could look early alone", False, ("sealed", "threshold"), 1),
    ("binding-more-opens-than-receipts", "what nobody holds cannot be opened", True, ("sealed", "threshold"), 3),
    ("binding-more-receipts-than-custodians", "it could never count", True, ("sealed", "receipts"), 3),
    ("binding-custodian-stranger", "who keeps shares is a party", True, ("sealed", "custodians"), ["birch", "elm"]),
    ("binding-custodian-twice", "a custodian keeps one share", False, ("sealed", "custodians"), ["cedar", "cedar"]),
    ("binding-opens-before-the-close", "first sealed, then opened", True, ("sealed", "openBy"), "2027-11-01T12:00:00Z"),
    ("binding-opens-after-the-deadline", "the condition is met by the deadline or never", True, ("sealed", "openBy"), "2028-01-01T00:00:00Z"),
    ("binding-opens-longer-than-the-lead", "who opens last is bound with the others", True, ("sealed", "close"), "2027-10-01T12:00:00Z"),
    ("binding-accession-before-the-deadline", "nobody could accede", True, ("accession", "until"), "2027-12-31T00:00:00Z"),
    ("binding-accession-lead-negative", "nobody is bound before it accedes", False, ("accession", "leadMs"), -1),
    ("binding-accession-rule-with-space", "a motion has a name", False, ("accession", "rule"), "all of us"),
]  # fmt: skip

LEAVING_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("leaving-null", "what is not agreed is left out, so that it has one spelling", False, (), None),
    ("leaving-at-once", "a notice gives the others time", False, ("notice", "amount"), 0),
    ("leaving-unit-of-its-own", "units are those of clocks", False, ("notice", "unit"), "fortnights"),
    ("leaving-survives-stranger", "what survives is a clause", True, ("survives",), ["9.9"]),
    ("leaving-survives-twice", "a clause survives once", False, ("survives",), ["4.2", "4.2"]),
    ("leaving-together-left-open", "yes or no", False, ("together",), None),
    ("leaving-sprint-by-nothing", "growth is something", False, ("sprint", "growthPpm"), 0),
    ("leaving-unknown-key", "a key that nobody reads could mean anything", False, ("except",), []),
]  # fmt: skip
