"""Becoming bound and leaving: approval, sealed deposits and their opening, reservations, accession, withdrawal.

The statements and their codecs, and the sharing of a sealed deposit among custodians. Who is bound since when is
in `standing`.
"""

__all__: list[str] = []
