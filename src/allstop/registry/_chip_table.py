"""The reference table of chip types (spec/registry.md section 5).

An agreement pins one table by the digest of its canonical JSON, and a reader takes it from the case, never
from the installed package. Every figure names its source and how far that source is trusted.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_decimal, format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.finding import NUMBER_FORMATS, Grade
from allstop.ids import Name

__all__ = [
    "ATTOJOULE_PER_MILLIJOULE",
    "CHIP_TYPES_MAX",
    "ChipTable",
    "ChipType",
    "Source",
    "format_chip_table",
    "parse_chip_table",
]

CHIP_TYPES_MAX = 1000
"""Largest number of types in one table."""

ATTOJOULE_PER_MILLIJOULE = 10**15
"""Attojoules (1e-18 J) in one millijoule."""

_FIGURE_MAX = 10**24
_TEXT_CHARS_MAX = 1000
_SOURCES_MAX = 64

_SCALARS = (
    ("tdpMilliwatt", "tdp_milliwatt"),
    ("memoryBytes", "memory_bytes"),
    ("floorMilliwatt", "floor_milliwatt"),
    ("idleMilliwatt", "idle_milliwatt"),
    ("unitMilliwatt", "unit_milliwatt"),
    ("joulePerFlopMinAttojoule", "joule_per_flop_min_attojoule"),
)
"""Figures that every type has, as they are named on the wire and in Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where some figures come from: `{"figures": ["fp8", "int8"], "grade": "Q", "text": "..."}`."""

    figures: tuple[str, ...]
    grade: Grade
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipType:
    """What one type of accelerator can do at most, and what its server draws.

    `peaks` maps number formats to dense operations per second. The powers are shares of a whole server,
    per chip, at the power supply: `floor_milliwatt` is drawn by any server that is on, even if its chips
    compute nothing (too low is safe); at or below `idle_milliwatt` a unit counts as idle;
    `unit_milliwatt` is the most that it draws. `joule_per_flop_min_attojoule` is the best energy per
    operation at any power limit (too low is safe).
    Range: `0 <= floor <= idle < unit`, everything else at least 1.
    """

    id: Name
    name: str
    peaks: Mapping[str, int]
    tdp_milliwatt: int
    memory_bytes: int
    floor_milliwatt: int
    idle_milliwatt: int
    unit_milliwatt: int
    joule_per_flop_min_attojoule: int
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        unknown = sorted(set(self.peaks) - set(NUMBER_FORMATS))
        if unknown or not self.peaks:
            raise ValueError(f"chip {self.id} has peaks {unknown or 'of no format'}, want {NUMBER_FORMATS}")
        figures = (*self.peaks.values(), self.tdp_milliwatt, self.memory_bytes, self.unit_milliwatt)
        for figure in (*figures, self.joule_per_flop_min_attojoule):
            if not 1 <= figure <= _FIGURE_MAX:
                raise ValueError(f"chip {self.id} has a figure of {figure}, want 1 to {_FIGURE_MAX}")
        if not 0 <= self.floor_milliwatt <= self.idle_milliwatt < self.unit_milliwatt:
            raise ValueError(f"chip {self.id} has powers that do not satisfy 0 <= floor <= idle < unit")

    @property
    def peak_flop_per_second(self) -> int:
        """The highest dense peak over all formats: operations count in the format used."""
        return max(self.peaks.values())

    @property
    def figures(self) -> frozenset[str]:
        """Names of all figures, as `sources` cite them: formats, then the wire names of the others."""
        return frozenset(self.peaks) | {wire for wire, _ in _SCALARS}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipTable:
    """All chip types that an agreement knows, in ascending order of id."""

    title: str
    chips: tuple[ChipType, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.chips) <= CHIP_TYPES_MAX:
            raise ValueError(f"chip table has {len(self.chips)} types, want 1 to {CHIP_TYPES_MAX}")
        for before, after in itertools.pairwise(self.chips):
            if not before.id < after.id:
                raise ValueError(f"chip type {after.id} follows {before.id}, want ascending ids")
        for chip in self.chips:
            _check_sources(chip)

    def find_type(self, chip_type: Name) -> ChipType | None:
        """Return the type with this id, or None: an unknown type is a finding, never a default."""
        return next((chip for chip in self.chips if chip.id == chip_type), None)


def _check_sources(chip: ChipType) -> None:
    cited = sorted(figure for source in chip.sources for figure in source.figures)
    if cited != sorted(chip.figures):
        raise ValueError(
            f"chip {chip.id} cites sources for {cited}, want each of {sorted(chip.figures)} once"
        )


def parse_chip_table(data: bytes) -> ChipTable:
    """Parse a reference table from its canonical JSON.

    Raises:
        MalformedError: `data` is not canonical, lacks a figure or a source, or is out of order.
    """
    fields = Fields(parse_canonical_json(data), "chips")
    try:
        table = ChipTable(
            title=fields.text("title", chars_max=_TEXT_CHARS_MAX),
            chips=tuple(_parse_chip(item) for item in fields.objects("chips", CHIP_TYPES_MAX)),
        )
    except ValueError as exc:
        raise MalformedError(f"chip table: {exc}") from exc
    fields.done()
    return table


def _parse_chip(fields: Fields) -> ChipType:
    peak_fields = fields.object("peaks")
    peaks = {name: peak_fields.decimal(name) for name in NUMBER_FORMATS if peak_fields.has(name)}
    peak_fields.done()
    chip = ChipType(
        id=fields.name("id"),
        name=fields.text("name"),
        peaks=peaks,
        tdp_milliwatt=fields.decimal("tdpMilliwatt"),
        memory_bytes=fields.decimal("memoryBytes"),
        floor_milliwatt=fields.decimal("floorMilliwatt"),
        idle_milliwatt=fields.decimal("idleMilliwatt"),
        unit_milliwatt=fields.decimal("unitMilliwatt"),
        joule_per_flop_min_attojoule=fields.decimal("joulePerFlopMinAttojoule"),
        sources=tuple(_parse_source(item) for item in fields.objects("sources", _SOURCES_MAX)),
    )
    fields.done()
    return chip


def _parse_source(fields: Fields) -> Source:
    source = Source(
        figures=fields.texts("figures", _SOURCES_MAX),
        grade=fields.choice("grade", Grade),
        text=fields.text("text", chars_max=_TEXT_CHARS_MAX),
    )
    fields.done()
    return source


def format_chip_table(table: ChipTable) -> bytes:
    """Return the canonical JSON of the table, whose SHA-256 is the table's identity."""
    return format_json({"title": table.title, "chips": [_format_chip(chip) for chip in table.chips]})


def _format_chip(chip: ChipType) -> JSON:
    body: dict[str, JSON] = {
        "id": chip.id,
        "name": chip.name,
        "peaks": {name: format_decimal(peak) for name, peak in chip.peaks.items()},
        "sources": [
            {"figures": list(source.figures), "grade": source.grade.value, "text": source.text}
            for source in chip.sources
        ],
    }
    for wire, attribute in _SCALARS:
        body[wire] = format_decimal(getattr(chip, attribute))
    return body
