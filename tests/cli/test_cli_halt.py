"""The commands of a halt: what they file, what they refuse, what they show, and a plan that runs nothing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from allstop.cli._halt_text import ramp_down_lines, ramp_down_value, statement_lines, statements_value
from allstop.halting import ClosedSite, Inventory, Resumption, RunningJob
from allstop.ids import Name, digest_of
from allstop.times import HOUR_MS
from allstop.verdict import ramp_downs_of
from halt_world import halting, readings, running
from support_cli import AMONG, Captured, run
from verdict_world import ALDER, HALL, START

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
AT = ("--at", "2027-03-28T09:00:00Z")
PUBLISH = (
    "log",
    "checkpoint",
    "--key",
    "dogwood.key",
    "--policy",
    "policy",
    "--witness",
    "cedar",
    "--witness",
    "elm",
)


def publish(captured: Captured) -> None:
    """Publish twice, so that what was filed is proven, and write a case anew."""
    for _ in range(2):
        assert run(captured, PUBLISH).status == 0
    assert run(captured, ["case", "new", "case-2", "--policy", "policy"]).status == 0


def test_what_is_filed_is_shown(world: Path, captured: Captured) -> None:
    """An inventory, from options and from a file, and a closed site are filed, published and shown."""
    (world / "jobs").write_text(f"run-1=448,training,{DIGEST}\n\n")
    filed = run(
        captured,
        [
            "halt",
            "inventory",
            *AMONG,
            "--site",
            "hall-1",
            *AT,
            "--job",
            "z-9=8,other",
            "--jobs",
            "jobs",
            "--json",
        ],
    )
    assert filed.status == 0, filed.err
    assert (2, "hall-1") == (json.loads(filed.out)["jobs"], json.loads(filed.out)["site"])
    closed = ["halt", "close-site", "hall-9", *AMONG, "--chips", "h100-sxm-80gb=64", "--reason", "secret"]
    assert run(captured, [*closed, "--access", "power at the fence"]).status == 0
    publish(captured)
    shown = json.loads(run(captured, ["halt", "show", "case-2", "--json"]).out)
    assert [] == shown["rampDowns"] == shown["resumptions"]
    (inventory,) = shown["inventories"]
    assert ("456", 2, "2027-03-28T09:00:00Z") == (inventory["chips"], inventory["jobs"], inventory["at"])
    (site,) = shown["closedSites"]
    assert [{"chipType": "h100-sxm-80gb", "count": 64}] == site["capacity"]
    text = run(captured, ["halt", "show", "case-2"]).out
    assert text.startswith("no halt has begun for anybody\n")
    assert "closed site  hall-9 by alder: at most 64 h100-sxm-80gb; offered: power at the fence" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["inventory", "--job", "run-1"], "found 'run-1', want NAME=CHIPS,KIND"),
        (["inventory", "--job", "run-1=8"], "found 'run-1=8', want NAME=CHIPS,KIND"),
        (["inventory", "--job", "run-1=8,evaluation"], "is of kind 'evaluation', want one of training"),
        (["inventory", "--job", "run-1=0,other"], "runs on 0 chips, want 1"),
        (["inventory", "--job", "run-1=8,other,x"], "malformed digest 'x'"),
        (["inventory", "--job", "a=8,other", "--job", "a=8,other"], "inventory lists a after a"),
        (["resume", "--permitted", "serving", "--motion", DIGEST], "the agreement has no terms of a halt"),
    ],
)
def test_what_cannot_be_filed_is_refused(
    arguments: list[str], message: str, world: Path, captured: Captured
) -> None:
    """Each refusal names the word that was typed, and nothing is filed."""
    at = AT if arguments[0] == "inventory" else ()
    done = run(captured, ["halt", *arguments, *AMONG, "--site", "hall-1", *at])
    assert (2, "") == (done.status, done.out)
    assert message in done.err


def test_a_closed_site_says_something(world: Path, captured: Captured) -> None:
    """Without a reason, or with a type twice, it is refused."""
    plain = ["halt", "close-site", "hall-9", *AMONG, "--access", "a", "--chips", "h100=1"]
    for more, message in (
        (["--reason", " "], "reason is empty"),
        (["--reason", "r", "--chips", "h100=2"], "lists h100 after h100"),
    ):
        done = run(captured, [*plain, *more])
        assert (2, "") == (done.status, done.out)
        assert message in done.err


def test_legal_and_physical_instants_are_columns_apart() -> None:
    """What ran on, what stopped and what nobody saw are told apart, each beside the one legal instant."""
    stopped = ramp_downs_of(running(halting(), (0, 20 * 60_000)).judge())
    ran = ramp_downs_of(running(halting(), (0, HOUR_MS + 1)).judge())
    world = halting()
    world.measure("node-1", readings(1))
    unknown = ramp_downs_of(world.judge())
    lines = ramp_down_lines([*stopped, *ran, *unknown])
    assert "halt began" in lines[0]
    assert "stopped, not before" in lines[0]
    assert all("2027-01-15T08:00:00Z" in line for line in lines[1:])
    values = [ramp_down_value(one) for one in (*stopped, *ran, *unknown)]
    assert ["stopped", "running", "unknown"] == [one["outcome"] for one in values]  # type: ignore[index,call-overload]  # objects
    assert "ran on" in lines[2]
    assert "not known" in lines[3]
    assert "+1" in lines[1]
    assert ["no halt has begun for anybody"] == ramp_down_lines([])
    early = replace(ran[0], until=None, outcome=unknown[0].outcome)
    assert ramp_down_lines([early])[1].endswith("nothing judged yet")


def test_statements_are_one_line_each() -> None:
    """Texts of others cannot forge a line: breaks in them are spaces."""
    world = halting()
    job = RunningJob(job=Name("run-1"), chips=8, kind="training", checkpoint=None)
    world.file(ALDER, Inventory(site=HALL, at=START, jobs=(job,)))
    world.file(ALDER, Resumption(site=HALL, permitted=Name("serving"), motion=digest_of(b"motion")))
    world.file(
        ALDER, ClosedSite(site=Name("hall-9"), reason="r", access="a\nforged", capacity=((Name("fast"), 8),))
    )
    state = world.judge().state
    lines = statement_lines(state)
    assert 4 == len(lines)
    assert lines[1].startswith("inventory    hall-1 at 2027-01-15T08:00:00Z by alder: 1 jobs on 8 chips")
    assert "resumption   hall-1 by alder: serving" == lines[2]
    assert "closed site  hall-9 by alder: at most 8 fast; offered: a forged" == lines[3]
    assert {"inventories", "resumptions", "closedSites"} == set(statements_value(state))


def test_a_plan_is_asked_for_and_runs_nothing(tmp_path: Path, captured: Captured) -> None:
    """Without --plan nothing is written; with it, commands as text or as words, and no program is started."""
    jobs = tmp_path / "jobs.txt"
    jobs.write_text("81234 gpu[001-064] $(touch owned)\n81235 gpu7 chat\n")
    drain = ["site", "drain", "--scheduler", "slurm", "--jobs", str(jobs)]
    refused = run(captured, drain)
    assert (2, "") == (refused.status, refused.out)
    assert "allstop drains nothing itself, want --plan" in refused.err
    text = run(captured, [*drain, "--plan", "--keep", "81235", "--grace", "PT1M"])
    assert "scontrol update 'NodeName=gpu[001-064]' State=DRAIN 'Reason=halt under an agreement'" in text.out
    assert "sleep 60\n" in text.out
    assert "81235" not in text.out
    value = json.loads(run(captured, [*drain, "--plan", "--json"]).out)
    assert (2, []) == (value["jobs"], value["kept"])
    assert ["scancel", "81234"] in [step["words"] for step in value["steps"]]
    assert ["jobs.txt"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("$(reboot) gpu1 x\n", [], "line 1 of the list is no running job of Slurm"),
        ("1 gpu1 x\n", ["--keep", "2"], "job '2' is to be kept and is not in the list"),
        ("1 gpu1 x\n", ["--node", "-rf"], "malformed node '-rf'"),
        ("1 gpu1 x\n", ["--signal", "9"], "malformed signal '9'"),
        ("1 gpu1 x\n", ["--grace", "PT600000S", "--reason", "\t"], "reason is empty"),
    ],
)
def test_a_plan_that_cannot_be_made_is_refused(
    text: str, more: list[str], message: str, tmp_path: Path, captured: Captured
) -> None:
    """Nothing is printed that could be run."""
    jobs = tmp_path / "jobs.txt"
    jobs.write_text(text)
    done = run(captured, ["site", "drain", "--plan", "--scheduler", "slurm", "--jobs", str(jobs), *more])
    assert (2, "") == (done.status, done.out)
    assert message in done.err
