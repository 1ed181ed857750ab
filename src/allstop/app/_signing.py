"""Who signs: keys from files, matched with the parties of an agreement before anything is filed.

A statement with a signature that nobody knows would make the whole case unverifiable, and nothing can be
taken out of a log again. So the check comes first.
"""

from collections.abc import Iterable
from pathlib import Path

from allstop.agreement import Agreement
from allstop.errors import MalformedError, UsageError
from allstop.ids import Name
from allstop.keys import SigningKey
from allstop.store import load_key

__all__ = ["load_signers"]


def load_signers(
    agreement: Agreement,
    *,
    party: Name,
    keys: Iterable[Path],
    cosigners: Iterable[tuple[Name, Path]] = (),
) -> tuple[SigningKey, ...]:
    """Load the keys of a party, and of others who sign the same statement.

    Raises:
        NotFoundError, OperationalError: a key file is not there or may be read by others.
        UsageError: a file is no key, a key does not belong to its party, or a party does not reach its threshold.
    """
    files = [(party, path) for path in keys] + list(cosigners)
    loaded: dict[Name, dict[bytes, SigningKey]] = {}
    for name, path in files:
        signer = agreement.party(name)
        if signer is None:
            known = ", ".join(one.id for one in agreement.parties)
            raise UsageError(f"{name} is no party of the agreement", hint=f"its parties are {known}")
        try:
            key = load_key(path)
        except MalformedError as exc:
            raise UsageError(f"key {path.name}: {exc.message}") from exc
        if key.public not in signer.keys:
            owner = next((one.id for one in agreement.parties if key.public in one.keys), "no party")
            raise UsageError(f"key {path.name} belongs to {owner}, want one of {name}")
        loaded.setdefault(name, {})[key.public.data] = key
    for name, found in loaded.items():
        signer = agreement.party(name)
        if signer is not None and len(found) < signer.threshold:
            raise UsageError(f"party {name} has {len(found)} keys here, want {signer.threshold}")
    return tuple(key for found in loaded.values() for key in found.values())
