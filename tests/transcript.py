"""Command transcripts: commands with the output, errors and exit status that they must have.

    $ allstop case verify truncated-case
    stderr> allstop: error: inclusion proof has 3 hashes, want 4
    exit> 3

A line that ends in a backslash goes on in the next one. In expected output, `...` stands for any text
within a line, and a line of its own `...` for any number of lines. Standard error is compared where the
transcript shows some, and always after a failure.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Step", "environment", "matches", "parse_transcript", "run_transcript"]

SECONDS_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command and what it must do: `$ true`, no output, exit status 0."""

    command: str
    stdout: tuple[str, ...] = ()
    stderr: tuple[str, ...] = ()
    status: int = 0


def parse_transcript(text: str) -> tuple[Step, ...]:
    """Read the steps of a transcript; lines before the first command are an error."""
    steps: list[Step] = []
    for block in re.split(r"^(?=\$ )", text, flags=re.MULTILINE):
        if not block.strip():
            continue
        lines = block.rstrip("\n").split("\n")
        command = lines.pop(0)
        if not command.startswith("$ "):
            raise ValueError(f"transcript starts with {command[:40]!r}, want '$ command'")
        while command.endswith("\\"):
            command += "\n" + lines.pop(0)
        status = [int(line[6:]) for line in lines if line.startswith("exit> ")]
        steps.append(
            Step(
                command=command[2:],
                stdout=tuple(line for line in lines if not line.startswith(("stderr> ", "exit> "))),
                stderr=tuple(line[8:] for line in lines if line.startswith("stderr> ")),
                status=status[0] if status else 0,
            )
        )
    return tuple(steps)


def matches(expected: tuple[str, ...], actual: str) -> bool:
    """Tell whether the output fits the expected lines and their wildcards; blank ends do not count."""
    pattern = ""
    for line in "\n".join(expected).rstrip("\n").split("\n"):
        within = r"[^\n]*".join(re.escape(part) for part in line.split("..."))
        pattern += r"(?:[^\n]*\n)*" if line == "..." else within + r"\n"
    return re.fullmatch(pattern, actual.rstrip("\n") + "\n") is not None


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a transcript: this interpreter's commands first, no colour, no terminal."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("ALLSTOP_", "LC_", "LANG"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return kept | {"PATH": path, "HOME": str(folder), "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}


def run_transcript(steps: tuple[Step, ...], folder: Path) -> None:
    """Run the commands in order in one folder and compare each with what is expected."""
    for step in steps:
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        told = f"$ {step.command}\n{done.stdout}{done.stderr}exit> {done.returncode}"
        assert step.status == done.returncode, told
        assert matches(step.stdout, done.stdout), told
        if step.stderr or step.status:
            assert matches(step.stderr, done.stderr), told
