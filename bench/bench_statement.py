"""Opening statements against raw signature checks (DESIGN section 10, first row).

The same messages, the same library, the same run: the ratio is what parsing, the canonical check and the
book-keeping cost on top of Ed25519. `run(count)` gives one row on one core and one on all of them.
"""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from allstop.ids import digest_of, parse_name
from allstop.keys import KeyKind, SigningKey
from allstop.statement import (
    PAYLOAD_TYPE,
    Header,
    PartyBook,
    PartyKeys,
    SeenCheckpoint,
    Statement,
    Subject,
    open_statements,
    pae,
    parse_envelope,
    sign_statement,
)

GOAL = 1.15
REPEATS = 7

Row = tuple[str, float, float, bool]


def make_envelopes(count: int) -> tuple[list[bytes], PartyBook]:
    """Sign `count` statements of one party, each in the chain; thirty in a row have seen one checkpoint."""
    party = parse_name("alder")
    key = SigningKey(KeyKind.ED25519, b"\x07" * 32)
    agreement = digest_of(b"agreement")
    previous = None
    envelopes = []
    for sequence in range(count):
        statement = Statement(
            predicate=parse_name("chips"),
            header=Header(
                agreement=agreement,
                origin="log.example/evidence",
                party=party,
                sequence=sequence,
                previous=previous,
                checkpoint=SeenCheckpoint(size=sequence // 30 * 30, root=digest_of(b"%d" % (sequence // 30))),
            ),
            subjects=(Subject(name="agreement", digest=agreement),),
            body={
                "lot": f"lot-{sequence}",
                "site": "alder-east",
                "chipType": "h100-sxm-80gb",
                "count": 8,
                "serialsCount": 8,
                "serialsRoot": digest_of(b"serials"),
            },
        )
        data = sign_statement(statement, [key])
        previous = digest_of(parse_envelope(data).payload)
        envelopes.append(data)
    return envelopes, PartyBook({party: PartyKeys(party=party, keys=(key.public,), threshold=1)})


def verify_raw(items: list[tuple[bytes, bytes]]) -> None:
    """Check (signature, message) pairs with the library alone."""
    key = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key().public_bytes_raw()
    public = Ed25519PublicKey.from_public_bytes(key)
    for signature, message in items:
        public.verify(signature, message)


def least_ratio(count: int, repeats: int = REPEATS) -> float:
    """Return time of `open_statements` over time of the raw checks, each at its best of `repeats`."""
    envelopes, book = make_envelopes(count)
    raw = raw_items(envelopes)
    return compare(lambda: open_statements(envelopes, book), lambda: verify_raw(raw), repeats)


def raw_items(envelopes: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Return what a raw check needs: the signature and the message it covers."""
    parsed = [parse_envelope(data) for data in envelopes]
    return [(item.signatures[0].signature, pae(PAYLOAD_TYPE, item.payload)) for item in parsed]


def compare(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> float:
    """Return the ratio of the best times of two jobs, measured in turn so that drift hits both."""
    best = [float("inf"), float("inf")]
    for _ in range(repeats):
        for place, job in enumerate((ours, theirs)):
            start = time.perf_counter()
            job()
            best[place] = min(best[place], time.perf_counter() - start)
    return best[0] / best[1]


def all_cores_ratio(count: int, repeats: int = REPEATS) -> float:
    """Return the same ratio with both jobs spread over every core."""
    envelopes, book = make_envelopes(count)
    raw = raw_items(envelopes)
    chunks = [raw[start : start + 128] for start in range(0, count, 128)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(verify_raw, chunks))  # start the workers before the clock
        return compare(
            lambda: open_statements(envelopes, book, map=pool.map),
            lambda: list(pool.map(verify_raw, chunks)),
            repeats,
        )


def run(count: int) -> list[Row]:
    """Return rows (name, ratio, goal, ok) for `count` statements."""
    one = least_ratio(count)
    many = all_cores_ratio(count)
    return [
        ("statement verification, one core, x raw Ed25519", one, GOAL, one <= GOAL),
        ("statement verification, all cores, x raw Ed25519", many, GOAL, many <= GOAL),
    ]


if __name__ == "__main__":
    for name, ratio, goal, ok in run(int(sys.argv[1]) if len(sys.argv) > 1 else 2000):
        print(f"{name:56} {ratio:6.3f}  goal <= {goal}  {'ok' if ok else 'MISSED'}")
