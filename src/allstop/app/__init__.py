"""Wiring: adapters to services, the demo, and the only place that reads the environment."""

from allstop.app._auditing import audit_directory
from allstop.app._importing import MeterTerms, file_measurements, file_meters, spread_chips
from allstop.app._workspace import Clock, Desk, init_desk, machine_clock, open_desk

__all__ = [
    "Clock",
    "Desk",
    "MeterTerms",
    "audit_directory",
    "file_measurements",
    "file_meters",
    "init_desk",
    "machine_clock",
    "open_desk",
    "spread_chips",
]
