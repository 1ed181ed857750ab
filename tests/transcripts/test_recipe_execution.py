"""Executing recipes: the same bytes as plain Python, at the extremes too, and work that no nonce shares."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.errors import MalformedError, OperationalError
from allstop.transcript import (
    EXACT,
    Init,
    Recipe,
    RecipeKind,
    check_products,
    given_bytes,
    make_model,
    model_bytes,
    result_bytes,
)
from recipe_examples import NONCE, SMALL, bytes_of, contents, given_of, recipes
from recipe_reference import ref_execute, ref_keystream

WIDEST = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=1, width=1024, layers=1, outputs=2)
WIDE_TRAINING = replace(WIDEST, kind=RecipeKind.MLP_TRAINING, rows=3, width=256, outputs=3, steps=1)
WIDEST_TRANSFORMER = Recipe(
    kind=RecipeKind.TRANSFORMER_INFERENCE, init=Init.GIVEN, rows=1, width=256, layers=1, outputs=2, tokens=3, heads=1
)  # fmt: skip
EXTREMES = {"lowest": b"\x80", "highest": b"\x7f", "zero": b"\x00", "minus-one": b"\xff", "both": b"\x80\x7f"}

ACROSS = """
import hashlib
from allstop.transcript import EXACT, Init, Recipe, RecipeKind, given_bytes, make_model
for kind, figures in (
    ("mlp-inference", dict(rows=64, width=512, layers=2, outputs=16)),
    ("mlp-training", dict(rows=64, width=256, layers=2, outputs=16, steps=2)),
    ("transformer-inference", dict(rows=2, width=192, layers=2, outputs=256, tokens=40, heads=3)),
    ("transformer-training", dict(rows=2, width=96, layers=2, outputs=256, tokens=40, heads=3, steps=2)),
):
    recipe = Recipe(kind=RecipeKind(kind), init=Init.GIVEN, **figures)
    given = bytes(i % 251 if i % 2 == 0 or "mlp" in kind else 0 for i in range(given_bytes(recipe)))
    result = EXACT.execute(recipe, before=make_model(recipe, b"a"), given=given, nonce=bytes(32))
    print(hashlib.sha256(result).hexdigest())
"""


def multiply_by_blocks(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Multiply by one level of Strassen's method: seven products of sums of blocks."""
    (p, q), (r, s) = (np.split(half, 2, axis=1) for half in np.split(a, 2))
    (t, u), (v, w) = (np.split(half, 2, axis=1) for half in np.split(b, 2))
    one, two, three = (p + s) @ (t + w), (r + s) @ t, p @ (u - w)
    four, five, six, seven = s @ (v - t), (p + q) @ w, (r - p) @ (t + u), (q - s) @ (v + w)
    return np.block([[one + four - five + seven, three + five], [two + four, one - two + three + six]])


@given(recipes(), st.binary(max_size=8), st.binary(min_size=32, max_size=32))
@settings(max_examples=80, deadline=None)
def test_arrays_and_plain_python_come_to_the_same_bytes(recipe: Recipe, seed: bytes, nonce: bytes) -> None:
    """Any small recipe, model, content and nonce: the arrays give what lists and big integers give."""
    asked = contents(recipe, seed)
    result = EXACT.execute(recipe, **asked, nonce=nonce)
    assert result_bytes(recipe) == len(result)
    assert ref_execute(recipe, **asked, nonce=nonce) == result


@pytest.mark.parametrize("pattern", EXTREMES)
@pytest.mark.parametrize("recipe", [*SMALL.values(), WIDEST], ids=lambda r: f"{r.kind.value}-{r.width}")
def test_extreme_weights_and_inputs_are_exact(recipe: Recipe, pattern: str) -> None:
    """Every weight and input at an end of its range, at the widest network too: sums come close to 2^24."""
    model = (EXTREMES[pattern] * model_bytes(recipe))[: model_bytes(recipe)]
    item = given_of(recipe, b"a") if recipe.kind.is_transformer else model[:1] * given_bytes(recipe)
    expected = ref_execute(recipe, before=model, given=item, nonce=NONCE)
    assert expected == EXACT.execute(recipe, before=model, given=item, nonce=NONCE)


@pytest.mark.parametrize("recipe", [WIDE_TRAINING, WIDEST_TRANSFORMER], ids=lambda r: r.kind.value)
def test_wide_networks_are_exact(recipe: Recipe) -> None:
    """Wide networks agree with plain Python on a model whose weights are all at the lowest."""
    asked = contents(recipe, b"a") | {"before": b"\x80" * model_bytes(recipe)}
    assert ref_execute(recipe, **asked, nonce=NONCE) == EXACT.execute(recipe, **asked, nonce=NONCE)


def test_the_widest_training_of_a_transformer_is_exact() -> None:
    """The longest inner sides of a backward pass that the limits allow beside a short run of plain Python."""
    recipe = Recipe(kind=RecipeKind.TRANSFORMER_TRAINING, init=Init.GIVEN, rows=1, width=128, layers=1,
                    outputs=64, tokens=4, heads=1, steps=1)  # fmt: skip
    asked = contents(recipe, b"a")
    assert ref_execute(recipe, **asked, nonce=NONCE) == EXACT.execute(recipe, **asked, nonce=NONCE)


def test_the_bound_is_needed() -> None:
    """One step beyond the bound a float32 is wrong: the widest legal product is exact, a wider one is not."""
    for inner, is_exact in ((1024, True), (1041, False)):
        row = np.full((1, inner), 127, dtype=np.float32)
        assert is_exact == (int((row @ row.T)[0, 0]) == 127 * 127 * inner)


@pytest.mark.parametrize(
    ("multiply", "kind"),
    [
        (lambda a, b: a.astype(np.float16).astype(a.dtype) @ b, "float64"),
        (lambda a, b: a.astype(np.float32) @ b.astype(np.float32), "float64"),
        (lambda a, b: (a @ b).astype(np.float16), "float32"),
        (multiply_by_blocks, "float32"),
        (lambda a, b: a @ b + (np.arange(len(a)) == 200)[:, None], "float32"),
    ],
    ids=["short-entries", "single", "short-sums", "blocks", "one-row"],
)
def test_a_library_that_is_not_exact_is_found(multiply: Callable[..., object], kind: str) -> None:
    """Libraries that shorten, combine blocks or err in one row are refused before anything is executed."""
    check_products()
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(OperationalError, match=f"{kind} are not"),
    ):
        check_products(multiply)


def test_threads_and_kernels_of_the_library_change_nothing() -> None:
    """One and two threads, and kernels of other processors where the library has them, give the same bytes."""
    settings_of_blas = (
        {"OPENBLAS_NUM_THREADS": "1"},
        {"OPENBLAS_NUM_THREADS": "2"},
        {"OPENBLAS_NUM_THREADS": "2", "OPENBLAS_CORETYPE": "Prescott"},
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", ACROSS],
            env=os.environ | extra,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for extra in settings_of_blas
    ]
    assert 4 == len(found[0].split())
    assert [found[0]] * 3 == found


@pytest.mark.parametrize("recipe", SMALL.values(), ids=lambda r: r.kind.value)
def test_wrong_sizes_are_refused(recipe: Recipe) -> None:
    """A byte less or more of the model, of what is given or of the nonce is malformed."""
    good = contents(recipe, b"a") | {"nonce": NONCE}
    for name, words in (("before", "model"), ("given", "content given"), ("nonce", "nonce")):
        for bad in (good[name][:-1], good[name] + b"\x00", b""):
            with pytest.raises(MalformedError, match=f"{words} has {len(bad)} bytes, want {len(good[name])}"):
                EXACT.execute(recipe, **(good | {name: bad}))


@pytest.mark.parametrize("kind", [kind for kind in RecipeKind if kind.is_transformer])
def test_a_token_that_there_is_not_is_refused(kind: RecipeKind) -> None:
    """The last legal token is taken, the one after it is malformed, wherever it stands."""
    recipe = SMALL[kind]
    good = contents(recipe, b"a")
    for place in range(0, given_bytes(recipe), 2):
        for token in (recipe.outputs - 1, recipe.outputs, 65535):
            bent = good["given"][:place] + token.to_bytes(2, "little") + good["given"][place + 2 :]
            if token < recipe.outputs:
                EXACT.execute(recipe, before=good["before"], given=bent, nonce=NONCE)
                continue
            with pytest.raises(MalformedError, match=f"found token {token}, want less than 6"):
                EXACT.execute(recipe, before=good["before"], given=bent, nonce=NONCE)


def test_a_nonce_changes_every_output() -> None:
    """Served items: with one bit of the nonce flipped, hardly an output stays; nor do equal rows agree."""
    recipe = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.BEACON, rows=64, width=128, layers=4, outputs=16)
    model, row = make_model(recipe, b"a"), bytes_of(b"row", 128)
    outputs = [
        np.frombuffer(EXACT.execute(recipe, before=model, given=row * 64, nonce=nonce)[:-32], dtype="<i4")
        for nonce in (NONCE, bytes([1]) + NONCE[1:])
    ]
    assert (outputs[0] == outputs[1]).mean() < 0.01
    assert 64 == len({bytes(part) for part in outputs[0].reshape(64, 16)})


def test_a_nonce_changes_every_token_and_every_weight() -> None:
    """Equal sequences share no logit within an item nor across nonces; a trained model differs in most weights."""
    recipe = Recipe(kind=RecipeKind.TRANSFORMER_INFERENCE, init=Init.BEACON, rows=8, width=64, layers=2,
                    outputs=32, tokens=16, heads=2)  # fmt: skip
    model, item = make_model(recipe, b"a"), given_of(replace(recipe, rows=1), b"row") * 8
    logits = [
        np.frombuffer(
            EXACT.execute(recipe, before=model, given=item, nonce=nonce)[2 * 128 : -32], dtype="<i4"
        )
        for nonce in (NONCE, bytes([1]) + NONCE[1:])
    ]
    assert (logits[0] == logits[1]).mean() < 0.02
    assert len(set(logits[0])) > 0.98 * 128
    training = replace(SMALL[RecipeKind.MLP_TRAINING], rows=64, width=64)
    asked = contents(training, b"a")
    after = [
        np.frombuffer(EXACT.execute(training, **asked, nonce=nonce)[:-32], dtype="<i2")
        for nonce in (NONCE, bytes([1]) + NONCE[1:])
    ]
    # Weights of units that never fire do not move, nor do those at the end of their range.
    assert (after[0] == after[1]).mean() < 0.5


def test_execution_is_fast_beside_bare_products() -> None:
    """An item of serving costs at most four times the bare products of its shape, in processor time."""
    recipe = Recipe(
        kind=RecipeKind.MLP_INFERENCE, init=Init.BEACON, rows=256, width=512, layers=4, outputs=16
    )
    asked = contents(recipe, b"a")
    a, b = np.ones((256, 512), dtype=np.float32), np.ones((512, 512), dtype=np.float32)
    ratios = []
    for _ in range(5):
        start = time.process_time()
        EXACT.execute(recipe, **asked, nonce=NONCE)
        middle = time.process_time()
        for _ in range(recipe.layers):
            a @ b
        ratios.append((middle - start) / max(time.process_time() - middle, 1e-9))
    assert min(ratios) < 4


def test_a_result_has_one_spelling() -> None:
    """Results are little-endian whatever the machine: a network of one weight a matrix, worked out by hand."""
    recipe = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=1, width=1, layers=1, outputs=1)
    key = hashlib.sha256(b"allstop dither v1\n" + NONCE).digest()
    stream = [*islice(ref_keystream(key), 32)]
    # Each of four factors takes the first half of a byte of a word of eight.
    noise = [2 * (stream[i] % 16) - 15 for i in (0, 8, 16, 24)]
    first = (100 + noise[0]) * (64 + noise[1])
    hidden = min(max(round(first / 32), 0), 112)
    second = (hidden + noise[2]) * (-112 + noise[3])
    trace = b"allstop trace v1\n"
    for sums in (first, second):
        mixed = sums * 2654435769 % 2**32
        trace += (mixed ^ mixed >> 15).to_bytes(4, "little")
    expected = second.to_bytes(4, "little", signed=True) + hashlib.sha256(trace).digest()
    assert expected == EXACT.execute(recipe, before=b"\x40\x80", given=b"\x64", nonce=NONCE)
