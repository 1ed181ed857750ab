"""Parties' chains: what a party's headers, taken together, contradict.

Implements spec/case.md step 6. Every result is a value and both sides of a contradiction stay in the case
(docs/adr/0002-chain-faults-are-findings.md). Reading the log in another order gives the same conflicts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from allstop.case._entry import ChainFault, ChainFaultKind, Entry
from allstop.ids import Digest, Name
from allstop.tlog import Hash

__all__ = ["find_chain_faults"]


def find_chain_faults(
    entries: Sequence[Entry], *, agreement: Digest, roots: Mapping[int, Hash]
) -> tuple[ChainFault, ...]:
    """Return every fault of every party's chain under this agreement.

    `roots` has the root of the tree at every size that a header names and the tree had.
    """
    chains: dict[Name, list[Entry]] = defaultdict(list)
    faults: list[ChainFault] = []
    for entry in entries:
        header = entry.statement.header
        faults.extend(_find_header_faults(entry, roots))
        if header.agreement == agreement:
            chains[header.party].append(entry)
        else:
            text = f"made under agreement {header.agreement[:16]}, not under this one"
            faults.append(_fault(ChainFaultKind.FOREIGN_AGREEMENT, text, entry))
    for chain in chains.values():
        faults.extend(_find_sequence_faults(chain))
    return tuple(faults)


def _fault(kind: ChainFaultKind, text: str, *entries: Entry) -> ChainFault:
    indices = tuple(sorted(entry.index for entry in entries))
    party = entries[0].statement.header.party
    return ChainFault(party=party, entry_index=indices[-1], kind=kind, text=text, rests_on=indices)


def _find_header_faults(entry: Entry, roots: Mapping[int, Hash]) -> Iterator[ChainFault]:
    header = entry.statement.header
    seen = header.checkpoint
    # A tree that holds this very entry cannot have been seen when the entry was signed.
    if seen is not None and (seen.size > entry.index or roots[seen.size].hex() != seen.root):
        text = f"names a checkpoint of {seen.size} entries that this log did not have before it"
        yield _fault(ChainFaultKind.FALSE_CHECKPOINT, text, entry)
    if (
        header.expires_at is not None
        and entry.not_before is not None
        and entry.not_before > header.expires_at
    ):
        yield _fault(ChainFaultKind.EXPIRED, "logged after it had expired", entry)


def _find_sequence_faults(chain: Sequence[Entry]) -> Iterator[ChainFault]:
    first: dict[Digest, Entry] = {}
    numbered: dict[int, list[Entry]] = defaultdict(list)
    for entry in chain:
        original = first.setdefault(entry.digest, entry)
        if original is entry:
            numbered[entry.statement.header.sequence].append(entry)
        else:
            yield _fault(ChainFaultKind.REPLAY, f"repeats entry {original.index}", original, entry)
    for sequence, same in numbered.items():
        if len(same) > 1:
            digests = ", ".join(sorted(entry.digest[:16] for entry in same))
            text = f"has {len(same)} different statements with sequence {sequence}: {digests}"
            yield _fault(ChainFaultKind.FORK, text, *same)
        if sequence:
            before = numbered.get(sequence - 1, [])
            for entry in same:
                yield from _find_link_faults(entry, before)


def _find_link_faults(entry: Entry, before: Sequence[Entry]) -> Iterator[ChainFault]:
    """Compare `previous` with the statements that have the sequence number before."""
    header = entry.statement.header
    if not before:
        text = f"has sequence {header.sequence}, and no statement has {header.sequence - 1}"
        yield _fault(ChainFaultKind.GAP, text, entry)
        return
    followed = [other for other in before if other.digest == header.previous]
    if not followed:
        text = f"sequence {header.sequence} follows none of the statements with {header.sequence - 1}"
        yield _fault(ChainFaultKind.WRONG_PREVIOUS, text, entry, *before)
    elif followed[0].index > entry.index:
        text = f"sequence {header.sequence} is logged before {header.sequence - 1}"
        yield _fault(ChainFaultKind.OUT_OF_ORDER, text, entry, followed[0])
