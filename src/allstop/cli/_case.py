"""`allstop case`: the evidence that a reader holds, as a plain folder."""

from pathlib import Path
from typing import Annotated

import typer

from allstop.canon import format_instant
from allstop.cli._case_reading import open_case_folder
from allstop.cli._documents import read_policy_file
from allstop.cli._options import (
    AgreementDigestOption,
    JSONOption,
    LogOption,
    PolicyOption,
    examples,
    make_noun,
)
from allstop.cli._output import emit

__all__ = ["app"]

app = make_noun("case", "Make and verify cases: policy, log and evidence in one folder.")


@app.command(
    epilog=examples(
        "allstop case new case --policy policy", "allstop case new case --log desk --policy policy"
    )
)
def new(
    dest: Annotated[Path, typer.Argument(metavar="DEST", help="New folder for the case.")],
    policy: Annotated[
        Path,
        typer.Option(
            "--policy", metavar="FILE", help="Policy that the case carries; see allstop log policy."
        ),
    ],
    log: LogOption = None,
    as_json: JSONOption = False,
) -> None:
    """Write a case: the published log, the policy, and the blobs that its statements name.

    The folder can be copied anywhere; who audits it needs the policy and the agreement's digest from you.
    """
    from allstop.app import default_log_folder, open_desk

    data, _ = read_policy_file(policy)
    with open_desk(log or default_log_folder()) as desk:
        blobs = desk.write_case(dest, policy=data)
        agreement, seen = desk.agreement, desk.seen()
    size = 0 if seen is None else seen.size
    emit(
        {"case": str(dest), "agreement": agreement, "size": str(size), "blobs": list(blobs)},
        [f"case       {dest}", f"agreement  {agreement}", f"log size   {size}", f"blobs      {len(blobs)}"],
        as_json=as_json,
    )


@app.command(
    epilog=examples(
        "allstop case verify case --policy policy --agreement 5f2c...", "allstop case verify case --json"
    )
)
def verify(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")],
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    as_json: JSONOption = False,
) -> None:
    """Verify every byte of a case: tree, signatures, chains, cosignatures and quorum. Offline.

    Says nothing about what the statements mean: allstop audit does. Exit status 3 if anything does not verify.
    """
    found = open_case_folder(case, policy=policy, agreement=agreement)
    newest = None if found.newest is None else format_instant(found.newest)
    root_given = policy is not None and agreement is not None
    emit(
        {
            "agreement": found.agreement_digest,
            "policy": found.policy_digest,
            "isTrustRootGiven": root_given,
            "origin": found.origin,
            "size": str(found.size),
            "root": found.root.hex(),
            "newest": newest,
            "blobs": len(found.blobs),
            "notHeld": list(found.missing),
            "chainFaults": [
                {
                    "entry": str(fault.entry_index),
                    "party": fault.party,
                    "kind": fault.kind.name.lower(),
                    "text": fault.text,
                }
                for fault in found.chain_faults
            ],
        },
        [
            f"verified   {found.size} entries of {found.origin}",
            f"agreement  {found.agreement_digest}",
            f"policy     {found.policy_digest}",
            f"root       {found.root.hex()}",
            f"proven by  {newest or 'nothing: no checkpoint is quoted in the log yet'}",
            f"blobs      {len(found.blobs)} held, {len(found.missing)} not held",
            *(f"fault      entry {fault.entry_index}: {fault.text}" for fault in found.chain_faults),
        ],
        as_json=as_json,
    )
