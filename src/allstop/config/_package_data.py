"""What comes with the package: the reference table of chips and the texts of agreements.

Package data is a convenience for whoever drafts an agreement. Once one is in force, a reader takes the
table from the case, by the digest that the agreement pins, and never from here.
"""

from dataclasses import dataclass
from importlib import resources

from allstop.agreement import parse_toml
from allstop.canon import JSON, format_decimal, format_json
from allstop.errors import MalformedError, NotFoundError
from allstop.ids import Digest, digest_of
from allstop.registry import ChipTable, parse_chip_table

__all__ = [
    "PackagedChipTable",
    "load_agreement_text",
    "load_chip_table",
    "name_agreements",
    "parse_chip_table_toml",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedChipTable:
    """The reference table with the bytes that an agreement pins and a case carries as a blob."""

    table: ChipTable
    data: bytes
    digest: Digest


def load_chip_table() -> PackagedChipTable:
    """Load `reference/chips.toml` of the installed package."""
    text = resources.files("allstop").joinpath("reference", "chips.toml").read_text("utf-8")
    return parse_chip_table_toml(text)


def parse_chip_table_toml(text: str) -> PackagedChipTable:
    """Parse a reference table written for people into its canonical JSON.

    Keys in snake_case become lowerCamelCase and integers become decimals; everything else is checked by
    the strict codec of the table itself.

    Raises:
        LimitError: `text` is longer than a document may be, or has a key of too many parts.
        MalformedError: `text` is not TOML, holds a float, boolean or date, or is not a chip table.
    """
    data = format_json(_to_wire(parse_toml(text, "chip table"), "chips"))
    return PackagedChipTable(table=parse_chip_table(data), data=data, digest=digest_of(data))


def _to_wire(value: object, where: str) -> JSON:
    if isinstance(value, dict):
        return {_camel(key): _to_wire(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        names = where.endswith(".figures")
        items = [_to_wire(item, where) for item in value]
        return [_camel(item) if names and isinstance(item, str) else item for item in items]
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return format_decimal(value)
    raise MalformedError(f"{where}: found {type(value).__name__}, want text or an integer of at least 0")


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def name_agreements() -> tuple[str, ...]:
    """Return the names of the agreements that come with the package, in ascending order."""
    folder = resources.files("allstop").joinpath("agreements")
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


def load_agreement_text(name: str) -> str:
    """Return the TOML of one agreement that comes with the package.

    Raises:
        NotFoundError: there is none of that name.
    """
    if name not in name_agreements():
        raise NotFoundError(
            f"no agreement is called {name[:64]!r}", hint=f"there are: {', '.join(name_agreements())}"
        )
    return resources.files("allstop").joinpath("agreements", f"{name}.toml").read_text("utf-8")
