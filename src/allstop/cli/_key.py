"""`allstop key`: signing keys of parties, as files."""

from pathlib import Path
from typing import Annotated

import typer

from allstop.canon import JSON
from allstop.cli._options import JSONOption, examples, make_noun
from allstop.cli._output import emit
from allstop.errors import ConflictError

__all__ = ["app"]

app = make_noun("key", "Make keys with which parties sign.")


@app.command(
    epilog=examples(
        "allstop key new alder.key",
        "allstop key new alder.key birch.key",
        "allstop key new officers/elm-2.key --json",
    )
)
def new(
    file: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Where a private key goes; it must not exist.")
    ],
    as_json: JSONOption = False,
) -> None:
    """Make an Ed25519 key: FILE holds the private half, mode 0600, and FILE.pub the public one.

    A key is never overwritten and never printed. Who holds FILE can sign for the party.
    """
    from allstop.keys import KeyKind, key_hint
    from allstop.store import create_key, format_public_key

    taken = [path for path in file if path.exists()]
    if taken or len(set(file)) < len(file):
        told = f"{taken[0]} is there already" if taken else "a file is named twice"
        raise ConflictError(told, hint="a key is never overwritten: choose another name")
    values: list[JSON] = []
    lines: list[str] = []
    for path in file:
        key = create_key(path, KeyKind.ED25519)
        values.append(
            {
                "private": str(path),
                "public": f"{path}.pub",
                "keyid": key_hint(key.public),
                "publicKey": format_public_key(key.public).rstrip("\n"),
            }
        )
        lines += [f"private key  {path}", f"public key   {path}.pub", f"keyid        {key_hint(key.public)}"]
    emit(values[0] if len(values) == 1 else {"keys": values}, lines, as_json=as_json)
