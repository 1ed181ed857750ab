"""Recipes: declared data that say what one item of work is (spec/recipe.md sections 1 to 3).

A recipe is the shape of a built-in computation, never the prover's code. Its ranges are chosen so that every
matrix product of its execution is exact in floating point, whatever the order of summation, and so that an
auditor who executes what a stranger wrote needs bounded time and memory. What the numbers of a model mean
is not known here.
"""

import hashlib
from dataclasses import dataclass
from enum import Enum

from allstop.canon import JSON, Fields, format_json, parse_canonical_json
from allstop.errors import MalformedError

__all__ = [
    "ITEM_CONTENT_BYTES_MAX",
    "ITEM_ELEMENTS_MAX",
    "OPERATIONS_OF_ITEM_MAX",
    "RECIPE_TYPE",
    "STEP_ELEMENTS_MAX",
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

_MODEL_PREFIX = b"allstop model v1\n"
_TRANSFORMER_WIDTH_MAX = 256
_DENSE_WIDTH_MIN = 32


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
    Range: `_LIMITS`; transformers `width <= 256`, `width % heads == 0`; the limits named above.
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

    @property
    def is_work_dense(self) -> bool:
        """Whether a result shows that its operations were done.

        So it is where nobody chose the weights, and the network is too wide for its activity to die out. With
        a model from anywhere, zeros or repeated weights could make the same result cheap.
        """
        return self.init is Init.BEACON and self.width >= _DENSE_WIDTH_MIN

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


def operations_of_item(recipe: Recipe) -> int:
    """Return the operations of one item: `2 m n k` for each product of an m x k and a k x n matrix.

    Of attention only pairs of a token and one not after it count. Nothing but products counts, so that
    this is a lower bound of what the schoolbook product needs.
    """
    width, places = recipe.width, recipe.places
    last = 2 * places * width * recipe.outputs
    if recipe.kind.is_transformer:
        pairs = recipe.rows * recipe.tokens * (recipe.tokens + 1) // 2
        forward = recipe.layers * (24 * places * width * width + 4 * pairs * width) + last
        return 3 * forward * recipe.steps if recipe.kind.is_training else forward
    layer = 2 * places * width * width
    forward = recipe.layers * layer + last
    # The inputs of the first layer need no gradient.
    return (3 * forward - layer) * recipe.steps if recipe.kind.is_training else forward


def model_bytes(recipe: Recipe) -> int:
    """Return the size of a model: one byte a weight, or two while it is trained."""
    return _weights(recipe) * (2 if recipe.kind.is_training else 1)


def given_bytes(recipe: Recipe) -> int:
    """Return the size of what an item is given: inputs, and in training what should come out."""
    if recipe.kind.is_transformer:
        # Each token but the last is an input, each but the first what should follow.
        length = recipe.tokens + (1 if recipe.kind.is_training else 0)
        return 2 * recipe.rows * length * recipe.batches
    length = recipe.width + (recipe.outputs if recipe.kind.is_training else 0)
    return recipe.rows * length * recipe.batches


def result_bytes(recipe: Recipe) -> int:
    """Return the size of an item's result: outputs, or in training the model after it."""
    if recipe.kind.is_training:
        return model_bytes(recipe)
    return 6 * recipe.places if recipe.kind.is_transformer else 4 * recipe.rows * recipe.outputs


def make_model(recipe: Recipe, seed: bytes) -> bytes:
    r"""Return the model that follows from `seed`: SHAKE-256 of `"allstop model v1\n" || seed`.

    Every string of `model_bytes` bytes is a model, so that each weight is uniform over its range.
    """
    return hashlib.shake_256(_MODEL_PREFIX + seed).digest(model_bytes(recipe))


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
