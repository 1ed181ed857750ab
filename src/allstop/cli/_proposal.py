"""`allstop proposal`: the table. Propose, answer, comment, endorse, vote; and see how each proposal stands."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli._agreement_diff import FormOption, OutOption, RedlineForm, change_values, emit_redline
from allstop.cli._case_reading import read_facts_folder
from allstop.cli._documents import name_in_error, read_agreement_file, read_document
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
    make_noun,
    option_parser,
)
from allstop.cli._output import emit
from allstop.cli._proposal_text import format_tallies, format_tally, tally_value
from allstop.errors import MalformedError, NotFoundError, UsageError
from allstop.ids import Digest, Name, digest_of, parse_digest, parse_name

if TYPE_CHECKING:
    from allstop.agreement import Agreement, DescribedChange
    from allstop.convening import Choice, Proposal
    from allstop.service import CaseFacts
    from allstop.standing import Standing, Tally

__all__ = ["app"]

app = make_noun("proposal", "Propose texts, amendments and motions; comment, endorse and vote on them.")

NameOfProposal = Annotated[
    Name,
    typer.Argument(
        metavar="NAME",
        parser=option_parser(parse_name),
        help="Name of the new proposal, your first of that name.",
    ),
]
ProposalArgument = Annotated[
    str,
    typer.Argument(
        metavar="PROPOSAL", help="alder/shorter-answer, a name that only one has, or the start of its digest."
    ),
]
CaseArgument = Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")]
TextOption = Annotated[
    Path | None,
    typer.Option(
        "--text",
        metavar="FILE",
        help="Propose a whole text: an agreement or template. It goes into the case.",
    ),
]
AmendOption = Annotated[
    Path | None,
    typer.Option("--amend", metavar="FILE", help="Propose to amend the text in force into this agreement."),
]
MotionOption = Annotated[
    Name | None,
    typer.Option(
        "--motion", metavar="NAME", parser=option_parser(parse_name), help="Move what the agreement calls so."
    ),
]
AboutOption = Annotated[
    Digest | None,
    typer.Option(
        "--about",
        metavar="DIGEST",
        parser=option_parser(parse_digest),
        help="Statement that a motion is about.",
    ),
]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; no rule reads it.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; no rule reads it.")]


@app.command(
    epilog=examples(
        "allstop proposal new treaty --text draft.toml --party alder --key alder.key",
        "allstop proposal new shorter-answer --amend amended.json --party alder --key alder.key",
        "allstop proposal new start-now --motion start --party alder --key alder.key --note 'tripwire 3'",
    )
)
def new(
    name: NameOfProposal,
    party: PartyOption,
    key: KeyOption,
    text: TextOption = None,
    amend: AmendOption = None,
    motion: MotionOption = None,
    about: AboutOption = None,
    note: NoteOption = "",
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File a proposal: a whole text, an amendment of the text in force, or a motion. It opens a vote.

    The vote opens when witnesses prove the proposal to be in the log, and is open as long as its rule says.
    """
    with open_filing(log, party, key, cosign) as filing:
        _propose(filing, name, (text, amend, motion), about=about, counters=None, note=note, as_json=as_json)


@app.command(
    epilog=examples(
        "allstop proposal counter alder/treaty shorter-treaty --text shorter.toml --party birch --key birch.key"
    )
)
def counter(
    proposal: ProposalArgument,
    name: NameOfProposal,
    party: PartyOption,
    key: KeyOption,
    text: TextOption = None,
    amend: AmendOption = None,
    motion: MotionOption = None,
    note: NoteOption = "",
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File a proposal in answer to another one. Each has its own vote; of two amendments the first adopted wins."""
    from allstop.app import find_proposal

    with open_filing(log, party, key, cosign) as filing:
        meant = find_proposal(filing.desk, proposal).digest
        _propose(filing, name, (text, amend, motion), about=None, counters=meant, note=note, as_json=as_json)


def _propose(
    filing: Filing,
    name: Name,
    what: tuple[Path | None, Path | None, Name | None],
    *,
    about: Digest | None,
    counters: Digest | None,
    note: str,
    as_json: bool,
) -> None:
    from allstop.convening import PROPOSAL_PREDICATE, Proposal, ProposalKind
    from allstop.statement import Subject

    text, amend, motion = what
    if sum(one is not None for one in what) != 1:
        raise UsageError("want exactly one of --text, --amend and --motion")
    blobs: tuple[bytes, ...] = ()
    if text is not None:
        blobs = (_read_text(text),)
        value = as_usage(
            lambda: Proposal(
                name=name, kind=ProposalKind.TEXT, text=digest_of(blobs[0]), counters=counters, note=note
            )
        )
    elif amend is not None:
        value, blobs = _amendment(filing, name, amend, counters=counters, note=note)
    else:
        value = as_usage(
            lambda: Proposal(
                name=name, kind=ProposalKind.MOTION, motion=motion, about=about, counters=counters, note=note
            )
        )
    _check_motion(filing, value)
    subjects = [Subject(name="text", digest=filing.desk.blobs.put(data)) for data in blobs]
    chain = as_usage(
        lambda: filing.desk.file(
            PROPOSAL_PREDICATE, value, party=filing.party, signers=filing.signers, subjects=subjects
        )
    )
    report_filed("proposal", filing, chain, as_json=as_json, extra={"proposal": f"{filing.party}/{name}"})


def _read_text(path: Path) -> bytes:
    read_agreement_file(path)
    return read_document(path)


def _amendment(
    filing: Filing, name: Name, path: Path, *, counters: Digest | None, note: str
) -> "tuple[Proposal, tuple[bytes, ...]]":
    from allstop.agreement import agreement_changes, amended, format_agreement, verify_amendable
    from allstop.app import newest_text
    from allstop.convening import Proposal, ProposalKind

    base, wanted = newest_text(filing.desk), read_agreement_file(path)[0]
    changes = agreement_changes(base, wanted)
    if not changes:
        raise UsageError(f"{path} says what the text in force says already")
    try:
        verify_amendable(changes)
    except MalformedError as exc:
        hint = "what cannot be amended needs another agreement, and new deposits"
        raise UsageError(exc.message, hint=hint) from exc
    data = name_in_error(path, lambda: format_agreement(amended(base, changes)))
    value = as_usage(
        lambda: Proposal(
            name=name,
            kind=ProposalKind.AMENDMENT,
            base=digest_of(format_agreement(base)),
            text=digest_of(data),
            changes=changes,
            counters=counters,
            note=note,
        )
    )
    return value, (data,)


def _check_motion(filing: Filing, value: "Proposal") -> None:
    """Refuse what could only be void, while its proposer can still mend it."""
    from allstop.app import list_proposals, newest_text
    from allstop.convening import ProposalKind

    terms = newest_text(filing.desk).convening
    if terms is None:
        raise UsageError("the agreement has no table, so nothing can be proposed under it")
    if value.kind is ProposalKind.MOTION and terms.rule_of_motion(value.motion) is None:
        known = ", ".join(motion.name for motion in terms.motions) or "none"
        raise UsageError(f"there is no motion {value.motion}", hint=f"motions are: {known}")
    label = f"{filing.party}/{value.name}"
    if label in [one.label for one in list_proposals(filing.desk)]:
        raise UsageError(f"there is a proposal {label} already", hint="choose another name")


@app.command(
    epilog=examples(
        "allstop proposal comment alder/treaty 'what counts as a run?' --clause 4.1 --party birch --key birch.key"
    )
)
def comment(
    proposal: ProposalArgument,
    words: Annotated[str, typer.Argument(metavar="TEXT", help="What the party says.")],
    party: PartyOption,
    key: KeyOption,
    clause: Annotated[
        str | None, typer.Option("--clause", metavar="NUMBER", help="Clause that it is about, such as 4.1.")
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File a comment on a proposal or on one of its clauses. It decides nothing."""
    from allstop.app import find_proposal
    from allstop.convening import COMMENT_PREDICATE, Comment

    with open_filing(log, party, key, cosign) as filing:
        meant = find_proposal(filing.desk, proposal)
        value = as_usage(lambda: Comment(proposal=meant.digest, clause=clause, text=words))
        _report("comment", filing, filing.file(COMMENT_PREDICATE, value), meant.label, as_json=as_json)


@app.command(epilog=examples("allstop proposal endorse alder/treaty --party elm --key elm.key"))
def endorse(
    proposal: ProposalArgument,
    party: PartyOption,
    key: KeyOption,
    words: Annotated[str, typer.Option("--text", metavar="TEXT", help="What the party says.")] = "",
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File support for a proposal, which is no vote; observers may give it too."""
    from allstop.app import find_proposal
    from allstop.convening import ENDORSEMENT_PREDICATE, Endorsement

    with open_filing(log, party, key, cosign) as filing:
        meant = find_proposal(filing.desk, proposal)
        value = as_usage(lambda: Endorsement(proposal=meant.digest, text=words))
        _report(
            "endorsement", filing, filing.file(ENDORSEMENT_PREDICATE, value), meant.label, as_json=as_json
        )


@app.command(
    epilog=examples(
        "allstop proposal vote alder/treaty for --party birch --key birch.key",
        "allstop proposal vote alder/treaty against --reason 'clause 4.1 has no end' --party cedar --key cedar.key",
    )
)
def vote(
    proposal: ProposalArgument,
    choice: Annotated[str, typer.Argument(metavar="for|against|abstain", help="The vote, which is final.")],
    party: PartyOption,
    key: KeyOption,
    reason: ReasonOption = "",
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File a vote. The first one of a party is final; it counts if it is proven before the vote closes."""
    from allstop.app import find_proposal, list_votes
    from allstop.convening import VOTE_PREDICATE, Vote

    chosen = _choice(choice)
    with open_filing(log, party, key, cosign) as filing:
        meant = find_proposal(filing.desk, proposal)
        if (party, meant.digest) in list_votes(filing.desk):
            raise UsageError(
                f"{party} has voted on {meant.label} already",
                hint="a vote is final; propose the contrary, and vote on that",
            )
        value = as_usage(lambda: Vote(proposal=meant.digest, choice=chosen, reason=reason))
        _report("vote", filing, filing.file(VOTE_PREDICATE, value), meant.label, as_json=as_json)


@app.command(
    epilog=examples(
        "allstop proposal withdraw treaty --party alder --key alder.key --reason 'see the counter-text'"
    )
)
def withdraw(
    proposal: ProposalArgument,
    party: PartyOption,
    key: KeyOption,
    reason: ReasonOption = "",
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Take back a proposal of one's own that is not decided yet."""
    from allstop.app import find_proposal
    from allstop.convening import PROPOSAL_WITHDRAWAL_PREDICATE, ProposalWithdrawal

    with open_filing(log, party, key, cosign) as filing:
        meant = find_proposal(filing.desk, proposal)
        if meant.party != party:
            raise UsageError(f"{meant.label} was proposed by {meant.party}", hint="vote against it")
        value = as_usage(lambda: ProposalWithdrawal(proposal=meant.digest, reason=reason))
        chain = filing.file(PROPOSAL_WITHDRAWAL_PREDICATE, value)
        _report("proposal-withdrawal", filing, chain, meant.label, as_json=as_json)


def _choice(text: str) -> "Choice":
    from allstop.convening import Choice

    try:
        return Choice(text)
    except ValueError as exc:
        want = ", ".join(one.value for one in Choice)
        raise UsageError(f"found vote {text[:24]!r}, want one of {want}") from exc


def _report(what: str, filing: Filing, chain: object, label: str, *, as_json: bool) -> None:
    report_filed(what, filing, chain, as_json=as_json, extra={"proposal": label})  # type: ignore[arg-type]  # a chain


@app.command(
    "list",
    epilog=examples(
        "allstop proposal list case --policy policy --agreement 5f2c...", "allstop proposal list case --json"
    ),
)
def list_proposals(
    case: CaseArgument,
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say how every proposal stands, why it was adopted or fell, and which text is in force.

    The case is verified first. Only votes that witnesses prove in time count.
    """
    from allstop.canon import format_instant
    from allstop.standing import find_voting, standing_of

    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    standing = standing_of(facts.agreement, facts.state)
    findings = find_voting(facts.agreement, facts.state, standing.convening)
    emit(
        {
            "at": format_instant(facts.state.at),
            "proposals": [tally_value(one, standing.convening) for one in standing.convening.tallies],
            "texts": [
                {"from": format_instant(text.start), "digest": text.digest, "proposal": text.proposal}
                for text in standing.convening.texts
            ],
            "findings": [{"code": one.code, "party": one.party, "about": one.about} for one in findings],
        },
        [
            *format_tallies(standing.convening, facts.state.at),
            *([""] if findings else []),
            *(f"{one.code} {one.party}: {one.about}" for one in findings),
        ],
        as_json=as_json,
    )


@app.command(
    epilog=examples(
        "allstop proposal show case alder/shorter-answer --policy policy --agreement 5f2c...",
        "allstop proposal show case alder/treaty --format html --out redline.html",
    )
)
def show(
    case: CaseArgument,
    proposal: ProposalArgument,
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    form: FormOption = RedlineForm.TEXT,
    out: OutOption = None,
    as_json: JSONOption = False,
) -> None:
    """Show one proposal: what it changes, in words, who proposed it, who said and voted what, and why it fell."""
    from allstop.convening import ProposalKind
    from allstop.report import Redline
    from allstop.standing import standing_of

    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    standing = standing_of(facts.agreement, facts.state)
    tally = _find_tally(standing, proposal)
    changes = _changes(tally, standing, case, facts)
    title, *rest = format_tally(tally, standing.convening, facts.state)
    value = tally_value(tally, standing.convening)
    if changes is None:
        rest += ["", "the text is not held in this case, or is no agreement, so no redline is shown"]
    if tally.proposal.value.kind is ProposalKind.MOTION and form is RedlineForm.TEXT and out is None:
        emit(value, [title, *rest], as_json=as_json)
        return
    redline = Redline(title=title, facts=tuple(rest), changes=changes or ())
    emit_redline(
        redline, value | {"changes": change_values(changes or ())}, form=form, out=out, as_json=as_json
    )


def _find_tally(standing: "Standing", reference: str) -> "Tally":
    from allstop.app import FiledProposal

    known = [
        (
            FiledProposal(party=one.proposal.party, name=one.proposal.value.name, digest=one.proposal.digest),
            one,
        )
        for one in standing.convening.tallies
    ]
    found = [tally for filed, tally in known if filed.is_meant(reference)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(
        f"{one.label} {one.proposal.digest[:12]}" for one in found or standing.convening.tallies
    )
    what = f"could be {len(found)} proposals" if found else "is no proposal in this case"
    raise UsageError(f"{reference[:64]} {what}", hint=f"proposals are: {names or 'none'}")


def _changes(
    tally: "Tally", standing: "Standing", case: Path, facts: "CaseFacts"
) -> "tuple[DescribedChange, ...] | None":
    """Return what a proposal changes, in words; None where a text that this needs is not held."""
    from allstop.agreement import agreement_changes, agreement_value, describe_changes
    from allstop.convening import ProposalKind

    proposal = tally.proposal.value
    if proposal.kind is ProposalKind.MOTION:
        return ()
    known = {text.digest: text.agreement for text in standing.convening.texts}
    try:
        if proposal.kind is ProposalKind.AMENDMENT:
            base = known.get(proposal.base) if proposal.base is not None else None
            return None if base is None else describe_changes(agreement_value(base), proposal.changes)
        answered = next(
            (one for one in standing.convening.tallies if one.proposal.digest == proposal.counters), None
        )
        base_digest = proposal.base or (None if answered is None else answered.proposal.value.text)
        old = facts.agreement if base_digest is None else _held(case, base_digest)
        wanted = _held(case, proposal.text)
        if old is None or wanted is None:
            return None
        return describe_changes(agreement_value(old), agreement_changes(old, wanted))
    except MalformedError:
        return None


def _held(case: Path, digest: Digest | None) -> "Agreement | None":
    """Return a text that the case holds as a blob, None where it does not or where it is no agreement."""
    from allstop.agreement import parse_agreement, parse_agreement_toml
    from allstop.service import read_blob
    from allstop.store import DirectoryCaseFiles

    try:
        data = read_blob(DirectoryCaseFiles(case), digest) if digest is not None else b""
    except NotFoundError:
        return None
    if data.startswith(b"{"):
        return parse_agreement(data)
    return parse_agreement_toml(data.decode("utf-8", "replace"), template=True)
