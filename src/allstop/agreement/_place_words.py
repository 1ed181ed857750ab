"""Places of an agreement in words: "clock notice", "duty register of all developers", "time to answer a finding"."""

from collections.abc import Mapping, Sequence

from allstop.agreement._value_words import humane_key, text_list
from allstop.canon import JSON
from allstop.changes import item_id

__all__ = ["list_words", "pattern_of", "place_words", "value_at"]

_PLACES: Mapping[tuple[str, ...], str] = {
    ("title",): "title",
    ("legalBasis",): "legal basis",
    ("log", "origin"): "name of the log",
    ("log", "operator"): "who runs the log",
    ("definitions", "countingRule"): "counting rule",
    ("definitions", "h100eFlopPerSecond"): "one H100-equivalent",
    ("response", "answerMs"): "time to answer a finding",
    ("response", "cureMs"): "time to cure a finding",
    ("entry", "deadline"): "deadline of entry into force",
    ("entry", "leadMs"): "time from the condition to entry into force",
    ("entry", "condition"): "condition of entry into force",
    ("accounting", "periodMs"): "accounting period",
    ("accounting", "periods"): "number of accounting periods",
    ("accounting", "start"): "start of the accounts",
    ("verification", "significantQuantityFlop"): "significant quantity",
    ("verification", "bufferPpm"): "share of the significant quantity that may stay unexplained",
    ("verification", "windowMs"): "window over which room to hide is summed",
    ("verification", "detectionProbabilityPpm"): "probability of detection",
    ("verification", "falseAlarmPpm"): "probability of a false alarm",
    ("verification", "liars"): "number of trust domains that may lie",
    ("verification", "gapMsMax"): "longest pause between readings",
    ("verification", "observedShareMinPpm"): "least share of time observed",
    ("verification", "totalTolerancePpm"): "tolerance of totals",
    ("verification", "mfuLowPpm"): "lowest utilisation",
    ("verification", "mfuHighPpm"): "highest utilisation",
    ("convening",): "terms of the table",
    ("convening", "amendmentLeadMs"): "time from the adoption of an amendment to its effect",
    ("convening", "amendmentRule"): "rule that adopts amendments",
    ("convening", "textRule"): "rule that adopts texts",
    ("replay",): "terms of replay",
    ("replay", "forgedSharePpm"): "share of forged work that replay is to find",
    ("replay", "commitMs"): "time to commit to a transcript",
    ("replay", "openMs"): "time to open what is drawn",
    ("replay", "freshMs"): "greatest age of the beacon",
    ("replay", "timingErrorPpm"): "error of timing in replay",
    ("halt",): "terms of the halt",
    ("halt", "drainMs"): "time to drain at a halt",
    ("halt", "inventoryMs"): "time to file the inventory at a halt",
    ("halt", "resume"): "what may resume",
    ("binding",): "terms of binding",
    ("binding", "signatureFirst"): "kinds of parties that sign before they deposit",
    ("binding", "approvalFirst"): "kinds of parties that approve before they deposit",
    ("binding", "withdrawable"): "deposits may be withdrawn",
    ("binding", "provisional"): "clauses that may apply provisionally",
    ("binding", "reservable"): "clauses that may be reserved",
    ("binding", "sealed"): "sealed deposits",
    ("binding", "sealed", "custodians"): "custodians of sealed deposits",
    ("binding", "sealed", "threshold"): "custodians who open a sealed deposit",
    ("binding", "sealed", "receipts"): "receipts that a sealed deposit needs",
    ("binding", "sealed", "close"): "close of sealed deposits",
    ("binding", "sealed", "openBy"): "time by which sealed deposits are opened",
    ("binding", "accession"): "accession",
    ("binding", "accession", "until"): "last deposit for accession",
    ("binding", "accession", "rule"): "motion that admits to accession",
    ("binding", "accession", "leadMs"): "time from accession to being bound",
    ("leaving",): "terms of leaving",
    ("leaving", "notice"): "notice of withdrawal",
    ("leaving", "survives"): "clauses that survive withdrawal",
    ("leaving", "together"): "all are free when the condition of entry fails",
    ("leaving", "vote"): "motion that lets a party go sooner",
    ("leaving", "sprint"): "growth before withdrawal that is a sprint",
    ("leaving", "sprint", "growthPpm"): "growth before withdrawal that is a sprint",
    ("leaving", "sprint", "windowMs"): "time before a notice in which growth counts",
    ("adjudication",): "terms of adjudication",
    ("adjudication", "acknowledge"): "time to acknowledge a finding",
    ("adjudication", "answer"): "time to answer a finding before the panel",
    ("adjudication", "cure"): "time to cure",
    ("adjudication", "ruling"): "time for the panel to rule",
    ("adjudication", "appeal"): "time to appeal",
    ("adjudication", "impediment"): "time for which a claimed impediment lasts",
    ("adjudication", "calendar"): "calendar of the clocks of adjudication",
    ("adjudication", "panel"): "panel",
    ("adjudication", "appealPanel"): "appeal panel",
    ("articles", "source"): "source of the articles",
    ("articles", "bands"): "articles of bands",
    ("articles", "sums"): "articles on sums",
    ("articles", "deadlines"): "articles with deadlines",
    ("articles", "units"): "articles on units",
    ("articles", "counts"): "articles on counting",
    ("articles", "omitted"): "articles left out",
    ("phases",): "phases and transitions",
}
_ITEMS: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("obligations",): ("clause", "clauses"),
    ("parties",): ("party", "parties"),
    ("edges",): ("edge", "edges"),
    ("references",): ("reference table", "reference tables"),
    ("assumptions",): ("assumption", "assumptions"),
    ("definitions", "terms"): ("term", "terms"),
    ("definitions", "bands"): ("band", "bands"),
    ("definitions", "clocks"): ("clock", "clocks"),
    ("convening", "rules"): ("voting rule", "voting rules"),
    ("convening", "motions"): ("motion", "motions"),
    ("calendars", "tables"): ("calendar", "calendars"),
    ("duties", "duties"): ("duty", "duties"),
    ("phases", "phases"): ("phase", "phases"),
    ("phases", "transitions"): ("transition", "transitions"),
    ("halt", "permitted"): ("permitted use", "permitted uses"),
    ("adjudication", "measures"): ("measure", "measures"),
}
"""Lists whose items have ids: the word for one, and for several."""


def pattern_of(path: Sequence[str]) -> tuple[str, ...]:
    """Return a path with `*` for the id of an item: `("duties", "duties", "*", "every")`."""
    pattern: tuple[str, ...] = ()
    for part in path:
        pattern = (*pattern, "*" if pattern in _ITEMS else part)
    return pattern


def value_at(text: JSON, path: Sequence[str]) -> JSON:
    """Return what stands at a place, None where nothing does."""
    for part in path:
        if isinstance(text, list):
            text = next((one for one in text if item_id(one) == part), None)
        else:
            text = text.get(part) if isinstance(text, dict) else None
    return text


def list_words(path: Sequence[str]) -> str:
    """Return the word for the items of a list: "clauses"."""
    return _ITEMS[tuple(path)][1] if tuple(path) in _ITEMS else place_words(path, None)


def place_words(path: Sequence[str], item: JSON) -> str:
    """Return what people call a place; `item` is the item that it is or lies in, if any."""
    whole = tuple(path)
    if whole in _PLACES:
        return _PLACES[whole]
    for size in (1, 2):
        if len(whole) > size and whole[:size] in _ITEMS:
            head = _item_head(whole[:size], whole[size], item)
            return ", ".join([head, *map(humane_key, whole[size + 1 :])])
    return ", ".join(map(humane_key, whole))


def _item_head(place: tuple[str, ...], name: str, item: JSON) -> str:
    word = _ITEMS[place][0]
    parts = name.split(":")
    if word == "duty":
        return f"duty {name} of {_holders(item)}"
    if word == "transition" and len(parts) == 2:
        return f"transition from {parts[0]} to {parts[1]}"
    if word == "band" and len(parts) == 2:
        return f"band {parts[1]} of {parts[0]}"
    return f"{word} {' '.join(parts)}"


def _holders(item: JSON) -> str:
    duty = item if isinstance(item, dict) else {}
    kinds = [f"all {kind}s" for kind in text_list(duty.get("kinds"))]
    return ", ".join([*kinds, *text_list(duty.get("parties"))]) or "nobody"
