"""Package data: the reference table of chips, agreements, and the claims that allstop makes."""

from allstop.config._claims import (
    Chapter,
    Claim,
    Figure,
    Place,
    Unclaimed,
    find_claim,
    load_claims,
    parse_chapter,
)
from allstop.config._package_data import (
    PackagedChipTable,
    load_agreement_text,
    load_chip_table,
    name_agreements,
    parse_chip_table_toml,
)

__all__ = [
    "Chapter",
    "Claim",
    "Figure",
    "PackagedChipTable",
    "Place",
    "Unclaimed",
    "find_claim",
    "load_agreement_text",
    "load_chip_table",
    "load_claims",
    "name_agreements",
    "parse_chapter",
    "parse_chip_table_toml",
]
