"""The vectors of the part `articles` of an agreement: a good one, and the ways of being wrong.

Used by `make_agreement_vectors`; each refused one differs from the good one in one place.
"""

from typing import Any

__all__ = ["ARTICLES", "ARTICLES_REFUSED", "ARTICLES_TOML"]

ARTICLES: dict[str, Any] = {
    "source": "a published text",
    "bands": [{"quantity": "run-flop", "band": "free", "article": "IV.3"}],
    "sums": [{"quantity": "run-flop", "over": "any-set", "article": "II.5", "reading": "one lineage"}],
    "deadlines": [
        {"schedule": "text", "quantity": "run-flop", "above": "16", "ms": 10_368_000_000, "article": "V.3"}
    ],
    "units": [
        {
            "unit": "h100e",
            "flopPerSecond": "1980000000000000",
            "numberFormat": "fp8",
            "sharePpm": 500_000,
            "article": "App. D",
        }
    ],
    "counts": [{"quantity": "compute", "rule": "higher-of-both", "article": "II.4"}],
    "omitted": [{"article": "IV.5", "why": "no kind of clause carries it"}],
}

ARTICLES_TOML = """
[articles]
source = "a published text"
bands = { "run-flop/free" = "IV.3" }
sums = [{ quantity = "run-flop", over = "any-set", article = "II.5", reading = "one lineage" }]
deadlines = [{ schedule = "text", quantity = "run-flop", above = 16, within = "P120D", article = "V.3" }]
counts = [{ quantity = "compute", rule = "higher-of-both", article = "II.4" }]
omitted = { "IV.5" = "no kind of clause carries it" }

[[articles.units]]
unit = "h100e"
flop_per_second = "1980e12"
number_format = "fp8"
share_ppm = 500_000
article = "App. D"
"""

# Name, why, whether the schema takes it, place below `articles`, new value.
ARTICLES_REFUSED: list[tuple[str, str, bool, tuple[str | int, ...], Any]] = [
    ("articles-band-unknown", "an article is the article of a band that is there", True, ("bands", 0, "band"), "huge"),
    ("articles-sum-unknown", "what a sum runs over is one of a closed set", False, ("sums", 0, "over"), "any"),
    ("articles-without-article", "a figure comes from somewhere", False, ("counts", 0, "article"), ""),
    ("articles-share-zero", "a unit is not nothing", False, ("units", 0, "sharePpm"), 0),
    ("articles-deadline-zero", "nobody can be on time at once", False, ("deadlines", 0, "ms"), 0),
    ("articles-amount-as-integer", "amounts are decimals in quotes", False, ("deadlines", 0, "above"), 16),
]  # fmt: skip
