"""Filing for the demo: from evidence to statements and blobs at the desk.

Nothing is judged or measured here: what a party kept is filed as that party, true or not.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from allstop.app import file_measurements
from allstop.app.demo._cast import INSPECTORATE
from allstop.app.demo._evidence import ItemCost, PartyEvidence, Work
from allstop.app.demo._office import CORE, Office, cores_of, lot_of, site_of
from allstop.app.demo._worker import model_of, request_of
from allstop.finding import CountingRule
from allstop.ids import Digest, Name, digest_of
from allstop.ingest import MeterImport
from allstop.statement import Subject
from allstop.telemetry import PERIOD_CLOSE_PREDICATE, PeriodClose
from allstop.times import Window
from allstop.transcript import (
    OPENING_PREDICATE,
    REPLAY_PREDICATE,
    TRANSCRIPT_PREDICATE,
    Checked,
    ItemContents,
    ItemRecord,
    Opening,
    Recipe,
    Replay,
    Transcript,
    commit_items,
    format_recipe,
    given_bytes,
    open_items,
    operations_of_item,
    record_item,
    seal_model,
)
from allstop.units import Quantity, Unit
from allstop.workload import JOB_PREDICATE, Formula, Job, JobKind, Purpose

__all__ = [
    "Commitment",
    "commit_work",
    "file_closes",
    "file_job",
    "file_meters",
    "file_replay",
    "open_drawn",
]


def file_job(office: Office, work: Work, recipe: Recipe) -> None:
    """Declare what a party says that it did in a period."""
    flop = len(work.results) * operations_of_item(recipe)
    job = Job(
        job=work.job,
        site=site_of(work.party),
        operator=work.party,
        tenant=work.party,
        kind=JobKind.INFERENCE,
        purpose=Purpose.DEPLOYMENT,
        lineage=Name(f"{work.party}-model"),
        chips=cores_of(work.party),
        window=work.window,
        operations=Quantity(low=flop, high=flop, unit=Unit.FLOP),
        formula=Formula.STATED,
        counting_rule=CountingRule.FORMAT_USED,
        number_format="fp32",
        stated=("operations",),
    )
    office.file(JOB_PREDICATE, job, party=work.party)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What a party has committed to, with what it keeps so that it can open it: salts, its model, its seed."""

    work: Work
    recipe: Recipe
    seed: bytes
    model: bytes
    records: tuple[ItemRecord, ...]

    def contents(self, index: int) -> ItemContents:
        """Return an item in full."""
        request = request_of(self.seed, self.work.transcript, index, given_bytes(self.recipe))
        return ItemContents(state=None, request=request, result=self.work.results[index])


def commit_work(office: Office, work: Work, recipe: Recipe, *, seed: bytes) -> tuple[Digest, Commitment]:
    """File the commitment to all items of a period; return the digest of the statement, and what is kept."""
    model = seal_model(model_of(seed, recipe), secret=_secret(seed, Name("model")))
    records = tuple(
        record_item(
            secret=_secret(seed, work.transcript),
            index=index,
            before=digest_of(model),
            given=request_of(seed, work.transcript, index, given_bytes(recipe)),
            result=result,
        )
        for index, result in enumerate(work.results)
    )
    recipe_digest = office.desk.blobs.put(format_recipe(recipe))
    transcript = Transcript(
        transcript=work.transcript,
        job=work.job,
        site=site_of(work.party),
        window=work.window,
        recipe=recipe_digest,
        beacon=work.beacon,
        model=digest_of(model),
        count=len(work.results),
        root=commit_items(records),
    )
    subjects = [Subject(name="recipe", digest=recipe_digest)]
    digest = office.file(TRANSCRIPT_PREDICATE, transcript, party=work.party, subjects=subjects)
    return digest, Commitment(work=work, recipe=recipe, seed=seed, model=model, records=records)


def file_meters(office: Office, evidence: PartyEvidence) -> None:
    """File a party's readings: a measurement for each series."""
    for meter in evidence.meters:
        file_measurements(
            office.desk,
            MeterImport(meters=(meter,)),
            site=site_of(evidence.party),
            party=evidence.party,
            signers=[office.keys[evidence.party]],
        )
    office.forget(evidence.party)


def file_closes(office: Office, party: Name, windows: Sequence[Window]) -> None:
    """Close a party's periods."""
    for window in windows:
        chain = office.chain(party)
        close = PeriodClose(
            period=window, count=chain.sequence + 1, head=chain.previous, inventory=((lot_of(party), 1),)
        )
        office.file(PERIOD_CLOSE_PREDICATE, close, party=party)


def open_drawn(
    office: Office, commitment: Commitment, *, transcript: Digest, drawn: Sequence[int]
) -> Opening:
    """File what opens the drawn items of a transcript, and the model, and nothing else; return the statement."""
    items = open_items(commitment.records, drawn=drawn, contents=commitment.contents)
    blob, model = office.desk.blobs.put(items), office.desk.blobs.put(commitment.model)
    opening = Opening(transcript=transcript, blob=blob, model=model)
    subjects = [Subject(name="items", digest=blob), Subject(name="model", digest=model)]
    office.file(OPENING_PREDICATE, opening, party=commitment.work.party, subjects=subjects)
    return opening


def file_replay(office: Office, *, transcript: Digest, checked: Checked, item_cost: ItemCost) -> None:
    """File what the inspectorate found when it did the drawn items again, and what an item takes."""
    failed, passed, unverifiable = len(checked.failed), len(checked.passed), len(checked.unverifiable)
    replay = Replay(
        transcript=transcript,
        chip_type=CORE,
        sample=passed + failed + unverifiable + len(checked.refused),
        passed=passed,
        failed=failed,
        unverifiable=unverifiable,
        item_time=item_cost.quantity,
    )
    office.file(REPLAY_PREDICATE, replay, party=INSPECTORATE)


def _secret(seed: bytes, purpose: Name) -> bytes:
    return hmac.digest(seed, purpose.encode("ascii"), "sha256")
