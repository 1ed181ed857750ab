"""`.tlog-proof` files, C2SP tlog-proof: index, path and cosigned checkpoint. spec/log.md section 5.

Parsing verifies nothing; `allstop.witness.open_tlog_proof` does. The extra line is authenticated by nobody:
it is kept so that the file can be written again, and we never write one ourselves.
"""

from dataclasses import dataclass

from allstop.canon import format_base64, format_decimal, parse_base64, parse_decimal
from allstop.errors import LimitError, MalformedError
from allstop.tlog._hash import SIZE_MAX, Hash, parse_hash
from allstop.tlog._note import NOTE_BYTES_MAX

__all__ = ["PROOF_HASHES_MAX", "TlogProof", "format_tlog_proof", "parse_hash_lines", "parse_tlog_proof"]

PROOF_HASHES_MAX = 63
"""Most hashes in a proof: the height of the largest tree."""

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_EXTRA_BYTES_MAX = 65_536
_PROOF_BYTES_MAX = NOTE_BYTES_MAX + 2 * _EXTRA_BYTES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """That one entry is in a log, for offline use; nothing in it is verified yet.

        c2sp.org/tlog-proof@v1
        index 73894
        gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=

        example.org/evidence-log
        109482
        sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

        — example.org/evidence-log hI2DJw...

    Range: `0 <= index < 2**63`, at most 63 hashes, the extra at most 64 KiB.
    """

    index: int
    hashes: tuple[Hash, ...]
    note: bytes
    unverified_extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index <= SIZE_MAX:
            raise MalformedError(f"proof index is {self.index}, want 0 to {SIZE_MAX}")
        if len(self.hashes) > PROOF_HASHES_MAX:
            raise MalformedError(f"proof has {len(self.hashes)} hashes, want at most {PROOF_HASHES_MAX}")
        if self.unverified_extra is not None and len(self.unverified_extra) > _EXTRA_BYTES_MAX:
            raise MalformedError(f"proof has an extra line of more than {_EXTRA_BYTES_MAX} bytes")


def parse_hash_lines(lines: list[str]) -> tuple[Hash, ...]:
    """Parse at most 63 lines of base64, one hash each.

    Raises:
        MalformedError: too many, or one that is not a hash.
    """
    if len(lines) > PROOF_HASHES_MAX:
        raise MalformedError(f"proof has {len(lines)} hashes, want at most {PROOF_HASHES_MAX}")
    return tuple(parse_hash(parse_base64(line)) for line in lines)


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Parse a `.tlog-proof` file.

    Raises:
        LimitError: the file is too long.
        MalformedError: `data` is not in that form.
    """
    if len(data) > _PROOF_BYTES_MAX:
        raise LimitError(f"proof file has {len(data)} bytes, want at most {_PROOF_BYTES_MAX}")
    head, blank, note = data.partition(b"\n\n")
    if not blank:
        raise MalformedError("proof file has no blank line before its checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as exc:
        raise MalformedError("proof file is not ASCII before its checkpoint") from exc
    if lines.pop(0) != _FIRST_LINE:
        raise MalformedError(f"proof file does not begin with the line {_FIRST_LINE!r}")
    extra: bytes | None = None
    if lines and lines[0].startswith("extra "):
        extra = parse_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise MalformedError("proof file has no index line where one is wanted")
    index = parse_decimal(lines.pop(0).removeprefix("index "))
    return TlogProof(index=index, hashes=parse_hash_lines(lines), note=note, unverified_extra=extra)


def format_tlog_proof(proof: TlogProof) -> bytes:
    """Return the file."""
    lines = [_FIRST_LINE]
    if proof.unverified_extra is not None:
        lines.append(f"extra {format_base64(proof.unverified_extra)}")
    lines.append(f"index {format_decimal(proof.index)}")
    lines.extend(format_base64(hash_) for hash_ in proof.hashes)
    return "\n".join(lines).encode("ascii") + b"\n\n" + proof.note
