"""Wiring: adapters to services, the demo, and the only place that reads the environment."""

from allstop.app._auditing import audit_directory
from allstop.app._closing import close_period
from allstop.app._demo import DemoResult, run_demo
from allstop.app._environment import default_log_folder
from allstop.app._importing import MeterTerms, file_measurements, file_meters, spread_chips
from allstop.app._lookup import find_lot, inventory_of, list_filed, load_agreed_chips, registered_meters
from allstop.app._signing import load_signers
from allstop.app._witnesses import create_witness, open_witness, read_log_keys, read_witness_keys
from allstop.app._workspace import Clock, Desk, init_desk, machine_clock, open_desk

__all__ = [
    "Clock",
    "DemoResult",
    "Desk",
    "MeterTerms",
    "audit_directory",
    "close_period",
    "create_witness",
    "default_log_folder",
    "file_measurements",
    "file_meters",
    "find_lot",
    "init_desk",
    "inventory_of",
    "list_filed",
    "load_agreed_chips",
    "load_signers",
    "machine_clock",
    "open_desk",
    "open_witness",
    "read_log_keys",
    "read_witness_keys",
    "registered_meters",
    "run_demo",
    "spread_chips",
]
