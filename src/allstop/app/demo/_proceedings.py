"""The proceedings of the demo: who files what, in which order, from the first job to the last replay.

The order is what makes re-execution mean something: commitments are in the log before the draw, the draw
comes from a cosigned note that nobody could choose, and only then are items opened and done again.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from allstop.agreement import read_party_keys
from allstop.app.demo._ceremony import file_inventories
from allstop.app.demo._evidence import Evidence, Work
from allstop.app.demo._filing import (
    Commitment,
    commit_work,
    file_closes,
    file_job,
    file_meters,
    file_replay,
    open_drawn,
)
from allstop.app.demo._office import Office
from allstop.case import open_case
from allstop.errors import OperationalError
from allstop.ids import Digest, Name
from allstop.ledger import Filed
from allstop.service import list_draws
from allstop.store import DirectoryCaseFiles
from allstop.times import Instant
from allstop.transcript import Checked, Opening, Recipe, Transcript, check_opening
from allstop.verdict import Draw
from allstop.witness import format_policy

__all__ = ["Proceedings"]

_AFTER_MS = 1000
"""How long after a deadline something counts as late for sure."""


@dataclass(kw_only=True)
class Proceedings:
    """Files evidence at an office. `wait_until` lets time pass, real or simulated."""

    office: Office
    recipe: Recipe
    seeds: Mapping[Name, bytes]
    say: Callable[[str], None]
    wait_until: Callable[[Instant], None]
    _committed: dict[Digest, Commitment] = field(default_factory=dict)

    def file_work(self, works: Sequence[Work]) -> None:
        """Declare the jobs of a period and commit to their items, except where a party means to be late."""
        for work in works:
            file_job(self.office, work, self.recipe)
            if not work.is_late:
                self._commit(work)
        self.office.publish()

    def conclude(self, evidence: Evidence) -> None:
        """File everything that follows the last period."""
        self.say("filing jobs, commitments and readings, and closing the periods")
        self.file_work([work for work in evidence.work if work.period == len(evidence.windows)])
        if evidence.halt_at is not None:
            running = {work.party: work.job for work in evidence.work if work.period == len(evidence.windows)}
            file_inventories(self.office, evidence.halt_at, running)
        for one in evidence.parties:
            file_meters(self.office, one)
            file_closes(self.office, one.party, evidence.windows)
        self._commit_late([work for work in evidence.work if work.is_late])
        # The log now quotes the cosigned note over the last commitments, and that note draws.
        self.office.publish()
        self._open(evidence)

    def _commit(self, work: Work) -> None:
        digest, kept = commit_work(self.office, work, self.recipe, seed=self.seeds[work.party])
        self._committed[digest] = kept

    def _commit_late(self, works: Sequence[Work]) -> None:
        terms = self.office.desk.terms.replay
        if not works or terms is None:
            return
        self.office.publish()
        self.say("waiting until it is too late to commit")
        self.wait_until(max(work.window.end for work in works).plus(terms.commit_ms + _AFTER_MS))
        for work in works:
            self._commit(work)
        self.office.publish()

    def _open(self, evidence: Evidence) -> None:
        """Open what was drawn, do it again, file what came of it, and let unused time to open run out."""
        draws = self._draws()
        opening = {one.party for one in evidence.parties if one.opens}
        self.say("opening the items that were drawn, and doing them again")
        opened: dict[Digest, Opening] = {}
        due: list[Instant] = []
        for digest, kept in self._committed.items():
            draw = draws[digest][1]
            if kept.work.party in opening:
                opened[digest] = open_drawn(self.office, kept, transcript=digest, drawn=draw.indices)
            else:
                due.append(draw.due)
        self.office.publish()
        for digest, statement in opened.items():
            checked = self._do_again(*draws[digest], statement)
            file_replay(self.office, transcript=digest, checked=checked, item_cost=evidence.item_cost)
        self.office.publish()
        if due:
            self.say("waiting until the time to open has run out")
            self.wait_until(max(due).plus(_AFTER_MS))
            self.office.publish()
        self.office.publish()

    def _do_again(self, filed: Filed[Transcript], draw: Draw, opening: Opening) -> Checked:
        blobs = self.office.desk.blobs
        return check_opening(
            transcript=filed.value,
            party=filed.party,
            recipe=blobs.read(filed.value.recipe),
            opened=blobs.read(opening.blob),
            model=None if opening.model is None else blobs.read(opening.model),
            drawn=draw.indices,
        )

    def _draws(self) -> Mapping[Digest, tuple[Filed[Transcript], Draw]]:
        """Return what was drawn of each transcript, as anybody reads it from the public log."""
        policy = format_policy(self.office.policy)
        with tempfile.TemporaryDirectory() as folder:
            self.office.desk.write_case(Path(folder) / "case", policy=policy)
            case = open_case(
                DirectoryCaseFiles(Path(folder) / "case"),
                policy=policy,
                agreement=self.office.desk.agreement,
                read_keys=read_party_keys,
            )
        found = {
            one.filed.digest: (one.filed, one.draw)
            for one in list_draws(case, self.office.desk.terms)
            if one.draw is not None
        }
        if not self._committed.keys() <= found.keys():
            raise OperationalError("not every commitment was drawn from")
        return found
