"""Becoming bound and leaving from the command line: what is filed, refused and shown; shares as files."""

import json
import os
import stat
from pathlib import Path

import pytest

from allstop.binding import SealContext, format_handed_share, parse_handed_share, seal_choice
from allstop.cli import main
from allstop.errors import MalformedError
from allstop.ids import Name, digest_of
from support_cli import PARTIES, START, Captured, Done, run

TERMS = """
[binding]
approval_first = ["tenant"]
withdrawable = true
provisional = ["1.1"]
reservable = ["1.1"]

[binding.sealed]
custodians = ["cedar", "dogwood"]
threshold = 2
receipts = 2
close = "2099-01-01T00:00:00Z"
open_by = "2099-01-15T00:00:00Z"

[leaving]
notice = { months = 12 }
survives = ["1.1"]
"""
LOG = ("--log", "accord-log")


def party(name: str) -> tuple[str, ...]:
    """Return the options with which a party files."""
    return ("--party", name, "--key", f"{name}.key", *LOG)


@pytest.fixture
def accord(world: Path) -> Path:
    """Make a log under an agreement with terms of binding and leaving, in the folder of the world."""
    text = (world / "pause.toml").read_text().replace('lead = "PT0S"', 'lead = "P30D"')
    first, rest = text.split('id = "dogwood"', 1)
    text = first + 'id = "dogwood"' + rest.replace('bloc = "neutral"', 'bloc = "archive"', 1)
    text = text.replace("log.example.org/retrospective", "log.example.org/accord")
    (world / "accord.toml").write_text(text + TERMS)
    keys = [word for name in PARTIES for word in ("--key", f"{name}={name}.key.pub")]
    seal = ("--out", "accord.json", "--start", START, "--period", "PT10M", "--periods", "1")
    assert main(["agreement", "seal", "accord.toml", *keys, *seal]) == 0
    assert main(["log", "init", "accord-log", "--agreement", "accord.json", "--key", "dogwood.key"]) == 0
    for name in ("cedar", "elm"):
        assert main(["witness", "watch", name, *LOG]) == 0
    vkeys = [word for name in ("cedar", "elm") for word in ("--witness", f"{name}={name}/keys/ed25519.pub")]
    policy = ("--group", "both=2:cedar,elm", "--quorum", "both", "--out", "accord-policy")
    assert main(["log", "policy", *vkeys, *policy, *LOG]) == 0
    return world


def do(captured: Captured, *arguments: str) -> Done:
    """Run a command that must succeed."""
    done = run(captured, arguments)
    assert done.status == 0, done.err
    return done


def shown(captured: Captured) -> Done:
    """Publish what was filed, and return what the status says in JSON."""
    publish = ("--key", "dogwood.key", "--policy", "accord-policy", "--witness", "cedar", "--witness", "elm")
    for _ in range(2):
        do(captured, "log", "checkpoint", *publish, *LOG)
    do(captured, "case", "new", "accord-case", "--policy", "accord-policy", *LOG)
    return do(captured, "agreement", "status", "accord-case", "--policy", "accord-policy", "--json")


def test_a_sealed_deposit_goes_from_hand_to_hand(accord: Path, captured: Captured) -> None:
    """Sealed by Alder, received and shown by both custodians; the status names stage, custodian and finding."""
    do(captured, "agreement", "seal-deposit", *party("alder"), "--choice", "deposit", "--shares", "shares")
    modes = [stat.S_IMODE(os.stat(accord / path).st_mode) for path in ("shares", "shares/cedar.share")]
    assert [0o700, 0o600] == modes
    for name in ("cedar", "dogwood"):
        do(captured, "agreement", "receipt", *party(name), "--share", f"shares/{name}.share")
    early = ("--share", "shares/cedar.share", "--before-close", "--json")
    opened = json.loads(do(captured, "agreement", "open-share", *party("cedar"), *early).out)
    assert "2099-01-15T00:00:00Z" == opened["openBy"]
    document = accord / "minutes.txt"
    document.write_text("approved")
    approve = ("--authority", "Board of Birch", "--document", "minutes.txt")
    do(captured, "agreement", "approve", *party("birch"), *approve)
    found = json.loads(shown(captured).out)
    stages = {one["party"]: one["stage"] for one in found["parties"]}
    assert {"alder": "sealed", "birch": "approved", "cedar": "listed", "dogwood": "listed"} == stages
    assert ["1 shares of its sealed deposit, from dogwood"] == found["parties"][0]["missing"]
    assert ["BND-005"] == [one["code"] for one in found["findings"]]
    text = do(captured, "agreement", "status", "accord-case", "--policy", "accord-policy").out
    assert text.startswith("not in force: the condition is not met (as proven by ")
    assert "BND-005 cedar: showed its share of the sealed deposit of alder before the close" in text
    assert "it lacks   the deposits of all critical parties: alder, birch, cedar" in text


def test_the_other_commands_file_what_they_say(accord: Path, captured: Captured) -> None:
    """Reservation, provisional application, deposit and its withdrawal, succession, notice and its revocation."""
    do(captured, "agreement", "reserve", *party("alder"), "--clause", "1.1", "--text", "not before 2029")
    do(captured, "agreement", "apply-provisionally", *party("cedar"), "--clause", "1.1")
    do(captured, "agreement", "deposit", *party("alder"))
    do(captured, "agreement", "deposit", *party("birch"))
    taken = do(captured, "agreement", "withdraw-deposit", *party("birch"), "--json")
    assert len(json.loads(taken.out)["deposits"]) == 1
    cosign = ("--predecessor", "birch", "--cosign", "birch=birch.key")
    do(captured, "agreement", "succeed", *party("dogwood"), *cosign)
    given = do(
        captured, "agreement", "withdraw", *party("alder"), "--reason", "a rival did not stop", "--json"
    )
    assert "12 months" == json.loads(given.out)["notice"]
    do(captured, "agreement", "withdraw", *party("alder"), "--revoke")
    found = json.loads(shown(captured).out)
    assert (["1.1"], ["1.1"]) == (found["parties"][0]["reservations"], found["parties"][2]["provisional"])
    assert ["its domestic approval", "its deposit"] == found["parties"][1]["missing"]
    assert ["BND-010", "BND-010"] == [one["code"] for one in found["findings"]]
    text = do(captured, "agreement", "status", "accord-case", "--policy", "accord-policy").out
    assert "alder has reserved 1.1" in text
    assert "cedar applies provisionally 1.1" in text


REFUSED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("seal-deposit", *party("alder"), "--choice", "maybe", "--shares", "s"), "want deposit or none"),
    (
        ("seal-deposit", *party("cedar"), "--choice", "none", "--shares", "s"),
        "only 1 custodians are independent",
    ),
    (("open-share", *party("cedar"), "--share", "shares/cedar.share"), "sealed deposits close at 2099"),
    (
        ("receipt", *party("cedar"), "--share", "shares/dogwood.share"),
        "the share is for dogwood, not for cedar",
    ),
    (("receipt", *party("cedar"), "--share", "bent.share"), "matches no sealed deposit of alder"),
    (("receipt", *party("cedar"), "--share", "foreign.share"), "under another agreement"),
    (("receipt", *party("cedar"), "--share", "alder.key.pub"), "alder.key.pub: "),
    (
        ("seal-deposit", *party("alder"), "--choice", "none", "--shares", "t"),
        "has sealed a deposit before",
    ),
    (("withdraw-deposit", *party("alder")), "alder has no open deposit to take back"),
    (("reserve", *party("alder"), "--clause", "2.1", "--text", "no"), "clause 2.1 allows no reservation"),
    (("reserve", *party("alder"), "--text", "no"), "names no clause"),
    (
        ("apply-provisionally", *party("alder"), "--clause", "9.9"),
        "clause 9.9 allows no provisional application",
    ),
    (("succeed", *party("alder"), "--predecessor", "alder"), "alder is no other party"),
    (("withdraw", *party("alder")), "want either --reason, or --revoke"),
    (("withdraw", *party("alder"), "--revoke"), "alder has given no notice"),
    (("approve", *party("alder"), "--authority", ""), "authority is empty"),
)


def test_what_the_agreement_does_not_allow_is_refused(accord: Path, captured: Captured) -> None:
    """Each refusal is an error of usage, names what was wrong, and files nothing."""
    do(captured, "agreement", "seal-deposit", *party("alder"), "--choice", "deposit", "--shares", "shares")
    good = parse_handed_share((accord / "shares/cedar.share").read_bytes())
    _, handed = seal_choice(
        is_deposit=True,
        random=bytes(31),
        context=good.context,
        custodians=(Name("cedar"), Name("dogwood")),
    )
    (accord / "bent.share").write_bytes(format_handed_share(handed[0]))
    elsewhere = SealContext(agreement=digest_of(b""), party=Name("alder"), threshold=2)
    _, foreign = seal_choice(
        is_deposit=True, random=bytes(31), context=elsewhere, custodians=(Name("cedar"), Name("dogwood"))
    )
    (accord / "foreign.share").write_bytes(format_handed_share(foreign[0]))
    before = sorted((accord / "accord-log").rglob("*"))
    for arguments, message in REFUSED:
        done = run(captured, ["agreement", *arguments])
        assert (2, "") == (done.status, done.out), message
        assert message in done.err
    assert before == sorted((accord / "accord-log").rglob("*"))


def test_an_agreement_without_these_terms_says_so(world: Path, captured: Captured) -> None:
    """Nothing of it can be filed where nobody agreed on it."""
    among = ("--party", "alder", "--key", "alder.key")
    for arguments, message in (
        (("seal-deposit", "--choice", "deposit", "--shares", "s"), "no terms of sealed deposits"),
        (("withdraw-deposit",), "does not let deposits be taken back"),
        (("withdraw", "--reason", "x"), "no terms of leaving"),
    ):
        done = run(captured, ["agreement", *arguments, *among])
        assert (2, "") == (done.status, done.out)
        assert message in done.err


@pytest.mark.parametrize(
    "bend",
    [
        lambda data: data.replace(b'"threshold":2', b'"threshold":1'),
        lambda data: data.replace(b'"index":1', b'"index":33'),
        lambda data: data.replace(b"handed-share:v1", b"handed-share:v2"),
        lambda data: data.replace(b'"index":1,', b'"index":1,"more":1,'),
        lambda data: data + b"\n",
    ],
)
def test_the_file_of_a_share_has_one_spelling(bend: object) -> None:
    """A share survives its own encoding; one that is bent is malformed, and the message holds nothing of it."""
    context = SealContext(agreement=digest_of(b"a"), party=Name("alder"), threshold=2)
    _, handed = seal_choice(
        is_deposit=True, random=bytes(31), context=context, custodians=(Name("cedar"), Name("dogwood"))
    )
    data = format_handed_share(handed[0])
    assert handed[0] == parse_handed_share(data)
    with pytest.raises(MalformedError) as caught:
        parse_handed_share(bend(data))  # type: ignore[operator]  # a function of bytes
    assert json.loads(data)["share"] not in caught.value.message
