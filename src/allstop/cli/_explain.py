"""`allstop explain CODE`: what a finding means, why it matters, and how to resolve it."""

import textwrap
from typing import Annotated

import typer

from allstop.canon import JSON
from allstop.cli._options import JSONOption, examples
from allstop.cli._output import emit, format_table
from allstop.errors import UsageError

__all__ = ["register"]

_WIDTH = 90


def register(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command(
        "explain", epilog=examples("allstop explain TEL-005", "allstop explain AGR-003", "allstop explain")
    )(_explain)


def _explain(
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="Code of a finding; without it, all are listed.")
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Explain the code of a finding: what it detects, why it matters, how to resolve it."""
    from allstop.agreement import LINTS
    from allstop.finding import read_rule
    from allstop.standing import STANDING_RULES
    from allstop.verdict import RULES

    rules = {**RULES, **STANDING_RULES}
    lints = {one.code: one for one in LINTS}
    if code is None:
        titles = {name: read_rule(rule).title for name, rule in rules.items()}
        titles |= {name: one.title for name, one in lints.items()}
        emit({**titles}, format_table(sorted(titles.items())), as_json=as_json)
        return
    wanted = code.upper()
    if wanted in rules:
        rule = read_rule(rules[wanted])
        lines = [f"{rule.code}: {rule.title}"]
        for heading, text in rule.sections:
            lines += ["", heading, *textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
        sections: list[JSON] = [{"heading": heading, "text": text} for heading, text in rule.sections]
        emit({"code": rule.code, "title": rule.title, "sections": sections}, lines, as_json=as_json)
    elif wanted in lints:
        lint = lints[wanted]
        text = f"An {lint.severity.value} that allstop agreement check finds before anybody signs."
        text = text.replace("An w", "A w").replace("An n", "A n")
        emit(
            {"code": lint.code, "title": lint.title, "severity": lint.severity.value},
            [f"{lint.code}: {lint.title}", "", f"  {text}"],
            as_json=as_json,
        )
    else:
        raise UsageError(f"no finding has the code {code[:24]!r}", hint="list them with: allstop explain")
