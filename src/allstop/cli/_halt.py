"""`allstop halt`: what ran at the instant, what resumes, what is closed, and when each site was seen to stop."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON, format_instant, parse_instant
from allstop.cli._case_reading import audit_case_folder, warn_of_trust
from allstop.cli._documents import read_text
from allstop.cli._filing import open_filing, report_filed
from allstop.cli._halt_text import ramp_down_lines, ramp_down_value, statement_lines, statements_value
from allstop.cli._options import (
    AgreementDigestOption,
    AtOption,
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    PolicyOption,
    SiteOption,
    as_usage,
    examples,
    make_noun,
    option_parser,
    parse_count,
    parse_pair,
)
from allstop.cli._output import emit
from allstop.errors import UsageError
from allstop.ids import Digest, Name, parse_digest, parse_name
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.agreement import Agreement
    from allstop.halting import RunningJob

__all__ = ["app"]

app = make_noun("halt", "Halt together: inventories, resumptions, closed sites, and what was seen to stop.")

_FORM = "NAME=CHIPS,KIND or NAME=CHIPS,KIND,CHECKPOINT for --job"


@app.command(
    epilog=examples(
        "allstop halt inventory --party alder --key alder.key --site hall-1 --at 2027-03-28T09:00:00Z\n"
        "    --job run-1=448,training,9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
        "    --job chat-7=64,inference",
        "allstop halt inventory --party alder --key alder.key --site hall-2 --at 2027-03-28T09:00:00Z",
    )
)
def inventory(
    party: PartyOption,
    key: KeyOption,
    site: SiteOption,
    at: Annotated[
        Instant,
        typer.Option(
            "--at",
            metavar="INSTANT",
            parser=option_parser(parse_instant),
            help="Legal instant of the halt, such as 2027-03-28T09:00:00Z.",
        ),
    ],
    job: Annotated[
        list[str] | None,
        typer.Option(
            "--job",
            metavar="NAME=CHIPS,KIND[,CHECKPOINT]",
            help="A job that ran: chips, training, inference, fine-tuning or other, and the digest of its last"
            " checkpoint; may be given again.",
        ),
    ] = None,
    jobs: Annotated[
        Path | None,
        typer.Option(
            "--jobs", metavar="FILE", help="The same from a file, one NAME=CHIPS,KIND[,CHECKPOINT] a line."
        ),
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File what ran at a site at the instant of a halt; without a job, that nothing did.

    The first inventory of a site for an instant counts. One that is filed before the instant is none.
    """
    from allstop.halting import INVENTORY_PREDICATE, Inventory

    lines = [*(job or ()), *([] if jobs is None else read_text(jobs).split("\n"))]
    running = [_parse_running(text.strip()) for text in lines if text.strip()]
    value = as_usage(
        lambda: Inventory(site=site, at=at, jobs=tuple(sorted(running, key=lambda one: one.job)))
    )
    with open_filing(log, party, key, cosign) as filing:
        chain = filing.file(INVENTORY_PREDICATE, value)
        extra: dict[str, JSON] = {"site": site, "at": format_instant(at), "jobs": len(value.jobs)}
        report_filed("inventory", filing, chain, as_json=as_json, extra=extra)


def _parse_running(text: str) -> "RunningJob":
    from allstop.halting import RunningJob

    name, rest = parse_pair(text, form=_FORM)
    chips, comma, rest = rest.partition(",")
    kind, _, checkpoint = rest.partition(",")
    if not comma:
        raise UsageError(f"found {text[:64]!r}, want {_FORM}")
    return as_usage(
        lambda: RunningJob(
            job=parse_name(name),
            chips=parse_count(chips),
            kind=kind,
            checkpoint=parse_digest(checkpoint) if checkpoint else None,
        )
    )


@app.command(
    epilog=examples(
        "allstop halt resume --party alder --key alder.key --site hall-1 --permitted safety-training\n"
        "    --motion 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )
)
def resume(
    party: PartyOption,
    key: KeyOption,
    site: SiteOption,
    permitted: Annotated[
        Name,
        typer.Option(
            "--permitted",
            metavar="NAME",
            parser=option_parser(parse_name),
            help="Class of work that the agreement lets a motion release.",
        ),
    ],
    motion: Annotated[
        Digest,
        typer.Option(
            "--motion",
            metavar="DIGEST",
            parser=option_parser(parse_digest),
            help="Digest of the proposal that was adopted.",
        ),
    ],
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File that a class of work runs at a site again, and by which motion.

    It permits nothing: the adopted motion does, if the agreement says that it releases this class.
    """
    from allstop.halting import RESUMPTION_PREDICATE, Resumption

    with open_filing(log, party, key, cosign) as filing:
        _check_class(filing.desk.terms, permitted)
        value = Resumption(site=site, permitted=permitted, motion=motion)
        chain = filing.file(RESUMPTION_PREDICATE, value)
        report_filed("resumption", filing, chain, as_json=as_json, extra={"site": site})


def _check_class(terms: "Agreement", permitted: Name) -> None:
    if terms.halt is None:
        raise UsageError("the agreement has no terms of a halt", hint="see them with: allstop agreement show")
    released = sorted({name for one in terms.halt.resume for name in one.permitted})
    if permitted not in released:
        known = ", ".join(released) or "none"
        raise UsageError(f"no motion releases {permitted}", hint=f"classes that motions release: {known}")


@app.command(
    "close-site",
    epilog=examples(
        "allstop halt close-site hall-9 --party alder --key alder.key --chips h100-sxm-80gb=64\n"
        "    --reason 'weapons laboratory' --access 'power at the fence, read by a verifier'"
    ),
)
def close_site(
    name: Annotated[
        Name, typer.Argument(metavar="NAME", parser=option_parser(parse_name), help="The closed site.")
    ],
    party: PartyOption,
    key: KeyOption,
    chips: Annotated[
        list[str],
        typer.Option(
            "--chips",
            metavar="TYPE=COUNT",
            help="The most chips of a type that it holds; may be given again.",
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is closed, for people.")],
    access: Annotated[
        str, typer.Option("--access", metavar="TEXT", help="What is offered instead, for people.")
    ],
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File that a site is closed to inspection, and the most that it holds.

    Its doors are closed, not its account: the chips count in full in the room to hide, but for what meters show.
    """
    from allstop.halting import CLOSED_SITE_PREDICATE, ClosedSite

    capacity = as_usage(lambda: sorted(_parse_type(text) for text in chips))
    value = as_usage(lambda: ClosedSite(site=name, reason=reason, access=access, capacity=tuple(capacity)))
    with open_filing(log, party, key, cosign) as filing:
        chain = filing.file(CLOSED_SITE_PREDICATE, value)
        report_filed("closed-site", filing, chain, as_json=as_json, extra={"site": name})


def _parse_type(text: str) -> tuple[Name, int]:
    kind, count = parse_pair(text, form="TYPE=COUNT for --chips")
    return parse_name(kind), parse_count(count)


@app.command(
    epilog=examples(
        "allstop halt show case --policy policy --agreement 5f2c...", "allstop halt show case --json"
    )
)
def show(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")],
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say when each halt began, and between which instants each site was seen to stop.

    The legal instant follows from the log, and is one for all. What stopped when follows from meters, site by
    site, and has two bounds, or none where nobody looked. The case is audited first.
    """
    from allstop.verdict import ramp_downs_of

    warn_of_trust(is_policy_given=policy is not None, is_agreement_given=agreement is not None)
    verdict = audit_case_folder(case, policy=policy, agreement=agreement, at=at).verdict
    found, state = ramp_downs_of(verdict), verdict.state
    emit(
        {
            "at": format_instant(verdict.at),
            "rampDowns": [ramp_down_value(one) for one in found],
            **statements_value(state),
        },
        [*ramp_down_lines(found), *statement_lines(state)],
        as_json=as_json,
    )
