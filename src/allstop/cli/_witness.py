"""`allstop witness`: one small process that refuses split views."""

from pathlib import Path
from typing import Annotated

import typer

from allstop.cli._documents import read_policy_file
from allstop.cli._options import JSONOption, LogOption, examples, make_noun
from allstop.cli._output import emit
from allstop.cli._witness_folder import (
    RehearsalOption,
    check_watched,
    open_cosigning_witness,
)
from allstop.errors import MalformedError, SplitViewError, UsageError

__all__ = ["app"]

app = make_noun("witness", "Witness logs: cosign what continues, refuse what does not.")

WitnessArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the witness.")]


@app.command(
    epilog=examples(
        "allstop witness new cedar-witness --name witness.cedar.example",
        "allstop witness new rehearsal --name rehearsal.cedar.example",
    )
)
def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the witness.")],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Name of its keys, such as witness.cedar.example.")
    ],
    as_json: JSONOption = False,
) -> None:
    """Make a witness with two keys, Ed25519 and ML-DSA-44. Its memory is what it is for: never copy it back.

    Give the vkeys in DIR/keys/*.pub to whoever writes the policy. One whose name begins with rehearsal. signs
    the time that it is told, to play a year in a minute: its word on time is worth nothing, and its name says so.
    """
    from allstop.app import create_witness

    try:
        create_witness(directory, name=name)
    except MalformedError as exc:
        raise UsageError(f"--name: {exc.message}") from exc
    files = [str(directory / "keys" / file) for file in ("ed25519.pub", "ml-dsa-44.pub")]
    emit(
        {"witness": str(directory), "name": name, "vkeys": list(files)},
        [f"witness  {name} in {directory}", *(f"vkey     {file}" for file in files)],
        as_json=as_json,
    )


@app.command(epilog=examples("allstop witness watch cedar-witness --log log-desk"))
def watch(
    directory: WitnessArgument,
    rehearse_at: RehearsalOption = None,
    log: LogOption = None,
    as_json: JSONOption = False,
) -> None:
    """Let a witness watch a log from now on, known by the keys that its folder has at this moment.

    Compare the keys with what the operator told you: a witness of the wrong log helps nobody.
    """
    from allstop.app import default_log_folder, read_log_keys

    keys = read_log_keys(log or default_log_folder())
    open_cosigning_witness(directory, rehearse_at=rehearse_at).add_log(keys)
    emit(
        {"witness": str(directory), "origin": keys[0].name, "keys": [key.id.hex() for key in keys]},
        [f"watching  {keys[0].name}", *(f"log key   {key.id.hex()} {key.type.name.lower()}" for key in keys)],
        as_json=as_json,
    )


@app.command(
    epilog=examples(
        "allstop witness cosign cedar-witness --log log-desk --policy policy",
        "allstop witness cosign cedar-witness --policy policy --trust-new-log",
    )
)
def cosign(
    directory: WitnessArgument,
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="Policy that readers use.")],
    log: LogOption = None,
    trust_new_log: Annotated[
        bool, typer.Option("--trust-new-log", help="Watch this log if it is not watched yet.")
    ] = False,
    rehearse_at: RehearsalOption = None,
    as_json: JSONOption = False,
) -> None:
    """Cosign the log's newest checkpoint if it continues all that this witness has seen of it.

    The check and the record come before the signature. A log that signed two histories is refused, and
    the proof is kept in DIR/evidence.
    """
    from allstop.app import default_log_folder, open_desk, read_log_keys
    from allstop.tlog import parse_checkpoint, parse_note

    _, trusted = read_policy_file(policy)
    folder = log or default_log_folder()
    witness = open_cosigning_witness(directory, rehearse_at=rehearse_at)
    keys = read_log_keys(folder)
    if trust_new_log:
        witness.add_log(keys)
    check_watched(witness, keys[0].name, directory)
    with open_desk(folder) as desk:
        try:
            note = desk.cosign(witness, trusted)
        except SplitViewError as exc:
            hint = f"the proof is kept in {directory / 'evidence'}: show it to all who read this log"
            raise SplitViewError(exc.message, evidence=exc.evidence, hint=hint) from exc
    parsed = parse_note(note)
    found = parse_checkpoint(parsed.text)
    emit(
        {
            "origin": found.origin,
            "size": str(found.size),
            "root": found.root.hex(),
            "signatures": len(parsed.signatures),
        },
        [
            f"cosigned    {found.origin} at size {found.size}",
            f"root        {found.root.hex()}",
            f"signatures  {len(parsed.signatures)} on the checkpoint now",
        ],
        as_json=as_json,
    )
