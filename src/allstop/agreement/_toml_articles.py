"""How the articles of a source are written in TOML (spec/agreement.md, section "Articles")."""

from allstop.agreement._toml_readers import (
    Key,
    Reader,
    Shape,
    duration,
    integer,
    list_of,
    number,
    optional,
    read_table,
    table,
    text_of,
    wrong,
)
from allstop.canon import JSON

__all__ = ["ARTICLES"]


def _bands(value: object, where: str) -> JSON:
    """Read `"cluster-h100e/exempt" = "V.2"`; what stands before the slash is the quantity."""
    if not isinstance(value, dict):
        raise wrong(value, where, 'a table such as { "cluster-h100e/exempt" = "V.2" }')
    return [
        {
            "quantity": key.partition("/")[0],
            "band": key.partition("/")[2],
            "article": text_of(article, f"{where}.{key}"),
        }
        for key, article in value.items()
    ]


def _omitted(value: object, where: str) -> JSON:
    """Read `"IV.5" = "no kind of clause lists techniques"`."""
    if not isinstance(value, dict):
        raise wrong(value, where, "a table of texts")
    return [{"article": key, "why": text_of(why, f"{where}.{key}")} for key, why in value.items()]


def _rows(shape: Shape) -> Reader:
    return list_of(lambda value, where: read_table(value, where, shape))


ARTICLES: Reader = table(
    {
        "source": Key("source", text_of),
        "bands": optional("bands", _bands, []),
        "sums": optional(
            "sums",
            _rows(
                {
                    "quantity": Key("quantity", text_of),
                    "over": Key("over", text_of),
                    "article": Key("article", text_of),
                    "reading": optional("reading", text_of, ""),
                }
            ),
            [],
        ),
        "deadlines": optional(
            "deadlines",
            _rows(
                {
                    "schedule": Key("schedule", text_of),
                    "quantity": Key("quantity", text_of),
                    "above": Key("above", number()),
                    "within": Key("ms", duration),
                    "article": Key("article", text_of),
                }
            ),
            [],
        ),
        "units": optional(
            "units",
            _rows(
                {
                    "unit": Key("unit", text_of),
                    "flop_per_second": Key("flopPerSecond", number(what='FLOP/s such as "990e12"')),
                    "number_format": Key("numberFormat", text_of),
                    "share_ppm": Key("sharePpm", integer),
                    "article": Key("article", text_of),
                }
            ),
            [],
        ),
        "counts": optional(
            "counts",
            _rows(
                {
                    "quantity": Key("quantity", text_of),
                    "rule": Key("rule", text_of),
                    "article": Key("article", text_of),
                }
            ),
            [],
        ),
        "omitted": optional("omitted", _omitted, []),
    }
)
"""Reader of the table `[articles]`."""
