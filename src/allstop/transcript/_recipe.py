"""Recipes: declared data that say what one item of work is (spec/recipe.md sections 1 to 3).

A recipe is the shape of a built-in computation, never the prover's code. Its ranges are chosen so that every
matrix product of its execution is exact in floating point, whatever the order of summation, and so that an
auditor who executes what a stranger wrote needs bounded time and memory. What the numbers of a model mean
is not known here.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from allstop.canon import JSON, Fields, format_json, parse_canonical_json
from allstop.errors import MalformedError

__all__ = [
    "ITEM_CONTENT_BYTES_MAX",
    "ITEM_ELEMENTS_MAX",
    "OPERATIONS_OF_ITEM_MAX",
    "RECIPE_TYPE",
    "STEP_ELEMENTS_MAX",
    "TRACE_BYTES",
    "Init",
    "Recipe",
    "RecipeKind",
    "format_recipe",
    "given_bytes",
    "make_model",
    "model_bytes",
    "operations_of_item",
    "parse_recipe",
    "result_bytes",
    "work_of_item",
]

RECIPE_TYPE = "urn:allstop:recipe:v1"
"""Type of the document, and its version."""

OPERATIONS_OF_ITEM_MAX = 10**12
"""Most operations of one item: about ten seconds of one core."""

ITEM_CONTENT_BYTES_MAX = 2**23
"""Most bytes of a model, of what is given to an item, and of its result."""

STEP_ELEMENTS_MAX = 2**24
"""Most array elements that one step holds; bounds an auditor's memory."""

ITEM_ELEMENTS_MAX = 2**26
"""Most array elements over all steps of an item; bounds the time that is not spent in products."""

TRACE_BYTES = 32
"""Size of the trace of an item's products, which ends its result."""

_MODEL_PREFIX = b"allstop model v1\n"
_TRANSFORMER_WIDTH_MAX = 256
# Measured on recipes at the edges of the limits, and doubled; one operation is 20 ps of one core.
_WORK_OF_ENTRY = 500
_WORK_OF_MATRIX = 100_000
_WORK_OF_CALL = 5_000_000


class RecipeKind(Enum):
    """Which computation: two kinds of network, used or trained."""

    MLP_INFERENCE = "mlp-inference"
    TRANSFORMER_INFERENCE = "transformer-inference"
    MLP_TRAINING = "mlp-training"
    TRANSFORMER_TRAINING = "transformer-training"

    @property
    def is_training(self) -> bool:
        """Whether items change the model."""
        return self in (RecipeKind.MLP_TRAINING, RecipeKind.TRANSFORMER_TRAINING)

    @property
    def is_transformer(self) -> bool:
        """Whether items are sequences of tokens."""
        return self in (RecipeKind.TRANSFORMER_INFERENCE, RecipeKind.TRANSFORMER_TRAINING)


class Init(Enum):
    """Where the first model comes from: anywhere, or `make_model` from randomness that nobody chose."""

    GIVEN = "given"
    BEACON = "beacon"


_LIMITS = {
    "rows": (1, 4096),
    "width": (1, 1024),
    "layers": (1, 64),
    "outputs": (1, 4096),
    "tokens": (1, 1024),
    "heads": (1, 64),
    "steps": (1, 256),
    "rate_shift": (0, 8),
}
_WIRE = {name: "rateShift" if name == "rate_shift" else name for name in _LIMITS}


def _figures(kind: RecipeKind) -> tuple[str, ...]:
    """Return the names of the figures that a recipe of this kind has."""
    return (
        "rows",
        "width",
        "layers",
        "outputs",
        *(("tokens", "heads") if kind.is_transformer else ()),
        *(("steps", "rate_shift") if kind.is_training else ()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What one item of work is.

        {"init": "beacon", "kind": "mlp-inference", "layers": 4, "outputs": 16, "rows": 256,
         "type": "urn:allstop:recipe:v1", "width": 512}

    `rows` are the inputs or sequences of one batch, `outputs` the numbers that come out, or the tokens that
    there are. Transformers have `tokens` to a sequence and `heads`; training does `steps` batches an item,
    and divides a gradient by `2 ** rate_shift`. Figures that a kind does not have are 0.
    Range: `_LIMITS`; transformers `width <= 256`, `width % heads == 0`; the limits named above; and no product
    that is much larger than what it sums over, see `_check_products`.
    """

    kind: RecipeKind
    init: Init
    rows: int
    width: int
    layers: int
    outputs: int
    tokens: int = 0
    heads: int = 0
    steps: int = 0
    rate_shift: int = 0

    def __post_init__(self) -> None:
        has = _figures(self.kind)
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            low, high = (low, high) if name in has else (0, 0)
            if not low <= value <= high:
                raise ValueError(f"{self.kind.value} has {name} {value}, want {low} to {high}")
        if self.kind.is_transformer:
            if self.width > _TRANSFORMER_WIDTH_MAX:
                raise ValueError(f"transformer is {self.width} wide, want at most {_TRANSFORMER_WIDTH_MAX}")
            if self.width % self.heads:
                raise ValueError(f"width {self.width} is not a multiple of {self.heads} heads")
        self._check_size()
        self._check_products()

    def _check_size(self) -> None:
        for what, found, most in (
            ("operations", operations_of_item(self), OPERATIONS_OF_ITEM_MAX),
            ("bytes of a model", model_bytes(self), ITEM_CONTENT_BYTES_MAX),
            ("bytes given", given_bytes(self), ITEM_CONTENT_BYTES_MAX),
            ("bytes of result", result_bytes(self), ITEM_CONTENT_BYTES_MAX),
            ("elements a step", _elements(self), STEP_ELEMENTS_MAX),
            ("elements", _elements(self) * self.batches, ITEM_ELEMENTS_MAX),
        ):
            if found > most:
                raise ValueError(f"item has {found} {what}, want at most {most}")

    def _check_products(self) -> None:
        """Check that rows and columns hardly ever agree, else equal ones would be worth one product.

        The dither of a row with k entries has 16^k values.
        """
        for product in _products(self):
            sides = max(product.rows, product.columns)
            if sides > 16 ** (product.inner - 1):
                raise ValueError(
                    f"a product of {sides} rows or columns sums over only {product.inner} entries"
                )

    @property
    def batches(self) -> int:
        """Batches of one item: its steps, or one."""
        return self.steps if self.kind.is_training else 1

    @property
    def places(self) -> int:
        """Inner rows of one batch: its rows, or all tokens of all its sequences."""
        return self.rows * self.tokens if self.kind.is_transformer else self.rows


def _weights(recipe: Recipe) -> int:
    width, layers, outputs = recipe.width, recipe.layers, recipe.outputs
    if recipe.kind.is_transformer:
        return (2 * outputs + recipe.tokens) * width + 12 * layers * width * width
    return layers * width * width + width * outputs


def _elements(recipe: Recipe) -> int:
    """Return about how many array elements one step holds at once."""
    layers, places = recipe.layers, recipe.places
    inner = 12 if recipe.kind.is_transformer else 1
    scores = layers * recipe.rows * recipe.heads * recipe.tokens**2
    return _weights(recipe) + places * (recipe.width * (inner * layers + 1) + recipe.outputs) + scores


@dataclass(frozen=True, slots=True, kw_only=True)
class _Product:
    """A product of each step, `times` over."""

    times: int
    rows: int
    inner: int
    columns: int

    def backward(self) -> "tuple[_Product, _Product]":
        """Return the products that give the gradients of the right and of the left factor."""
        turned = _Product(times=self.times, rows=self.inner, inner=self.rows, columns=self.columns)
        return turned, _Product(times=self.times, rows=self.rows, inner=self.columns, columns=self.inner)

    @property
    def operations(self) -> int:
        return 2 * self.times * self.rows * self.inner * self.columns

    @property
    def elements(self) -> int:
        """Entries of the factors and of the product."""
        outer = self.rows + self.columns
        return self.times * (self.inner * outer + self.rows * self.columns)


def _products(recipe: Recipe) -> Iterator[_Product]:
    """Yield the products of one step."""
    forward = tuple(_forward(recipe))
    yield from forward
    if not recipe.kind.is_training:
        return
    for index, product in enumerate(forward):
        of_right, of_left = product.backward()
        yield of_right
        # The inputs of the dense network need no gradient.
        times = of_left.times - (1 if index == 0 and not recipe.kind.is_transformer else 0)
        if times:
            yield replace(of_left, times=times)


def _forward(recipe: Recipe) -> Iterator[_Product]:
    width, layers, places = recipe.width, recipe.layers, recipe.places
    if recipe.kind.is_transformer:
        for inner, columns in ((width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)):
            yield _Product(times=layers, rows=places, inner=inner, columns=columns)
        each, tokens = width // recipe.heads, recipe.tokens
        times = layers * recipe.rows * recipe.heads
        yield _Product(times=times, rows=tokens, inner=each, columns=tokens)
        yield _Product(times=times, rows=tokens, inner=tokens, columns=each)
    else:
        yield _Product(times=layers, rows=places, inner=width, columns=width)
    yield _Product(times=1, rows=places, inner=width, columns=recipe.outputs)


def operations_of_item(recipe: Recipe) -> int:
    """Return the operations of one item: `2 m n k` for each product of an m x k and a k x n matrix.

    Nothing but products counts, so that this is a lower bound of what the schoolbook product needs.
    """
    return recipe.batches * sum(product.operations for product in _products(recipe))


def work_of_item(recipe: Recipe) -> int:
    """Return a bound of what executing an item costs an auditor, in operations of a large product.

    Dither, folds, norms and gradients cost by the entry, small products by the call; more than they count.
    """
    products = tuple(_products(recipe))
    # Twice for float64, and for norms and shares, which are integers.
    heavy = (2 if recipe.kind.is_training else 1) * (2 if recipe.kind.is_transformer else 1)
    small = (
        heavy * _WORK_OF_ENTRY * sum(product.elements for product in products)
        + _WORK_OF_MATRIX * sum(product.times for product in products)
        + _WORK_OF_CALL * (recipe.layers * len(products) + 1)
    )
    return (2 if recipe.kind.is_training else 1) * operations_of_item(recipe) + recipe.batches * small


def model_bytes(recipe: Recipe) -> int:
    """Return the size of a model: one byte a weight; two while it is trained, and a trace."""
    return 2 * _weights(recipe) + TRACE_BYTES if recipe.kind.is_training else _weights(recipe)


def given_bytes(recipe: Recipe) -> int:
    """Return the size of what an item is given: inputs, and in training what should come out."""
    if recipe.kind.is_transformer:
        # Each token but the last is an input, each but the first what should follow.
        length = recipe.tokens + (1 if recipe.kind.is_training else 0)
        return 2 * recipe.rows * length * recipe.batches
    length = recipe.width + (recipe.outputs if recipe.kind.is_training else 0)
    return recipe.rows * length * recipe.batches


def result_bytes(recipe: Recipe) -> int:
    """Return the size of an item's result: outputs and trace, or in training the model after it."""
    if recipe.kind.is_training:
        return model_bytes(recipe)
    outputs = 6 * recipe.places if recipe.kind.is_transformer else 4 * recipe.rows * recipe.outputs
    return outputs + TRACE_BYTES


def make_model(recipe: Recipe, seed: bytes) -> bytes:
    r"""Return the model that follows from `seed`: SHAKE-256 of `"allstop model v1\n" || seed`.

    Every string of `model_bytes` bytes is a model, so that each weight is uniform over its range. A model that
    is to be trained has no products behind it yet: its trace is zeros.
    """
    traced = TRACE_BYTES if recipe.kind.is_training else 0
    weights = hashlib.shake_256(_MODEL_PREFIX + seed).digest(model_bytes(recipe) - traced)
    return weights + bytes(traced)


def parse_recipe(data: bytes) -> Recipe:
    """Parse a recipe from its canonical JSON.

    Raises:
        MalformedError: `data` is not canonical, of another type, has figures that its kind lacks, or is
            outside the limits.
    """
    fields = Fields(parse_canonical_json(data), "recipe")
    if (found := fields.text("type")) != RECIPE_TYPE:
        raise MalformedError(f"recipe.type: found {found[:48]!r}, want {RECIPE_TYPE!r}")
    kind, init = fields.choice("kind", RecipeKind), fields.choice("init", Init)
    figures = {name: fields.integer(_WIRE[name], *_LIMITS[name]) for name in _figures(kind)}
    fields.done()
    try:
        return Recipe(kind=kind, init=init, **figures)
    except ValueError as exc:
        raise MalformedError(f"recipe: {exc}") from exc


def format_recipe(recipe: Recipe) -> bytes:
    """Return the canonical JSON of the recipe, whose SHA-256 is its identity."""
    body: dict[str, JSON] = {_WIRE[name]: getattr(recipe, name) for name in _figures(recipe.kind)}
    return format_json(body | {"type": RECIPE_TYPE, "kind": recipe.kind.value, "init": recipe.init.value})
