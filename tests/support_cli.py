"""The command line run inside the test's own process, and one small world to try it on.

A transcript of many commands costs seconds as processes and milliseconds here; `tests/test_docs.py` runs the
real program on the pages.
"""

import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from allstop.cli import main
from transcript import Step, matches

PARTIES = ("alder", "birch", "cedar", "dogwood")
START = "2024-05-17T00:00:00Z"
AMONG = ("--party", "alder", "--key", "alder.key")

Captured = Callable[[], tuple[str, str]]
"""Returns what was written to stdout and stderr since it was last asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended: `Done(status=0, out="allstop 0.1.0", err="")`."""

    status: int
    out: str
    err: str


def run(captured: Captured, arguments: Sequence[str]) -> Done:
    """Run one command in the current folder."""
    captured()
    status = main(list(arguments))
    out, err = captured()
    return Done(status=status, out=out, err=err)


def run_steps(steps: tuple[Step, ...], captured: Captured) -> None:
    """Run the steps of a transcript, all of them `allstop ...` without pipes, and compare each."""
    for step in steps:
        words = shlex.split(step.command.replace("\\\n", " "))
        if words[0] != "allstop":
            raise ValueError(f"step runs {words[0]}, want allstop")
        done = run(captured, words[1:])
        told = f"$ {step.command}\n{done.out}{done.err}exit> {done.status}"
        assert step.status == done.status, told
        assert matches(step.stdout, done.out), told
        if step.stderr or step.status:
            assert matches(step.stderr, done.err), told


def write_readings(path: Path, *, meters: int = 2, seconds: int = 600, every: int = 5) -> None:
    """Write a table of readings from midnight: each meter busy, each in its own way."""
    lines = ["ts,node,watts"]
    for second in range(0, seconds + 1, every):
        for meter in range(meters):
            stamp = f"2024-05-17T00:{second // 60:02d}:{second % 60:02d}Z"
            lines.append(f"{stamp},node-{meter + 1},{5000 + (second * (meter + 3)) % 97}")
    path.write_text("\n".join(lines) + "\n")


def build_world(folder: Path, *, more_terms: str = "") -> None:
    """Make keys, agreement, log, two witnesses and policy; file a site and a lot; publish; write a case.

    Everything is made in the current folder, which must be `folder`, by the commands themselves. `more_terms` are
    parts of the agreement that its template does without.
    """
    for party in PARTIES:
        _must("key", "new", f"{party}.key")
    _must("agreement", "new", "--template", "retrospective", "--out", "pause.toml")
    with (folder / "pause.toml").open("a") as terms:
        terms.write(more_terms)
    keys = [word for party in PARTIES for word in ("--key", f"{party}={party}.key.pub")]
    seal = ("--out", "agreement.json", "--start", START, "--period", "PT10M", "--periods", "1")
    _must("agreement", "seal", "pause.toml", *keys, *seal)
    _must("log", "init", "log-desk", "--agreement", "agreement.json", "--key", "dogwood.key")
    for witness in ("cedar", "elm"):
        _must("witness", "new", witness, "--name", f"witness.{witness}.example")
        _must("witness", "watch", witness)
    vkeys = [word for name in ("cedar", "elm") for word in ("--witness", f"{name}={name}/keys/ed25519.pub")]
    _must("log", "policy", *vkeys, "--group", "both=2:cedar,elm", "--quorum", "both", "--out", "policy")
    _must("site", "declare", "hall-1", *AMONG)
    chips = ("--site", "hall-1", "--lot", "lot-1", "--type", "h100-sxm-80gb", "--count", "16")
    _must("chip", "register", *chips, *AMONG)
    for _ in range(2):
        publish = ("--key", "dogwood.key", "--policy", "policy", "--witness", "cedar", "--witness", "elm")
        _must("log", "checkpoint", *publish)
    _must("case", "new", "case", "--policy", "policy")
    write_readings(folder / "nodes.csv")


def _must(*arguments: str) -> None:
    status = main(list(arguments))
    if status != 0:
        raise AssertionError(f"allstop {' '.join(arguments)} ended with {status}")


def copy_world(world: Path, target: Path) -> Path:
    """Return a copy of the world, to be broken."""
    shutil.copytree(world, target, symlinks=True)
    return target
