"""Statements: signed claims by parties, in DSSE envelopes, each with exactly one spelling.

Specified in spec/statement.md. `open_statement` is the only way from bytes to a believed statement.
"""

from allstop.statement._envelope import (
    PAYLOAD_TYPE,
    SIGNATURES_MAX,
    Envelope,
    EnvelopeSignature,
    format_envelope,
    pae,
    parse_envelope,
)
from allstop.statement._open import (
    ENTRY_BYTES_MAX,
    PARTIES_MAX,
    PARTY_KEYS_MAX,
    ChunkMap,
    OpenedStatement,
    PartyBook,
    PartyKeys,
    open_statement,
    open_statements,
    sign_statement,
)
from allstop.statement._predicate import Audience, Predicate
from allstop.statement._statement import (
    AUDIENCE_MAX,
    ORIGIN_CHARS_MAX,
    PREDICATE_TYPE_PREFIX,
    SEQUENCE_MAX,
    STATEMENT_TYPE,
    SUBJECT_NAME_CHARS_MAX,
    SUBJECTS_MAX,
    Header,
    SeenCheckpoint,
    Statement,
    Subject,
    format_statement,
    parse_statement,
    statement_digest,
)

__all__ = [
    "AUDIENCE_MAX",
    "ENTRY_BYTES_MAX",
    "ORIGIN_CHARS_MAX",
    "PARTIES_MAX",
    "PARTY_KEYS_MAX",
    "PAYLOAD_TYPE",
    "PREDICATE_TYPE_PREFIX",
    "SEQUENCE_MAX",
    "SIGNATURES_MAX",
    "STATEMENT_TYPE",
    "SUBJECTS_MAX",
    "SUBJECT_NAME_CHARS_MAX",
    "Audience",
    "ChunkMap",
    "Envelope",
    "EnvelopeSignature",
    "Header",
    "OpenedStatement",
    "PartyBook",
    "PartyKeys",
    "Predicate",
    "SeenCheckpoint",
    "Statement",
    "Subject",
    "format_envelope",
    "format_statement",
    "open_statement",
    "open_statements",
    "pae",
    "parse_envelope",
    "parse_statement",
    "sign_statement",
    "statement_digest",
]
