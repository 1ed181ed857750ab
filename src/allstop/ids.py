"""Names and digests: the two kinds of identifier that appear in statements."""

import hashlib
import re
from typing import NewType

from allstop.errors import MalformedError

__all__ = ["Digest", "Name", "digest_of", "parse_digest", "parse_name"]

Name = NewType("Name", str)
"""A short ASCII id chosen by people, such as `alder` or `h100-sxm-80gb`."""

Digest = NewType("Digest", str)
"""A SHA-256 in 64 lower-case hexadecimal digits."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def parse_name(text: str) -> Name:
    """Parse 1 to 63 of `a-z 0-9 . _ -` that start and end with a letter or digit.

    ASCII only, so that two names that look alike are alike.

    Raises:
        MalformedError: `text` is not in that form.
    """
    if _NAME.match(text) is None:
        raise MalformedError(f"malformed name {text[:24]!r}, want 1 to 63 of a-z 0-9 . _ -")
    return Name(text)


def parse_digest(text: str) -> Digest:
    """Parse 64 lower-case hexadecimal digits.

    Raises:
        MalformedError: `text` is not in that form.
    """
    if _DIGEST.match(text) is None:
        raise MalformedError(f"malformed digest {text[:24]!r}, want 64 lower-case hexadecimal digits")
    return Digest(text)


def digest_of(data: bytes) -> Digest:
    """Return the SHA-256 of exactly these bytes."""
    return Digest(hashlib.sha256(data).hexdigest())
