"""The door itself: help, JSON, completion, start-up, and every way in which a command can end."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import rfc8785
import typer
from typer.core import TyperCommand, TyperGroup

import allstop.cli
from allstop.cli import app, main
from allstop.errors import OperationalError
from support_cli import AMONG, Captured, run

HEAVY = {"numpy", "duckdb", "cryptography", "psutil", "sqlite3", "rich"}
VKEYS = ("--witness", "cedar=cedar/keys/ed25519.pub", "--quorum", "cedar")
PUBLISH = ("--key", "dogwood.key", "--policy", "policy", "--witness", "cedar", "--witness", "elm")
SITE = ("--site", "hall-1")
TABLE = ("--format", "csv", "--time-column", "ts", "--value-column", "watts", "--meter-column", "node")
SPAN = ("--from", "2024-05-17T00:00:00Z", "--until", "2024-05-17T00:10:00Z")
JOB = ("--job", "run-1", "--kind", "training", "--purpose", "research", "--chips", "lot-1:0-8")

WITH_JSON = {
    "key new": ("key", "new", "elm.key"),
    "agreement new": ("agreement", "new", "--template", "retrospective"),
    "agreement check": ("agreement", "check", "pause.toml"),
    "agreement show": ("agreement", "show", "agreement.json"),
    "agreement seal": ("agreement", "seal", "sealed.toml", "--out", "a.json"),
    "agreement sign": ("agreement", "sign", *AMONG),
    "agreement deposit": ("agreement", "deposit", *AMONG),
    "agreement status": ("agreement", "status", "case"),
    "log init": ("log", "init", "d", "--agreement", "agreement.json", "--key", "dogwood.key"),
    "log checkpoint": ("log", "checkpoint", *PUBLISH),
    "log policy": ("log", "policy", *VKEYS),
    "log prove": ("log", "prove", "--index", "0"),
    "witness new": ("witness", "new", "birch", "--name", "witness.birch.example"),
    "witness watch": ("witness", "watch", "cedar"),
    "witness cosign": ("witness", "cosign", "cedar", "--policy", "policy"),
    "case new": ("case", "new", "c", "--policy", "policy"),
    "case verify": ("case", "verify", "case"),
    "site declare": ("site", "declare", "hall-2", *AMONG),
    "chip register": ("chip", "register", *SITE, "--lot", "b", "--type", "h100-sxm-80gb", "--count", "8", *AMONG),
    "chip transfer": (
        "chip", "transfer", "--kind", "destruction", "--lot", "lot-1", "--from", "hall-1", "--type", "h100-sxm-80gb",
        "--count", "1", *AMONG, "--cosign", "cedar=cedar.key",
    ),
    "meter add": ("meter", "add", "grid", *SITE, "--channel", "energy", *AMONG),
    "meter import": ("meter", "import", "nodes.csv", *TABLE, *SITE, "--lot", "lot-1", "--chips-per-meter", "8", *AMONG),
    "meter record": (
        "meter", "record", "--seconds", "1", "--interval-ms", "200", *SITE, "--lot", "lot-1", *AMONG, "--",
        sys.executable, "-c", "while True: pass",
    ),
    "job declare": ("job", "declare", *JOB, *SITE, *SPAN, "--operations", "1e18..2e18", *AMONG),
    "period close": ("period", "close", *AMONG, "--inventory", "lot-1=16"),
    "statement show": ("statement", "show", "--index", "1"),
    "explain": ("explain",),
    "explain a finding": ("explain", "tel-005"),
    "explain a lint": ("explain", "AGR-011"),
    "claims": ("claims",),
    "claims one": ("claims", "one-digest"),
}  # fmt: skip
"""One good call of every command; the others are called where their inputs are."""

ELSEWHERE = {
    "recipe": "test_cli_transcripts.py",
    "transcript": "test_cli_transcripts.py",
    "proposal": "test_cli_proposal.py",
    "signal": "test_cli_phase.py",
    "phase": "test_cli_phase.py",
    "assessment": "test_cli_phase.py",
    "duty": "test_cli_duties.py",
    "finding": "test_cli_finding.py",
    "halt": "test_cli_halt.py",
}
"""Nouns all of whose verbs need more than the small world of these tests, and where they are called."""
VERBS_ELSEWHERE = {
    "audit": "test_cli_report.py",
    "report": "test_cli_report.py",
    "demo": "test_cli_demo.py",
    "duties": "test_cli_duties.py",
    "job import": "test_cli_stories.py",
    "agreement calendar": "test_cli_calendar.py",
    "agreement ceremony": "test_cli_calendar.py",
    "agreement diff": "test_cli_proposal.py",
    "site drain": "test_cli_halt.py",
} | {
    f"agreement {verb}": "test_cli_binding.py"
    for verb in (
        "approve", "seal-deposit", "receipt", "open-share", "withdraw-deposit", "reserve", "apply-provisionally",
        "succeed", "withdraw",
    )
}  # fmt: skip
"""Other commands that need more, and where they are called."""


def commands(node: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command."""
    if isinstance(node, TyperGroup):
        for name, child in node.commands.items():
            yield from commands(child, (*words, name))
    elif isinstance(node, TyperCommand):
        yield words


ALL = sorted(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...], captured: Captured) -> None:
    """`--help` names every option, offers --json, and shows an example that starts with the command."""
    done = run(captured, [*words, "--help"])
    assert done.status == 0
    assert f"$ allstop {' '.join(words)}" in done.out
    assert "--json" in done.out
    assert not done.err


@pytest.mark.parametrize("arguments", WITH_JSON.values(), ids=[*WITH_JSON])
def test_json_has_one_spelling(arguments: tuple[str, ...], world: Path, captured: Captured) -> None:
    """With --json a command prints one line of RFC 8785 JSON and nothing else on stdout."""
    (world / "sealed.toml").write_text(_with_keys(world))
    at = arguments.index("--") if "--" in arguments else len(arguments)
    done = run(captured, [*arguments[:at], "--json", *arguments[at:]])
    assert done.status == 0, done.err
    assert done.out.count("\n") == 1
    assert rfc8785.dumps(json.loads(done.out)) == done.out.rstrip("\n").encode()


def _with_keys(world: Path) -> str:
    """Return the template with its parties' keys filled in by hand, as one may also do."""
    text = (world / "pause.toml").read_text()
    for party in ("alder", "birch", "cedar", "dogwood"):
        kind, data = (world / f"{party}.key.pub").read_text().split()[1:]
        key = f'keys = [{{ kind = "{kind}", data = "{data}" }}]\n'
        text = text.replace(f'id = "{party}"\n', f'id = "{party}"\n{key}')
    return text


def test_every_command_is_called_here() -> None:
    """A new command joins the table above, or says where else it is called, and there its verb is."""
    elsewhere = {" ".join(words): ELSEWHERE[words[0]] for words in ALL if words[0] in ELSEWHERE}
    elsewhere |= VERBS_ELSEWHERE
    assert {" ".join(words) for words in ALL} - elsewhere.keys() == set(WITH_JSON) - {
        "explain a finding",
        "explain a lint",
        "claims one",
    }
    for command, page in elsewhere.items():
        assert f'"{command.split()[-1]}"' in Path(__file__).with_name(page).read_text(), command


def test_help_loads_nothing_heavy() -> None:
    """Start-up stays fast because only the command that runs loads what it needs."""
    code = "import sys, allstop.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set() == HEAVY & set(done.stdout.split())


def test_completion_names_the_verbs() -> None:
    """The shell asks with the words so far and gets the verbs of the noun."""
    asked = {"_ALLSTOP_COMPLETE": "complete_bash", "COMP_WORDS": "allstop witness ", "COMP_CWORD": "2"}
    code = "import sys; from allstop.cli import main; sys.exit(main([]))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    assert ["new", "watch", "cosign"] == done.stdout.split()


def test_the_version_is_printed(captured: Captured) -> None:
    """`--version` prints name and version."""
    done = run(captured, ["--version"])
    assert (0, "allstop 0.1.0\n", "") == (done.status, done.out, done.err)


@pytest.mark.parametrize("arguments", [[], ["log"]])
def test_a_call_without_verb_shows_what_there_is(arguments: list[str], captured: Captured) -> None:
    """A noun alone is an error of usage, answered with its help on stderr."""
    done = run(captured, arguments)
    assert done.status == 2
    assert not done.out
    assert "Commands:" in done.err


@pytest.mark.parametrize(
    ("raised", "status", "says"),
    [
        (ValueError("secret\x1b[2Jtext"), 1, "allstop: error: internal error ValueError: secret\\x1b[2Jtext"),
        (OperationalError("disk is gone\nforged: line"), 1, "allstop: error: disk is gone forged: line"),
        (PermissionError(13, "Permission denied", "a.key"), 1, "allstop: error: a.key: permission denied"),
        (MemoryError(), 1, "allstop: error: not enough memory for this input"),
        (RecursionError("too deep"), 1, "allstop: error: internal error RecursionError: too deep"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_every_end_has_its_status(
    raised: BaseException, status: int, says: str, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a command raises, there is one line without control characters, or silence, and no traceback."""

    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(allstop.cli._output, "format_json", fail)
    monkeypatch.setattr("allstop.cli._app._quiet_stdout", lambda: None)
    done = run(captured, ["explain", "--json"])
    assert status == done.status
    assert says == (done.err.splitlines() or [""])[0]
    assert "Traceback" not in done.err


def test_debug_shows_where(captured: Captured) -> None:
    """With --debug before the noun the traceback comes too, and the status stays."""
    done = run(captured, ["--debug", "explain", "NO-1"])
    assert done.status == 2
    assert "Traceback" in done.err
    assert "allstop: error: no finding has the code 'NO-1'" in done.err


def test_what_others_wrote_cannot_steer_the_terminal(world: Path, captured: Captured) -> None:
    """Escapes, overrides of direction and new lines in a statement are shown, not obeyed."""
    note = "harmless\x1b[31m\u202etext\u2028x"
    assert main(["site", "declare", "hall-3", *AMONG, "--note", note]) == 0
    assert main(["log", "checkpoint", *PUBLISH]) == 0
    done = run(captured, ["statement", "show", "--index", "6"])
    assert "harmless" in done.out
    assert not re.search("[\x1b\u202e\u2028]", done.out)


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    """`allstop ... | head -1` ends without complaint."""
    code = "import sys; from allstop.cli import main; sys.exit(main(['agreement', 'new', '--template', 'miri-v3']))"
    line = f'{sys.executable} -c "{code}" | true; echo done ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not done.stderr
    assert done.stdout in ("done 1\n", "done 0\n")


def test_an_interrupt_is_quiet(world: Path) -> None:
    """Ctrl-C while something long runs: status 130, no traceback, nothing filed, no child left."""
    child = "import os, time; open('started', 'w').write(str(os.getpid())); time.sleep(300)"
    arguments = ["meter", "record", "--seconds", "60", *SITE, "--lot", "lot-1", *AMONG]
    arguments += ["--", sys.executable, "-c", child]
    code = f"import sys; from allstop.cli import main; sys.exit(main({arguments!r}))"
    before = sorted((world / "log-desk/log/pending").iterdir())
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not (world / "started").exists() or not (world / "started").read_text():
            assert time.monotonic() < deadline
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert not err
    assert before == sorted((world / "log-desk/log/pending").iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(int((world / "started").read_text()), 0)


@pytest.mark.parametrize(("is_terminal", "patience"), [(True, 0), (True, 60), (False, 0)])
def test_progress_is_for_people_who_wait(is_terminal: bool, patience: int) -> None:
    """A bar appears on stderr only if that is a terminal, and only after the work has lasted a while."""
    code = (
        "from allstop.cli import _output\n"
        f"_output._PATIENCE_SECONDS = {patience}\n"
        "with _output.progress('reading') as tick:\n"
        "    for done in range(3): tick(done, 3)\n"
    )
    if not is_terminal:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert not done.stdout + done.stderr
        return
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        out, shown = process.communicate(timeout=60)[0], _drain(ours)
    assert (0, b"") == (process.returncode, out)
    assert (patience == 0) == (b"reading" in shown)


def _drain(handle: int) -> bytes:
    """Return what was written to a terminal whose other side is closed."""
    shown = b""
    try:
        while part := os.read(handle, 4096):
            shown += part
    except OSError:  # Linux says that the other side is gone instead of giving an end of file.
        return shown
    finally:
        os.close(handle)
    return shown


def test_the_log_can_come_from_the_environment(
    world: Path, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ALLSTOP_LOG stands for --log, and --log is stronger."""
    (world / "log-desk").rename(world / "elsewhere")
    assert run(captured, ["log", "prove", "--index", "0"]).status == 1
    monkeypatch.setenv("ALLSTOP_LOG", "elsewhere")
    assert run(captured, ["log", "prove", "--index", "0"]).status == 0
    assert run(captured, ["log", "prove", "--index", "0", "--log", "log-desk"]).status == 1
