"""`allstop transcript`: work that others can do again, from the first item to a verifier's replay."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON, format_quantity, format_window, parse_instant
from allstop.cli._case_reading import open_case_folder
from allstop.cli._documents import read_document
from allstop.cli._filing import open_filing, report_filed
from allstop.cli._options import (
    AgreementDigestOption,
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    PolicyOption,
    examples,
    make_noun,
    option_parser,
    parse_quantity_text,
    parse_span,
)
from allstop.cli._output import emit, progress, say
from allstop.cli._recipe import read_recipe_file
from allstop.cli._transcript_text import draw_as_json, format_draws, print_folder, say_checked
from allstop.errors import NotFoundError, UsageError
from allstop.ids import Name, parse_name
from allstop.times import Instant
from allstop.units import PPM, Quantity, Unit

if TYPE_CHECKING:
    from allstop.store import ProverFolder
    from allstop.transcript import Recipe

__all__ = ["app"]

app = make_noun("transcript", "Do declared work so that others can do drawn items of it again.")

_REQUESTS_BYTES_MAX = 1024 * 1024 * 1024

FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="Private folder of the items, which stays with you.")
]
TranscriptOption = Annotated[
    Name | None,
    typer.Option(
        "--transcript",
        metavar="NAME",
        parser=option_parser(parse_name),
        help="Name of the transcript; may be left out where there is only one.",
    ),
]
ProverOption = Annotated[
    Name | None,
    typer.Option("--of", metavar="PARTY", parser=option_parser(parse_name), help="Party that did the work."),
]


def _name_option(name: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, metavar="NAME", parser=option_parser(parse_name), help=text
    )
    return option


@app.command(
    epilog=examples(
        "allstop transcript record items --recipe recipe.json --transcript serve-1 --job serving --site desk\n"
        "    --party alder --generate day-1 --items 0",
        "allstop transcript record items --generate day-1 --items 2000 --every-ms 20",
        "allstop transcript record items --requests requests.bin --items 500",
    )
)
def record(
    folder: FolderArgument,
    items: Annotated[
        int, typer.Option("--items", metavar="N", min=0, help="How many items there shall be in the end.")
    ],
    requests: Annotated[
        Path | None,
        typer.Option(
            "--requests",
            metavar="FILE",
            help="What items are given, one behind the other, each as long as the recipe says.",
        ),
    ] = None,
    generate: Annotated[
        str | None,
        typer.Option("--generate", metavar="SEED", help="Make up what items are given, from this word."),
    ] = None,
    every_ms: Annotated[
        int, typer.Option("--every-ms", metavar="MS", min=0, help="At most one item in so many ms.")
    ] = 0,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", metavar="FILE", help="What one item is; for a new folder.")
    ] = None,
    transcript: Annotated[Name | None, _name_option("--transcript", "Its name; for a new folder.")] = None,
    job: Annotated[Name | None, _name_option("--job", "Job that the items are of; for a new folder.")] = None,
    site: Annotated[Name | None, _name_option("--site", "Site of the job; for a new folder.")] = None,
    party: Annotated[Name | None, _name_option("--party", "Who does the work; for a new folder.")] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="FILE", help="First model; without it one is made up. New folder."),
    ] = None,
    log: LogOption = None,
    as_json: JSONOption = False,
) -> None:
    """Do items by a recipe and keep them. A new folder takes its beacon from the newest cosigned checkpoint of the log.

    Nonces follow from the beacon, so that no item can have been done before. Broken off, the same command goes
    on where it was; the log is only needed to begin. Nothing is filed here.
    """
    from allstop.app import execute_items

    names = (transcript, job, site, party)
    if not folder.exists():
        if recipe is None or None in names:
            raise UsageError(
                f"there is no folder {folder}",
                hint="a new one wants --recipe, --transcript, --job, --site and --party",
            )
        _begin(folder, recipe, names, model, log)
    elif recipe is not None or model is not None:
        _check_recipe(folder, recipe, model)
    kept = _open_folder(folder)
    _check_plan(kept, names)
    request_of = _requests(kept.recipe, requests, generate, kept.count, items)
    with progress("doing items") as tick:
        done = execute_items(kept, request_of, until=items, every_ms=every_ms, tick=tick)
    print_folder(kept, done=done, as_json=as_json)


def _begin(
    folder: Path, recipe: Path, names: tuple[Name | None, ...], model: Path | None, log: Path | None
) -> None:
    """Make a prover's folder under names that are fixed from then on, as the beacon is."""
    from allstop.app import default_log_folder, newest_beacon, open_desk
    from allstop.store import ProverPlan, init_prover
    from allstop.transcript import Init, make_model, model_bytes

    shape, _ = read_recipe_file(recipe)
    transcript, job, site, party = (name for name in names if name is not None)
    with open_desk(log or default_log_folder()) as desk:
        if desk.terms.party(party) is None:
            known = ", ".join(one.id for one in desk.terms.parties)
            raise UsageError(f"{party} is no party of the agreement", hint=f"its parties are {known}")
        beacon = newest_beacon(desk)
    plan = ProverPlan(transcript=transcript, job=job, site=site, party=party, beacon=beacon)
    if shape.init is Init.BEACON:
        if model is not None:
            raise UsageError("the recipe makes the first model from the beacon, so --model has no place")
        first = make_model(shape, plan.nonce(0))
    elif model is not None:
        first = read_document(model)
        if len(first) != model_bytes(shape):
            raise UsageError(f"{model} has {len(first)} bytes, want a model of {model_bytes(shape)}")
    else:
        import secrets

        first = make_model(shape, secrets.token_bytes(32))
    init_prover(folder, plan=plan, recipe=shape, model=first)


def _open_folder(folder: Path) -> "ProverFolder":
    from allstop.store import open_prover

    if not (folder / "plan").is_file():
        raise NotFoundError(
            f"{folder} is no folder of items", hint="make one with: allstop transcript record"
        )
    return open_prover(folder)


def _check_recipe(folder: Path, recipe: Path | None, model: Path | None) -> None:
    """Refuse a recipe that is not that of a folder which is there, and any model: it has one."""
    if model is not None:
        raise UsageError(f"{folder} has its model already, so --model has no place")
    if recipe is not None and read_recipe_file(recipe)[0] != _open_folder(folder).recipe:
        raise UsageError(f"{folder} was made for another recipe than {recipe}")


def _check_plan(kept: "ProverFolder", names: tuple[Name | None, ...]) -> None:
    own = (kept.plan.transcript, kept.plan.job, kept.plan.site, kept.plan.party)
    for what, given, known in zip(("transcript", "job", "site", "party"), names, own, strict=True):
        if given not in (None, known):
            raise UsageError(f"the folder is for {what} {known}, found {given}", hint="take a new folder")


def _requests(
    recipe: "Recipe", requests: Path | None, generate: str | None, count: int, items: int
) -> Callable[[int], bytes]:
    """Return what gives item `index` its content."""
    from allstop.app import make_request
    from allstop.transcript import given_bytes

    if count >= items:
        return lambda index: b""  # nothing is left to do
    if (requests is None) == (generate is None):
        raise UsageError("want either --requests or --generate")
    if requests is None:
        seed = (generate or "").encode("utf-8")
        return lambda index: make_request(recipe, seed, index)
    data, size = read_document(requests, bytes_max=_REQUESTS_BYTES_MAX), given_bytes(recipe)
    if len(data) != items * size:
        raise UsageError(
            f"{requests} has {len(data)} bytes, want {items * size}: {items} items of {size} each",
            hint="--items says how many there are in the file",
        )
    return lambda index: data[index * size : (index + 1) * size]


@app.command(epilog=examples("allstop transcript show items"))
def show(folder: FolderArgument, as_json: JSONOption = False) -> None:
    """Show what a private folder holds: names, beacon, recipe, how many items."""
    print_folder(_open_folder(folder), done=None, as_json=as_json)


@app.command(
    epilog=examples(
        "allstop transcript commit items --from 2026-11-23T00:00:00Z --until 2026-11-23T01:00:00Z\n"
        "    --party alder --key alder.key"
    )
)
def commit(
    folder: FolderArgument,
    start: Annotated[
        Instant,
        typer.Option(
            "--from",
            metavar="INSTANT",
            parser=option_parser(parse_instant),
            help="Start of the work, inside the window of the job.",
        ),
    ],
    end: Annotated[
        Instant, typer.Option("--until", metavar="INSTANT", parser=option_parser(parse_instant), help="End.")
    ],
    party: PartyOption,
    key: KeyOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Commit to all items under one root, before anybody can know which will be drawn.

    What is filed shows the count and nothing of the items. A transcript of a name is filed once.
    """
    from allstop.app import commit_transcript

    window, kept = parse_span(start, end), _open_folder(folder)
    _check_plan(kept, (None, None, None, party))
    with open_filing(log, party, key, cosign) as filing:
        made, chain = commit_transcript(filing.desk, kept, window=window, signers=filing.signers)
        extra: dict[str, JSON] = {
            "transcript": made.transcript,
            "items": made.count,
            "root": made.root,
            "window": format_window(window),
        }
        report_filed("transcript", filing, chain, as_json=as_json, extra=extra)


@app.command(
    epilog=examples(
        "allstop transcript draw",
        "allstop transcript draw --case case --policy policy --agreement 5f2c... --transcript serve-1",
    )
)
def draw(
    transcript: TranscriptOption = None,
    prover: ProverOption = None,
    case: Annotated[
        Path | None, typer.Option("--case", metavar="DIR", help="Case to read instead of a log folder.")
    ] = None,
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    log: LogOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say which items were drawn of each transcript, by which cosigned note, and until when to open them.

    Nobody chooses: on the first note that holds the transcript and that the log quotes, the cosignature of each
    witness draws a sample of its own.
    """
    from allstop.agreement import parse_agreement
    from allstop.app import default_log_folder, open_desk
    from allstop.service import list_draws

    if case is None:
        if policy is not None or agreement is not None:
            raise UsageError("--policy and --agreement belong to --case")
        with open_desk(log or default_log_folder()) as desk:
            draws = list_draws(desk.open_published(), desk.terms)
    else:
        if log is not None:
            raise UsageError("found --case and --log, want one of them")
        opened = open_case_folder(case, policy=policy, agreement=agreement)
        draws = list_draws(opened, parse_agreement(opened.agreement))
    chosen = [
        one
        for one in draws
        if transcript in (None, one.filed.value.transcript) and prover in (None, one.filed.party)
    ]
    if not chosen:
        raise NotFoundError(
            "no such transcript has a proven time yet" if draws else "no transcript has a proven time yet",
            hint="publish what is pending, and once more, with: allstop log checkpoint",
        )
    emit([draw_as_json(one) for one in chosen], format_draws(chosen), as_json=as_json)


@app.command("open", epilog=examples("allstop transcript open items --party alder --key alder.key"))
def open_(
    folder: FolderArgument,
    party: PartyOption,
    key: KeyOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Open the drawn items of a published transcript, and the model that they begin from; nothing else is shown.

    What is opened becomes a blob: whoever is given the case with it can do the items again.
    """
    from allstop.app import open_transcript

    kept = _open_folder(folder)
    _check_plan(kept, (None, None, None, party))
    with open_filing(log, party, key, cosign) as filing:
        drawn, openings, chain = open_transcript(filing.desk, kept, signers=filing.signers)
        count = 0 if drawn.draw is None else len(drawn.draw.indices)
        model = openings[0].model
        if not as_json:
            say(f"note: {count} of {kept.count} items are opened, {'' if model else 'not '}with the model")
        extra: dict[str, JSON] = {"items": count, "blobs": [one.blob for one in openings], "model": model}
        report_filed("opening", filing, chain, as_json=as_json, extra=extra)


def _parse_ns(text: str) -> Quantity:
    return parse_quantity_text(text, Unit.CHIP_NS)


@app.command(
    epilog=examples(
        "allstop transcript replay --chip-type core --party birch --key birch.key",
        "allstop transcript replay --transcript serve-1 --of alder --chip-type h100-sxm-80gb\n"
        "    --item-time 4100000..5200000 --party cedar --key cedar.key",
    )
)
def replay(
    chip_type: Annotated[Name, _name_option("--chip-type", "Type of chip that the item time is of.")],
    party: PartyOption,
    key: KeyOption,
    transcript: TranscriptOption = None,
    prover: ProverOption = None,
    item_time: Annotated[
        Quantity | None,
        typer.Option(
            "--item-time",
            metavar="NS[..NS]",
            parser=option_parser(_parse_ns),
            help="What one item takes on one chip; without it, CPU time measured here, a chip being one core.",
        ),
    ] = None,
    margin_percent: Annotated[
        int,
        typer.Option(
            "--margin-percent",
            metavar="N",
            min=0,
            max=90,
            help="Margin at both ends of a measured item time.",
        ),
    ] = 25,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Do the drawn items of a transcript again, as a verifier, and file what was found and how long an item takes.

    An audit does opened items again by itself; this is for parties who may not see them, and for the item time.
    """
    from allstop.app import find_drawn, replay_drawn
    from allstop.service import list_draws

    with open_filing(log, party, key, cosign) as filing:
        draws = list_draws(filing.desk.open_published(), filing.desk.terms)
        drawn = find_drawn(draws, transcript=transcript, party=prover)
        with progress("doing items again"):
            checked, found, chain = replay_drawn(
                filing.desk,
                drawn,
                chip_type=chip_type,
                item_time=item_time,
                margin_ppm=margin_percent * PPM // 100,
                party=party,
                signers=filing.signers,
            )
        if not as_json:
            say_checked(checked)
            low, high = found.item_time.low, found.item_time.high
            say(f"note: one item takes {low / 1e6:,.2f} to {high / 1e6:,.2f} ms of one {chip_type}")
        extra: dict[str, JSON] = {
            "sample": found.sample,
            "passed": found.passed,
            "failed": [[index, why] for index, why in checked.failed],
            "refused": list(checked.refused),
            "unverifiable": [[index, why] for index, why in checked.unverifiable],
            "itemTime": format_quantity(found.item_time),
        }
        report_filed("replay", filing, chain, as_json=as_json, extra=extra)
