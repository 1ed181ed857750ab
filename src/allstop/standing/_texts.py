"""Which text is in force: the agreement, and each adopted amendment after its lead time.

Implements spec/convening.md, section 7. An amendment changes exactly the text that its author saw: of two that
change the same one, the first adopted does; two adopted at one instant that lead to different texts both fail,
because neither was first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.agreement import Agreement, amended, format_agreement, verify_amendable
from allstop.convening import Proposal, ProposalKind
from allstop.errors import MalformedError
from allstop.ids import Digest, digest_of
from allstop.ledger import Filed
from allstop.standing._tally import Tally, TallyState
from allstop.times import INSTANT_MS_MAX, Instant

__all__ = ["TextInForce", "TextLine", "later", "texts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextInForce:
    """A text and since when it applies; `proposal` is the amendment that made it, None for the first.

    The first text has applied since always: whether anybody is bound by it is another question.
    """

    start: Instant
    agreement: Agreement
    digest: Digest
    proposal: Digest | None


def later(at: Instant, ms: int) -> Instant:
    """Return the instant so much later, the last there is if it would lie beyond: a log must not stop its reader."""
    return Instant(min(at.ms + ms, INSTANT_MS_MAX))


class TextLine:
    """The texts one after another, while proposals are looked at in the order of their opening."""

    def __init__(self, agreement: Agreement) -> None:
        digest = digest_of(format_agreement(agreement))
        self.texts = [TextInForce(start=Instant(0), agreement=agreement, digest=digest, proposal=None)]
        self.lost: dict[Digest, str] = {}
        self._adopted: list[tuple[Instant, Filed[Proposal]]] = []

    @property
    def newest(self) -> TextInForce:
        """The text that was adopted last, though it may not be in force yet."""
        return self.texts[-1]

    def before(self, at: Instant) -> TextInForce:
        """Return the text that was in force just before `at`."""
        return next(text for text in reversed(self.texts) if text.start < at or text.proposal is None)

    def refuse(self, proposal: Proposal) -> str | None:
        """Say why an amendment proposed now can change nothing, None if it can."""
        if proposal.base != self.newest.digest:
            return "it changes a text that was not the agreed one when it was proposed"
        try:
            verify_amendable(proposal.changes)
            result = format_agreement(amended(self.newest.agreement, proposal.changes))
        except MalformedError as exc:
            return f"its changes lead to no agreement: {exc.message}"
        if digest_of(result) != proposal.text:
            return "its changes lead to another text than the one that it names"
        return None

    def adopt(self, filed: Filed[Proposal], at: Instant) -> None:
        """Take note that an amendment was adopted."""
        self._adopted.append((at, filed))

    def settle(self, until: Instant | None) -> None:
        """Put into effect what was adopted before `until`; None: everything."""
        ready = sorted({at for at, _ in self._adopted if until is None or at < until})
        for moment in ready:
            self._settle_at(moment, [filed for at, filed in self._adopted if at == moment])
        self._adopted = [(at, filed) for at, filed in self._adopted if at not in ready]

    def _settle_at(self, moment: Instant, group: Sequence[Filed[Proposal]]) -> None:
        base = self.newest
        fitting = [filed for filed in group if filed.value.base == base.digest]
        for filed in group:
            if filed not in fitting:
                self.lost[filed.digest] = "another amendment of the same text was adopted before it"
        results = {filed.value.text for filed in fitting}
        if len(results) > 1:
            for filed in fitting:
                self.lost[filed.digest] = "another amendment of the same text was adopted at the same instant"
            return
        if not fitting:
            return
        terms = base.agreement.convening
        lead_ms = 0 if terms is None else terms.amendment_lead_ms
        first = min(fitting, key=lambda filed: filed.digest)
        text = amended(base.agreement, first.value.changes)
        start = max(base.start, later(moment, lead_ms))
        self.texts.append(
            TextInForce(
                start=start,
                agreement=text,
                digest=digest_of(format_agreement(text)),
                proposal=first.digest,
            )
        )


def texts_of(agreement: Agreement, tallies: Sequence[Tally]) -> tuple[TextInForce, ...]:
    """Return every text that applies or will, by start: the agreement, then what adopted amendments made of it."""
    line = TextLine(agreement)
    for tally in sorted(tallies, key=lambda one: one.opened):
        line.settle(tally.opened)
        is_amendment = tally.proposal.value.kind is ProposalKind.AMENDMENT
        if is_amendment and tally.state is TallyState.ADOPTED and tally.decided_at is not None:
            line.adopt(tally.proposal, tally.decided_at)
    line.settle(None)
    return tuple(line.texts)
