"""The predicates `sealed-deposit`, `share-receipt` and `share`: a choice that others will open.

Implements spec/binding.md section 4. The bodies hold commitments and shares; what they mean together is in
`_sharing`, and what follows from them in `standing`.
"""

from dataclasses import dataclass

from allstop.binding._sharing import CUSTODIANS_MAX, SHARE_BYTES, SHARE_PRIME
from allstop.canon import JSON, Fields, format_base64
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = [
    "SEALED_DEPOSIT_PREDICATE",
    "SHARE_PREDICATE",
    "SHARE_RECEIPT_PREDICATE",
    "SealedDeposit",
    "Share",
    "ShareReceipt",
    "format_sealed_deposit",
    "format_share",
    "format_share_receipt",
    "parse_sealed_deposit",
    "parse_share",
    "parse_share_receipt",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDeposit:
    """A deposit, or none, that nobody can read yet and that its party cannot take back.

        {"threshold": 2, "custodians": ["cedar", "dogwood", "elm"], "commitments": ["9f86...", "2c26...", "fcde..."]}

    Commitment `i` is that of share `i + 1`, kept by custodian `i`; any `threshold` of the shares open it.
    Range: `2 <= threshold <= len(custodians) == len(commitments) <= CUSTODIANS_MAX`, custodians distinct.
    """

    threshold: int
    custodians: tuple[Name, ...]
    commitments: tuple[Digest, ...]

    def __post_init__(self) -> None:
        if len(self.custodians) != len(self.commitments):
            raise ValueError(
                f"there are {len(self.custodians)} custodians and {len(self.commitments)} commitments"
            )
        if not 2 <= self.threshold <= len(self.custodians) <= CUSTODIANS_MAX:
            raise ValueError(
                f"threshold is {self.threshold} of {len(self.custodians)}, want 2 <= threshold <= custodians"
            )
        if len(set(self.custodians)) != len(self.custodians):
            raise ValueError("a custodian is named twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareReceipt:
    """A custodian's word that it holds share `index` of a sealed deposit, and that it matches.

        {"deposit": "9f86...", "index": 1}

    `deposit` is the digest of the statement. Range: `1 <= index <= CUSTODIANS_MAX`.
    """

    deposit: Digest
    index: int

    def __post_init__(self) -> None:
        if not 1 <= self.index <= CUSTODIANS_MAX:
            raise ValueError(f"index of the share is {self.index}, want 1 to {CUSTODIANS_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Share `index` of a sealed deposit, for all to see. 32 bytes; whether it matches is for the reader.

    Wire form: `{"deposit": "9f86...", "index": 1, "share": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}`.
    Range: `1 <= index <= CUSTODIANS_MAX`; the share as a number is below `SHARE_PRIME`.
    """

    deposit: Digest
    index: int
    share: bytes

    def __post_init__(self) -> None:
        if not 1 <= self.index <= CUSTODIANS_MAX:
            raise ValueError(f"index of the share is {self.index}, want 1 to {CUSTODIANS_MAX}")
        if len(self.share) != SHARE_BYTES or int.from_bytes(self.share, "big") >= SHARE_PRIME:
            raise ValueError(f"share is not {SHARE_BYTES} bytes that name a number below the prime")


def parse_sealed_deposit(body: JSON) -> SealedDeposit:
    """Parse the body of a `sealed-deposit` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "sealed-deposit")
    try:
        sealed = SealedDeposit(
            threshold=fields.integer("threshold"),
            custodians=fields.names("custodians", CUSTODIANS_MAX),
            commitments=fields.digests("commitments", CUSTODIANS_MAX),
        )
    except ValueError as exc:
        raise MalformedError(f"sealed-deposit: {exc}") from exc
    fields.done()
    return sealed


def format_sealed_deposit(sealed: SealedDeposit) -> JSON:
    """Return the body of a `sealed-deposit` statement."""
    return {
        "threshold": sealed.threshold,
        "custodians": list(sealed.custodians),
        "commitments": list(sealed.commitments),
    }


def parse_share_receipt(body: JSON) -> ShareReceipt:
    """Parse the body of a `share-receipt` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "share-receipt")
    try:
        receipt = ShareReceipt(deposit=fields.digest("deposit"), index=fields.integer("index"))
    except ValueError as exc:
        raise MalformedError(f"share-receipt: {exc}") from exc
    fields.done()
    return receipt


def format_share_receipt(receipt: ShareReceipt) -> JSON:
    """Return the body of a `share-receipt` statement."""
    return {"deposit": receipt.deposit, "index": receipt.index}


def parse_share(body: JSON) -> Share:
    """Parse the body of a `share` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "share")
    try:
        share = Share(
            deposit=fields.digest("deposit"), index=fields.integer("index"), share=fields.data("share")
        )
    except ValueError as exc:
        raise MalformedError(f"share: {exc}") from exc
    fields.done()
    return share


def format_share(share: Share) -> JSON:
    """Return the body of a `share` statement."""
    return {"deposit": share.deposit, "index": share.index, "share": format_base64(share.share)}


SEALED_DEPOSIT_PREDICATE = Predicate(
    name=Name("sealed-deposit"),
    parse=parse_sealed_deposit,
    format=format_sealed_deposit,
    audience=Audience.ANYONE,
)
SHARE_RECEIPT_PREDICATE = Predicate(
    name=Name("share-receipt"),
    parse=parse_share_receipt,
    format=format_share_receipt,
    audience=Audience.ANYONE,
)
SHARE_PREDICATE = Predicate(
    name=Name("share"), parse=parse_share, format=format_share, audience=Audience.ANYONE
)
