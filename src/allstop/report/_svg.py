"""SVG that may stand inside a page: drawn by Vega, then written again from a short list of what is allowed.

What Vega draws could hold links, scripts or styles if a text tricked it. So its output is parsed, and only
shapes and texts with harmless attributes are written out. Colours are variables and patterns of the page.
"""

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup, escape

if TYPE_CHECKING:
    import altair

__all__ = ["clean_svg", "draw_svg"]

_SPACE = "{http://www.w3.org/2000/svg}"
_ELEMENTS = {"svg", "g", "path", "line", "text"}
_NUMBERS = re.compile(r"[-+0-9.,e ]+")
_WORD = re.compile(r"[a-z]+")
_COLOUR = re.compile(r"none|currentColor|var\(--[a-z-]+\)|url\(#p-[a-z-]+\)")
_ATTRIBUTES = {
    "width": _NUMBERS,
    "height": _NUMBERS,
    "viewBox": _NUMBERS,
    "transform": re.compile(r"(?:(?:translate|rotate|scale)\([-+0-9.,e ]+\) ?)+"),
    "d": re.compile(r"[-+0-9.,e MmLlHhVvCcSsQqTtAaZz]+"),
    "x": _NUMBERS,
    "y": _NUMBERS,
    "x2": _NUMBERS,
    "y2": _NUMBERS,
    "fill": _COLOUR,
    "stroke": _COLOUR,
    "stroke-width": _NUMBERS,
    "stroke-dasharray": _NUMBERS,
    "text-anchor": _WORD,
    "font-size": re.compile(r"[0-9]+px"),
    "font-weight": _WORD,
}
"""What an element may say, and in which form."""
_ROUNDED = re.compile(r"-?[0-9]+\.[0-9]+(?:e-?[0-9]+)?")


def draw_svg(chart: "altair.TopLevelMixin") -> Markup:
    """Return a chart as SVG for a page. The caller labels it: the drawing itself is hidden from readers by ear."""
    import vl_convert  # 80 MB with an engine for Vega: loaded only where a report is made

    return clean_svg(vl_convert.vegalite_to_svg(chart.to_dict()))


def clean_svg(text: str) -> Markup:
    """Return drawn SVG with nothing in it but shapes and texts.

    Unknown elements vanish with all they hold, unknown attributes vanish, and a colour that is no variable or
    pattern of the page becomes `none`.
    """
    root = ElementTree.fromstring(text)
    return Markup("").join(_written(root))


def _written(node: ElementTree.Element) -> list[Markup]:
    name = node.tag.removeprefix(_SPACE)
    if name not in _ELEMENTS or node.get("display") == "none" or (name == "path" and _is_unseen(node)):
        return []
    children = [part for child in node for part in _written(child)]
    content = escape(node.text) if name == "text" and node.text else Markup("")
    if name in ("g", "text") and not children and not content:
        return []
    attributes = Markup("").join(_attributes(node))
    if name == "g" and not attributes:
        return children
    if name == "svg":
        attributes += Markup(' aria-hidden="true" focusable="false"')
    return [
        Markup("<{}{}>").format(Markup(name), attributes),
        content,
        *children,
        Markup("</{}>").format(Markup(name)),
    ]


def _is_unseen(path: ElementTree.Element) -> bool:
    """Tell whether a path draws nothing: the frames that Vega puts around its groups."""
    return not path.get("d") or (path.get("fill") is None and path.get("stroke") is None)


def _attributes(node: ElementTree.Element) -> list[Markup]:
    found = []
    for name, form in _ATTRIBUTES.items():
        value = _ROUNDED.sub(_rounded, node.get(name, ""))
        if form.fullmatch(value) and value != "translate(0,0)":
            found.append(Markup(' {}="{}"').format(Markup(name), value))
        elif value and form is _COLOUR:
            found.append(Markup(' {}="none"').format(Markup(name)))
    return found


def _rounded(found: re.Match[str]) -> str:
    """Return a coordinate with two decimals: enough for the eye, and no noise of floating point."""
    return f"{float(found.group()):.2f}".rstrip("0").rstrip(".")
