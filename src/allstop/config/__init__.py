"""Package data: the reference table of chips and the agreements that come with allstop."""

from allstop.config._package_data import (
    PackagedChipTable,
    load_agreement_text,
    load_chip_table,
    name_agreements,
    parse_chip_table_toml,
)

__all__ = [
    "PackagedChipTable",
    "load_agreement_text",
    "load_chip_table",
    "name_agreements",
    "parse_chip_table_toml",
]
