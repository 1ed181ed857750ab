"""Auditing a case that lies in a folder."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from allstop.case import blob_path
from allstop.ids import Digest
from allstop.ingest import ParquetSeriesReader
from allstop.service import Audit, audit_case
from allstop.store import DirectoryCaseFiles
from allstop.times import Instant

__all__ = ["audit_directory"]


def audit_directory(
    case: Path,
    *,
    policy: bytes | None = None,
    agreement: Digest | None = None,
    at: Instant | None = None,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Audit:
    """Audit the case in a folder; see `service.audit_case`."""
    # Threads are enough: the library lets go of the interpreter while it checks a signature.
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        return audit_case(
            DirectoryCaseFiles(case),
            reader=ParquetSeriesReader(lambda digest: case / blob_path(digest)),
            policy=policy,
            agreement=agreement,
            at=at,
            tick=tick,
            map=workers.map,
        )
