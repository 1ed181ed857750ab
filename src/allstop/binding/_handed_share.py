"""The share on its way to a custodian: a file that only it should read; and sealing a choice into such files.

Implements spec/binding.md section 4, "On its way". It never goes into the log before the deposit is to be opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.binding._sealed import SealedDeposit
from allstop.binding._sharing import (
    CUSTODIANS_MAX,
    SHARE_BYTES,
    SHARE_PRIME,
    Choice,
    SealContext,
    commit_share,
    derive_shares,
    is_share,
    make_secret,
    open_seal,
)
from allstop.canon import Fields, format_base64, format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.ids import Name

__all__ = [
    "HANDED_SHARE_BYTES_MAX",
    "HANDED_SHARE_TYPE",
    "HandedShare",
    "format_handed_share",
    "parse_handed_share",
    "seal_choice",
]

HANDED_SHARE_TYPE = "urn:allstop:handed-share:v1"
"""Value of `type` in such a file."""

HANDED_SHARE_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedShare:
    """One share of a sealed deposit, for the custodian with this index.

    {"agreement": "9f86...", "custodian": "cedar", "index": 1, "party": "alder", "share": "AAEC...",
     "threshold": 2, "type": "urn:allstop:handed-share:v1"}
    """

    context: SealContext
    custodian: Name
    index: int
    share: bytes

    def __post_init__(self) -> None:
        if not 1 <= self.index <= CUSTODIANS_MAX:
            raise ValueError(f"index of the share is {self.index}, want 1 to {CUSTODIANS_MAX}")
        if len(self.share) != SHARE_BYTES or int.from_bytes(self.share, "big") >= SHARE_PRIME:
            raise ValueError(f"share is not {SHARE_BYTES} bytes that name a number below the prime")

    def fits(self, sealed: SealedDeposit) -> bool:
        """Tell whether this is the share that a sealed deposit committed to for this custodian."""
        return (
            self.index <= len(sealed.custodians)
            and sealed.custodians[self.index - 1] == self.custodian
            and sealed.threshold == self.context.threshold
            and is_share(self.share, index=self.index, commitments=sealed.commitments, context=self.context)
        )


def seal_choice(
    *, is_deposit: bool, random: bytes, context: SealContext, custodians: Sequence[Name]
) -> tuple[SealedDeposit, tuple[HandedShare, ...]]:
    """Seal a choice: return the statement's body, and each custodian's share, in their order.

    Raises:
        ValueError: the random bytes or the custodians are too few or too many, or the shares would not open.
    """
    secret = make_secret(is_deposit=is_deposit, random=random)
    shares = derive_shares(secret, count=len(custodians), context=context)
    sealed = SealedDeposit(
        threshold=context.threshold,
        custodians=tuple(custodians),
        commitments=tuple(
            commit_share(share, index=i, context=context) for i, share in enumerate(shares, start=1)
        ),
    )
    # What opens otherwise than it was meant could never be taken back, so it is tried before anybody sees it.
    found = open_seal(dict(enumerate(shares, start=1)), commitments=sealed.commitments, context=context)
    if found is not (Choice.DEPOSIT if is_deposit else Choice.NONE):
        raise ValueError(f"sealed deposit would open as {found.value}")
    handed = tuple(
        HandedShare(context=context, custodian=name, index=i, share=share)
        for i, (name, share) in enumerate(zip(custodians, shares, strict=True), start=1)
    )
    return sealed, handed


def parse_handed_share(data: bytes) -> HandedShare:
    """Parse the file of a share.

    Raises:
        MalformedError: it is not canonical JSON in that form; the message holds nothing of the share.
    """
    fields = Fields(parse_canonical_json(data), "share")
    if fields.text("type") != HANDED_SHARE_TYPE:
        raise MalformedError(f"share.type: want {HANDED_SHARE_TYPE!r}")
    try:
        handed = HandedShare(
            context=SealContext(
                agreement=fields.digest("agreement"),
                party=fields.name("party"),
                threshold=fields.integer("threshold", 2, CUSTODIANS_MAX),
            ),
            custodian=fields.name("custodian"),
            index=fields.integer("index"),
            share=fields.data("share"),
        )
    except ValueError as exc:
        raise MalformedError(f"share: {exc}") from exc
    fields.done()
    return handed


def format_handed_share(handed: HandedShare) -> bytes:
    """Return the file of a share."""
    return format_json(
        {
            "type": HANDED_SHARE_TYPE,
            "agreement": handed.context.agreement,
            "party": handed.context.party,
            "threshold": handed.context.threshold,
            "custodian": handed.custodian,
            "index": handed.index,
            "share": format_base64(handed.share),
        }
    )
