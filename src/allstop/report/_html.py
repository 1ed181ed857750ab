"""The report as one file of HTML: works offline, without a script, on a phone, on paper, in light and dark.

The templates only arrange what the document says. Everything they print is escaped, and characters that
steer a terminal or the direction of writing are made visible: a party that writes about another must not
be able to bend the page. A content security policy allows one style sheet, by its hash, and nothing else.
"""

import base64
import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from allstop.accountancy import Verdict
from allstop.canon import format_instant
from allstop.finding import Subgoal
from allstop.report._document import Document, Entry, FindingEntry, PartyEntry, SiteEntry
from allstop.times import Instant, Window

if TYPE_CHECKING:  # both are loaded only where a page is made: they take half a second
    import jinja2

    from allstop.report._charts import Drawing

__all__ = ["render_html"]

CHARTS_MAX = 60
"""Most sites that are drawn; those after them show the same figures as text."""

REASONS_MAX = 3
"""Most reasons that the summary gives for a party's verdict; its own section has all."""

ENTRIES_MAX = 32
"""Most log entries that one group of findings names with their digests."""

_CONTENTS = (
    ("summary", "In one minute"),
    ("halts", "The halt"),
    ("parties", "Parties, by bloc"),
    ("sites", "Sites"),
    ("work", "Declared work"),
    ("findings", "Findings"),
    ("custody", "Custody of evidence"),
    ("assumptions", "Assumptions"),
    ("not-held", "What was not held"),
    ("again", "Derive it again"),
)
_LEGEND = {
    "verified": "active, and shown by re-executing a sample that was drawn afterwards, or by inspection",
    "plausible": "active, and what was declared fits the meters; other work of the same load would look alike",
    "declared": "active, and only claimed",
    "unaccounted": "active, and nothing accounts for it",
    "idle": "switched on, below the agreed level",
    "off": "a breaker of its own shows that nothing ran",
    "unobserved": "no trusted meter saw it: it counts as fully used",
}
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9:.]+)Z")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Categories of characters that are never printed as they are: controls, direction marks, private use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _SiteCharts:
    """The drawings of one site, and the bar in words for who cannot see it."""

    bar: "Drawing | None"
    bar_words: str
    timeline: "Drawing | None"
    span: Window | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Findings that say the same of the same party, and the entries that they rest on, each once."""

    findings: tuple[FindingEntry, ...]
    entries: tuple[Entry, ...]
    is_cut: bool


def render_html(document: Document) -> str:
    """Return the report as one self-contained page; the same document gives the same text."""
    from allstop.report._charts import draw_room

    style = _style(document)
    policy = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    parties = {party.id: party for party in document.parties}
    judged = [party for party in document.parties if party.verdict is not None]
    goals = judged[0].coverage if judged else ()
    return (
        _environment()
        .get_template("report.html")
        .render(
            doc=document,
            style=Markup(style),
            style_hash=f"sha256-{policy}",
            contents=[one for one in _CONTENTS if one[0] != "halts" or document.halts],
            legend=_LEGEND.items(),
            parties=parties,
            judged=judged,
            goals=goals,
            subgoals=[goal.subgoal.value for goal in goals],
            uncovered={goal.subgoal for goal in goals if _is_uncovered(goal.subgoal, judged)},
            codes={party.id: _codes(document, party) for party in judged},
            reasons={party.id: _reasons(document, party) for party in judged},
            groups=_groups(document),
            first_of={one.code: f"finding-{one.number}" for one in reversed(document.findings)},
            room_chart=draw_room(document.room),
            site_charts={site.site: _site_charts(site) for site in document.sites[:CHARTS_MAX]},
        )
    )


def _is_uncovered(goal: Subgoal, judged: list[PartyEntry]) -> bool:
    """Tell whether no judged party has a clause for a subgoal."""
    return all(one.verdict is None for party in judged for one in party.coverage if one.subgoal is goal)


def _codes(document: Document, party: PartyEntry) -> list[tuple[FindingEntry, int]]:
    """Return the first finding of each code about a party, and how many of that code there are."""
    about = [one for one in document.findings if one.number in party.findings]
    counts = Counter(one.code for one in about)
    firsts = {one.code: one for one in reversed(about)}
    return [(firsts[code], count) for code, count in counts.items()]


def _reasons(document: Document, party: PartyEntry) -> list[str]:
    """Return in a few words why a party's verdict is no better: its findings, or what its clauses lack."""
    if party.verdict in (None, Verdict.CONSISTENT):
        return []
    titles = [one.title for one in document.findings if one.number in party.findings]
    lacks = [
        reason for clause in party.clauses if clause.verdict is party.verdict for reason in clause.reasons
    ]
    return list(dict.fromkeys(titles or lacks))[:REASONS_MAX]


def _groups(document: Document) -> list[_Group]:
    """Put findings together that say the same of the same party, in the order of their numbers."""
    groups: dict[tuple[object, ...], list[FindingEntry]] = {}
    for one in document.findings:
        key = (
            one.code,
            one.party,
            one.site,
            one.effect,
            one.subgoals,
            one.resolve,
            one.answer,
            one.answer_by,
        )
        groups.setdefault(key, []).append(one)
    return [_group(tuple(findings)) for findings in groups.values()]


def _group(findings: tuple[FindingEntry, ...]) -> _Group:
    entries = sorted({entry.index: entry for one in findings for entry in one.rests_on}.items())
    is_cut = len(entries) > ENTRIES_MAX or any(one.more_entries for one in findings)
    shown = tuple(entry for _, entry in entries[:ENTRIES_MAX])
    return _Group(findings=findings, entries=shown, is_cut=is_cut)


def _site_charts(site: SiteEntry) -> _SiteCharts:
    from allstop.report._charts import draw_bar, draw_timeline

    bins = site.timeline
    return _SiteCharts(
        bar=draw_bar(site.bar),
        bar_words=", ".join(f"{part.words} {part.share.words}" for part in site.bar if part.chip_time.value),
        timeline=draw_timeline(bins),
        span=Window(start=bins[0].window.start, end=bins[-1].window.end) if bins else None,
    )


def _style(document: Document) -> str:
    """Return the style sheet, whose printed pages carry the verdict's digest."""
    text = resources.files("allstop.report").joinpath("templates", "report.css").read_text("utf-8")
    return text.replace("DIGEST", document.head.digest)


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("allstop.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "after": str.removeprefix,
        "capitalized": _capitalized,
        "humane": _humane,
        "lower_first": _lower_first,
        "instant": format_instant,
        "spoken": _spoken,
        "spoken_window": _spoken_window,
    }
    return environment


def _visible(value: object) -> object:
    """Make characters visible that would steer the page instead of standing on it."""
    if isinstance(value, Markup) or not isinstance(value, str) or (value.isascii() and value.isprintable()):
        return value
    return "".join(
        f"[U+{ord(one):04X}]" if unicodedata.category(one) in _HIDDEN and one != "\n" else one
        for one in value
    )


def _capitalized(text: str) -> str:
    """Begin a sentence with a capital, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    """Continue a sentence with a title, unless it begins with an acronym."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _humane(text: str) -> str:
    """Spell the instants in one of our own sentences as people read them."""
    return _INSTANT.sub(r"\1 \2 UTC", text)


def _spoken(at: Instant) -> str:
    """Return an instant as people read it: `2026-11-23 23:12:36 UTC`."""
    return _humane(format_instant(at))


def _spoken_window(window: Window) -> str:
    """Return a window without saying its day twice: `2026-11-23 23:12:36 to 23:12:46 UTC`."""
    start, end = _spoken(window.start), _spoken(window.end)
    day, _, time = end.partition(" ")
    return f"{start.removesuffix(' UTC')} to {time if start.startswith(day) else end}"
