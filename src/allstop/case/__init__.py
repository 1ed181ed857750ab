"""A case: evidence as a plain folder, and its verification without network, clock or trust in its maker.

Specified in spec/case.md. `open_case` is the only way to entries that may be believed.
"""

from allstop.case._entry import ChainFault, ChainFaultKind, Entry
from allstop.case._files import (
    BLOB_BYTES_MAX,
    CHECKPOINT_PATH,
    LOG_FOLDER,
    PATHS_MAX,
    POLICY_PATH,
    CaseFiles,
    blob_path,
    parse_blob_path,
)
from allstop.case._note import CHECKPOINT, QUOTED_NOTE_CHARS_MAX, QuotedNote, quote_note
from allstop.case._open import (
    AGREEMENT_BYTES_MAX,
    ENTRIES_MAX,
    ReadKeys,
    VerifiedCase,
    open_case,
    verify_case,
)
from allstop.case._times import LoggedNote

__all__ = [
    "AGREEMENT_BYTES_MAX",
    "BLOB_BYTES_MAX",
    "CHECKPOINT",
    "CHECKPOINT_PATH",
    "ENTRIES_MAX",
    "LOG_FOLDER",
    "PATHS_MAX",
    "POLICY_PATH",
    "QUOTED_NOTE_CHARS_MAX",
    "CaseFiles",
    "ChainFault",
    "ChainFaultKind",
    "Entry",
    "LoggedNote",
    "QuotedNote",
    "ReadKeys",
    "VerifiedCase",
    "blob_path",
    "open_case",
    "parse_blob_path",
    "quote_note",
    "verify_case",
]
