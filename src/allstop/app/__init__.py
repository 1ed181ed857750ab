"""Wiring: adapters to services, and the only place that reads the environment; the demo is in `app.demo`."""

from allstop.app._auditing import audit_directory
from allstop.app._closing import close_period
from allstop.app._environment import default_log_folder
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
from allstop.app._signing import load_signers
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
from allstop.app._witnesses import create_witness, open_witness, read_log_keys, read_witness_keys
from allstop.app._workspace import Clock, Desk, init_desk, machine_clock, open_desk

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
    "open_transcript",
    "open_witness",
    "read_log_keys",
    "read_witness_keys",
    "registered_meters",
    "replay_drawn",
    "spread_chips",
]
