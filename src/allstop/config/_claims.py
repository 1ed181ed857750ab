"""Claims: what README, guides, specifications and reports say that allstop does, and what shows it.

`reference/claims/*.toml` binds each claim to the words that make it, to the tests or benchmarks that show
it, and to the limit that stands beside it. `tests/test_claims.py` holds the files to it: a claim without a
test, words that are gone, or a number in the README without a source fail.
"""

from dataclasses import dataclass
from importlib import resources

from allstop.agreement import parse_toml
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError, NotFoundError
from allstop.ids import Name

__all__ = ["Chapter", "Claim", "Figure", "Place", "Unclaimed", "find_claim", "load_claims", "parse_chapter"]

_ITEMS_MAX = 200
_CLAIM_KEYS = ("made", "tests", "bench", "figures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Words on a page of the repository: `README.md: There is no boolean`."""

    page: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that a page states, in its words, and where it comes from: `64 machines`."""

    made: Place
    source: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence that can be wrong, and what shows that it is not.

    `id = "one-digest"`, `tests = ["tests/real/test_reproducible.py::test_one_case_has_one_verdict"]`. A
    benchmark is a script and the name of its row; `make bench` prints it.
    """

    id: Name
    claim: str
    made: tuple[Place, ...]
    tests: tuple[str, ...]
    bench: tuple[Place, ...]
    figures: tuple[Figure, ...]
    limit: str
    see: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """Words of a page that hold a number or a sentence that no test could show, and why."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The claims of one file of `reference/claims`, under its title."""

    title: str
    claims: tuple[Claim, ...]
    unclaimed: tuple[Unclaimed, ...]


def load_claims() -> tuple[Chapter, ...]:
    """Load every chapter that comes with the package, by the name of its file.

    Raises:
        MalformedError: a file is not in its form, or two claims have one id.
    """
    folder = resources.files("allstop").joinpath("reference", "claims")
    files = sorted((item.name, item) for item in folder.iterdir() if item.name.endswith(".toml"))
    chapters = tuple(parse_chapter(item.read_text("utf-8"), name) for name, item in files)
    ids = [claim.id for chapter in chapters for claim in chapter.claims]
    if len(set(ids)) != len(ids):
        raise MalformedError(f"two claims are called {min(one for one in ids if ids.count(one) > 1)!r}")
    return chapters


def find_claim(chapters: tuple[Chapter, ...], name: Name) -> Claim:
    """Return the claim of this id.

    Raises:
        NotFoundError: there is none.
    """
    for chapter in chapters:
        for claim in chapter.claims:
            if claim.id == name:
                return claim
    raise NotFoundError(f"no claim is called {name!r}", hint="list them with: allstop claims")


def parse_chapter(text: str, what: str) -> Chapter:
    """Parse one file of claims.

    Raises:
        LimitError: `text` is longer than a document may be.
        MalformedError: it is not TOML, or not in the form of `Chapter`.
    """
    fields = Fields(_as_json(parse_toml(text, what), what), what)
    title = fields.text("title")
    claims = tuple(_read_claim(one) for one in fields.objects("claims", _ITEMS_MAX))
    found = fields.objects("unclaimed", _ITEMS_MAX) if fields.has("unclaimed") else ()
    unclaimed = tuple(_read_unclaimed(one) for one in found)
    fields.done()
    return Chapter(title=title, claims=claims, unclaimed=unclaimed)


def _read_claim(fields: Fields) -> Claim:
    lists = {key: fields.texts(key, _ITEMS_MAX) for key in _CLAIM_KEYS[:3] if fields.has(key)}
    figures = fields.objects("figures", _ITEMS_MAX) if fields.has("figures") else ()
    claim = Claim(
        id=fields.name("id"),
        claim=fields.text("claim"),
        made=tuple(_read_place(one, fields.where) for one in lists.get("made", ())),
        tests=lists.get("tests", ()),
        bench=tuple(_read_place(one, fields.where) for one in lists.get("bench", ())),
        figures=tuple(_read_figure(one) for one in figures),
        limit=fields.text("limit"),
        see=_read_place(fields.text("see"), fields.where),
    )
    fields.done()
    return claim


def _read_figure(fields: Fields) -> Figure:
    figure = Figure(
        made=_read_place(fields.text("made"), fields.where),
        source=_read_place(fields.text("source"), fields.where),
    )
    fields.done()
    return figure


def _read_unclaimed(fields: Fields) -> Unclaimed:
    unclaimed = Unclaimed(place=_read_place(fields.text("place"), fields.where), reason=fields.text("reason"))
    fields.done()
    return unclaimed


def _read_place(text: str, where: str) -> Place:
    page, colon, words = text.partition(": ")
    if not (page and colon and words):
        raise MalformedError(f"{where}: found {text[:48]!r}, want 'page: words'")
    return Place(page=page, words=words)


def _as_json(value: object, where: str) -> JSON:
    if isinstance(value, dict):
        return {str(key): _as_json(item, where) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item, where) for item in value]
    if isinstance(value, str):
        return value
    raise MalformedError(f"{where}: found {type(value).__name__}, want text")
