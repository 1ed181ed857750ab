"""The files of a case: where each one lies, and reading them so that every error names its file.

Implements spec/case.md section 2. No disk is touched here: files come through `CaseFiles`.
"""

import re
from typing import Protocol

from allstop.errors import LimitError, MalformedError, NotFoundError, ProofError, VerificationError
from allstop.ids import Digest

__all__ = [
    "BLOB_BYTES_MAX",
    "CHECKPOINT_PATH",
    "LOG_FOLDER",
    "PATHS_MAX",
    "POLICY_PATH",
    "CaseFiles",
    "blob_path",
    "name_file",
    "parse_blob_path",
    "read_file",
]

POLICY_PATH = "policy"
LOG_FOLDER = "log/"
CHECKPOINT_PATH = "log/checkpoint"

PATHS_MAX = 1_000_000
"""Most files in a case."""
BLOB_BYTES_MAX = 256 * 1024 * 1024
"""Largest blob that is read."""

_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})\Z")


class CaseFiles(Protocol):
    """The files of one case, by paths with forward slashes relative to its folder.

    What is read does not change while the case is open, so that what was verified is what is used.
    """

    def paths(self) -> tuple[str, ...]:
        """Return the path of every file, sorted, each once."""

    def read(self, path: str) -> bytes:
        """Return the whole content of one file.

        Raises:
            NotFoundError: there is no such file.
            LimitError: the file is larger than the adapter is willing to read.
        """


def blob_path(digest: Digest) -> str:
    """Return where a blob lies, such as `blobs/sha256/9f/9f86…`."""
    return f"blobs/sha256/{digest[:2]}/{digest}"


def parse_blob_path(path: str) -> Digest:
    """Return the digest that a blob's path promises.

    Raises:
        MalformedError: `path` is not where a blob may lie, so it has no place in a case.
    """
    match = _BLOB.match(path)
    if match is None:
        raise MalformedError(f"{path[:128]!r} has no place in a case")
    return Digest(match[2])


def read_file(files: CaseFiles, path: str) -> bytes:
    """Read one file; whatever keeps it from being read is evidence that does not verify.

    Raises:
        ProofError: there is no such file.
        MalformedError: it is too large.
    """
    try:
        return files.read(path)
    except NotFoundError as exc:
        raise ProofError(f"{path} is missing") from exc
    except LimitError as exc:
        raise MalformedError(f"{path}: {exc.message}") from exc


def name_file(path: str, error: VerificationError | LimitError) -> VerificationError:
    """Return the same error with the file's path in front; an oversized file does not verify either."""
    if isinstance(error, LimitError):
        return MalformedError(f"{path}: {error.message}")
    return type(error)(f"{path}: {error.message}", hint=error.hint)
