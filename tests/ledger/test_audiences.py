"""Every kind of statement says who may be shown it, and names secrets that its body really has."""

import importlib
import json
import pkgutil
from collections.abc import Iterator

import pytest

import allstop
from allstop.canon import JSON
from allstop.ids import Name
from allstop.ledger import PREDICATES
from allstop.statement import Audience, Predicate
from source_tree import ROOT


def exported() -> Iterator[Predicate[object]]:
    """Yield every predicate that a package exports, whether the fold knows it or not."""
    for module in pkgutil.iter_modules(allstop.__path__, "allstop."):
        package = importlib.import_module(module.name)
        for name in getattr(package, "__all__", ()):
            value = getattr(package, name)
            if isinstance(value, Predicate):
                yield value


def schema_of(name: str) -> dict[str, JSON]:
    """Return the schema of a body."""
    found: dict[str, JSON] = json.loads((ROOT / f"spec/schemas/{name}.schema.json").read_text("utf-8"))
    return found


def has_field(schema: dict[str, JSON], path: str) -> bool:
    """Tell whether a schema has a key, at the end of a path through objects and lists of them."""
    here: JSON = schema
    for key in path.split("."):
        assert isinstance(here, dict)
        items = here.get("items", here)
        assert isinstance(items, dict)
        if "$ref" in items:
            definitions = schema["$defs"]
            assert isinstance(definitions, dict)
            items = definitions[str(items["$ref"]).rpartition("/")[2]]
            assert isinstance(items, dict)
        properties = items.get("properties", {})
        assert isinstance(properties, dict)
        if key not in properties:
            return False
        here = properties[key]
    return True


def test_no_kind_of_statement_lacks_an_audience() -> None:
    """Whether the fold knows it or not: somebody has thought about who may see it."""
    assert [] == [str(one.name) for one in exported() if not isinstance(one.audience, Audience)]


@pytest.mark.parametrize("name", sorted(PREDICATES))
def test_secret_fields_are_keys_of_the_body(name: str) -> None:
    """A misspelt secret would protect nothing."""
    predicate = PREDICATES[Name(name)]
    assert [] == [field for field in predicate.secret if not has_field(schema_of(name), field)]
    assert list(predicate.secret) == sorted(predicate.secret)


@pytest.mark.parametrize(
    "name", sorted(name for name, one in PREDICATES.items() if one.audience is Audience.VERIFIERS)
)
def test_what_only_verifiers_see_is_secret_as_a_whole(name: str) -> None:
    """No field of such a body is left that rivals might be shown."""
    properties = schema_of(name).get("properties", {})
    assert isinstance(properties, dict)
    assert sorted(properties) == list(PREDICATES[Name(name)].secret)


def test_a_field_that_is_not_there_is_seen() -> None:
    """The test above can fail, at the top and inside a list."""
    assert has_field(schema_of("job"), "chips.lot")
    assert not has_field(schema_of("job"), "price")
    assert not has_field(schema_of("job"), "chips.price")


def test_the_page_lists_every_kind() -> None:
    """Readers find each kind of statement with its audience and its secrets."""
    page = (ROOT / "docs/audiences.md").read_text("utf-8")
    for one in PREDICATES.values():
        fields = ", ".join(f"`{field}`" for field in one.secret) or "none"
        assert f"| `{one.name}` | {one.audience.value} | {fields} |\n" in page
