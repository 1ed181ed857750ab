"""Proposals in words: how each stands, who said what, and why it fell."""

from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant
from allstop.cli._output import format_table
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.ledger import State
    from allstop.standing import Convening, Tally

__all__ = ["format_tallies", "format_tally", "tally_value"]


def _instant(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)


def tally_value(tally: "Tally", convening: "Convening") -> dict[str, JSON]:
    """Return a proposal as `--json` prints it."""
    proposal = tally.proposal.value
    return {
        "label": tally.label,
        "statement": tally.proposal.digest,
        "party": tally.proposal.party,
        "name": proposal.name,
        "kind": proposal.kind.value,
        "motion": proposal.motion,
        "base": proposal.base,
        "text": proposal.text,
        "counters": proposal.counters,
        "about": proposal.about,
        "note": proposal.note,
        "rule": tally.rule,
        "state": tally.state.value,
        "opened": format_instant(tally.opened),
        "closes": _instant(tally.closes),
        "decidedAt": _instant(tally.decided_at),
        "agreed": list(tally.agreed),
        "opposed": list(tally.opposed),
        "abstained": list(tally.abstained),
        "silent": list(tally.silent),
        "late": list(tally.late),
        "why": tally.why,
        "withoutEffect": convening.lost.get(tally.proposal.digest),
    }


def format_tallies(convening: "Convening", at: Instant) -> list[str]:
    """Return one row for each proposal, and which text is in force."""
    text = convening.text_at(at)
    rows = [
        [
            tally.label,
            tally.proposal.value.kind.value,
            tally.state.value,
            _instant(tally.decided_at if tally.decided_at is not None else tally.closes) or "",
            f"{len(tally.agreed)} for, {len(tally.opposed)} against",
            _why(tally, convening),
        ]
        for tally in convening.tallies
    ]
    table = format_table([["proposal", "kind", "state", "decided or closes", "votes", "why"], *rows])
    return [
        f"as proven by {format_instant(at)}",
        f"text in force  {text.digest}{'' if text.proposal is None else f', amended by {text.proposal[:12]}'}",
        "",
        *(table if rows else ["no proposals"]),
    ]


def _why(tally: "Tally", convening: "Convening") -> str:
    lost = convening.lost.get(tally.proposal.digest)
    return tally.why if lost is None else f"{tally.why}, but it has no effect: {lost}"


def format_tally(tally: "Tally", convening: "Convening", state: "State") -> list[str]:
    """Return a proposal as a page: what it is, how it stands, and everything that was said to it."""
    from allstop.convening import ProposalKind

    proposal = tally.proposal.value
    is_motion = proposal.kind is ProposalKind.MOTION
    what = f"motion {proposal.motion}" if is_motion else f"{proposal.kind.value} {proposal.text}"
    labels = {one.proposal.digest: one.label for one in convening.tallies}
    lines = [
        f"{tally.label}: {what}",
        f"statement  {tally.proposal.digest}",
        f"proposed   by {tally.proposal.party}, {format_instant(tally.opened)}",
    ]
    if proposal.counters is not None:
        lines.append(f"counters   {labels.get(proposal.counters, proposal.counters)}")
    if proposal.about is not None:
        lines.append(f"about      {proposal.about}")
    lines += [f"note       {proposal.note}"] if proposal.note else []
    decided = "" if tally.decided_at is None else f" at {format_instant(tally.decided_at)}"
    lines += [f"state      {tally.state.value}{decided}", f"why        {_why(tally, convening)}"]
    if tally.closes is not None:
        lines.append(f"closes     {format_instant(tally.closes)}")
        for word, names in (
            ("for", tally.agreed),
            ("against", tally.opposed),
            ("abstained", tally.abstained),
            ("silent", tally.silent),
            ("too late", tally.late),
        ):
            lines.append(f"{word:<10} {', '.join(names) or 'nobody'}")
    return [*lines, *_said(tally, state)]


def _said(tally: "Tally", state: "State") -> list[str]:
    """Return comments, endorsements and reasons of votes, in log order."""
    from allstop.convening import Comment, Endorsement, Vote

    digest = tally.proposal.digest
    said: list[tuple[int, str]] = []
    for vote in state.of(Vote):
        if vote.value.proposal == digest and vote.value.reason:
            said.append((vote.entry, f"{vote.party} votes {vote.value.choice.value}: {vote.value.reason}"))
    for comment in state.of(Comment):
        if comment.value.proposal == digest:
            clause = "" if comment.value.clause is None else f" on clause {comment.value.clause}"
            said.append((comment.entry, f"{comment.party}{clause}: {comment.value.text}"))
    for support in state.of(Endorsement):
        if support.value.proposal == digest:
            words = f": {support.value.text}" if support.value.text else ""
            said.append((support.entry, f"{support.party} endorses it{words}"))
    return ["", *(text for _, text in sorted(said))] if said else []
