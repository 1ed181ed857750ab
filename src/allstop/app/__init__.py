"""Wiring: adapters to services, and the only place that reads the environment; the demo is in `app.demo`."""

from importlib import import_module
from typing import TYPE_CHECKING

from allstop.app._environment import default_log_folder
from allstop.app._signing import load_signers
from allstop.app._witnesses import (
    create_witness,
    is_of_rehearsal,
    open_rehearsal_witness,
    open_witness,
    read_log_keys,
    read_witness_keys,
)
from allstop.app._workspace import Clock, Desk, init_desk, machine_clock, open_desk

if TYPE_CHECKING:
    from allstop.app._auditing import audit_directory
    from allstop.app._closing import close_period
    from allstop.app._importing import MeterTerms, file_measurements, file_meters, spread_chips
    from allstop.app._item_time import make_request
    from allstop.app._lookup import (
        find_lot,
        inventory_of,
        list_filed,
        list_statements,
        load_agreed_chips,
        registered_meters,
    )
    from allstop.app._proposals import FiledProposal, find_proposal, list_proposals, list_votes, newest_text
    from allstop.app._transcripts import (
        commit_transcript,
        execute_items,
        find_drawn,
        find_openings,
        measure_item_time,
        newest_beacon,
        open_transcript,
        replay_drawn,
    )

__all__ = [
    "Clock",
    "Desk",
    "FiledProposal",
    "MeterTerms",
    "audit_directory",
    "close_period",
    "commit_transcript",
    "create_witness",
    "default_log_folder",
    "execute_items",
    "file_measurements",
    "file_meters",
    "find_drawn",
    "find_lot",
    "find_openings",
    "find_proposal",
    "init_desk",
    "inventory_of",
    "is_of_rehearsal",
    "list_filed",
    "list_proposals",
    "list_statements",
    "list_votes",
    "load_agreed_chips",
    "load_signers",
    "machine_clock",
    "make_request",
    "measure_item_time",
    "newest_beacon",
    "newest_text",
    "open_desk",
    "open_rehearsal_witness",
    "open_transcript",
    "open_witness",
    "read_log_keys",
    "read_witness_keys",
    "registered_meters",
    "replay_drawn",
    "spread_chips",
]

_HOMES = {
    "FiledProposal": "_proposals",
    "MeterTerms": "_importing",
    "audit_directory": "_auditing",
    "close_period": "_closing",
    "commit_transcript": "_transcripts",
    "execute_items": "_transcripts",
    "file_measurements": "_importing",
    "file_meters": "_importing",
    "find_drawn": "_transcripts",
    "find_lot": "_lookup",
    "find_openings": "_transcripts",
    "find_proposal": "_proposals",
    "import": "_importing",
    "ing": "_importing",
    "inventory_of": "_lookup",
    "list_filed": "_lookup",
    "list_proposals": "_proposals",
    "list_statements": "_lookup",
    "list_votes": "_proposals",
    "load_agreed_chips": "_lookup",
    "make_request": "_item_time",
    "measure_item_time": "_transcripts",
    "newest_beacon": "_transcripts",
    "newest_text": "_proposals",
    "open_transcript": "_transcripts",
    "registered_meters": "_lookup",
    "replay_drawn": "_transcripts",
    "spread_chips": "_importing",
}
"""What pulls in accounts and scans comes when it is first used: a command that only files waits for neither."""


def __getattr__(name: str) -> object:
    """Load a name from where it lives, when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'allstop.app' has no attribute {name!r}")
    return vars(import_module(f"allstop.app.{_HOMES[name]}"))[name]
