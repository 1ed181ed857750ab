"""Plans for draining: the commands that an operator would type to halt what a scheduler runs. Nothing is run here.

Implements spec/halting.md section 8. Names come from whoever submitted the jobs, who may be hostile to the operator:
each is checked against what the scheduler's own names can be, and every command is a list of words that is quoted as
a whole. What only people read is written without anything that could end a comment.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from allstop.errors import LimitError, MalformedError

__all__ = [
    "DRAIN_JOBS_MAX",
    "LISTING_COMMANDS",
    "DrainJob",
    "DrainPlan",
    "DrainStage",
    "DrainStep",
    "Scheduler",
    "format_drain_plan",
    "parse_drain_jobs",
    "parse_node_name",
    "plan_drain",
]

DRAIN_JOBS_MAX = 100_000
"""Most jobs of one plan."""

GRACE_SECONDS_MAX = 7 * 24 * 3600

_NAME_CHARS_SHOWN = 80
_SLURM_ID = re.compile(r"[0-9]{1,10}(?:_[0-9]{1,10})?(?:\+[0-9]{1,5})?\Z")
_SLURM_NODES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._,\[\]-]{0,4095}\Z")
_KUBERNETES_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\Z")
_SIGNAL = re.compile(r"[A-Z][A-Z0-9]{1,7}\Z")


class Scheduler(Enum):
    """Who runs the jobs. The value is what is typed."""

    SLURM = "slurm"
    KUBERNETES = "kubernetes"


class DrainStage(Enum):
    """What a step is for, in the order in which the stages are run. The value is the word in plans."""

    CORDON = "cordon"
    CHECKPOINT = "checkpoint"
    GRACE = "grace"
    CANCEL = "cancel"
    VERIFY = "verify"


LISTING_COMMANDS = {
    Scheduler.SLURM: "squeue --states=running --noheader --format='%i %N %j'",
    Scheduler.KUBERNETES: (
        "kubectl get cronjobs,jobs,deployments,statefulsets --all-namespaces --no-headers"
        " --output=custom-columns=NAMESPACE:.metadata.namespace,KIND:.kind,NAME:.metadata.name"
    ),
}
"""What an operator types to get the list of jobs that a plan is made from."""

_KINDS = {"CronJob": "cronjob", "Deployment": "deployment", "Job": "job", "StatefulSet": "statefulset"}
_SUSPEND = '--patch={"spec":{"suspend":true}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainJob:
    """One job as the scheduler names it.

    Slurm: id `81234`, place `gpu[001-064]`, name as it was submitted, of any characters. Kubernetes: id `job/run-1`,
    place its namespace, name `run-1`. Only `id` and `place` get into commands.
    """

    id: str
    place: str
    name: str

    @property
    def key(self) -> str:
        """What tells it from every other: `81234`, or `research/job/run-1`."""
        return f"{self.place}/{self.id}" if "/" in self.id else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainStep:
    """One command of a plan, as words: stage `cancel`, about "run-1", words `("scancel", "81234")`."""

    stage: DrainStage
    about: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainPlan:
    """All commands in order: refuse new work, write checkpoints, wait, cancel, and see that all is gone."""

    scheduler: Scheduler
    steps: tuple[DrainStep, ...]


def parse_drain_jobs(text: str, scheduler: Scheduler) -> tuple[DrainJob, ...]:
    """Parse the list of jobs that `LISTING_COMMANDS` prints, one a line.

    Raises:
        MalformedError: a line is not in that form; it is numbered and not repeated.
        LimitError: there are more than DRAIN_JOBS_MAX lines.
    """
    # Not splitlines(): a name may hold what only Python takes for the end of a line.
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip(" \t")]
    if len(lines) > DRAIN_JOBS_MAX:
        raise LimitError(f"list has {len(lines)} jobs, want at most {DRAIN_JOBS_MAX}")
    parse = _parse_slurm if scheduler is Scheduler.SLURM else _parse_kubernetes
    jobs: dict[str, DrainJob] = {}
    for number, line in enumerate(lines, start=1):
        job = parse(line, number)
        jobs.setdefault(job.key, job)
    return tuple(jobs.values())


def _parse_slurm(line: str, number: int) -> DrainJob:
    parts = line.strip(" \t").split(" ", 2)
    if len(parts) < 2 or _SLURM_ID.match(parts[0]) is None or _SLURM_NODES.match(parts[1]) is None:
        raise MalformedError(
            f"line {number} of the list is no running job of Slurm, want number, nodes and name",
            hint=f"list them with: {LISTING_COMMANDS[Scheduler.SLURM]}",
        )
    return DrainJob(id=parts[0], place=parts[1], name=parts[2] if len(parts) == 3 else "")


def _parse_kubernetes(line: str, number: int) -> DrainJob:
    parts = line.split()
    if (
        len(parts) != 3
        or parts[1] not in _KINDS
        or any(_KUBERNETES_NAME.match(part) is None for part in (parts[0], parts[2]))
    ):
        raise MalformedError(
            f"line {number} of the list is no work of Kubernetes, want namespace, kind and name",
            hint=f"list it with: {LISTING_COMMANDS[Scheduler.KUBERNETES]}",
        )
    return DrainJob(id=f"{_KINDS[parts[1]]}/{parts[2]}", place=parts[0], name=parts[2])


def parse_node_name(text: str, scheduler: Scheduler) -> str:
    """Parse the name of a node, for Slurm also a list such as `gpu[001-064]`.

    Raises:
        MalformedError: no node can have this name.
    """
    pattern = _SLURM_NODES if scheduler is Scheduler.SLURM else _KUBERNETES_NAME
    if pattern.match(text) is None:
        raise MalformedError(f"malformed node {text[:48]!r}, want a name that {scheduler.value} can have")
    return text


def plan_drain(
    jobs: Sequence[DrainJob],
    *,
    scheduler: Scheduler,
    grace_seconds: int,
    signal: str,
    reason: str,
    nodes: Sequence[str] = (),
    keep: Iterable[str] = (),
) -> DrainPlan:
    """Return what an operator would type to halt these jobs, but those whose key is in `keep`.

    `nodes` refuse new work beside those that the jobs run on; `signal` makes a job write a checkpoint. Jobs
    that are kept stay on their nodes, which take no new ones.

    Raises:
        MalformedError: a name, signal or reason is not one; `keep` names no job of the list.
    """
    if not 0 <= grace_seconds <= GRACE_SECONDS_MAX:
        raise MalformedError(f"grace is {grace_seconds} seconds, want 0 to {GRACE_SECONDS_MAX}")
    if _SIGNAL.match(signal) is None:
        raise MalformedError(f"malformed signal {signal[:24]!r}, want a name such as USR1")
    if not reason.strip() or not reason.isprintable():
        raise MalformedError("reason is empty or has a character that cannot be printed")
    kept = set(keep)
    unknown = sorted(kept - {job.key for job in jobs})
    if unknown:
        raise MalformedError(f"job {unknown[0][:48]!r} is to be kept and is not in the list")
    halted = [job for job in jobs if job.key not in kept]
    for node in nodes:
        parse_node_name(node, scheduler)
    make = _slurm_steps if scheduler is Scheduler.SLURM else _kubernetes_steps
    found = tuple(make(halted, nodes, grace_seconds, signal, reason))
    order = list(DrainStage)
    return DrainPlan(
        scheduler=scheduler, steps=tuple(sorted(found, key=lambda step: order.index(step.stage)))
    )


def _step(stage: DrainStage, about: str, *words: str) -> DrainStep:
    return DrainStep(stage=stage, about=about, words=words)


def _slurm_steps(
    jobs: Sequence[DrainJob], nodes: Sequence[str], grace_seconds: int, signal: str, reason: str
) -> Iterator[DrainStep]:
    for place in sorted({*nodes, *(job.place for job in jobs)}):
        node = ("scontrol", "update", f"NodeName={place}", "State=DRAIN", f"Reason={reason}")
        yield _step(DrainStage.CORDON, f"{place} takes no new job", *node)
        listed = ("sinfo", f"--nodes={place}", "--noheader", "--format=%N %T")
        yield _step(DrainStage.VERIFY, f"{place} must be drained, or draining where a job is kept", *listed)
    for job in jobs:
        name = _shown(job)
        # --full reaches the batch script too, which is where checkpoints are usually asked for.
        asked = ("scancel", "--full", f"--signal={signal}", job.id)
        yield _step(DrainStage.CHECKPOINT, f"{name} is to write a checkpoint", *asked)
        yield _step(DrainStage.CANCEL, f"{name} ends", "scancel", job.id)
        listed = ("squeue", f"--jobs={job.id}", "--noheader", "--format=%i %T")
        yield _step(DrainStage.VERIFY, f"{name} must not be listed", *listed)
    yield from _grace(jobs, grace_seconds)


def _kubernetes_steps(
    jobs: Sequence[DrainJob], nodes: Sequence[str], grace_seconds: int, signal: str, reason: str
) -> Iterator[DrainStep]:
    for node in sorted(set(nodes)):
        yield _step(DrainStage.CORDON, f"{node} takes no new pod", "kubectl", "cordon", node)
    for job in jobs:
        name, space = _shown(job), f"--namespace={job.place}"
        noted = ("kubectl", "annotate", space, "--overwrite", job.id, f"allstop.halt/reason={reason}")
        yield _step(DrainStage.CORDON, f"{name} is marked", *noted)
        # Suspending keeps the object, so that what ran stays on record.
        suspended = ("kubectl", "patch", space, job.id, "--type=merge", _SUSPEND)
        if job.id.startswith("cronjob/"):
            yield _step(DrainStage.CORDON, f"{name} starts nothing new", *suspended)
            continue
        asked = ("kubectl", "exec", space, job.id, "--", "kill", f"-{signal}", "1")
        about = f"{name} is to write a checkpoint; this reaches one of its pods"
        yield _step(DrainStage.CHECKPOINT, about, *asked)
        scaled = ("kubectl", "scale", space, job.id, "--replicas=0")
        yield _step(DrainStage.CANCEL, f"{name} ends", *(suspended if job.id.startswith("job/") else scaled))
        listed = ("kubectl", "get", space, job.id, "--output=jsonpath={.status}")
        yield _step(DrainStage.VERIFY, f"{name} must show nothing active or ready", *listed)
    yield from _grace(jobs, grace_seconds)


def _grace(jobs: Sequence[DrainJob], grace_seconds: int) -> Iterator[DrainStep]:
    if jobs and grace_seconds:
        about = f"{grace_seconds} seconds to write checkpoints"
        yield _step(DrainStage.GRACE, about, "sleep", str(grace_seconds))


def _shown(job: DrainJob) -> str:
    """Return a job for people: one line of ASCII, whatever its submitter called it."""
    if not job.name or job.id.endswith(f"/{job.name}"):
        return job.key if "/" in job.id else f"job {job.id}"
    name = job.name.encode("ascii", "backslashreplace").decode("ascii")
    name = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in name)
    return f"job {job.id} ({name[:_NAME_CHARS_SHOWN]})"


def format_drain_plan(plan: DrainPlan) -> tuple[str, ...]:
    """Return the plan as lines of a POSIX shell script, every command on one line and every word quoted."""
    lines = [
        "# A plan. allstop has run none of it. Read it, then run it where you may.",
        f"# scheduler: {plan.scheduler.value}",
        "# A command that fails does not stop the rest: a halt must not hang on one job.",
    ]
    stage = None
    for step in plan.steps:
        if step.stage is not stage:
            stage = step.stage
            lines += ["", f"# {stage.value}"]
        lines += [f"# {step.about}", shlex.join(step.words)]
    return tuple(lines)
