"""Bad input to every command: one precise line, the right exit status, nothing printed, nothing filed."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support_cli import AMONG, Captured, run

Break = Callable[[Path], object]

DECLARE = ("site", "declare", "hall-2")
CHIPS = ("chip", "register", "--site", "hall-1", "--lot", "lot-2", "--count", "8")
H100 = ("--type", "h100-sxm-80gb")
ADD = ("meter", "add", "node-9", "--site", "hall-1", "--channel", "power")
RATED = ("--rated-watts", "10200")
CSV = ("meter", "import", "nodes.csv", "--format", "csv", "--site", "hall-1", "--lot", "lot-1")
COLUMNS = ("--time-column", "ts", "--value-column", "watts", "--meter-column", "node")
EACH = ("--chips-per-meter", "8")
JOB = ("--job", "run-1", "--site", "hall-1", "--purpose", "research", "--chips", "lot-1")
SPAN = ("--from", "2024-05-17T00:00:00Z", "--until", "2024-05-17T00:10:00Z")
POLICY = ("--policy", "policy")
OPERATOR = ("--key", "dogwood.key")
VKEY = "cedar=cedar/keys/ed25519.pub"


def nothing(folder: Path) -> None:
    """Break nothing: the arguments are what is bad."""


def truncate(name: str) -> Break:
    """Return a breaker that cuts a file in half."""
    return lambda folder: (folder / name).write_bytes(
        (folder / name).read_bytes()[: -_size(folder / name) // 2]
    )


def flip(name: str, *, at: int = 40) -> Break:
    """Return a breaker that flips the lowest bit of one byte."""

    def act(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[at] ^= 1
        (folder / name).chmod(0o600)
        (folder / name).write_bytes(data)

    return act


def fill(name: str, data: bytes) -> Break:
    """Return a breaker that writes a file."""
    return lambda folder: (folder / name).write_bytes(data)


def grow(name: str, size: int) -> Break:
    """Return a breaker that makes a file this large, without writing it."""

    def act(folder: Path) -> None:
        (folder / name).touch()
        os.truncate(folder / name, size)

    return act


def make_folder(name: str) -> Break:
    """Return a breaker that puts a folder in the place of a file."""

    def act(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()

    return act


def remove(name: str) -> Break:
    """Return a breaker that removes a file or folder."""
    return lambda folder: (
        shutil.rmtree(folder / name) if (folder / name).is_dir() else (folder / name).unlink()
    )


def _size(path: Path) -> int:
    return path.stat().st_size


def one_blob(folder: Path) -> Path:
    """Return a blob of the case."""
    return sorted((folder / "case" / "blobs").rglob("*"))[-1]


@dataclass(frozen=True, kw_only=True)
class Bad:
    """Arguments, what is broken before, and how it must end."""

    arguments: tuple[str, ...]
    status: int
    says: str
    breaks: Break = field(default=nothing)


def bad(*arguments: str, status: int, says: str, breaks: Break = nothing) -> Bad:
    """Return one row of the table."""
    return Bad(arguments=arguments, status=status, says=says, breaks=breaks)


KEYS = {
    "key is there": bad("key", "new", "alder.key", status=1, says="alder.key is there already"),
    "key in no folder": bad("key", "new", "nowhere/a.key", status=1, says="is not there"),
    "key is a folder": bad("key", "new", "cedar", status=1, says="cedar is there already"),
    "key without file": bad("key", "new", status=2, says="missing argument"),
    "unknown verb": bad("key", "print", "alder.key", status=2, says="no such command 'print'"),
    "unknown option": bad("key", "new", "a.key", "--force", status=2, says="no such option: --force"),
    "unknown noun": bad("keys", status=2, says="no such command 'keys'"),
}

AGREEMENTS = {
    "template unknown": bad("agreement", "new", "--template", "x", status=2, says="no agreement is called 'x'"),
    "template out is there": bad(
        "agreement", "new", "--template", "retrospective", "--out", "policy", status=1, says="is there already"
    ),
    "check missing": bad("agreement", "check", "no.toml", status=1, says="there is no file no.toml"),
    "check below a file": bad("agreement", "check", "policy/no.toml", status=1, says="there is no file"),
    "check folder": bad("agreement", "check", "cedar", status=1, says="cedar is not a plain file"),
    "check truncated": bad(
        "agreement", "check", "pause.toml", status=2, says="pause.toml: ", breaks=truncate("pause.toml")
    ),
    "check latin": bad(
        "agreement", "check", "l.toml", status=2, says="nor TOML in UTF-8", breaks=fill("l.toml", b"a = '\xe9'\n")
    ),
    "check empty": bad("agreement", "check", "e.toml", status=2, says="e.toml: ", breaks=fill("e.toml", b"")),
    "check flipped": bad(
        "agreement", "check", "agreement.json", status=2, says="agreement.json: ", breaks=flip("agreement.json")
    ),
    "check huge": bad(
        "agreement", "check", "h.toml", status=1, says="h.toml has more than", breaks=grow("h.toml", 1 << 30)
    ),
    "show deep": bad(
        "agreement", "show", "d.json", status=2, says="d.json: ", breaks=fill("d.json", b"{" * 100_000)
    ),
    "seal without keys": bad("agreement", "seal", "pause.toml", "--out", "a.json", status=2, says="has 0 keys"),
    "seal stranger": bad(
        "agreement", "seal", "pause.toml", "--out", "a.json", "--key", "elm=alder.key.pub", status=2,
        says="elm is no party of the template",
    ),
    "seal private key": bad(
        "agreement", "seal", "pause.toml", "--out", "a.json", "--key", "alder=alder.key", status=2,
        says="alder.key: public key file is not one line",
    ),
    "seal one key twice": bad(
        "agreement", "seal", "pause.toml", "--out", "a.json", "--key", "alder=alder.key.pub", "--key",
        "birch=alder.key.pub", status=2, says="twice",
    ),
    "seal key form": bad(
        "agreement", "seal", "pause.toml", "--out", "a.json", "--key", "alder", status=2, says="want PARTY=FILE"
    ),
    "seal period": bad(
        "agreement", "seal", "pause.toml", "--out", "a.json", "--period", "1 day", status=2, says="want a length"
    ),
    "seal no period": bad(
        "agreement", "seal", "pause.toml", "--out", "a.json", "--period", "P0D", status=2, says="want a length"
    ),
    "seal start": bad(
        "agreement", "seal", "pause.toml", "--out", "a.json", "--start", "today", status=2, says="malformed instant"
    ),
    "seal chips": bad(
        "agreement", "seal", "pause.toml", "--out", "a.json", "--chips", "nodes.csv", status=2, says="nodes.csv: "
    ),
    "sign wrong party": bad(
        "agreement", "sign", "--party", "elm", "--key", "alder.key", status=2, says="elm is no party"
    ),
    "sign wrong key": bad(
        "agreement", "sign", "--party", "alder", "--key", "birch.key", status=2, says="belongs to birch"
    ),
    "deposit without key": bad("agreement", "deposit", "--party", "alder", status=2, says="missing option '--key'"),
    "status of nothing": bad("agreement", "status", "nowhere", status=1, says="there is no folder nowhere"),
    "status in the future": bad(
        "agreement", "status", "case", "--at", "2999-01-01T00:00:00Z", status=2, says="proves nothing about that time"
    ),
    "status at what": bad("agreement", "status", "case", "--at", "1.5.2026", status=2, says="malformed instant"),
}  # fmt: skip

LOGS = {
    "init twice": bad(
        "log", "init", "log-desk", "--agreement", "agreement.json", *OPERATOR, status=1, says="is not empty"
    ),
    "init template": bad(
        "log", "init", "d", "--agreement", "pause.toml", *OPERATOR, status=2, says="pause.toml is a template"
    ),
    "init flipped": bad(
        "log", "init", "d", "--agreement", "agreement.json", *OPERATOR, status=2, says="agreement.json: ",
        breaks=flip("agreement.json"),
    ),
    "init wrong key": bad(
        "log", "init", "d", "--agreement", "agreement.json", "--key", "alder.key", status=2, says="belongs to alder"
    ),
    "init wrong table": bad(
        "log", "init", "d", "--agreement", "agreement.json", "--reference", "nodes.csv", *OPERATOR, status=2,
        says="pins a table chips that was not given",
    ),
    "publish nowhere": bad("log", "checkpoint", "--log", "cedar", *OPERATOR, *POLICY, status=1, says="is no log"),
    "publish wrong key": bad(
        "log", "checkpoint", "--key", "alder.key", *POLICY, status=2, says="belongs to alder, want one of dogwood"
    ),
    "publish cut policy": bad(
        "log", "checkpoint", *OPERATOR, *POLICY, status=2, says="policy: policy", breaks=truncate("policy")
    ),
    "publish no witness": bad(
        "log", "checkpoint", *OPERATOR, *POLICY, "--witness", "birch", status=1, says="there is no folder birch"
    ),
    "publish false witness": bad(
        "log", "checkpoint", *OPERATOR, *POLICY, "--witness", "case", status=1, says="case has no key"
    ),
    "policy bad vkey": bad(
        "log", "policy", "--witness", "cedar=alder.key.pub", "--quorum", "cedar", status=2, says="alder.key.pub: "
    ),
    "policy no member": bad(
        "log", "policy", "--witness", VKEY, "--group", "g=1:elm", "--quorum", "g", status=2, says="'elm'"
    ),
    "policy too many": bad(
        "log", "policy", "--witness", VKEY, "--group", "g=2:cedar", "--quorum", "g", status=2, says="wants 2 of 1"
    ),
    "policy group form": bad(
        "log", "policy", "--witness", VKEY, "--group", "g=both:cedar", "--quorum", "g", status=2, says="malformed"
    ),
    "policy no quorum": bad("log", "policy", "--witness", VKEY, "--quorum", "none", status=2, says="quorum is 'none'"),
    "policy of nothing": bad(
        "log", "policy", "--log", "d", "--witness", VKEY, "--quorum", "cedar", status=1, says="d has no key"
    ),
    "prove beyond": bad("log", "prove", "--index", "999", status=2, says="none has index 999"),
    "prove before": bad("log", "prove", "--index", "-1", status=2, says="greater than or equal to 0"),
    "prove nowhere": bad("log", "prove", "--index", "0", "--log", "d", status=1, says="nothing was published here"),
    "prove from a bent tile": bad(
        "log", "prove", "--index", "1", status=3, says="tile/",
        breaks=lambda folder: flip("bent", at=3)(_bend_tile(folder)),
    ),
    "witness twice": bad("witness", "new", "cedar", "--name", "w.example", status=1, says="is there already"),
    "witness name": bad("witness", "new", "w", "--name", "a b", status=2, says="malformed key name"),
    "watch nothing": bad("witness", "watch", "cedar", "--log", "d", status=1, says="d has no key"),
    "cosign no witness": bad("witness", "cosign", "d", *POLICY, status=1, says="there is no folder d"),
    "cosign empty witness": bad(
        "witness", "cosign", "d", *POLICY, status=1, says="d has no key", breaks=make_folder("d")
    ),
    "cosign for strangers": bad(
        "witness", "cosign", "cedar", "--policy", "p", status=3, says="no cosignature by a witness of the policy",
        breaks=lambda folder: _policy_without(folder, "cedar"),
    ),
}  # fmt: skip


def _bend_tile(folder: Path) -> Path:
    """Give the newest partial tile of hashes a second name that a breaker can use."""
    tile = max((folder / "log-desk/log/public/tile/0").rglob("*.p/*"), key=lambda path: int(path.name))
    (folder / "bent").symlink_to(tile)
    return folder


def _policy_without(folder: Path, witness: str) -> None:
    lines = (folder / "policy").read_text().splitlines()
    kept = [line for line in lines if not line.startswith((f"witness {witness}", "group", "quorum"))]
    (folder / "p").write_text("\n".join([*kept, "quorum elm", ""]))


CASES = {
    "case is there": bad("case", "new", "case", *POLICY, status=1, says="case is there already"),
    "case flipped policy": bad("case", "new", "c", *POLICY, status=2, says="policy: ", breaks=flip("policy", at=1)),
    "verify nothing": bad("case", "verify", "nowhere", status=1, says="there is no folder nowhere"),
    "verify file": bad("case", "verify", "policy", status=1, says="there is no folder policy"),
    "verify empty": bad("case", "verify", "d", status=3, says="policy is missing", breaks=make_folder("d")),
    "verify bent checkpoint": bad(
        "case", "verify", "case", status=3, says="log/checkpoint: ", breaks=flip("case/log/checkpoint", at=45)
    ),
    "verify bent policy": bad("case", "verify", "case", status=3, says="policy: ", breaks=flip("case/policy", at=1)),
    "verify cut policy": bad("case", "verify", "case", status=3, says="policy: ", breaks=truncate("case/policy")),
    "verify added file": bad(
        "case", "verify", "case", status=3, says="'notes.txt' has no place", breaks=fill("case/notes.txt", b"x")
    ),
    "verify latin name": bad(
        "case", "verify", "case", status=3, says="malformed path",
        breaks=lambda folder: Path(os.fsdecode(bytes(folder / "case") + b"/\xff")).touch(),
    ),
    "verify link": bad(
        "case", "verify", "case", status=3, says="neither a plain file nor a folder",
        breaks=lambda folder: (folder / "case" / "blobs" / "more").symlink_to(folder),
    ),
    "verify no blob": bad(
        "case", "verify", "case", status=3, says="is missing", breaks=remove("case/log/checkpoint")
    ),
    "verify bent blob": bad(
        "case", "verify", "case", status=3, says="does not have the digest in its name",
        breaks=lambda folder: one_blob(folder).write_bytes(b"else"),
    ),
    "verify other policy": bad(
        "case", "verify", "case", "--policy", "p", status=3, says="is not the policy that was given",
        breaks=lambda folder: _policy_without(folder, "cedar"),
    ),
    "verify other agreement": bad(
        "case", "verify", "case", "--agreement", "0" * 64, status=3, says="is missing, and it is the agreement"
    ),
    "verify short digest": bad("case", "verify", "case", "--agreement", "ab", status=2, says="malformed digest"),
    "audit nothing": bad("audit", "nowhere", status=1, says="nowhere"),
    "audit bent": bad("audit", "case", status=3, says="log/checkpoint", breaks=flip("case/log/checkpoint", at=45)),
    "audit future": bad("audit", "case", "--at", "2999-01-01T00:00:00Z", status=2, says="proves nothing about"),
    "audit cut policy": bad("audit", "case", *POLICY, status=2, says="policy", breaks=truncate("policy")),
}  # fmt: skip

REGISTER = {
    "site name": bad("site", "declare", "Hall 1", *AMONG, status=2, says="malformed name 'Hall 1'"),
    "site note": bad(*DECLARE, "--note", "x" * 2000, *AMONG, status=2, says="has 2000 characters"),
    "site no log": bad(*DECLARE, "--log", "d", *AMONG, status=1, says="d is no log folder"),
    "site key missing": bad(
        *DECLARE, "--party", "alder", "--key", "no.key", status=1, says="no.key is not there"
    ),
    "site key cut": bad(*DECLARE, *AMONG, status=2, says="key alder.key: ", breaks=truncate("alder.key")),
    "site key folder": bad(*DECLARE, *AMONG, status=1, says="want a file of 0600", breaks=make_folder("alder.key")),
    "site key open": bad(
        *DECLARE, *AMONG, status=1, says="has mode 0644, want a file of 0600",
        breaks=lambda folder: (folder / "alder.key").chmod(0o644),
    ),
    "site cosign form": bad(*DECLARE, "--cosign", "birch", *AMONG, status=2, says="want PARTY=FILE"),
    "site cosign key": bad(*DECLARE, "--cosign", "birch=cedar.key", *AMONG, status=2, says="belongs to cedar"),
    "chip type": bad(*CHIPS, "--type", "h900", *AMONG, status=2, says="h900 is not in the agreed table"),
    "chip none": bad(*CHIPS[:-1], "0", *H100, *AMONG, status=2, says="greater than or equal to 1"),
    "chip too many": bad(*CHIPS[:-1], "1" + "0" * 12, *H100, *AMONG, status=2, says="want 1 to"),
    "chip no salts": bad(*CHIPS, *H100, "--serials", "nodes.csv", *AMONG, status=2, says="go together"),
    "chip serials": bad(
        *CHIPS, *H100, "--serials", "nodes.csv", "--salts", "s", *AMONG, status=2, says="serial numbers for 8 chips"
    ),
    "chip serial twice": bad(
        *CHIPS, *H100, "--serials", "t", "--salts", "s", *AMONG, status=2, says="named twice",
        breaks=fill("t", b"a1\na1\n"),
    ),
    "transfer to nowhere": bad(
        "chip", "transfer", "--kind", "transfer", "--lot", "lot-1", *H100, "--count", "1", "--from", "hall-1", *AMONG,
        status=2, says="needs a site of arrival",
    ),
    "transfer kind": bad(
        "chip", "transfer", "--kind", "loss", "--lot", "lot-1", *H100, "--count", "1", *AMONG, status=2, says="'loss'"
    ),
    "period number": bad("period", "close", "--period", "7", *AMONG, status=2, says="period index is 7"),
    "period half": bad(
        "period", "close", "--from", "2024-05-17T00:00:00Z", *AMONG, status=2, says="--from and --until together"
    ),
    "period backwards": bad(
        "period", "close", "--from", SPAN[3], "--until", SPAN[1], *AMONG, status=2, says="the other way"
    ),
    "period inventory": bad(
        "period", "close", "--inventory", "lot-1=many", *AMONG, status=2, says="malformed decimal 'many'"
    ),
}  # fmt: skip

METERS = {
    "meter site": bad(*ADD[:4], "hall-9", *ADD[5:], *RATED, *AMONG, status=2, says="site hall-9 was not declared"),
    "meter unrated": bad(*ADD, *AMONG, status=2, says="needs --rated-watts"),
    "meter idle": bad(*ADD, *RATED, "--idle-watts", "99999", *AMONG, status=2, says="want 0 <= idle < rated"),
    "meter watts": bad(*ADD, "--rated-watts", "10 kW", *AMONG, status=2, says="want watts such as"),
    "meter lot": bad(*ADD, *RATED, "--chips", "lot-9", *AMONG, status=2, says="lot lot-9 is not registered"),
    "meter range": bad(*ADD, *RATED, "--chips", "lot-1:8-99", *AMONG, status=2, says="has chips 0 to 15"),
    "meter form": bad(*ADD, *RATED, "--chips", "lot-1:8", *AMONG, status=2, says="want LOT or LOT:FIRST-UNTIL"),
    "import missing": bad(
        *CSV, *COLUMNS, *EACH, *AMONG, status=1, says="there is no file", breaks=remove("nodes.csv")
    ),
    "import folder": bad(
        *CSV, *COLUMNS, *EACH, *AMONG, status=1, says="is not a plain file", breaks=make_folder("nodes.csv")
    ),
    "import empty": bad(*CSV, *COLUMNS, *EACH, *AMONG, status=3, says="is empty", breaks=fill("nodes.csv", b"")),
    "import latin": bad(
        *CSV, *COLUMNS, *EACH, *AMONG, status=3, says="nodes.csv line 1 is not UTF-8",
        breaks=fill("nodes.csv", b"ts,node,watts\xe9\n"),
    ),
    "import cut row": bad(
        *CSV, *COLUMNS, *EACH, *AMONG, status=3, says="line 2 has 2 fields, want 3",
        breaks=fill("nodes.csv", b"ts,node,watts\n2024-05-17T00:00:00Z,node-1\n"),
    ),
    "import far future": bad(
        *CSV, *COLUMNS, *EACH, *AMONG, status=3, says="line 2 is no reading",
        breaks=fill("nodes.csv", b"ts,node,watts\n99999-05-17T00:00:00Z,node-1,5\n"),
    ),
    "import huge": bad(
        *CSV, *COLUMNS, *EACH, *AMONG, status=1, says="want at most", breaks=grow("nodes.csv", 1 << 33)
    ),
    "import no column": bad(
        *CSV, "--time-column", "t", "--value-column", "watts", "--meter", "m", *EACH, *AMONG, status=3,
        says="has 0 columns named 't'",
    ),
    "import columns": bad(*CSV, *EACH, *AMONG, status=2, says="needs --time-column and --value-column"),
    "import unit": bad(*CSV, *COLUMNS, "--unit", "hp", *EACH, *AMONG, status=2, says="unit is 'hp'"),
    "import time form": bad(*CSV, *COLUMNS, "--time-form", "us", *EACH, *AMONG, status=2, says="want one of iso"),
    "import lot": bad(
        *CSV[:-1], "lot-7", *COLUMNS, *EACH, *AMONG, status=2, says="lot lot-7 is not registered"
    ),
    "import too many": bad(
        *CSV, *COLUMNS, "--chips-per-meter", "9", *AMONG, status=2, says="cover 18 chips, but lot lot-1 has 16"
    ),
    "import leave out": bad(
        *CSV, *COLUMNS, *EACH, "--leave-out", "node-7", *AMONG, status=2, says="--leave-out names node-7"
    ),
    "import format": bad(*CSV[:4], "xls", *CSV[5:], *EACH, *AMONG, status=2, says="'xls'"),
    "import parquet": bad(
        *CSV[:4], "parquet", *CSV[5:], *COLUMNS, *EACH, *AMONG, status=3, says="nodes.csv"
    ),
    "import no client": bad(
        *CSV[:4], "ptdaemon", *CSV[5:], "--meter", "m", *EACH, *AMONG, status=2, says="there is no client.json near"
    ),
    "import no power": bad(
        "meter", "import", "cedar", *CSV[3:4], "mlperf-training-power", *CSV[5:], *EACH, *AMONG, status=3, says="is no node_N.txt"
    ),
    "record nothing": bad(
        "meter", "record", "--seconds", "1", *CSV[5:], *AMONG, status=2, says="want either --pid or -- COMMAND"
    ),
    "record a ghost": bad(
        "meter", "record", "--seconds", "1", *CSV[5:], "--pid", "4194305", "--interval-ms", "1000", *AMONG, status=1,
        says="there is no process 4194305",
    ),
    "record no command": bad(
        "meter", "record", "--seconds", "1", *CSV[5:], *AMONG, "--", "no-such-program", status=1,
        says="no-such-program: no such file",
    ),
}  # fmt: skip

OPERATIONS = ("--operations", "1e18")
TRAINING = ("job", "declare", *JOB, "--kind", "training")
IMPORT = ("job", "import", "nodes.csv", *JOB, *AMONG, "--format")

JOBS = {
    "job backwards": bad(
        *TRAINING, "--from", SPAN[3], "--until", SPAN[1], *OPERATIONS, *AMONG, status=2, says="the other way"
    ),
    "job no figure": bad(*TRAINING, *SPAN, *AMONG, status=2, says="want --operations, or --formula"),
    "job bad figure": bad(*TRAINING, *SPAN, "--operations", "1.5", *AMONG, status=2, says="want a whole number"),
    "job bounds": bad(*TRAINING, *SPAN, "--operations", "9..1", *AMONG, status=2, says="want 0 <= low <= high"),
    "job huge": bad(*TRAINING, *SPAN, "--operations", "1e99", *AMONG, status=2, says="quantity bounds"),
    "job tenant": bad(*TRAINING, *SPAN, *OPERATIONS, "--tenant", "elm", *AMONG, status=2, says="elm is no party"),
    "job format": bad(
        *TRAINING, *SPAN, *OPERATIONS, "--number-format", "fp3", *AMONG, status=2, says="number format 'fp3'"
    ),
    "job formula": bad(
        *TRAINING, *SPAN, *OPERATIONS, "--formula", "6nd", "--parameters", "1", "--tokens", "1", *AMONG, status=2,
        says="6nd gives 6 to 6",
    ),
    "job log": bad(*IMPORT, "mlperf-training", status=3, says="nodes.csv"),
    "job no log": bad(*IMPORT, "mlperf-training", status=1, says="there is no file", breaks=remove("nodes.csv")),
    "job no client": bad(*IMPORT, "mlperf-inference", status=2, says="there is no client.json near"),
}  # fmt: skip

STATEMENTS = {
    "show what": bad("statement", "show", status=2, says="want either a FILE or --index"),
    "show both": bad("statement", "show", "policy", "--index", "1", status=2, says="want either a FILE"),
    "show policy": bad("statement", "show", "policy", status=3, says="JSON"),
    "show huge": bad("statement", "show", "h", status=1, says="h has more than", breaks=grow("h", 1 << 20)),
    "show beyond": bad("statement", "show", "--index", "999", status=1, says="none has index 999"),
    "show missing": bad("statement", "show", "no.json", status=1, says="there is no file no.json"),
    "explain what": bad("explain", "XYZ-001", status=2, says="no finding has the code 'XYZ-001'"),
}

TABLE = KEYS | AGREEMENTS | LOGS | CASES | REGISTER | METERS | JOBS | STATEMENTS


def pending(world: Path) -> list[str]:
    """Return what waits to be published, and whether a checkpoint statement does."""
    found = [path.name for path in (world / "log-desk/log/pending").iterdir()]
    return sorted([*found, *(path.name for path in (world / "log-desk").glob("next*"))])


@pytest.mark.parametrize("row", TABLE.values(), ids=[name.replace(" ", "-") for name in TABLE])
def test_bad_input_is_refused_precisely(row: Bad, world: Path, captured: Captured) -> None:
    """One line says what was found; nothing is printed as a result and nothing waits to be published."""
    before = pending(world)
    row.breaks(world)
    done = run(captured, row.arguments)
    told = f"$ allstop {' '.join(row.arguments)}\n{done.out}{done.err}exit> {done.status}"
    lines = [line for line in done.err.splitlines() if not line.startswith("allstop: note: ")]
    assert row.status == done.status, told
    assert row.says in lines[0], told
    assert lines[0].startswith("allstop: error: "), told
    assert all(line.startswith("allstop: hint: ") for line in lines[1:]), told
    assert len(lines) <= 2, told
    assert not done.out, told
    assert before == pending(world), told
