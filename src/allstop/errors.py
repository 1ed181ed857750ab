"""The tree of errors: what this program could not do.

An error is never a verdict and never a finding. Every class has a stable `code` and the exit status
with which the command line ends when nothing catches it.

    AllstopError
    ├── UsageError              2  the command or a value typed by the user makes no sense
    ├── OperationalError        1  disk, lock or network would not do what was asked
    │   ├── NotFoundError          a file or record that was asked for is not there
    │   ├── ConflictError          a stored value is not the one expected; nothing was changed
    │   └── LimitError             an input is larger than this program is willing to read
    └── VerificationError       3  evidence that does not verify
        ├── MalformedError         bytes that are not in the one spelling the format allows
        ├── SignatureError         a signature, or a number of signatures, that is missing or bad
        ├── ProofError             a hash or proof that does not lead to the root
        └── SplitViewError         two signed heads that cannot both hold; carries the proof
"""

from typing import ClassVar

__all__ = [
    "AllstopError",
    "ConflictError",
    "LimitError",
    "MalformedError",
    "NotFoundError",
    "OperationalError",
    "ProofError",
    "SignatureError",
    "SplitViewError",
    "UsageError",
    "VerificationError",
]


class AllstopError(Exception):
    """Root of all errors that allstop raises on purpose.

    `message` is lower case, has no period and says what was found and what was wanted. `hint`, when
    present, is something that the reader can do next.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AllstopError):
    """The command line, a configuration or an option asks for something that makes no sense."""

    code = "usage"
    exit_status = 2


class OperationalError(AllstopError):
    """The machine, a file or a peer would not do what was asked; nothing is known about evidence."""

    code = "operational"


class NotFoundError(OperationalError):
    """A file or record that was asked for is not there."""

    code = "not-found"


class ConflictError(OperationalError):
    """A stored value is not the one that the caller expected; nothing was changed."""

    code = "conflict"


class LimitError(OperationalError):
    """An input is larger than the named limit; it was not read."""

    code = "limit"


class VerificationError(AllstopError):
    """Evidence that does not verify. Nothing that rests on it may be believed."""

    code = "verification"
    exit_status = 3


class MalformedError(VerificationError):
    """Bytes that are not in the one spelling that the format allows."""

    code = "malformed"


class SignatureError(VerificationError):
    """A signature is bad or missing, or too few distinct keys have signed."""

    code = "signature"


class ProofError(VerificationError):
    """A hash, an inclusion proof or a consistency proof does not lead to the root."""

    code = "proof"


class SplitViewError(VerificationError):
    """Two signed heads of one log cannot both hold.

    `evidence` is the complete transferable proof, as bytes that a third party can check alone.
    """

    code = "split-view"

    def __init__(self, message: str, *, evidence: bytes, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.evidence = evidence
