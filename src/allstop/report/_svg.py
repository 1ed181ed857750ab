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
_ATTRIBUTES = (
    "width", "height", "viewBox", "transform", "d", "x", "y", "x2", "y2", "fill", "stroke", "stroke-width",
    "stroke-dasharray", "text-anchor", "font-size", "font-weight",
)  # fmt: skip
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_NUMERIC = {"d", "transform", "x", "y", "x2", "y2"}
_COLOUR = re.compile(r"none|currentColor|var\(--[a-z-]+\)|url\(#p-[a-z-]+\)")
_SHAPE = re.compile(r"[-+0-9.,eE a-zA-Z()]*")


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
    for name in _ATTRIBUTES:
        value = node.get(name)
        if value is None or (name == "transform" and value == "translate(0,0)"):
            continue
        if name in ("fill", "stroke"):
            value = value if _COLOUR.fullmatch(value) else "none"
        elif name in _NUMERIC:
            value = _NUMBER.sub(_rounded, value)
        if name not in ("fill", "stroke") and _SHAPE.fullmatch(value) is None:
            continue
        found.append(Markup(' {}="{}"').format(Markup(name), value))
    return found


def _rounded(found: re.Match[str]) -> str:
    """Return a coordinate with two decimals: enough for the eye, and no noise of floating point."""
    return f"{float(found.group()):.2f}".rstrip("0").rstrip(".")
