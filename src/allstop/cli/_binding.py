"""`allstop agreement ...`: approval, sealed deposits and their opening, reservations, succession, leaving."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON, format_instant
from allstop.cli._binding_text import binding_lines, binding_value
from allstop.cli._case_reading import read_facts_folder
from allstop.cli._documents import name_in_error, read_document, write_document
from allstop.cli._filing import Filing, open_filing, report_filed
from allstop.cli._options import (
    AgreementDigestOption,
    AtOption,
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    PolicyOption,
    as_usage,
    examples,
    option_parser,
)
from allstop.cli._output import emit
from allstop.errors import ConflictError, OperationalError, UsageError
from allstop.ids import Digest, Name, digest_of, parse_name

if TYPE_CHECKING:
    from allstop.agreement import BindingTerms, SealedTerms
    from allstop.binding import HandedShare

__all__ = ["register"]

app = typer.Typer()


def register(noun: typer.Typer) -> None:
    """Add the commands to those of `allstop agreement`."""
    noun.registered_commands += app.registered_commands


_CHOICES = {"deposit": True, "none": False}

_ShareOption = Annotated[
    list[Path],
    typer.Option(
        "--share", metavar="FILE", help="A share, as its depositor handed it over; may be given again."
    ),
]

_ClausesOption = Annotated[
    list[str] | None, typer.Option("--clause", metavar="NUMBER", help="Clause; once for each.")
]


def _terms(filing: Filing) -> "BindingTerms":
    from allstop.agreement import BindingTerms

    return filing.desk.terms.binding or BindingTerms()


def _sealed_terms(filing: Filing) -> "SealedTerms":
    terms = _terms(filing).sealed
    if terms is None:
        raise UsageError(
            "the agreement has no terms of sealed deposits",
            hint="file an open one: allstop agreement deposit",
        )
    return terms


@app.command(
    epilog=examples(
        'allstop agreement approve --party alder --key alder.key --authority "Parliament of Alder"',
        'allstop agreement approve --party alder --key alder.key --authority "Board" --document minutes.pdf',
    )
)
def approve(
    party: PartyOption,
    key: KeyOption,
    authority: Annotated[
        str, typer.Option("--authority", metavar="TEXT", help="Who approved, under the party's own law.")
    ],
    document: Annotated[
        Path | None,
        typer.Option("--document", metavar="FILE", help="What shows it; becomes a blob of the case."),
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File that the party's own law has approved. Where the agreement asks for it, a deposit waits for it."""
    from allstop.binding import APPROVAL_PREDICATE, Approval
    from allstop.statement import Subject

    data = None if document is None else read_document(document)
    digest = None if data is None else digest_of(data)
    value = as_usage(lambda: Approval(authority=authority, document=digest))
    with open_filing(log, party, key, cosign) as filing:
        subjects: Sequence[Subject] = ()
        if data is not None and digest is not None:
            filing.desk.blobs.put(data)
            subjects = (Subject(name="approval", digest=digest),)
        chain = as_usage(
            lambda: filing.desk.file(
                APPROVAL_PREDICATE, value, party=party, signers=filing.signers, subjects=subjects
            )
        )
        report_filed("approval", filing, chain, as_json=as_json, extra={"document": digest})


@app.command(
    "seal-deposit",
    epilog=examples(
        "allstop agreement seal-deposit --party alder --key alder.key --choice deposit --shares alder-shares"
    ),
)
def seal_deposit(
    party: PartyOption,
    key: KeyOption,
    choice: Annotated[
        str,
        typer.Option("--choice", metavar="CHOICE", help="deposit, or none: what the custodians will open."),
    ],
    shares: Annotated[
        Path,
        typer.Option(
            "--shares", metavar="DIR", help="New folder for the shares, one file for each custodian."
        ),
    ],
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Seal a deposit, or none, that custodians open after the close. It can never be taken back.

    Hand each file to its custodian by a way that nobody else reads, then delete it here. The sealed deposit
    counts only once enough custodians have filed receipts: allstop agreement receipt.
    """
    from allstop.agreement import custodians_of
    from allstop.app import list_statements
    from allstop.binding import (
        SEALED_DEPOSIT_PREDICATE,
        SECRET_RANDOM_BYTES,
        SealContext,
        format_handed_share,
        seal_choice,
    )

    if choice not in _CHOICES:
        raise UsageError(f"found {choice[:24]!r}, want deposit or none for --choice")
    with open_filing(log, party, key, cosign) as filing:
        terms, agreement = _sealed_terms(filing), filing.desk.terms
        custodians = custodians_of(agreement, party)
        if len(custodians) < terms.receipts:
            raise UsageError(
                f"only {len(custodians)} custodians are independent of {party}, want {terms.receipts}",
                hint="file an open deposit: allstop agreement deposit",
            )
        if any(filer == party for filer, _, _ in list_statements(filing.desk, SEALED_DEPOSIT_PREDICATE)):
            raise UsageError(f"{party} has sealed a deposit before, and the first one counts")
        context = SealContext(agreement=filing.desk.agreement, party=party, threshold=terms.threshold)
        sealed, handed = seal_choice(
            is_deposit=_CHOICES[choice],
            random=secrets.token_bytes(SECRET_RANDOM_BYTES),
            context=context,
            custodians=custodians,
        )
        # The shares first: a sealed deposit whose shares are lost would be the party's only one.
        _make_folder(shares)
        for one in handed:
            write_document(shares / f"{one.custodian}.share", format_handed_share(one), mode=0o600)
        chain = filing.file(SEALED_DEPOSIT_PREDICATE, sealed)
        extra: dict[str, JSON] = {
            "custodians": list(custodians),
            "receipts": terms.receipts,
            "close": format_instant(terms.close),
            "shares": str(shares),
        }
        report_filed("sealed-deposit", filing, chain, as_json=as_json, extra=extra)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o700)
    except FileExistsError as exc:
        raise ConflictError(f"{path} is there already", hint="choose another name or remove it") from exc
    except OSError as exc:
        raise OperationalError(f"cannot make {path}: {exc.strerror}") from exc


@app.command(epilog=examples("allstop agreement receipt --party cedar --key cedar.key --share cedar.share"))
def receipt(
    party: PartyOption,
    key: KeyOption,
    share: _ShareOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File, as a custodian, that a share is in hand and matches. Refused if it does not match.

    Keep the file secret until the close; then: allstop agreement open-share.
    """
    from allstop.binding import SHARE_RECEIPT_PREDICATE, ShareReceipt

    with open_filing(log, party, key, cosign) as filing:
        for handed, deposit in [_handed(filing, path) for path in share]:
            chain = filing.file(SHARE_RECEIPT_PREDICATE, ShareReceipt(deposit=deposit, index=handed.index))
            extra: dict[str, JSON] = {"deposit": deposit, "depositor": handed.context.party}
            report_filed("share-receipt", filing, chain, as_json=as_json, extra=extra)


@app.command(
    "open-share",
    epilog=examples("allstop agreement open-share --party cedar --key cedar.key --share cedar.share"),
)
def open_share(
    party: PartyOption,
    key: KeyOption,
    share: _ShareOption,
    is_early: Annotated[
        bool, typer.Option("--before-close", help="Show it although sealed deposits are not closed yet.")
    ] = False,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Show, as a custodian, the share of a sealed deposit, between the close and the time to open.

    With as many shares as the threshold, everybody knows what was sealed.
    """
    from allstop.app import machine_clock
    from allstop.binding import SHARE_PREDICATE, Share

    with open_filing(log, party, key, cosign) as filing:
        terms = _sealed_terms(filing)
        shown = [_handed(filing, path) for path in share]
        # The time only keeps a custodian from a mistake; what counts is when the share is proven.
        if max(machine_clock(), filing.desk.cosigned_at() or terms.close) <= terms.close and not is_early:
            raise UsageError(
                f"sealed deposits close at {format_instant(terms.close)}, and a share shown before lets others look",
                hint="wait, or say --before-close",
            )
        for handed, deposit in shown:
            value = Share(deposit=deposit, index=handed.index, share=handed.share)
            chain = filing.file(SHARE_PREDICATE, value)
            extra: dict[str, JSON] = {"deposit": deposit, "openBy": format_instant(terms.open_by)}
            report_filed("share", filing, chain, as_json=as_json, extra=extra)


def _handed(filing: Filing, path: Path) -> "tuple[HandedShare, Digest]":
    """Read a share and find the sealed deposit that it fits."""
    from allstop.app import list_statements
    from allstop.binding import HANDED_SHARE_BYTES_MAX, SEALED_DEPOSIT_PREDICATE, parse_handed_share

    data = read_document(path, bytes_max=HANDED_SHARE_BYTES_MAX)
    handed = name_in_error(path, lambda: parse_handed_share(data))
    if handed.context.agreement != filing.desk.agreement:
        raise UsageError(f"{path}: the share is of a deposit under another agreement")
    if handed.custodian != filing.party:
        raise UsageError(f"{path}: the share is for {handed.custodian}, not for {filing.party}")
    for filer, digest, sealed in list_statements(filing.desk, SEALED_DEPOSIT_PREDICATE):
        if filer == handed.context.party and handed.fits(sealed):
            return handed, digest
    raise UsageError(
        f"{path}: the share matches no sealed deposit of {handed.context.party} in the log",
        hint="file no receipt for it, and tell the other parties",
    )


@app.command(
    "withdraw-deposit", epilog=examples("allstop agreement withdraw-deposit --party alder --key alder.key")
)
def withdraw_deposit(
    party: PartyOption,
    key: KeyOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Take every open deposit of the party back, where the agreement allows that and its condition is not met."""
    from allstop.agreement import DEPOSIT_PREDICATE
    from allstop.app import list_statements
    from allstop.binding import DEPOSIT_WITHDRAWAL_PREDICATE, DepositWithdrawal

    with open_filing(log, party, key, cosign) as filing:
        if not _terms(filing).is_withdrawable:
            raise UsageError("the agreement does not let deposits be taken back")
        made = [
            digest for filer, digest, _ in list_statements(filing.desk, DEPOSIT_PREDICATE) if filer == party
        ]
        gone = {one.deposit for _, _, one in list_statements(filing.desk, DEPOSIT_WITHDRAWAL_PREDICATE)}
        open_ = [digest for digest in made if digest not in gone]
        if not open_:
            raise UsageError(f"{party} has no open deposit to take back")
        for digest in open_:
            chain = filing.file(DEPOSIT_WITHDRAWAL_PREDICATE, DepositWithdrawal(deposit=digest))
        report_filed("deposit-withdrawal", filing, chain, as_json=as_json, extra={"deposits": list(open_)})


@app.command(
    epilog=examples(
        'allstop agreement reserve --party alder --key alder.key --clause 5.2 --text "not before 2029"'
    )
)
def reserve(
    party: PartyOption,
    key: KeyOption,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="The reservation, in words.")],
    clause: _ClausesOption = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Exclude clauses for the party, where the text allows it. Counts only if filed before its deposit."""
    from allstop.binding import RESERVATION_PREDICATE, Reservation

    value = as_usage(lambda: Reservation(clauses=tuple(clause or ()), text=text))
    with open_filing(log, party, key, cosign) as filing:
        _check_clauses("reservation", value.clauses, _terms(filing).reservable)
        chain = filing.file(RESERVATION_PREDICATE, value)
        report_filed("reservation", filing, chain, as_json=as_json, extra={"clauses": list(value.clauses)})


@app.command(
    "apply-provisionally",
    epilog=examples(
        "allstop agreement apply-provisionally --party alder --key alder.key --clause 4.1",
        "allstop agreement apply-provisionally --party alder --key alder.key",
    ),
)
def apply_provisionally(
    party: PartyOption,
    key: KeyOption,
    clause: _ClausesOption = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Apply exactly these clauses before being bound; without a clause, stop applying any."""
    from allstop.binding import PROVISIONAL_PREDICATE, Provisional

    value = as_usage(lambda: Provisional(clauses=tuple(clause or ())))
    with open_filing(log, party, key, cosign) as filing:
        _check_clauses("provisional application", value.clauses, _terms(filing).provisional)
        chain = filing.file(PROVISIONAL_PREDICATE, value)
        report_filed("provisional", filing, chain, as_json=as_json, extra={"clauses": list(value.clauses)})


def _check_clauses(what: str, clauses: Sequence[str], allowed: Sequence[str]) -> None:
    for clause in clauses:
        if clause not in allowed:
            hint = f"clauses open to it are {', '.join(allowed)}" if allowed else "no clause is open to it"
            raise UsageError(f"clause {clause} allows no {what}", hint=hint)


@app.command(
    epilog=examples(
        "allstop agreement succeed --party elm --key elm.key --predecessor birch --cosign birch=birch.key"
    )
)
def succeed(
    party: PartyOption,
    key: KeyOption,
    predecessor: Annotated[
        Name,
        typer.Option(
            "--predecessor",
            metavar="NAME",
            parser=option_parser(parse_name),
            help="Party whose place is taken over; it signs too, or the state responsible for it.",
        ),
    ],
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Take over what binds another party, which stays bound itself."""
    from allstop.binding import SUCCESSION_PREDICATE, Succession

    with open_filing(log, party, key, cosign) as filing:
        if filing.desk.terms.party(predecessor) is None or predecessor == party:
            raise UsageError(f"{predecessor} is no other party of the agreement")
        chain = filing.file(SUCCESSION_PREDICATE, Succession(predecessor=predecessor))
        report_filed("succession", filing, chain, as_json=as_json, extra={"predecessor": predecessor})


@app.command(
    epilog=examples(
        'allstop agreement withdraw --party alder --key alder.key --reason "a rival did not stop"',
        "allstop agreement withdraw --party alder --key alder.key --revoke",
    )
)
def withdraw(
    party: PartyOption,
    key: KeyOption,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why the party leaves, for all to read.")
    ] = None,
    is_revoked: Annotated[bool, typer.Option("--revoke", help="Take the last notice back.")] = False,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Give notice that the party leaves, or take the notice back. Until it has run, every clause binds."""
    from allstop.app import list_statements
    from allstop.binding import (
        WITHDRAWAL_PREDICATE,
        WITHDRAWAL_REVOCATION_PREDICATE,
        Withdrawal,
        WithdrawalRevocation,
    )
    from allstop.clocks import describe_length

    if is_revoked == (reason is not None):
        raise UsageError("want either --reason, or --revoke")
    with open_filing(log, party, key, cosign) as filing:
        terms = filing.desk.terms.leaving
        if terms is None:
            raise UsageError("the agreement has no terms of leaving")
        if reason is not None:
            notice = as_usage(lambda: Withdrawal(reason=reason))
            chain = filing.file(WITHDRAWAL_PREDICATE, notice)
            extra: dict[str, JSON] = {"notice": describe_length(terms.notice)}
            report_filed("withdrawal", filing, chain, as_json=as_json, extra=extra)
            return
        given = [
            one for filer, one, _ in list_statements(filing.desk, WITHDRAWAL_PREDICATE) if filer == party
        ]
        if not given:
            raise UsageError(f"{party} has given no notice")
        chain = filing.file(WITHDRAWAL_REVOCATION_PREDICATE, WithdrawalRevocation(withdrawal=given[-1]))
        report_filed("withdrawal-revocation", filing, chain, as_json=as_json, extra={"withdrawal": given[-1]})


@app.command(
    epilog=examples(
        "allstop agreement status case --policy policy --agreement 5f2c...",
        "allstop agreement status case --json",
    )
)
def status(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")],
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say whether the agreement is in force, since when, and what is missing, from whom, by when.

    The case is verified first. Only the times that witnesses prove count.
    """
    from allstop.standing import standing_of

    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    binding = standing_of(facts.agreement, facts.state).binding
    emit(binding_value(facts.agreement, binding), binding_lines(facts.agreement, binding), as_json=as_json)
