"""One machine of the demo: a process that serves a model, trains, or pretends, as its orders say.

Run as a file, so that it loads little:

    python -P _worker.py peak                best rate of one core over a second
    python -P _worker.py train SHARE         train with this share of a core until the parent is gone
    python -P _worker.py site FOLDER SEED    take orders, one JSON line each, until there are no more

A site answers requests that arrive at the times of the order, each with the nonce of its place, so that
nothing can be computed before the beacon is known. It appends each result to FOLDER/<order>.results, and
says at the end of an order how much CPU time it had used after each item.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Self

import numpy as np

from allstop.ids import Digest, Name
from allstop.transcript import (
    EXACT,
    Init,
    Recipe,
    RecipeKind,
    given_bytes,
    item_nonce,
    make_model,
    parse_recipe,
    result_bytes,
)

__all__ = ["Act", "Order", "Prover", "main", "model_of", "request_of"]

_PEAK_SIDE = 384
_PEAK_STEPS = 16
_PEAK_SECONDS = 1.0
_WARM_ITEMS = 8
_POLL_SECONDS = 0.5
_TRAINING = Recipe(
    kind=RecipeKind.MLP_TRAINING,
    init=Init.GIVEN,
    rows=64,
    width=256,
    layers=3,
    outputs=16,
    steps=2,
    rate_shift=4,
)


class Act(Enum):
    """What a site does in a period. The value is the form in an order."""

    SERVE = "serve"
    FAKE = "fake"
    SMALLER = "smaller"
    PRECOMPUTED = "precomputed"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a site is to do in one period.

    `arrivals_ms` are the times at which requests arrive, since 1970; `beacon` is the digest of the cosigned
    note from which the nonces follow. With a `hidden_share` the site also trains between requests, for so much
    of the time.
    """

    transcript: Name
    job: Name
    party: Name
    beacon: Digest
    act: Act
    hidden_share: float
    until_ms: int
    arrivals_ms: tuple[int, ...]

    def format(self) -> str:
        """Return the order as one line."""
        value = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps({**value, "act": self.act.value}) + "\n"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read an order from its line, which is our own: nothing is checked."""
        value = json.loads(line)
        return cls(**{**value, "act": Act(value["act"]), "arrivals_ms": tuple(value["arrivals_ms"])})


def request_of(seed: bytes, transcript: Name, index: int, size: int) -> bytes:
    """Return the request that arrives as number `index`: random bytes, the same again from the same seed."""
    place = transcript.encode("ascii") + index.to_bytes(8, "big")
    return hashlib.shake_256(b"request" + seed + place).digest(size)


def model_of(seed: bytes, recipe: Recipe) -> bytes:
    """Return the model that a site serves."""
    return make_model(recipe, b"model" + seed)


class Prover:
    """What a site has in memory, and how it comes by its results, true or not.

    `pretend` does something else for as long as an item would take.
    """

    def __init__(self, recipe: Recipe, seed: bytes, *, pretend: Callable[[], None]) -> None:
        self.recipe = recipe
        self._seed = seed
        self._pretend = pretend
        self._model = model_of(seed, recipe)
        self._smaller = replace(recipe, layers=max(1, recipe.layers // 2))
        self._small_model = model_of(seed, self._smaller)

    def prepare(self, order: Order, first: int, count: int) -> Callable[[int], bytes]:
        """Return the function that answers request `index`; `count` requests are to come, from `first` on."""

        def nonce(index: int) -> bytes:
            return item_nonce(
                beacon=order.beacon,
                transcript=order.transcript,
                job=order.job,
                party=order.party,
                index=index,
            )

        match order.act:
            case Act.SERVE:
                return lambda index: self.serve(order.transcript, index, nonce(index))
            case Act.SMALLER:
                return lambda index: EXACT.execute(
                    self._smaller,
                    before=self._small_model,
                    given=self._request(order.transcript, index),
                    nonce=nonce(index),
                )
            case Act.FAKE:
                return lambda index: self._make_up()
            case Act.PRECOMPUTED:
                # Whoever is early does not know the nonces yet.
                done = [
                    self.serve(order.transcript, index, bytes(32)) for index in range(first, first + count)
                ]
                return lambda index: done[index - first]
            case Act.IDLE:
                return lambda index: b""

    def serve(self, transcript: Name, index: int, nonce: bytes) -> bytes:
        """Return the true result of a request."""
        request = self._request(transcript, index)
        return EXACT.execute(self.recipe, before=self._model, given=request, nonce=nonce)

    def _request(self, transcript: Name, index: int) -> bytes:
        return request_of(self._seed, transcript, index, given_bytes(self.recipe))

    def _make_up(self) -> bytes:
        self._pretend()
        return os.urandom(result_bytes(self.recipe))


class _Trainer:
    """Trains a model of its own, a few steps at a time."""

    def __init__(self, seed: bytes) -> None:
        self._state = make_model(_TRAINING, seed)
        self._batches = hashlib.shake_256(b"batches" + seed).digest(given_bytes(_TRAINING))

    def step(self) -> None:
        """Do a few steps."""
        self._state = EXACT.execute(_TRAINING, before=self._state, given=self._batches, nonce=bytes(32))


class _Site:
    """A site between its orders: it has its model in memory and knows what an item costs."""

    def __init__(self, folder: Path, seed: bytes) -> None:
        self._parent = os.getppid()
        self._folder = folder
        recipe = parse_recipe((folder / "recipe").read_bytes())
        self._prover = Prover(recipe, seed, pretend=self._train_instead)
        self._trainer = _Trainer(seed)
        self._trainer.step()
        self._spent_ns = 0
        for index in range(_WARM_ITEMS):
            started = time.process_time_ns()
            self._prover.serve(Name("warm"), index, bytes(32))
            self._item_ns = time.process_time_ns() - started

    def obey(self, order: Order) -> tuple[list[int], int]:
        """Carry out an order; return the CPU time of this process after each item, and the time spent on items."""
        path = self._folder / f"{order.transcript}.results"
        size = result_bytes(self._prover.recipe)
        # A process that was started again goes on where the one before it was ended.
        first = path.stat().st_size // size if path.exists() else 0
        now = time.time_ns() // 1_000_000
        coming = [ms for ms in order.arrivals_ms if ms >= now]
        answer = self._prover.prepare(order, first, len(coming))
        used_ns, worked_ns = [time.process_time_ns()], 0
        self._spent_ns = 0
        with path.open("ab") as results:
            for index, arrival_ms in enumerate(coming, start=first):
                self._wait(arrival_ms, order.hidden_share)
                began_ns = time.monotonic_ns()
                results.write(answer(index))
                results.flush()
                worked_ns += time.monotonic_ns() - began_ns
                used_ns.append(time.process_time_ns())
            self._wait(order.until_ms, order.hidden_share)
        return used_ns, worked_ns

    def _wait(self, until_ms: int, hidden_share: float) -> None:
        """Wait, or train for a share of the time."""
        while (ahead := until_ms / 1000 - time.time()) > 0:
            if self._parent != os.getppid():
                sys.exit("the process that gave the order is gone")
            if not hidden_share:
                time.sleep(min(ahead, _POLL_SECONDS))
                continue
            began = time.process_time()
            self._trainer.step()
            time.sleep((time.process_time() - began) * (1 / hidden_share - 1))

    def _train_instead(self) -> None:
        """Train for as long as an item would take."""
        self._spent_ns -= self._item_ns
        while self._spent_ns < 0:
            started = time.process_time_ns()
            self._trainer.step()
            self._spent_ns += time.process_time_ns() - started


def _train(share: float) -> None:
    """Train with a share of a core for as long as the parent lives."""
    parent, trainer = os.getppid(), _Trainer(os.urandom(16))
    while os.getppid() == parent:
        started = time.process_time()
        trainer.step()
        time.sleep((time.process_time() - started) * (1 / share - 1))


def _peak() -> None:
    """Print the best rate of a core in FLOP/s over a second, and the CPU and wall time that it took."""
    left = np.linspace(-1, 1, _PEAK_SIDE * _PEAK_SIDE, dtype=np.float32).reshape(_PEAK_SIDE, _PEAK_SIDE)
    right = left.T.copy()
    left @ right  # the first product pays for starting up
    best, began, began_cpu = 0, time.monotonic_ns(), time.process_time_ns()
    while time.monotonic_ns() - began < _PEAK_SECONDS * 1e9:
        started = time.process_time_ns()
        for _ in range(_PEAK_STEPS):
            left @ right
        used = max(time.process_time_ns() - started, 1)
        best = max(best, 2 * _PEAK_SIDE**3 * _PEAK_STEPS * 1_000_000_000 // used)
    print(best, time.process_time_ns() - began_cpu, time.monotonic_ns() - began)


def _site(folder: Path, seed: bytes) -> None:
    site = _Site(folder, seed)
    print("ready", flush=True)
    for line in sys.stdin:
        order = Order.parse(line)
        used_ns, worked_ns = site.obey(order)
        said = {"order": order.transcript, "used_ns": used_ns, "worked_ns": worked_ns}
        print(json.dumps(said), flush=True)


def main(mode: str, *words: str) -> None:
    """Run one mode."""
    match mode:
        case "peak":
            _peak()
        case "train":
            _train(float(words[0]))
        case _:
            _site(Path(words[0]), bytes.fromhex(words[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
