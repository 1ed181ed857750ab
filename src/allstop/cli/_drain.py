"""`allstop site drain --plan`: the commands that an operator would type to halt what a scheduler runs."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from allstop.cli._documents import name_in_error, read_text
from allstop.cli._options import JSONOption, as_usage, examples, option_parser, parse_duration
from allstop.cli._output import emit
from allstop.errors import UsageError

__all__ = ["register"]


class _Scheduler(Enum):
    SLURM = "slurm"
    KUBERNETES = "kubernetes"


_SchedulerOption = Annotated[_Scheduler, typer.Option("--scheduler", help="Who runs the jobs.")]

_JobsOption = Annotated[
    Path,
    typer.Option(
        "--jobs",
        metavar="FILE",
        help="What runs, as the scheduler lists it: for Slurm number, nodes and name, for Kubernetes"
        " namespace, kind and name; - is stdin.",
    ),
]

_PlanOption = Annotated[
    bool, typer.Option("--plan", help="Write the commands. There is nothing else that this can do.")
]

_KeepOption = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        metavar="JOB",
        help="What may go on: a number of Slurm, or NAMESPACE/job/NAME; may be given again.",
    ),
]

_NodeOption = Annotated[
    list[str] | None,
    typer.Option("--node", metavar="NODE", help="A node that takes no new work; may be given again."),
]

_GraceOption = Annotated[
    int,
    typer.Option(
        "--grace",
        metavar="LENGTH",
        parser=option_parser(parse_duration),
        help="Time to write checkpoints before jobs are cancelled.",
    ),
]

_SignalOption = Annotated[
    str, typer.Option("--signal", metavar="NAME", help="Signal on which jobs write a checkpoint.")
]

_ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="What the scheduler's own records say.")
]


def drain(
    scheduler: _SchedulerOption,
    jobs: _JobsOption,
    plan: _PlanOption = False,
    keep: _KeepOption = None,
    node: _NodeOption = None,
    grace: _GraceOption = "PT10M",  # type: ignore[assignment]  # the parser of the option reads it
    signal: _SignalOption = "USR1",
    reason: _ReasonOption = "halt under an agreement",
    as_json: JSONOption = False,
) -> None:
    """Write the commands that would halt what runs: no new work, checkpoints, time, cancel, look. Runs none.

    For Slurm, list what runs with: squeue --states=running --noheader --format='%i %N %j'. For Kubernetes, take
    namespace, kind and name of cronjobs, jobs, deployments and statefulsets. Names that the scheduler could not have
    are refused, and every word is quoted for the shell. Read the plan before you run it.
    """
    from allstop.halting import Scheduler, format_drain_plan, parse_drain_jobs, plan_drain

    if not plan:
        raise UsageError(
            "allstop drains nothing itself, want --plan", hint="the plan is text for an operator to run"
        )
    chosen = Scheduler(scheduler.value)
    text = read_text(jobs)
    listed = name_in_error(jobs, lambda: parse_drain_jobs(text, chosen))
    made = as_usage(
        lambda: plan_drain(
            listed,
            scheduler=chosen,
            grace_seconds=-(-grace // 1000),
            signal=signal,
            reason=reason,
            nodes=node or (),
            keep=keep or (),
        )
    )
    emit(
        {
            "scheduler": chosen.value,
            "jobs": len(listed),
            "kept": [*sorted(set(keep or ()))],
            "steps": [
                {"stage": step.stage.value, "about": step.about, "words": list(step.words)}
                for step in made.steps
            ],
        },
        format_drain_plan(made),
        as_json=as_json,
    )


_EXAMPLES = examples(
    "allstop site drain --plan --scheduler slurm --jobs jobs.txt --keep 81235",
    "allstop site drain --plan --scheduler kubernetes --jobs work.txt --node gpu-1 --json",
)


def register(app: typer.Typer) -> None:
    """Add the command to the noun `site`."""
    app.command(epilog=_EXAMPLES)(drain)
