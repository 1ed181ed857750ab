"""`allstop key`: signing keys of parties, as files."""

from pathlib import Path
from typing import Annotated

import typer

from allstop.cli._options import JSONOption, examples, make_noun
from allstop.cli._output import emit

__all__ = ["app"]

app = make_noun("key", "Make keys with which parties sign.")


@app.command(epilog=examples("allstop key new alder.key", "allstop key new officers/elm-2.key --json"))
def new(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where the private key goes; it must not exist.")
    ],
    as_json: JSONOption = False,
) -> None:
    """Make an Ed25519 key: FILE holds the private half, mode 0600, and FILE.pub the public one.

    A key is never overwritten and never printed. Who holds FILE can sign for the party.
    """
    from allstop.keys import KeyKind, key_hint
    from allstop.store import create_key, format_public_key

    key = create_key(file, KeyKind.ED25519)
    public = f"{file}.pub"
    emit(
        {
            "private": str(file),
            "public": public,
            "keyid": key_hint(key.public),
            "publicKey": format_public_key(key.public).rstrip("\n"),
        },
        [f"private key  {file}", f"public key   {public}", f"keyid        {key_hint(key.public)}"],
        as_json=as_json,
    )
