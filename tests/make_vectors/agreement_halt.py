"""Terms of a halt for the vectors of agreements: in JSON, in TOML, and each way in which they are refused."""

from typing import Any

__all__ = ["HALT", "HALT_REFUSED", "HALT_TOML"]

HALT: dict[str, Any] = {
    "drainMs": 6 * 3_600_000,
    "inventoryMs": 24 * 3_600_000,
    "permitted": [
        {"name": "serving", "jobs": ["inference"], "purposes": [], "parties": [], "capChipMs": "3600000000"},
        {
            "name": "safety-training", "jobs": ["training", "fine-tuning"], "purposes": ["safety"],
            "parties": ["birch"], "capChipMs": None,
        },
    ],
    "resume": [{"motion": "resume-safety", "permitted": ["safety-training"], "parties": []}],
}  # fmt: skip

HALT_TOML = """
[halt]
drain = "PT6H"
inventory = "PT24H"

[[halt.permitted]]
name = "serving"
jobs = ["inference"]
cap_chip_hours = "1000"

[[halt.permitted]]
name = "safety-training"
jobs = ["training", "fine-tuning"]
purposes = ["safety"]
parties = ["birch"]

[[halt.resume]]
motion = "resume-safety"
permitted = ["safety-training"]
"""

Place = tuple[str | int, ...]

HALT_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("halt-null", "what is not agreed is left out, so that it has one spelling", False, (), None),
    ("halt-drain-null", "nobody leaves the drain open", False, ("drainMs",), None),
    ("halt-drain-negative", "nobody stops before the instant", False, ("drainMs",), -1),
    ("halt-inventory-at-once", "nobody can say at once what runs", False, ("inventoryMs",), 0),
    ("halt-without-end", "a time longer than a century is none", False, ("drainMs",), 3_162_240_000_001),
    ("halt-unknown-key", "a key that nobody reads could mean anything", False, ("except",), ["birch"]),
    ("halt-kind-of-its-own", "kinds are those of declared jobs", False, ("permitted", 0, "jobs"), ["evaluation"]),
    ("halt-purpose-of-its-own", "purposes are those of declared jobs", False, ("permitted", 1, "purposes"), ["good"]),
    ("halt-permits-no-kind", "a class admits something", False, ("permitted", 0, "jobs"), []),
    ("halt-kind-twice", "a kind is named once", False, ("permitted", 0, "jobs"), ["inference", "inference"]),
    ("halt-class-twice", "a class is named once", True, ("permitted", 1, "name"), "serving"),
    ("halt-permits-stranger", "whose work may go on is a party", True, ("permitted", 1, "parties"), ["elm"]),
    ("halt-cap-as-number", "amounts are decimal strings", False, ("permitted", 0, "capChipMs"), 3_600_000_000),
    ("halt-resumes-nothing", "a motion releases something", False, ("resume", 0, "permitted"), []),
    ("halt-resumes-unknown-class", "what resumes is a class that may go on", True, ("resume", 0, "permitted"), ["chat"]),
    ("halt-resumes-for-stranger", "for whom it resumes is a party", True, ("resume", 0, "parties"), ["elm"]),
    ("halt-motion-with-space", "a motion has a name", False, ("resume", 0, "motion"), "resume safety"),
]  # fmt: skip
