"""Checkpoints, C2SP tlog-checkpoint v1.0.0: what a log claims about its tree. See spec/log.md section 2.

Extension lines are refused: no monitor audits them and an ML-DSA-44 cosignature does not sign them.
"""

from dataclasses import dataclass

from allstop.canon import format_base64, format_decimal, parse_base64, parse_decimal
from allstop.errors import MalformedError
from allstop.tlog._hash import SIZE_MAX, Hash, parse_hash

__all__ = ["ORIGIN_BYTES_MAX", "Checkpoint", "format_checkpoint", "parse_checkpoint"]

ORIGIN_BYTES_MAX = 255
"""Longest origin: an ML-DSA-44 cosignature carries its length in one byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A log's claim: "at this size, my root is this". Who signed it is the note's business.

        example.org/evidence-log
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    Range: origin 1 to 255 bytes of UTF-8 without control characters, `0 <= size < 2**63`.
    """

    origin: str
    size: int
    root: Hash

    def __post_init__(self) -> None:
        if any(char < " " for char in self.origin):
            raise MalformedError("checkpoint origin has a control character")
        if not 1 <= len(self.origin.encode("utf-8")) <= ORIGIN_BYTES_MAX:
            raise MalformedError(f"checkpoint origin is empty or has more than {ORIGIN_BYTES_MAX} bytes")
        if not 0 <= self.size <= SIZE_MAX:
            raise MalformedError(f"checkpoint size is {self.size}, want 0 to {SIZE_MAX}")
        parse_hash(self.root)


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Parse the text of a checkpoint note: exactly three lines.

    Raises:
        MalformedError: `text` is not in that form, or has extension lines.
    """
    try:
        lines = text.decode("utf-8").split("\n")
    except UnicodeDecodeError as exc:
        raise MalformedError("checkpoint is not UTF-8") from exc
    if len(lines) != 4 or lines[3]:
        raise MalformedError(f"checkpoint has {len(lines) - 1} lines, want 3 and no extension")
    root = parse_hash(parse_base64(lines[2]))
    return Checkpoint(origin=lines[0], size=parse_decimal(lines[1]), root=root)


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Return the text that a note signs."""
    size, root = format_decimal(checkpoint.size), format_base64(checkpoint.root)
    return f"{checkpoint.origin}\n{size}\n{root}\n".encode()
