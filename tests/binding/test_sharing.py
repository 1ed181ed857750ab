"""Sharing a sealed deposit: every choice of shares opens alike; bent, foreign and spoiled ones are seen."""

from itertools import combinations

import pytest

from allstop.binding import (
    CUSTODIANS_MAX,
    SHARE_BYTES,
    SHARE_PRIME,
    Choice,
    SealContext,
    combine_shares,
    commit_share,
    derive_shares,
    is_share,
    make_secret,
    open_seal,
)
from allstop.ids import Digest, Name, digest_of

RANDOM = bytes(range(1, 32))
SIZES = [(k, n) for n in range(2, 7) for k in range(2, n + 1)]


def context(threshold: int, party: str = "alder", agreement: bytes = b"agreement") -> SealContext:
    """Return what shares are bound to."""
    return SealContext(agreement=digest_of(agreement), party=Name(party), threshold=threshold)


def sealed(secret: bytes, k: int, n: int) -> tuple[dict[int, bytes], list[Digest]]:
    """Return shares by index, and their commitments."""
    shares = dict(enumerate(derive_shares(secret, count=n, context=context(k)), start=1))
    return shares, [commit_share(share, index=i, context=context(k)) for i, share in shares.items()]


def chosen(shares: dict[int, bytes], size: int) -> list[dict[int, bytes]]:
    """Return every choice of so many shares."""
    return [{i: shares[i] for i in some} for some in combinations(sorted(shares), size)]


def ref_value_at_zero(shares: dict[int, bytes]) -> int:
    """Solve the linear equations of the polynomial by elimination modulo the prime, and return its constant."""
    p = SHARE_PRIME
    rows = [
        [pow(i, j, p) for j in range(len(shares))] + [int.from_bytes(share, "big")]
        for i, share in shares.items()
    ]
    for column in range(len(rows)):
        pivot = next(row for row in rows[column:] if row[column])
        rows[rows.index(pivot)], rows[column] = rows[column], pivot
        rows[column] = [cell * pow(pivot[column], p - 2, p) % p for cell in pivot]
        for other, row in enumerate(rows):
            if other != column:
                rows[other] = [(a - row[column] * b) % p for a, b in zip(row, rows[column], strict=True)]
    return rows[0][-1]


def test_the_field_is_a_prime_field() -> None:
    """2^255 - 19 passes Miller-Rabin to the first forty bases; a composite number would lose inverses."""
    odd, twos = SHARE_PRIME - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in range(2, 42):
        x = pow(base, odd, SHARE_PRIME)
        powers = [pow(x, 2**i, SHARE_PRIME) for i in range(twos)]
        assert x == 1 or SHARE_PRIME - 1 in powers


@pytest.mark.parametrize(("k", "n"), SIZES)
@pytest.mark.parametrize("is_deposit", [True, False])
def test_every_choice_of_enough_shares_opens_alike(k: int, n: int, is_deposit: bool) -> None:
    """Goal: no choice of shares gives another outcome. Method: every subset of k or more, by two algorithms."""
    secret = make_secret(is_deposit=is_deposit, random=RANDOM)
    shares, commitments = sealed(secret, k, n)
    expected = Choice.DEPOSIT if is_deposit else Choice.NONE
    for size in range(k, n + 1):
        for some in chosen(shares, size):
            assert secret == combine_shares(some)
            assert int.from_bytes(secret, "big") == ref_value_at_zero(some)
            assert expected is open_seal(some, commitments=commitments, context=context(k))


@pytest.mark.parametrize(("k", "n"), SIZES)
def test_fewer_shares_open_nothing_and_look_like_anything(k: int, n: int) -> None:
    """One share short gives another number than the secret, and the opening is refused."""
    secret = make_secret(is_deposit=True, random=RANDOM)
    shares, commitments = sealed(secret, k, n)
    for some in chosen(shares, k - 1):
        assert secret != combine_shares(some)
        with pytest.raises(ValueError, match="want at least"):
            open_seal(some, commitments=commitments, context=context(k))


@pytest.mark.parametrize("index", [1, 2, 3])
def test_one_bent_bit_of_a_share_never_matches(index: int) -> None:
    """Each of the 256 bits of a share is flipped in turn; the share no longer matches and nothing opens."""
    shares, commitments = sealed(make_secret(is_deposit=True, random=RANDOM), 2, 3)
    for bit in range(SHARE_BYTES * 8):
        bent = bytearray(shares[index])
        bent[bit // 8] ^= 1 << bit % 8
        assert not is_share(bytes(bent), index=index, commitments=commitments, context=context(2))
    with pytest.raises(ValueError, match=f"share {index} does not match"):
        open_seal({**shares, index: bytes(bent)}, commitments=commitments, context=context(2))


@pytest.mark.parametrize(("k", "n"), SIZES)
def test_a_dealer_that_spoils_any_shares_has_deposited_whoever_opens(k: int, n: int) -> None:
    """Goal: garbage is no way out. Method: every set of shares is replaced, commitments and all; every choice of k
    that opens says the same, and that is a deposit.
    """
    honest, _ = sealed(make_secret(is_deposit=False, random=RANDOM), k, n)
    other, _ = sealed(make_secret(is_deposit=False, random=RANDOM[::-1]), k, n)
    for size in range(1, n):
        for replaced in combinations(range(1, n + 1), size):
            shares = {i: (other if i in replaced else honest)[i] for i in honest}
            commitments = [commit_share(share, index=i, context=context(k)) for i, share in shares.items()]
            for some in chosen(shares, k):
                found = open_seal(some, commitments=commitments, context=context(k))
                assert Choice.SPOILED is found
                assert found.is_deposit


def test_a_dealer_that_commits_to_numbers_of_its_own_polynomial_is_caught() -> None:
    """Shares of one polynomial whose coefficients do not follow from the secret open alike, as spoiled."""
    secret = int.from_bytes(make_secret(is_deposit=False, random=RANDOM), "big")
    shares = {i: ((secret + 5 * i) % SHARE_PRIME).to_bytes(32, "big") for i in (1, 2, 3)}
    commitments = [commit_share(share, index=i, context=context(2)) for i, share in shares.items()]
    for some in chosen(shares, 2):
        assert Choice.SPOILED is open_seal(some, commitments=commitments, context=context(2))


@pytest.mark.parametrize("first", range(2, 128))
def test_a_choice_that_is_no_choice_is_a_deposit(first: int) -> None:
    """Only the byte 0 means none; any other first byte that the field holds counts as a deposit."""
    shares, commitments = sealed(bytes([first]) + RANDOM, 2, 3)
    assert Choice.SPOILED is open_seal(shares, commitments=commitments, context=context(2))
    assert [True, False, True] == [choice.is_deposit for choice in Choice]


@pytest.mark.parametrize(
    "other",
    [context(2, party="birch"), context(2, agreement=b"another"), context(3)],
    ids=["party", "agreement", "threshold"],
)
def test_a_share_fits_nowhere_else(other: SealContext) -> None:
    """Another party, agreement or threshold has other shares and other commitments."""
    secret = make_secret(is_deposit=True, random=RANDOM)
    here = derive_shares(secret, count=3, context=context(2))
    assert set(here).isdisjoint(derive_shares(secret, count=3, context=other))
    commitments = [commit_share(share, index=i, context=context(2)) for i, share in enumerate(here, start=1)]
    for i, share in enumerate(here, start=1):
        assert is_share(share, index=i, commitments=commitments, context=context(2))
        assert not is_share(share, index=i, commitments=commitments, context=other)
        assert not is_share(share, index=i % 3 + 1, commitments=commitments, context=context(2))
    assert not is_share(here[0], index=0, commitments=commitments, context=context(2))
    assert not is_share(here[0], index=4, commitments=commitments, context=context(2))


def test_bytes_of_the_specification() -> None:
    """The derivation is written down a second time, step by step, with nothing of the module."""
    import hashlib
    import hmac

    secret = b"\x01" + RANDOM
    text = f"{digest_of(b'agreement')}\nalder\n2\n".encode()
    slope = hmac.new(
        secret, b"allstop sealed-deposit/v1 coefficient\n" + text + b"\x01", hashlib.sha512
    ).digest()
    number = int.from_bytes(secret, "big") + 3 * int.from_bytes(slope, "big")
    share = (number % (2**255 - 19)).to_bytes(32, "big")
    assert share == derive_shares(secret, count=3, context=context(2))[2]
    hashed = hashlib.sha256(b"allstop sealed-deposit/v1 commitment\n" + text + b"\x03" + share).hexdigest()
    assert hashed == commit_share(share, index=3, context=context(2))


def test_sizes_are_checked() -> None:
    """Lengths, thresholds and indices outside their range are refused."""
    secret = make_secret(is_deposit=True, random=RANDOM)
    with pytest.raises(ValueError, match="31"):
        make_secret(is_deposit=True, random=b"")
    with pytest.raises(ValueError, match="secret has"):
        derive_shares(b"", count=3, context=context(2))
    for count, threshold in ((1, 2), (3, 0), (CUSTODIANS_MAX + 1, 2)):
        with pytest.raises(ValueError, match="threshold"):
            derive_shares(secret, count=count, context=context(threshold))
    for wrong in ({}, {0: bytes(32)}, {CUSTODIANS_MAX + 1: bytes(32)}):
        with pytest.raises(ValueError, match="indices"):
            combine_shares(wrong)
