"""Filing from the command line: open the desk, load who signs, file, report."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from allstop.canon import JSON
from allstop.cli._options import as_usage, parse_pair
from allstop.cli._output import emit
from allstop.ids import Name, parse_name

if TYPE_CHECKING:
    from allstop.app import Desk
    from allstop.keys import SigningKey
    from allstop.service import Chain
    from allstop.statement import Predicate

__all__ = ["Filing", "open_filing", "parse_cosigners", "report_filed"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """An open desk, the party that files, and the keys that sign."""

    desk: "Desk"
    party: Name
    signers: "Sequence[SigningKey]"

    def file(self, predicate: "Predicate[_T]", value: _T) -> "Chain":
        """File the party's next statement.

        Raises:
            UsageError: it would be larger than an entry of the log may be.
        """
        return as_usage(lambda: self.desk.file(predicate, value, party=self.party, signers=self.signers))


def parse_cosigners(pairs: Sequence[str] | None) -> list[tuple[Name, Path]]:
    """Parse `PARTY=FILE` for each other party that signs too."""
    return [_parse_cosigner(pair) for pair in pairs or ()]


def _parse_cosigner(text: str) -> tuple[Name, Path]:
    party, path = parse_pair(text, form="PARTY=FILE for --cosign")
    return as_usage(lambda: parse_name(party)), Path(path)


@contextmanager
def open_filing(
    log: Path | None, party: Name, keys: Sequence[Path], cosign: Sequence[str] | None = None
) -> Iterator[Filing]:
    """Open the desk for one command and check who signs before anything is filed."""
    from allstop.app import default_log_folder, load_signers, open_desk

    cosigners = parse_cosigners(cosign)
    with open_desk(log or default_log_folder()) as desk:
        signers = load_signers(desk.terms, party=party, keys=keys, cosigners=cosigners)
        yield Filing(desk=desk, party=party, signers=signers)


def report_filed(
    what: str, filing: Filing, chain: "Chain", *, as_json: bool, extra: dict[str, JSON] | None = None
) -> None:
    """Print where the last statement that was filed stands in its party's chain."""
    sequence = chain.sequence - 1
    value: dict[str, JSON] = {
        "filed": what,
        "party": filing.party,
        "sequence": str(sequence),
        "statement": chain.previous,
    }
    emit(
        value | (extra or {}),
        [
            f"filed {what}: statement {sequence} of {filing.party}, {chain.previous}",
            "it is pending until the operator publishes it with: allstop log checkpoint",
        ],
        as_json=as_json,
    )
