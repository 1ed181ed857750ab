"""What one item takes on this machine, and requests where nobody asks for anything.

`python -P _item_time.py < recipe` prints the least and the most CPU time of an item, in ns. It is a
process of its own so that the libraries can be told to use one thread before they are loaded.
"""

import hashlib
import sys
import time

import numpy as np

from allstop.transcript import EXACT, Recipe, given_bytes, make_model, parse_recipe

__all__ = ["main", "make_request", "time_items"]

_REQUEST_TAG = b"allstop request v1\n"
_SEED = b"item time"
_ITEMS = 24
_SECONDS_MAX = 20.0


def make_request(recipe: Recipe, seed: bytes, index: int) -> bytes:
    r"""Return what item `index` is given where nobody asks for anything: SHAKE-256 of tag, seed and index.

    For transformers the words are reduced to tokens that the recipe has.
    """
    data = hashlib.shake_256(_REQUEST_TAG + seed + index.to_bytes(8, "big")).digest(given_bytes(recipe))
    if not recipe.kind.is_transformer:
        return data
    tokens: bytes = (np.frombuffer(data, dtype="<u2") % recipe.outputs).astype("<u2").tobytes()
    return tokens


def time_items(recipe: Recipe) -> tuple[int, int]:
    """Return the least and the most CPU time of an item in ns, over two dozen or what 20 seconds hold.

    The first item, which pays for starting up, is left out.
    """
    model = make_model(recipe, _SEED)
    taken: list[int] = []
    began = time.monotonic()
    while len(taken) <= _ITEMS and (len(taken) < 2 or time.monotonic() - began < _SECONDS_MAX):
        request = make_request(recipe, _SEED, len(taken))
        nonce = hashlib.sha256(request).digest()
        started = time.process_time_ns()
        EXACT.execute(recipe, before=model, given=request, nonce=nonce)
        taken.append(time.process_time_ns() - started)
    return max(1, min(taken[1:])), max(1, *taken[1:])


def main() -> None:
    """Read a recipe from standard input and print what an item of it takes."""
    print(*time_items(parse_recipe(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
