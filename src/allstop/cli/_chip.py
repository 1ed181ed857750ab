"""`allstop chip`: the register of chips, and what comes and goes."""

import secrets
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli._documents import read_text, write_document
from allstop.cli._filing import open_filing, report_filed
from allstop.cli._options import (
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    SiteOption,
    as_usage,
    examples,
    make_noun,
    option_parser,
)
from allstop.errors import UsageError
from allstop.ids import Digest, Name, parse_name

if TYPE_CHECKING:
    from allstop.app import Desk

__all__ = ["app"]

_SERIALS_BYTES_MAX = 64 * 1024 * 1024

app = make_noun("chip", "Register chips, and what comes and goes.")

ChipTypeOption = Annotated[
    Name,
    typer.Option(
        "--type", metavar="NAME", parser=option_parser(parse_name), help="Type, by its id in the chip table."
    ),
]
LotOption = Annotated[
    Name,
    typer.Option("--lot", metavar="NAME", parser=option_parser(parse_name), help="Name of these chips."),
]
CountOption = Annotated[int, typer.Option("--count", metavar="N", min=1, help="How many chips.")]


class _Kind(Enum):
    TRANSFER = "transfer"
    DESTRUCTION = "destruction"
    SUPPLY = "supply"


@app.command(
    epilog=examples(
        "allstop chip register --site hall-1 --lot alder-h100 --type h100-sxm-80gb\n"
        "    --count 512 --party alder --key alder.key"
    )
)
def register(
    site: SiteOption,
    lot: LotOption,
    chip_type: ChipTypeOption,
    count: CountOption,
    party: PartyOption,
    key: KeyOption,
    serials: Annotated[
        Path | None,
        typer.Option(
            "--serials", metavar="FILE", help="Serial numbers, one a line, in the order of the chips."
        ),
    ] = None,
    salts: Annotated[
        Path | None,
        typer.Option(
            "--salts", metavar="FILE", help="New private file for the salts; wanted with --serials."
        ),
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Register a lot of identical chips at a site. They count at full capacity until proven gone.

    Serial numbers are committed to under one hash and are not in the log; with the salts they can be
    shown one by one to an inspector.
    """
    from allstop.registry import CHIPS_PREDICATE, Chips

    with open_filing(log, party, key, cosign) as filing:
        _check_type(filing.desk, chip_type)
        root, serials_count = _commit_serials(serials, salts, count)
        value = as_usage(
            lambda: Chips(
                lot=lot,
                site=site,
                chip_type=chip_type,
                count=count,
                serials_root=root,
                serials_count=serials_count,
            )
        )
        report_filed("chips", filing, filing.file(CHIPS_PREDICATE, value), as_json=as_json)


def _check_type(desk: "Desk", chip_type: Name) -> None:
    """Refuse a type that the agreed table does not have: its chips could not be counted."""
    from allstop.app import load_agreed_chips

    table = load_agreed_chips(desk)
    if table.find_type(chip_type) is None:
        known = ", ".join(one.id for one in table.chips)
        raise UsageError(f"chip type {chip_type} is not in the agreed table", hint=f"it has: {known}")


def _commit_serials(serials: Path | None, salts: Path | None, count: int) -> tuple[Digest | None, int]:
    """Return root and number of the serials, and write the secret salts that open them one by one."""
    from allstop.registry import SALT_BYTES, serials_root

    if serials is None and salts is None:
        return None, 0
    if serials is None or salts is None:
        raise UsageError("--serials and --salts go together: without its salt no serial can be shown")
    lines = read_text(serials, bytes_max=_SERIALS_BYTES_MAX).split()
    if len(lines) > count:
        raise UsageError(f"{serials} has {len(lines)} serial numbers for {count} chips")
    secret = [secrets.token_bytes(SALT_BYTES) for _ in lines]
    root = as_usage(lambda: serials_root(lines, secret))
    table = "".join(f"{serial} {salt.hex()}\n" for serial, salt in zip(lines, secret, strict=True))
    write_document(salts, table.encode(), mode=0o600)
    return root, len(lines)


@app.command(
    epilog=examples(
        "allstop chip transfer --kind transfer --lot alder-h100 --from hall-1 --to hall-2\n"
        "    --type h100-sxm-80gb --count 8 --party alder --key alder.key --cosign birch=birch.key"
    )
)
def transfer(
    kind: Annotated[_Kind, typer.Option("--kind", help="What happened to the chips.")],
    lot: LotOption,
    chip_type: ChipTypeOption,
    count: CountOption,
    party: PartyOption,
    key: KeyOption,
    origin: Annotated[
        Name | None,
        typer.Option(
            "--from", metavar="SITE", parser=option_parser(parse_name), help="Site that they leave."
        ),
    ] = None,
    arrival: Annotated[
        Name | None,
        typer.Option("--to", metavar="SITE", parser=option_parser(parse_name), help="Site that they reach."),
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """State that chips moved between sites, were destroyed, or were delivered.

    What lowers a party's count helps it, so it takes effect only if the other side signs too (--cosign).
    """
    from allstop.registry import TRANSFER_PREDICATE, Transfer, TransferKind

    value = as_usage(
        lambda: Transfer(
            lot=lot,
            kind=TransferKind(kind.value),
            from_site=origin,
            to_site=arrival,
            chip_type=chip_type,
            count=count,
        )
    )
    with open_filing(log, party, key, cosign) as filing:
        _check_type(filing.desk, chip_type)
        report_filed("transfer", filing, filing.file(TRANSFER_PREDICATE, value), as_json=as_json)
