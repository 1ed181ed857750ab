"""`allstop log`: the evidence log of one agreement, its policy, and proofs from it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli._documents import (
    read_agreement_file,
    read_document,
    read_policy_file,
    read_vkey,
    write_document,
)
from allstop.cli._options import JSONOption, LogOption, as_usage, examples, make_noun, parse_count, parse_pair
from allstop.cli._output import emit, emit_text, say
from allstop.cli._witness_folder import RehearsalOption, check_watched, open_cosigning_witness
from allstop.errors import NotFoundError, SignatureError, UsageError
from allstop.ids import digest_of
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.agreement import Agreement
    from allstop.witness import Group, Policy, PolicyWitness

__all__ = ["app"]

app = make_noun("log", "Run the evidence log of an agreement.")

_REHEARSED_MS = (0, 1000, 1000)
"""After the time that is rehearsed: what is filed, its proof, and the proof of a later second."""

OperatorKeyOption = Annotated[
    list[Path],
    typer.Option("--key", metavar="FILE", help="Private key of the log's operator; may be given again."),
]


@app.command(epilog=examples("allstop log init log-desk --agreement agreement.json --key dogwood.key"))
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the log.")],
    agreement: Annotated[
        Path, typer.Option("--agreement", metavar="FILE", help="Sealed agreement: its canonical JSON.")
    ],
    key: OperatorKeyOption,
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            "--reference",
            metavar="FILE",
            help="Reference table that the agreement pins; without it, NAME.chips.json beside the agreement.",
        ),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Make the log of an agreement, with new keys, and file the statement that names the agreement.

    Refuses to run twice: a second log under one origin could show each reader another history. The log's
    keys lie in DIR/keys; who holds them can sign checkpoints, but no statement of a party.
    """
    from allstop.app import init_desk, load_signers, open_desk
    from allstop.keys import format_vkey

    terms, data = read_agreement_file(agreement)
    if data is None:
        raise UsageError(f"{agreement} is a template", hint="seal it first with: allstop agreement seal")
    signers = load_signers(terms, party=terms.log.operator, keys=key)
    references = _find_references(terms, agreement, reference or [])
    keys = init_desk(directory, agreement=data, references=references)
    with open_desk(directory) as desk:
        desk.propose(signers=signers)
    vkeys = [format_vkey(one) for one in keys]
    emit(
        {
            "log": str(directory),
            "origin": terms.log.origin,
            "agreement": digest_of(data),
            "vkeys": list(vkeys),
        },
        [
            f"log        {directory}",
            f"origin     {terms.log.origin}",
            f"agreement  {digest_of(data)}",
            *(f"log key    {vkey[:100]}{'...' if len(vkey) > 100 else ''}" for vkey in vkeys),
        ],
        as_json=as_json,
    )


def _find_references(terms: "Agreement", agreement: Path, given: Sequence[Path]) -> list[bytes]:
    """Return the tables given; without any, those beside the agreement and the packaged one, if pinned."""
    if given:
        return [read_document(path) for path in given]
    from allstop.config import load_chip_table

    pinned = {one.digest for one in terms.references}
    candidates = [load_chip_table().data]
    beside = agreement.with_name(f"{agreement.name.removesuffix('.json')}.chips.json")
    if beside.exists():
        candidates.append(read_document(beside))
    return [data for data in candidates if digest_of(data) in pinned]


@app.command(
    epilog=examples(
        "allstop log checkpoint --key dogwood.key --policy policy --witness cedar-witness --witness elm-witness",
        "allstop log checkpoint --key elm.key --policy policy --witness rehearsal --rehearse-at 2027-03-01T09:00:00Z",
    )
)
def checkpoint(
    key: OperatorKeyOption,
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="Policy that readers use.")],
    witness: Annotated[
        list[Path] | None,
        typer.Option("--witness", metavar="DIR", help="Witness on this machine that cosigns at once."),
    ] = None,
    rehearse_at: RehearsalOption = None,
    log: LogOption = None,
    as_json: JSONOption = False,
) -> None:
    """Publish all pending statements under a new checkpoint, signed by the log and cosigned by witnesses.

    Each batch opens with a statement that quotes the checkpoint before it: what one batch holds is proven
    in time by the next. So publish twice before a case is made. Witnesses elsewhere add theirs later with
    allstop witness cosign. In a rehearsal it publishes three times by itself, at the time given and twice a
    second later: what is pending is then proven, and lies in the past.
    """
    from allstop.tlog import parse_checkpoint, parse_note
    from allstop.witness import open_checkpoint

    _, trusted = read_policy_file(policy)
    if rehearse_at is not None and not witness:
        raise UsageError("--rehearse-at is the time that witnesses sign, and no --witness is given")
    moments = [None] if rehearse_at is None else [rehearse_at.plus(ms) for ms in _REHEARSED_MS]
    for moment in moments:
        note = _publish(log, key, witness or [], trusted, at=moment)
    found = parse_checkpoint(parse_note(note).text)
    missing = None
    try:
        names = [one.witness for one in open_checkpoint(note, trusted).cosignatures]
    except SignatureError as exc:
        names, missing = [], exc.message
    emit(
        {
            "origin": found.origin,
            "size": str(found.size),
            "root": found.root.hex(),
            "cosignedBy": list(names),
            "hasQuorum": missing is None,
        },
        [
            f"checkpoint  {found.origin} at size {found.size}",
            f"root        {found.root.hex()}",
            f"cosigned    {', '.join(names) if missing is None else 'not yet by a quorum'}",
        ],
        as_json=as_json,
    )
    if missing is not None:
        say(f"note: {missing}; collect more with: allstop witness cosign")


def _publish(
    log: Path | None, key: Sequence[Path], folders: Sequence[Path], policy: "Policy", *, at: Instant | None
) -> bytes:
    """Publish one batch by the machine's clock, or in a rehearsal at the time given; return the note."""
    from allstop.app import default_log_folder, load_signers, machine_clock, open_desk

    witnesses = [open_cosigning_witness(one, rehearse_at=at) for one in folders]
    clock = machine_clock if at is None else lambda: at
    with open_desk(log or default_log_folder(), clock=clock) as desk:
        signers = load_signers(desk.terms, party=desk.terms.log.operator, keys=key)
        for directory, one in zip(folders, witnesses, strict=True):
            check_watched(one, desk.origin, directory)
        return desk.publish(operator_keys=signers, witnesses=witnesses, policy=policy)


@app.command(
    epilog=examples(
        "allstop log policy --witness cedar=cedar-witness/keys/ed25519.pub --witness elm=elm-witness/keys/ed25519.pub\n"
        "    --group blocs=2:cedar,elm --quorum blocs --out policy"
    )
)
def policy(
    witness: Annotated[
        list[str],
        typer.Option(
            "--witness",
            metavar="NAME=FILE[,FILE]",
            help="Witness and its vkey files; with two, either key of it counts as the witness.",
        ),
    ],
    quorum: Annotated[
        str, typer.Option("--quorum", metavar="NAME", help="Witness or group that must have cosigned.")
    ],
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group", metavar="NAME=K:MEMBER,...", help="K of these witnesses or groups, defined before."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="New file; without it, standard output.")
    ] = None,
    log: LogOption = None,
    as_json: JSONOption = False,
) -> None:
    """Write the policy of a log: its keys, the witnesses, and how many must agree (C2SP tlog-policy).

    The policy is half of a reader's trust root: give it to readers yourself, not through the log.
    """
    from allstop.app import default_log_folder, is_of_rehearsal, read_log_keys
    from allstop.witness import Policy, PolicyLog, format_policy

    keys = read_log_keys(log or default_log_folder())
    witnesses: list[PolicyWitness] = []
    groups: list[Group] = []
    for text in witness:
        _add_witness(text, witnesses, groups)
    for text in group or []:
        groups.append(_parse_group(text))
    made = as_usage(
        lambda: Policy(
            logs=tuple(PolicyLog(key=key) for key in keys),
            witnesses=tuple(witnesses),
            groups=tuple(groups),
            quorum=quorum,
        )
    )
    data = format_policy(made)
    if any(is_of_rehearsal(one.key.name) for one in witnesses):
        say("note: witnesses for rehearsals sign any time they are told: trust no time under this policy")
    if out is not None:
        write_document(out, data)
    elif not as_json:
        emit_text(data)
        return
    emit(
        {"file": None if out is None else str(out), "policy": data.decode(), "digest": digest_of(data)},
        [f"policy  {out}", f"digest  {digest_of(data)}"],
        as_json=as_json,
    )


def _add_witness(text: str, witnesses: "list[PolicyWitness]", groups: "list[Group]") -> None:
    """Add the line of a witness; one with several keys becomes a group of which any one is enough."""
    from allstop.witness import Group, PolicyWitness

    name, files = parse_pair(text, form="NAME=FILE for --witness")
    keys = [read_vkey(Path(file)) for file in files.split(",")]
    if len(keys) == 1:
        witnesses.append(PolicyWitness(name=name, key=keys[0]))
        return
    members = tuple(f"{name}.{key.type.name.lower().replace('_', '-')}" for key in keys)
    witnesses += [PolicyWitness(name=member, key=key) for member, key in zip(members, keys, strict=True)]
    groups.append(Group(name=name, threshold=1, members=members))


def _parse_group(text: str) -> "Group":
    from allstop.witness import Group

    name, rest = parse_pair(text, form="NAME=K:MEMBER,MEMBER for --group")
    threshold, _, members = rest.partition(":")
    return as_usage(
        lambda: Group(name=name, threshold=parse_count(threshold), members=tuple(members.split(",")))
    )


@app.command(epilog=examples("allstop log prove --index 12 --out entry-12.tlog-proof"))
def prove(
    index: Annotated[int, typer.Option("--index", metavar="N", min=0, help="Entry, counted from 0.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="New file; without it, standard output.")
    ] = None,
    log: LogOption = None,
    as_json: JSONOption = False,
) -> None:
    """Write the proof that the log holds an entry, as a .tlog-proof file (C2SP tlog-proof).

    It holds the path to the root and the cosigned checkpoint, and can be checked offline with the policy.
    """
    from allstop.app import default_log_folder
    from allstop.store import LogFolder
    from allstop.tlog import TlogProof, format_tlog_proof, leaf_hash, verify_inclusion

    folder = LogFolder((log or default_log_folder()) / "log" / "public")
    try:
        note, checkpoint = folder.note(), folder.checkpoint()
    except NotFoundError as exc:
        raise NotFoundError(
            "nothing was published here yet", hint="publish with: allstop log checkpoint"
        ) from exc
    size = checkpoint.size
    if index >= size:
        raise UsageError(f"the log has {size} entries, so none has index {index}")
    hashes = folder.prove_inclusion(index)
    # A proof that leads nowhere must not leave this machine: the whole tree is checked first.
    leaf = leaf_hash(folder.entries()[index])
    verify_inclusion(leaf=leaf, index=index, size=size, proof=hashes, root=checkpoint.root)
    data = format_tlog_proof(TlogProof(index=index, hashes=hashes, note=note))
    if out is not None:
        write_document(out, data)
    elif not as_json:
        emit_text(data)
        return
    emit(
        {
            "file": None if out is None else str(out),
            "index": str(index),
            "size": str(size),
            "proof": data.decode(),
        },
        [f"proof  {out}", f"entry  {index} of {size}"],
        as_json=as_json,
    )
