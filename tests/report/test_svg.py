"""Drawn SVG is written again from a short list: nothing that acts, loads or styles comes along."""

import pytest

from allstop.report._svg import clean_svg

SPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str) -> str:
    """Return a drawing that holds this."""
    return f'<svg {SPACE} width="9" height="9">{inside}</svg>'


def cleaned(inside: str) -> str:
    """Return what is left of it, without the frame."""
    text = str(clean_svg(svg(inside)))
    start = '<svg width="9" height="9" aria-hidden="true" focusable="false">'
    assert text.startswith(start)
    assert text.endswith("</svg>")
    return text.removeprefix(start).removesuffix("</svg>")


def test_shapes_and_texts_stay() -> None:
    """What a chart needs comes through, with coordinates that are rounded to what an eye can see."""
    drawn = '<g transform="translate(0.5,1)"><path d="M0.12345,2.0000001h9v-1e-9Z" fill="var(--room)"/></g>'
    kept = '<g transform="translate(0.5,1)"><path d="M0.12,2h9v-1e-9Z" fill="var(--room)"></path></g>'
    assert kept == cleaned(drawn)
    text = '<text fill="currentColor" font-size="13px">12:30</text>'
    assert text == cleaned(text)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<style>*{display:none}</style>",
        '<foreignObject><b xmlns="http://www.w3.org/1999/xhtml">CONSISTENT</b></foreignObject>',
        '<image href="https://example.org/seen"/>',
        '<a href="javascript:alert(1)"><text>look</text></a>',
        '<use href="#i-consistent"/>',
        "<title>words</title>",
        '<animate attributeName="d" to="M0,0"/>',
        '<rect width="9" height="9" fill="white"/>',
        '<path class="background" d="M0,0h9v9Z"/>',
        '<path d="" fill="var(--room)"/>',
        '<path d="M0,0h9" fill="var(--room)" display="none"/>',
        "<g><g></g></g>",
    ],
)
def test_nothing_else_stays(hostile: str) -> None:
    """An element that is not on the list goes with all that it holds, and so does what draws nothing."""
    assert "" == cleaned(hostile)


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="alert(1)"',
        'style="fill:url(https://example.org/seen)"',
        'class="badge consistent"',
        'id="summary"',
        'aria-label="consistent"',
        'xlink:href="#x"',
        'transform="url(javascript:alert(1))"',
        'stroke-dasharray="var(--x)"',
    ],
)
def test_attributes_that_are_not_on_the_list_go(attribute: str) -> None:
    """Neither handlers nor styles, names, links or values that are no numbers survive."""
    assert '<path d="M0,0h9" fill="none"></path>' == cleaned(f'<path d="M0,0h9" fill="none" {attribute}/>')


@pytest.mark.parametrize(
    "colour",
    ["red", "#ffffff", "url(https://example.org/seen)", "url(#other)", "url(#p-x) red", "var(--x, red)"],
)
def test_a_colour_is_a_variable_or_pattern_of_the_page(colour: str) -> None:
    """Any other paint is none: it could load something, or be unreadable in the dark."""
    assert '<path d="M0,0h9" fill="none"></path>' == cleaned(f'<path d="M0,0h9" fill="{colour}"/>')


def test_a_text_stays_a_text() -> None:
    """Markup within a text is printed, not obeyed."""
    text = "<text>&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;</text>"
    assert text == cleaned(text)
