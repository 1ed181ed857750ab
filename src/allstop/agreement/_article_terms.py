"""Articles: where in a published text the figures of an agreement come from, and what that text says besides.

Implements spec/agreement.md, section "Articles". Binds nobody: lint reads it, so that a defect of the source is
found by a rule and named by article. Says nothing about whether the source was read right.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from allstop.agreement._checks import build, check_duration, check_ppm, check_text, check_unique
from allstop.canon import JSON, Fields, format_decimal
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.units import PPM, QUANTITY_MAX

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = [
    "Article",
    "ArticleBand",
    "ArticleCount",
    "ArticleTerms",
    "ArticleUnit",
    "CountedBy",
    "Deadline",
    "Omission",
    "SummedOver",
    "Summing",
    "format_article_terms",
    "parse_article_terms",
    "verify_articles",
]

ARTICLE_CHARS_MAX = 128
ENTRY_COUNT_MAX = 256

Article = str
"""Place in the source, such as "V.2" or "App. D, Table 1"."""


class SummedOver(Enum):
    """Over what a quantity is summed up. The value is the wire form.

    ANY_SET is what a text says that names no rule of membership: whoever splits a set decides.
    """

    CHIP = "chip"
    SITE = "site"
    NETWORK = "network"
    PARTY = "party"
    RUN = "run"
    LINEAGE = "lineage"
    ANY_SET = "any-set"


class CountedBy(Enum):
    """How operations are counted where chips know several number formats. The value is the wire form."""

    FORMAT_USED = "format-used"
    FP16_EQUIVALENT = "fp16-equivalent"
    HIGHER_OF_BOTH = "higher-of-both"
    SUM_OVER_CHIPS = "sum-over-chips"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleBand:
    """Where a band comes from. Example: band `exempt` of `cluster-h100e`, "V.2"."""

    quantity: Name
    band: Name
    article: Article

    def __post_init__(self) -> None:
        _check_article(self.article)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summing:
    """Over what a quantity is summed. Example: `cluster-h100e`, any-set, "II.16", reading "sets at one site".

    `reading` says how this agreement reads the source; empty where it does not say.
    """

    quantity: Name
    over: SummedOver
    article: Article
    reading: str

    def __post_init__(self) -> None:
        _check_article(self.article)
        check_text(self.reading, "reading", may_be_empty=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When the source wants amounts above `above` dealt with.

    Example: schedule `article-v`, quantity `cluster-h100e`, above 16, 120 days, "V.3".
    """

    schedule: Name
    quantity: Name
    above: int
    ms: int
    article: Article

    def __post_init__(self) -> None:
        _check_article(self.article)
        check_duration(self.ms, "deadline", low=1)
        if not 0 <= self.above <= QUANTITY_MAX:
            raise MalformedError(f"amount is {self.above}, want 0 to {QUANTITY_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleUnit:
    """How the source derives a unit: peak in a format times a share of use.

    Example: unit `h100e`, 1980000000000000 FLOP/s in "fp8" at 500000 ppm, "App. D".
    """

    unit: Name
    flop_per_second: int
    number_format: str
    share_ppm: int
    article: Article

    def __post_init__(self) -> None:
        _check_article(self.article)
        check_text(self.number_format, "number format", chars_max=16)
        check_ppm(self.share_ppm, "share of use", low=1)
        if not 1 <= self.flop_per_second <= 10**18:
            raise MalformedError(f"unit is {self.flop_per_second} FLOP/s, want 1 to {10**18}")

    @property
    def rate(self) -> int:
        """FLOP/s that one unit counts as, rounded down."""
        return self.flop_per_second * self.share_ppm // PPM


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleCount:
    """By which rule the source counts a quantity. Example: `operations`, higher-of-both, "II.4"."""

    quantity: Name
    rule: CountedBy
    article: Article

    def __post_init__(self) -> None:
        _check_article(self.article)


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """An article that this agreement does not carry, and why. Example: "IV.5", "no kind lists techniques"."""

    article: Article
    why: str

    def __post_init__(self) -> None:
        _check_article(self.article)
        check_text(self.why, "why an article is left out")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleTerms:
    """The source of an agreement, as far as its figures come from one.

    {"source": "arXiv 2511.10783, version 3", "bands": [{"quantity": "cluster-h100e", "band": "exempt",
     "article": "V.2"}], "sums": [], "deadlines": [], "units": [], "counts": [], "omitted": []}
    """

    source: str
    bands: tuple[ArticleBand, ...] = ()
    sums: tuple[Summing, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    units: tuple[ArticleUnit, ...] = ()
    counts: tuple[ArticleCount, ...] = ()
    omitted: tuple[Omission, ...] = ()

    def __post_init__(self) -> None:
        check_text(self.source, "source", chars_max=256)
        check_unique((f"{one.quantity}/{one.band}" for one in self.bands), "article of band")
        check_unique((one.quantity for one in self.sums), "sum")
        check_unique(((one.schedule, one.quantity, one.above) for one in self.deadlines), "deadline")
        check_unique(((one.unit, one.article) for one in self.units), "unit")
        check_unique(((one.quantity, one.article) for one in self.counts), "count")
        check_unique((one.article for one in self.omitted), "omitted article")

    def band(self, quantity: str, name: str) -> Article | None:
        """Return the article of a band, or None."""
        return next((b.article for b in self.bands if (b.quantity, b.band) == (quantity, name)), None)


def verify_articles(terms: ArticleTerms, agreement: "Agreement") -> None:
    """Check that every band whose article is named is a band of the agreement.

    Raises:
        MalformedError: there is no such band.
    """
    known = {(band.quantity, band.name) for band in agreement.definitions.bands}
    for one in terms.bands:
        if (one.quantity, one.band) not in known:
            raise MalformedError(
                f"{one.article} is the article of {one.quantity}/{one.band}, which is no band"
            )


def _check_article(article: str) -> None:
    check_text(article, "article", chars_max=ARTICLE_CHARS_MAX)


def parse_article_terms(fields: Fields) -> ArticleTerms:
    """Parse the wire form of the articles.

    Raises:
        MalformedError: it is not in that form.
    """
    terms = build(
        fields.where,
        ArticleTerms,
        source=fields.text("source"),
        bands=tuple(_parse_band(f) for f in fields.objects("bands", ENTRY_COUNT_MAX)),
        sums=tuple(_parse_sum(f) for f in fields.objects("sums", ENTRY_COUNT_MAX)),
        deadlines=tuple(_parse_deadline(f) for f in fields.objects("deadlines", ENTRY_COUNT_MAX)),
        units=tuple(_parse_unit(f) for f in fields.objects("units", ENTRY_COUNT_MAX)),
        counts=tuple(_parse_count(f) for f in fields.objects("counts", ENTRY_COUNT_MAX)),
        omitted=tuple(_parse_omission(f) for f in fields.objects("omitted", ENTRY_COUNT_MAX)),
    )
    fields.done()
    return terms


def format_article_terms(terms: ArticleTerms) -> JSON:
    """Return the wire form of the articles."""
    return {
        "source": terms.source,
        "bands": [{"quantity": b.quantity, "band": b.band, "article": b.article} for b in terms.bands],
        "sums": [
            {"quantity": s.quantity, "over": s.over.value, "article": s.article, "reading": s.reading}
            for s in terms.sums
        ],
        "deadlines": [
            {
                "schedule": d.schedule,
                "quantity": d.quantity,
                "above": format_decimal(d.above),
                "ms": d.ms,
                "article": d.article,
            }
            for d in terms.deadlines
        ],
        "units": [
            {
                "unit": u.unit,
                "flopPerSecond": format_decimal(u.flop_per_second),
                "numberFormat": u.number_format,
                "sharePpm": u.share_ppm,
                "article": u.article,
            }
            for u in terms.units
        ],
        "counts": [
            {"quantity": c.quantity, "rule": c.rule.value, "article": c.article} for c in terms.counts
        ],
        "omitted": [{"article": o.article, "why": o.why} for o in terms.omitted],
    }


def _parse_band(fields: Fields) -> ArticleBand:
    band = build(
        fields.where,
        ArticleBand,
        quantity=fields.name("quantity"),
        band=fields.name("band"),
        article=fields.text("article"),
    )
    fields.done()
    return band


def _parse_sum(fields: Fields) -> Summing:
    summing = build(
        fields.where,
        Summing,
        quantity=fields.name("quantity"),
        over=fields.choice("over", SummedOver),
        article=fields.text("article"),
        reading=fields.text("reading", 4096),
    )
    fields.done()
    return summing


def _parse_deadline(fields: Fields) -> Deadline:
    deadline = build(
        fields.where,
        Deadline,
        schedule=fields.name("schedule"),
        quantity=fields.name("quantity"),
        above=fields.decimal("above"),
        ms=fields.integer("ms"),
        article=fields.text("article"),
    )
    fields.done()
    return deadline


def _parse_unit(fields: Fields) -> ArticleUnit:
    unit = build(
        fields.where,
        ArticleUnit,
        unit=fields.name("unit"),
        flop_per_second=fields.decimal("flopPerSecond"),
        number_format=fields.text("numberFormat"),
        share_ppm=fields.integer("sharePpm"),
        article=fields.text("article"),
    )
    fields.done()
    return unit


def _parse_count(fields: Fields) -> ArticleCount:
    count = build(
        fields.where,
        ArticleCount,
        quantity=fields.name("quantity"),
        rule=fields.choice("rule", CountedBy),
        article=fields.text("article"),
    )
    fields.done()
    return count


def _parse_omission(fields: Fields) -> Omission:
    omission = build(fields.where, Omission, article=fields.text("article"), why=fields.text("why", 4096))
    fields.done()
    return omission
