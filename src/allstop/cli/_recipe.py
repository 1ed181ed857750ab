"""`allstop recipe`: what one item of work is, as data that anyone can execute."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON
from allstop.cli._documents import name_in_error, read_document, write_document
from allstop.cli._options import JSONOption, as_usage, examples, make_noun
from allstop.cli._output import emit
from allstop.ids import Digest, digest_of

if TYPE_CHECKING:
    from allstop.transcript import Recipe

__all__ = ["app", "read_recipe_file"]

app = make_noun("recipe", "Make and show recipes: shapes of work that anyone can do again.")

_RECIPE_BYTES_MAX = 65_536


class _Kind(Enum):
    MLP_INFERENCE = "mlp-inference"
    TRANSFORMER_INFERENCE = "transformer-inference"
    MLP_TRAINING = "mlp-training"
    TRANSFORMER_TRAINING = "transformer-training"


class _Init(Enum):
    GIVEN = "given"
    BEACON = "beacon"


def _figure(name: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar="N", min=0, help=text)
    return option


@app.command(
    epilog=examples(
        "allstop recipe new recipe.json --kind mlp-inference --rows 256 --width 512 --layers 4 --outputs 16",
        "allstop recipe new train.json --kind transformer-training --init beacon --rows 4 --width 64\n"
        "    --layers 2 --outputs 256 --tokens 32 --heads 4 --steps 4 --rate-shift 4",
    )
)
def new(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="New file for the recipe.")],
    kind: Annotated[_Kind, typer.Option("--kind", help="Which network, used or trained.")],
    rows: Annotated[int, _figure("--rows", "Inputs or sequences of one batch.")],
    width: Annotated[int, _figure("--width", "Width of every layer.")],
    layers: Annotated[int, _figure("--layers", "Layers or blocks.")],
    outputs: Annotated[int, _figure("--outputs", "Numbers that come out, or tokens that there are.")],
    tokens: Annotated[int, _figure("--tokens", "Tokens of a sequence; transformers.")] = 0,
    heads: Annotated[int, _figure("--heads", "Heads of attention; transformers.")] = 0,
    steps: Annotated[int, _figure("--steps", "Batches of one item; training.")] = 0,
    rate_shift: Annotated[int, _figure("--rate-shift", "A gradient is divided by 2 to this; training.")] = 0,
    init: Annotated[
        _Init, typer.Option("--init", help="First model: any, or the one that the beacon makes.")
    ] = _Init.GIVEN,
    as_json: JSONOption = False,
) -> None:
    """Write a recipe: the shape of one item of work for the built-in interpreter. No code of anybody's runs.

    Its arithmetic is in integers, so that everyone who does an item again gets the same bytes.
    """
    from allstop.transcript import Init, Recipe, RecipeKind, format_recipe

    recipe = as_usage(
        lambda: Recipe(
            kind=RecipeKind(kind.value),
            init=Init(init.value),
            rows=rows,
            width=width,
            layers=layers,
            outputs=outputs,
            tokens=tokens,
            heads=heads,
            steps=steps,
            rate_shift=rate_shift,
        )
    )
    data = format_recipe(recipe)
    write_document(out, data)
    _print(recipe, digest_of(data), as_json=as_json)


@app.command(epilog=examples("allstop recipe show recipe.json"))
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Recipe; - is standard input.")],
    as_json: JSONOption = False,
) -> None:
    """Show a recipe, and what one item of it takes."""
    recipe, digest = read_recipe_file(file)
    _print(recipe, digest, as_json=as_json)


def read_recipe_file(file: Path) -> "tuple[Recipe, Digest]":
    """Read a recipe and its digest.

    Raises:
        UsageError: the file holds none.
    """
    from allstop.transcript import parse_recipe

    data = read_document(file, bytes_max=_RECIPE_BYTES_MAX)
    return name_in_error(file, lambda: parse_recipe(data)), digest_of(data)


def _print(recipe: "Recipe", digest: Digest, *, as_json: bool) -> None:
    from allstop.transcript import given_bytes, model_bytes, operations_of_item, result_bytes

    flop = operations_of_item(recipe)
    value: dict[str, JSON] = {
        "recipe": digest,
        "kind": recipe.kind.value,
        "init": recipe.init.value,
        "operationsOfItem": str(flop),
        "modelBytes": model_bytes(recipe),
        "givenBytes": given_bytes(recipe),
        "resultBytes": result_bytes(recipe),
    }
    emit(
        value,
        [
            f"recipe      {digest}",
            f"kind        {recipe.kind.value}, first model {recipe.init.value}",
            f"one item    {flop:,} FLOP at least",
            f"model       {model_bytes(recipe)} bytes",
            f"given       {given_bytes(recipe)} bytes an item",
            f"result      {result_bytes(recipe)} bytes an item",
        ],
        as_json=as_json,
    )
