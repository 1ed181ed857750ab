"""Items of an agreement in words, phrase by phrase: duties, phases, voting rules, panels, measures, calendars.

Each phrase says one key of the wire, so that a whole item and a change of one of its keys are said alike. Takes JSON
of any form: a change may lead to no agreement, and has to be described all the same.
"""

from collections.abc import Callable, Mapping

from allstop.agreement._value_words import (
    format_cap,
    format_length_words,
    format_value,
    format_when,
    quote_text,
    text_list,
)
from allstop.canon import JSON

__all__ = ["ITEM_PHRASES", "VALUE_WORDS", "Phrase", "item_words"]

Phrase = Callable[[JSON], str]
"""Says the value of one key, or of a whole place, in words."""

_AND = ", "


def _fields(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}


def _said(form: str, *, nothing: str = "") -> Phrase:
    """Return a phrase that puts a value into `form`, and says `nothing` where there is none."""
    return lambda value: nothing if value is None or value == [] else form.format(_plain(value))


def _plain(value: JSON) -> str:
    return format_value("", value)


def _time(form: str, *, nothing: str = "") -> Phrase:
    """Return a phrase for a length of time in milliseconds."""
    return lambda value: nothing if value is None else form.format(format_value("ms", value))


def _flag(yes: str, no: str) -> Phrase:
    return lambda value: yes if value is True else no if value is False else _plain(value)


def _length(value: JSON) -> str:
    return format_length_words(value) or _plain(value)


def _quantity(value: JSON) -> str:
    return format_value("", value)


_EVENTS = {
    "in-force": "entry into force",
    "bound": "being bound",
    "phase": "the start of phase {}",
    "finding-notified": "notice of a finding",
    "withdrawal": "a notice of withdrawal",
    "adopted": "the adoption of motion {}",
    "aware": "awareness of {}",
}


def _start(value: JSON) -> str:
    start = _fields(value)
    event = _plain(start.get("event"))
    after = _plain(start.get("at")) if event == "date" else _EVENTS.get(event, event)
    return f"within {_length(start.get('within'))} of {after.format(_plain(start.get('name')))}"


def _starts(value: JSON) -> str:
    clocks = value if isinstance(value, list) else [value]
    return "due " + " or ".join(map(_start, clocks))


def _counterparts(value: JSON) -> str:
    """Say who is meant: everybody who fits all the lists that are not empty."""
    voters = _fields(value)
    forms = {"kinds": "of kind {}", "seats": "of seat {}", "blocs": "of bloc {}", "parties": "among {}"}
    parts = [
        form.format(" or ".join(names))
        for key, form in forms.items()
        if (names := text_list(voters.get(key)))
    ]
    return f"parties {_AND.join(parts)}" if parts else "every party"


def _panel(value: JSON) -> str:
    panel = _fields(value)
    members = _AND.join(text_list(panel.get("members"))) or "nobody"
    blocs = _plain(panel.get("blocs"))
    word = "bloc" if blocs == "1" else "blocs"
    return f"{_plain(panel.get('quorum'))} of {members}, from {blocs} {word}" if panel else "nothing"


def _measure_start(value: JSON) -> str:
    when = _fields(value)
    after = when.get("after")
    what = "a finding is final" if after is None else f"measure {_plain(after)} starts"
    uncured = when.get("uncuredFor")
    return f"when {what}" if uncured is None else f"when uncured for {_length(uncured)} after {what}"


def _measure_end(value: JSON) -> str:
    ends = _fields(value)
    parts = ["when cured"] if ends.get("cured") is True else []
    parts += [f"after {_length(ends['length'])}"] if ends.get("length") is not None else []
    parts += [f"when motion {_plain(ends['motion'])} is adopted"] if ends.get("motion") is not None else []
    return "ends " + " or ".join(parts) if parts else "never ends"


def _sealed(value: JSON) -> str:
    sealed = _fields(value)
    if not sealed:
        return "none"
    custodians = _AND.join(text_list(sealed.get("custodians")))
    return (
        f"{_plain(sealed.get('threshold'))} of {custodians} open them by {_plain(sealed.get('openBy'))}, if"
        f" {_plain(sealed.get('receipts'))} have receipted their shares by {_plain(sealed.get('close'))}"
    )


def _accession(value: JSON) -> str:
    accession = _fields(value)
    if not accession:
        return "none"
    lead = accession.get("leadMs")
    words = "binds at the deposit" if lead == 0 else f"binds {format_value('leadMs', lead)} after the deposit"
    rule, until = accession.get("rule"), accession.get("until")
    words += "" if rule is None else f", once motion {_plain(rule)} is adopted for the party"
    return words + ("" if until is None else f", for deposits until {_plain(until)}")


def _sprint(value: JSON) -> str:
    sprint = _fields(value)
    if not sprint:
        return "none"
    growth, window = format_value("ppm", sprint.get("growthPpm")), format_value("ms", sprint.get("windowMs"))
    return f"{growth} or more, counted from {window} before the notice"


def _band(value: JSON) -> str:
    band = _fields(value)
    low, high = band.get("low"), band.get("high")
    parts = (
        [] if low is None else [f"{'from' if band.get('lowClosed') is True else 'above'} {_quantity(low)}"]
    )
    upper = "up to" if band.get("highClosed") is True else "below"
    parts += [] if high is None else [f"{upper} {_quantity(high)}"]
    return _AND.join(parts) or "every amount"


def _offset(value: JSON) -> str:
    offset = _fields(value)
    minutes = offset.get("minutes")
    if not isinstance(minutes, int):
        return _plain(value)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours:02d}:{rest:02d} from {_plain(offset.get('from'))}"


def _offsets(value: JSON) -> str:
    return _AND.join(map(_offset, value)) if isinstance(value, list) else _plain(value)


def _key(value: JSON) -> str:
    return f"{_plain(_fields(value).get('kind'))} {_plain(_fields(value).get('data'))}"


def _key_count(value: JSON) -> str:
    count = len(value) if isinstance(value, list) else 0
    return "no key yet" if not count else "1 key" if count == 1 else f"{count} keys"


def _resume(value: JSON) -> str:
    resume = _fields(value)
    parties = text_list(resume.get("parties"))
    whose = f" of {_AND.join(parties)}" if parties else ""
    return f"{_AND.join(text_list(resume.get('permitted')))}{whose} once motion {_plain(resume.get('motion'))} is adopted"


def _article_deadline(value: JSON) -> str:
    one = _fields(value)
    return (
        f"{_plain(one.get('quantity'))} above {_quantity(one.get('above'))} within"
        f" {format_value('ms', one.get('ms'))}, schedule {_plain(one.get('schedule'))}"
    )


def _article_unit(value: JSON) -> str:
    one = _fields(value)
    return (
        f"{_plain(one.get('unit'))} is {_quantity(one.get('flopPerSecond'))} FLOP/s in"
        f" {_plain(one.get('numberFormat'))} at {format_value('ppm', one.get('sharePpm'))}"
    )


def _by_article(words: Phrase) -> Phrase:
    return lambda value: f"{words(value)} ({_plain(_fields(value).get('article'))})"


def _form(form: str) -> Phrase:
    """Return a phrase for an object of which some keys are named in braces."""

    class _Words(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "nothing"

    return lambda value: form.format_map(_Words({key: _plain(one) for key, one in _fields(value).items()}))


def _reading(value: JSON) -> str:
    reading = _fields(value).get("reading")
    words = _form("{quantity} is summed over {over}")(value)
    return f"{words}, read as {quote_text(reading)}" if reading else words


VALUE_WORDS: Mapping[tuple[str, ...], Phrase] = {
    ("definitions", "bands", "*"): _band,
    ("definitions", "h100eFlopPerSecond"): _said("{} FLOP/s"),
    ("verification", "significantQuantityFlop"): _said("{} FLOP"),
    ("accounting", "start"): _said("{}", nothing="entry into force"),
    ("binding", "sealed"): _sealed,
    ("binding", "accession"): _accession,
    ("leaving", "sprint"): _sprint,
    ("adjudication", "panel"): _panel,
    ("adjudication", "appealPanel"): _panel,
    ("adjudication", "measures", "*", "when"): _measure_start,
    ("adjudication", "measures", "*", "ends"): _measure_end,
    ("convening", "rules", "*", "voters"): _counterparts,
    ("convening", "rules", "*", "proposers"): _counterparts,
    ("calendars", "tables", "*", "offsets", "*"): _offset,
    ("parties", "*", "keys", "*"): _key,
    ("halt", "resume", "*"): _resume,
    ("articles", "bands", "*"): _by_article(_form("{band} of {quantity}")),
    ("articles", "sums", "*"): _by_article(_reading),
    ("articles", "deadlines", "*"): _by_article(_article_deadline),
    ("articles", "units", "*"): _by_article(_article_unit),
    ("articles", "counts", "*"): _by_article(_form("{quantity} is counted by {rule}")),
    ("articles", "omitted", "*"): _form("{article}: {why}"),
}
"""Words for a whole value that stands at a place; `*` is the id of an item, or any item of a list without ids."""

ITEM_PHRASES: Mapping[tuple[str, ...], Mapping[str, Phrase]] = {
    ("parties", "*"): {
        "name": _said("{}"),
        "kind": _said("{}"),
        "bloc": _said("of bloc {}"),
        "seat": _said("seat {}", nothing="no seat"),
        "critical": _flag("critical", "not critical"),
        "keys": _key_count,
        "threshold": _said("{} of its keys sign"),
    },
    ("references", "*"): {"digest": _said("{}")},
    ("assumptions", "*"): {
        "value": lambda value: str(value) if isinstance(value, str) else _plain(value),
        "unit": _said("in {}"),
        "grade": _said("grade {}"),
        "source": _said("from {}"),
    },
    ("definitions", "terms", "*"): {"text": quote_text},
    ("definitions", "clocks", "*"): {"ms": _time("{}"), "basis": _said("by {}")},
    ("calendars", "tables", "*"): {
        "weekend": _said("weekend {}", nothing="no weekend"),
        "holidays": _said("holidays {}", nothing="no holidays"),
        "offsets": lambda value: f"local time {_offsets(value)}" if value else "local time is UTC",
    },
    ("duties", "duties", "*"): {
        "starts": _starts,
        "together": _said("by the {} of its clocks"),
        "every": lambda value: "once" if value is None else f"every {_length(value)}",
        "times": lambda value: "without agreed end" if value is None else f"{_plain(value)} times",
        "calendar": _said("by calendar {}", nothing="in UTC"),
        "evidence": _said("shown by {}", nothing="shown by a statement that it is fulfilled"),
        "impossibleBy": lambda value: (
            "no impossibility is accepted"
            if value is None
            else f"impossibility may be accepted until {_length(value)} later"
        ),
        "waivedBy": _said("waived by motion {}", nothing="waived by no motion"),
        "kinds": lambda value: (
            "binds " + (_AND.join(f"all {kind}s" for kind in text_list(value)) or "no kind of party")
        ),
        "parties": _said("binds {} by name", nothing="binds nobody by name"),
        "clause": _said("clause {}", nothing="of no clause"),
        "text": quote_text,
    },
    ("phases", "phases", "*"): {
        "kind": _said("of kind {}"),
        "minMs": _time("at least {}"),
        "maxMs": _time("at most {}", nothing="without limit"),
        "then": _said("then {}", nothing="nothing follows of itself"),
    },
    ("phases", "transitions", "*"): {
        "when": lambda value: f"when {format_when(value)}",
        "leadMs": lambda value: "at once" if value == 0 else f"{format_value('ms', value)} later",
    },
    ("halt", "permitted", "*"): {
        "jobs": _said("jobs of kind {}"),
        "purposes": _said("for {}", nothing="for any purpose"),
        "parties": _said("of {}", nothing="of any party"),
        "capChipMs": lambda value: format_cap(value) + ("" if value is None else " in a period"),
    },
    ("convening", "rules", "*"): {
        "voters": lambda value: f"voted on by {_counterparts(value)}",
        "proposers": lambda value: f"proposed by {_counterparts(value)}",
        "adopt": lambda value: f"adopted by {format_value('adopt', value)}",
        "veto": lambda value: (
            "without veto"
            if value == "none"
            else "critical parties have a veto"
            if value == "critical"
            else f"veto {_plain(value)}"
        ),
        "tacit": _flag("tacit agreement", "no tacit agreement"),
        "openMs": _time("open {}"),
    },
    ("convening", "motions", "*"): {"rule": _said("decided by rule {}")},
    ("adjudication", "measures", "*"): {
        "kind": _said("of kind {}"),
        "when": _measure_start,
        "by": _said("once motion {} is adopted", nothing="of itself"),
        "clauses": _said("suspends clauses {}", nothing="suspends no named clause"),
        "ends": _measure_end,
    },
}
"""Phrases of the keys of an item, in the order in which they are said."""

_LEFT_OUT: Mapping[str, tuple[JSON, ...]] = {
    "together": ("earliest",),
    "minMs": (0,),
    "threshold": (1,),
    "unit": ("1",),
}
"""Values that go without saying in an item."""


def item_words(pattern: tuple[str, ...], value: JSON) -> str | None:
    """Return an item in words, None where the place is none of an item; what is not given is left out."""
    if pattern in VALUE_WORDS:
        return VALUE_WORDS[pattern](value)
    phrases = ITEM_PHRASES.get(pattern)
    if phrases is None or not isinstance(value, dict):
        return None
    given = [
        phrase(value[key])
        for key, phrase in phrases.items()
        if key in value
        and (key == "keys" or value[key] not in (None, []))
        and value[key] not in _LEFT_OUT.get(key, ())
        and not (pattern[0] == "duties" and key in ("kinds", "parties"))
    ]
    return "; ".join(given)
