"""Transcripts in words: what a private folder holds, what was drawn, how the items of a replay came out."""

from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant
from allstop.cli._output import emit, say
from allstop.ids import digest_of

if TYPE_CHECKING:
    from allstop.service import DrawnTranscript
    from allstop.store import ProverFolder
    from allstop.transcript import Checked

__all__ = ["draw_as_json", "format_draws", "print_folder", "say_checked"]

_SHOWN_MAX = 24


def print_folder(kept: "ProverFolder", *, done: int | None, as_json: bool) -> None:
    """Print names, beacon, recipe and count of a private folder; no content and no secret."""
    from allstop.transcript import format_recipe, operations_of_item

    plan, flop = kept.plan, operations_of_item(kept.recipe)
    recipe = digest_of(format_recipe(kept.recipe))
    value: dict[str, JSON] = {
        "transcript": plan.transcript,
        "job": plan.job,
        "site": plan.site,
        "party": plan.party,
        "beacon": plan.beacon,
        "recipe": recipe,
        "items": kept.count,
        "operations": str(kept.count * flop),
        "done": done,
    }
    emit(
        value,
        [
            f"transcript  {plan.transcript} of {plan.party}",
            f"job         {plan.job} at {plan.site}",
            f"beacon      {plan.beacon}",
            f"recipe      {recipe}",
            f"items       {kept.count}, {flop:,} FLOP each" + ("" if done is None else f"; {done} done now"),
            f"operations  {kept.count * flop:,} FLOP",
        ],
        as_json=as_json,
    )


def draw_as_json(one: "DrawnTranscript") -> JSON:
    """Return a draw for programs."""
    found: JSON = None
    if one.draw is not None:
        found = {
            "note": digest_of(one.draw.note.note),
            "noteSize": str(one.draw.note.size),
            "drawnAt": format_instant(one.draw.note.high),
            "openUntil": format_instant(one.draw.due),
            "items": list(one.draw.indices),
        }
    return {
        "transcript": one.filed.value.transcript,
        "party": one.filed.party,
        "job": one.filed.value.job,
        "statement": one.filed.digest,
        "entry": str(one.filed.entry),
        "count": one.filed.value.count,
        "sample": one.sample,
        "draw": found,
    }


def format_draws(draws: "list[DrawnTranscript]") -> list[str]:
    """Return draws as lines for people."""
    lines: list[str] = []
    for one in draws:
        made, drawn = one.filed.value, one.draw
        lines += [
            f"transcript  {made.transcript} of {one.filed.party}, job {made.job}, entry {one.filed.entry}",
            f"sample      {min(one.sample, made.count)} of {made.count} items for each witness",
        ]
        if drawn is None:
            lines.append("drawn by    nothing yet")
            continue
        shown = ", ".join(map(str, drawn.indices[:_SHOWN_MAX]))
        lines += [
            f"drawn by    note over {drawn.note.size} entries, {digest_of(drawn.note.note)}",
            f"items       {len(drawn.indices)}: {shown}{' ...; all with --json' if len(drawn.indices) > _SHOWN_MAX else ''}",
            f"open until  {format_instant(drawn.due)}",
        ]
    return lines


def say_checked(checked: "Checked") -> None:
    """Tell how many drawn items passed, and of those that did not, why."""
    say(
        f"note: {len(checked.passed)} items passed, {len(checked.failed)} failed,"
        f" {len(checked.refused)} were not opened, {len(checked.unverifiable)} could not be judged"
    )
    for index, why in (*checked.failed, *checked.unverifiable)[:_SHOWN_MAX]:
        say(f"note: item {index}: {why}")
