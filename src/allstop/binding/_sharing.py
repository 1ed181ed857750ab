"""Sharing a sealed deposit: any k of n shares open it alike, and the one who sealed it cannot spoil that.

Implements spec/binding.md section 4. The secret is 32 bytes: the choice, then 31 random ones. Shares are values of
a polynomial over the integers modulo 2^255 - 19 (Shamir 1979) whose other coefficients follow from the secret by
HMAC-SHA512. So whoever combines k shares can derive all n again and compare each with its commitment: a dealer who
handed out shares of no one polynomial is caught by every choice of k shares alike, and by none sooner.
Secrecy rests on the hash functions and on the 31 bytes, not on the field alone.
Draws no randomness and knows no custodian, log or time.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from allstop.ids import Digest, Name

__all__ = [
    "CUSTODIANS_MAX",
    "SECRET_RANDOM_BYTES",
    "SHARE_BYTES",
    "SHARE_PRIME",
    "Choice",
    "SealContext",
    "combine_shares",
    "commit_share",
    "derive_shares",
    "is_share",
    "make_secret",
    "open_seal",
]

SHARE_PRIME = 2**255 - 19
"""The field of the shares. A secret with a choice of 0 or 1 is far below it."""

SHARE_BYTES = 32
SECRET_RANDOM_BYTES = 31
CUSTODIANS_MAX = 32

_COEFFICIENT_LABEL = b"allstop sealed-deposit/v1 coefficient\n"
_COMMITMENT_LABEL = b"allstop sealed-deposit/v1 commitment\n"


class Choice(Enum):
    """What a sealed deposit turns out to be. The value is the word for people.

    DEPOSIT and NONE are what the secret says; SPOILED is what fits no secret, and counts as a deposit.
    """

    DEPOSIT = "deposit"
    NONE = "no deposit"
    SPOILED = "spoiled"

    @property
    def is_deposit(self) -> bool:
        """Whether it counts as a deposit: nobody gains a way out by spoiling it."""
        return self is not Choice.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class SealContext:
    """What shares are bound to, so that none can be shown in another place: agreement, party, threshold."""

    agreement: Digest
    party: Name
    threshold: int

    @property
    def text(self) -> bytes:
        """The same in bytes: digest, name and number, each ended by a line break that none of them holds."""
        return f"{self.agreement}\n{self.party}\n{self.threshold}\n".encode("ascii")


def make_secret(*, is_deposit: bool, random: bytes) -> bytes:
    """Return the secret of a sealed deposit, or of none: the choice, then the random bytes.

    Raises:
        ValueError: there are not SECRET_RANDOM_BYTES random bytes.
    """
    if len(random) != SECRET_RANDOM_BYTES:
        raise ValueError(f"there are {len(random)} random bytes, want {SECRET_RANDOM_BYTES}")
    return bytes([is_deposit]) + random


def derive_shares(secret: bytes, *, count: int, context: SealContext) -> tuple[bytes, ...]:
    """Return the shares of a secret: the polynomial at 1, 2, ... `count`.

    Coefficient 0 is the secret as a number, modulo the prime. Coefficient j is
    HMAC-SHA512(key=secret, label || context || j in one byte), modulo the prime.

    Raises:
        ValueError: the secret is not 32 bytes, or `1 <= threshold <= count <= CUSTODIANS_MAX` does not hold.
    """
    if len(secret) != SHARE_BYTES:
        raise ValueError(f"secret has {len(secret)} bytes, want {SHARE_BYTES}")
    if not 1 <= context.threshold <= count <= CUSTODIANS_MAX:
        raise ValueError(f"threshold is {context.threshold} of {count}, want 1 <= threshold <= shares")
    coefficients = [int.from_bytes(secret, "big")]
    for j in range(1, context.threshold):
        text = _COEFFICIENT_LABEL + context.text + bytes([j])
        coefficients.append(int.from_bytes(hmac.digest(secret, text, "sha512"), "big"))
    return tuple(_evaluate(coefficients, x).to_bytes(SHARE_BYTES, "big") for x in range(1, count + 1))


def _evaluate(coefficients: Sequence[int], x: int) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * x + coefficient) % SHARE_PRIME
    return value


def combine_shares(shares: Mapping[int, bytes]) -> bytes:
    """Return the value at 0 of the polynomial through these shares, by index: the secret, if they are enough.

    Raises:
        ValueError: there is no share, or an index is not in 1 to CUSTODIANS_MAX.
    """
    if not shares or not all(1 <= index <= CUSTODIANS_MAX for index in shares):
        raise ValueError(f"shares have the indices {sorted(shares)}, want some of 1 to {CUSTODIANS_MAX}")
    total = 0
    for i, share in shares.items():
        above, below = 1, 1
        for j in shares:
            if j != i:
                above, below = above * j % SHARE_PRIME, below * (j - i) % SHARE_PRIME
        value = int.from_bytes(share, "big")
        total = (total + value * above * pow(below, -1, SHARE_PRIME)) % SHARE_PRIME
    return total.to_bytes(SHARE_BYTES, "big")


def commit_share(share: bytes, *, index: int, context: SealContext) -> Digest:
    """Return the commitment of a share: SHA-256(label || context || index in one byte || share)."""
    return Digest(hashlib.sha256(_COMMITMENT_LABEL + context.text + bytes([index]) + share).hexdigest())


def is_share(share: bytes, *, index: int, commitments: Sequence[Digest], context: SealContext) -> bool:
    """Tell whether a share is the one that was committed to under this index."""
    return (
        1 <= index <= len(commitments)
        and commit_share(share, index=index, context=context) == commitments[index - 1]
    )


def open_seal(shares: Mapping[int, bytes], *, commitments: Sequence[Digest], context: SealContext) -> Choice:
    """Return the choice that matching shares open; spec/binding.md section 4 steps 4 to 6.

    Any `threshold` of the shares give the same answer: if one choice of them leads to a secret from which all
    commitments follow, every share that matches is one of that secret's, and so does every other choice.

    Raises:
        ValueError: there are fewer shares than the threshold, or one does not match its commitment.
    """
    if len(shares) < context.threshold:
        raise ValueError(f"there are {len(shares)} shares, want at least {context.threshold}")
    for index, share in shares.items():
        if not is_share(share, index=index, commitments=commitments, context=context):
            raise ValueError(f"share {index} does not match its commitment")
    chosen = sorted(shares)[: context.threshold]
    secret = combine_shares({index: shares[index] for index in chosen})
    derived = derive_shares(secret, count=len(commitments), context=context)
    again = [commit_share(one, index=i, context=context) for i, one in enumerate(derived, start=1)]
    if again != list(commitments) or secret[0] not in (0, 1):
        return Choice.SPOILED
    return Choice.DEPOSIT if secret[0] == 1 else Choice.NONE
