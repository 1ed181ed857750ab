"""Documents for tests of reports: made from small worlds, with whole audits around them."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache

from allstop.agreement import Accounting
from allstop.canon import JSON
from allstop.report import Document, document_of
from allstop.service import Audit
from allstop.times import HOUR_MS
from allstop.verdict import CaseVerdict
from verdict_world import ALDER, BIRCH, START, World, honest

__all__ = ["document_from", "honest_document", "in_force", "rewrite_texts", "undeclared"]


def document_from(verdict: CaseVerdict, *, is_given: bool = True, case: str = "case") -> Document:
    """Return the report of a verdict, with the trust root from outside the case or not."""
    audit = Audit(verdict=verdict, is_policy_given=is_given, is_agreement_given=is_given)
    return document_of(audit, case=case)


@cache
def honest_document() -> Document:
    """Return the report of the honest world, made once: Alder is CONSISTENT."""
    return document_from(honest().judge())


@cache
def undeclared() -> Document:
    """Return the report of the honest world whose job was never declared: Alder is INCONSISTENT."""
    world = honest()
    del world.filings[6]
    return document_from(world.judge())


def in_force() -> World:
    """Return the honest world, its job undeclared, under an agreement in force from the hour on."""
    world = honest(accounting=Accounting(start=None, period_ms=HOUR_MS, periods=1))
    del world.filings[6]
    entry = replace(world.agreement.entry, deadline=START, lead_ms=2 * HOUR_MS)
    world.agreement = replace(world.agreement, entry=entry)
    for party in (ALDER, BIRCH):
        body: JSON = {"deadlineSeen": None}
        world.file(party, None, predicate="deposit", body=body, at=START.plus(-2 * HOUR_MS))
        world.filings.insert(0, world.filings.pop())
    return world


def rewrite_texts(value: object, change: Callable[[str], str]) -> object:
    """Return a document with each plain text changed, wherever it stands; names, digests and codes too."""
    if type(value) is str:
        return change(value)
    if isinstance(value, tuple):
        return tuple(rewrite_texts(item, change) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value)]
        return replace(value, **{name: rewrite_texts(getattr(value, name), change) for name in names})
    return value
