"""Plans for draining: a real shell runs exactly the commands of the plan, whatever hostile names are in it."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.errors import LimitError, MalformedError
from allstop.halting import (
    DRAIN_JOBS_MAX,
    DrainJob,
    DrainPlan,
    DrainStage,
    Scheduler,
    format_drain_plan,
    parse_drain_jobs,
    parse_node_name,
    plan_drain,
)

PROGRAMS = ("scontrol", "scancel", "squeue", "sinfo", "kubectl", "sleep")
HOSTILE = (
    "; touch owned",
    "$(touch owned)",
    "`touch owned`",
    "x' ; touch owned ; '",
    'x" ; touch owned ; "',
    "x\ttouch owned",
    "x\rtouch owned",
    "x\x0btouch owned",
    "x\x1b[2Jtouch owned",
    "x\u2028touch owned",
    "x\u0085touch owned",
    "| touch owned",
    "&& touch owned",
    "> owned",
    "--help",
    "-rf",
    "*",
    "~root",
    "\\",
    "#",
    "é" * 300,
    "{a,b}",
    "!!",
)
SLURM = "81234 gpu[001-064] run-1\n81235 gpu[001-002],cpu7 chat 7\n"
KUBERNETES = "research   Job          run-1\nweb        Deployment   chat-7\nresearch CronJob nightly\n"


def planned(
    text: str, scheduler: Scheduler, *, keep: tuple[str, ...] = (), reason: str = "halt"
) -> DrainPlan:
    """Return the plan for a list of jobs."""
    return plan_drain(
        parse_drain_jobs(text, scheduler),
        scheduler=scheduler,
        grace_seconds=600,
        signal="USR1",
        reason=reason,
        nodes=("node-1",),
        keep=keep,
    )


def run_by_shell(plan: DrainPlan, folder: Path) -> list[list[str]]:
    """Run the text of a plan by `sh`, with programs that only write down how they were called."""
    folder.mkdir(exist_ok=True)
    tools, calls = folder / "tools", folder / "calls"
    tools.mkdir(exist_ok=True)
    calls.write_bytes(b"")
    for program in PROGRAMS:
        path = tools / program
        path.write_text(
            f'#!/bin/sh\nprintf "%s\\0" {program} "$@" >> "{calls}"\nprintf "\\n\\0" >> "{calls}"\nexit 1\n'
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    text = "\n".join(format_drain_plan(plan)) + "\n"
    subprocess.run(
        ["sh", "-s"],
        input=text.encode("utf-8"),
        cwd=folder,
        env={"PATH": f"{tools}:{os.defpath}"},
        check=False,
        capture_output=True,
    )
    found: list[list[str]] = [[]]
    for word in calls.read_bytes().decode("utf-8").split("\0")[:-1]:
        if word == "\n":
            found.append([])
        else:
            found[-1].append(word)
    assert not (folder / "owned").exists()
    return found[:-1]


@pytest.mark.parametrize(
    ("text", "scheduler"), [(SLURM, Scheduler.SLURM), (KUBERNETES, Scheduler.KUBERNETES)]
)
def test_a_shell_runs_exactly_the_plan(text: str, scheduler: Scheduler, tmp_path: Path) -> None:
    """The words that programs receive are the words of the plan, in its order, though each of them fails."""
    plan = planned(text, scheduler)
    assert [list(step.words) for step in plan.steps] == run_by_shell(plan, tmp_path)
    stages = [step.stage for step in plan.steps]
    assert sorted(stages, key=list(DrainStage).index) == stages
    assert set(DrainStage) == set(stages)


def test_no_name_of_a_job_reaches_the_shell(tmp_path: Path) -> None:
    """Whoever names a job chooses no command: hostile names of Slurm jobs are comments, each on its line."""
    text = "".join(f"{number} gpu1 {name}\n" for number, name in enumerate(HOSTILE))
    plan = planned(text, Scheduler.SLURM)
    assert [list(step.words) for step in plan.steps] == run_by_shell(plan, tmp_path)
    assert all(line.isascii() and line.isprintable() for line in format_drain_plan(plan))


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable()])
def test_a_hostile_reason_is_one_word(name: str, tmp_path: Path) -> None:
    """A reason is for people and may hold anything that can be printed; it stays one word of one command."""
    plan = planned(SLURM, Scheduler.SLURM, reason=name)
    assert [list(step.words) for step in plan.steps] == run_by_shell(plan, tmp_path)


@settings(max_examples=10, deadline=None)
@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=60))
def test_any_name_of_a_job_leaves_the_commands_alone(name: str) -> None:
    """Whatever a job is called, the commands are the same, and every line is a comment or a command of the plan."""
    plain = planned("1 gpu1 x\n", Scheduler.SLURM)
    plan = planned(f"1 gpu1 {name}\n", Scheduler.SLURM)
    assert [step.words for step in plain.steps] == [step.words for step in plan.steps]
    lines = format_drain_plan(plan)
    assert len(format_drain_plan(plain)) == len(lines)
    assert all(line.isascii() and line.isprintable() for line in lines)


@pytest.mark.parametrize("name", HOSTILE)
def test_where_names_get_into_commands_hostile_ones_are_refused(name: str) -> None:
    """No id, node, namespace or kind that the scheduler could not have becomes a word of a command."""
    for line, scheduler in (
        (f"{name} gpu1 x\n", Scheduler.SLURM),
        (f"1 {name} x\n", Scheduler.SLURM),
        (f"{name} Job run-1\n", Scheduler.KUBERNETES),
        (f"research {name} run-1\n", Scheduler.KUBERNETES),
        (f"research Job {name}\n", Scheduler.KUBERNETES),
    ):
        with pytest.raises(MalformedError, match="line 1 of the list"):
            parse_drain_jobs(line, scheduler)
    for scheduler in Scheduler:
        with pytest.raises(MalformedError, match="malformed node"):
            parse_node_name(name, scheduler)


def test_what_is_kept_goes_on() -> None:
    """A job that is kept is neither asked, cancelled nor waited for, and its nodes are not among the cordoned."""
    plan = planned(SLURM, Scheduler.SLURM, keep=("81235",))
    words = [word for step in plan.steps for word in step.words]
    assert "81234" in words
    assert not [word for word in words if "81235" in word or "cpu7" in word]
    plan = planned(KUBERNETES, Scheduler.KUBERNETES, keep=("web/deployment/chat-7",))
    assert not [step for step in plan.steps if "deployment/chat-7" in step.words]
    with pytest.raises(MalformedError, match="job '81236' is to be kept and is not in the list"):
        planned(SLURM, Scheduler.SLURM, keep=("81236",))


def test_a_plan_for_nothing_waits_for_nothing() -> None:
    """An idle cluster is cordoned and looked at."""
    plan = planned("", Scheduler.SLURM)
    assert [DrainStage.CORDON, DrainStage.VERIFY] == [step.stage for step in plan.steps]


def test_one_job_listed_twice_is_one_job() -> None:
    """A list that was appended twice gives the same plan."""
    assert planned(SLURM, Scheduler.SLURM) == planned(SLURM + SLURM, Scheduler.SLURM)
    expected = (
        DrainJob(id="job/run-1", place="a", name="run-1"),
        DrainJob(id="job/run-1", place="b", name="run-1"),
    )
    assert expected == parse_drain_jobs("a Job run-1\nb Job run-1\n", Scheduler.KUBERNETES)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"signal": "USR1; reboot"}, "malformed signal"),
        ({"signal": "-9"}, "malformed signal"),
        ({"reason": " "}, "reason is empty"),
        ({"reason": "a\nb"}, "reason is empty or has a character"),
        ({"grace_seconds": -1}, "grace is -1 seconds"),
        ({"grace_seconds": 604_801}, "grace is 604801 seconds, want 0 to 604800"),
        ({"nodes": ("-rf",)}, "malformed node"),
    ],
)
def test_what_a_plan_cannot_hold_is_refused(changes: dict[str, object], message: str) -> None:
    """Options are checked as names are."""
    good: dict[str, object] = {"grace_seconds": 0, "signal": "USR1", "reason": "halt"}
    with pytest.raises(MalformedError, match=message):
        plan_drain((), scheduler=Scheduler.SLURM, **(good | changes))  # type: ignore[arg-type]  # as above


def test_too_many_jobs_are_refused() -> None:
    """A list has a limit."""
    with pytest.raises(LimitError, match="list has 100001 jobs"):
        parse_drain_jobs("1 a b\n" * (DRAIN_JOBS_MAX + 1), Scheduler.SLURM)


def test_words_survive_json() -> None:
    """Plans are printed as JSON too: text only."""
    steps = planned(KUBERNETES, Scheduler.KUBERNETES).steps
    assert json.loads(json.dumps([step.words for step in steps])) == [list(step.words) for step in steps]
