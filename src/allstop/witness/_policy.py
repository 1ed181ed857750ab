"""Trust policy files, C2SP tlog-policy: which logs and witnesses, how many must agree. spec/witness.md section 1.

A policy says what to trust, never how to check it. It is refused when it counts one cosigner twice,
because then a quorum of two could be one party. URLs are kept and never used.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from allstop.canon import format_decimal, parse_decimal
from allstop.errors import LimitError, MalformedError, SignatureError
from allstop.keys import NoteKey, NoteKeyType, format_vkey, parse_vkey

__all__ = [
    "POLICY_BYTES_MAX",
    "POLICY_LINES_MAX",
    "Group",
    "Policy",
    "PolicyLog",
    "PolicyWitness",
    "UnsafeNoQuorum",
    "format_policy",
    "parse_policy",
    "quorum_size",
    "verify_quorum",
]

POLICY_BYTES_MAX = 524_288
"""Longest policy file: 128 vkeys of ML-DSA-44 are about 240 kB."""

POLICY_LINES_MAX = 64
"""Most logs, most witnesses and most groups; the standard asks for at least 32 of each."""

_OCTETS = re.compile(rb"[\x09\x0a\x20-\x7e\x80-\xff]*\Z")
_WORD = re.compile(r"[^\x00-\x20\x7f]+\Z")
_LOG_TYPES = (NoteKeyType.ED25519, NoteKeyType.MLDSA44)
_WITNESS_TYPES = (NoteKeyType.COSIGNATURE_ED25519, NoteKeyType.MLDSA44)
_NONE = "none"


@dataclass(frozen=True, slots=True)
class UnsafeNoQuorum:
    """Stands where a quorum should: no cosignature is asked for, so a log may show each reader another tree.

    For test networks and for one party's private rehearsal.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLog:
    """A log that is accepted; the key's name is the log's origin.

    log example.org/evidence-log+1c66b9ea+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea
    """

    key: NoteKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWitness:
    """One key of a witness, under a name that has meaning inside the policy only.

        witness alder-1 witness.alder.example+9f1f5a3e+BDSn...

    A witness with keys of both kinds has two lines with the same key name.
    """

    name: str
    key: NoteKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`threshold` of the members must have witnessed a checkpoint. `1 <= threshold <= len(members)`.

    group blocs 2 alder-group birch-group cedar-group
    """

    name: str
    threshold: int
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.threshold <= len(self.members):
            raise MalformedError(
                f"group {self.name!r} wants {self.threshold} of {len(self.members)} members, want 1 to all"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Logs, witnesses, groups in order of definition, and the one name whose agreement is the quorum.

    log <vkey>
    witness alder-1 <vkey>
    witness birch-1 <vkey>
    group blocs all alder-1 birch-1
    quorum blocs
    """

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[Group, ...]
    quorum: str | UnsafeNoQuorum

    def __post_init__(self) -> None:
        for what, lines in (("logs", self.logs), ("witnesses", self.witnesses), ("groups", self.groups)):
            if len(lines) > POLICY_LINES_MAX:
                raise MalformedError(f"policy has {len(lines)} {what}, want at most {POLICY_LINES_MAX}")
        for word in self._words():
            if _WORD.match(word) is None:
                raise MalformedError(f"malformed name or URL in policy {word[:24]!r}, want no space")
        _check_keys(self)
        _check_names(self)
        for group in self.groups:
            _check_counted_once(group, self.cosigners())

    def _words(self) -> Iterable[str]:
        yield from (witness.name for witness in self.witnesses)
        yield from (group.name for group in self.groups)
        yield from (log.url for log in self.logs if log.url is not None)
        yield from (witness.url for witness in self.witnesses if witness.url is not None)

    def log_keys(self, origin: str) -> tuple[NoteKey, ...]:
        """Return the keys of the log with this origin; none if the policy does not know it."""
        return tuple(log.key for log in self.logs if log.key.name == origin)

    def cosigners(self) -> dict[str, frozenset[str]]:
        """Return, for each witness and group, the key names of all witnesses under it."""
        under = {witness.name: frozenset({witness.key.name}) for witness in self.witnesses}
        for group in self.groups:
            under[group.name] = frozenset().union(*(under[member] for member in group.members))
        return under


def _check_keys(policy: Policy) -> None:
    logs, witnesses = [log.key for log in policy.logs], [witness.key for witness in policy.witnesses]
    for keys, types, what in ((logs, _LOG_TYPES, "log"), (witnesses, _WITNESS_TYPES, "witness")):
        for key in keys:
            if key.type not in types:
                raise MalformedError(f"policy has {what} key {key.name!r} of type {key.type.value}")
    both = [*logs, *witnesses]
    # By key bytes, across roles: one key under two names would be counted as two signers.
    data, count = Counter(key.key.data for key in both).most_common(1)[0] if both else (b"", 0)
    if count > 1:
        names = sorted(key.name for key in both if key.key.data == data)
        raise MalformedError(f"policy lists one key {count} times, under {', '.join(names)}")
    kinds = Counter((key.name, key.type) for key in both)
    if kinds and max(kinds.values()) > 1:
        raise MalformedError(f"policy has two keys of one type under {kinds.most_common(1)[0][0][0]!r}")


def _check_names(policy: Policy) -> None:
    known: set[str] = {_NONE}
    for witness in policy.witnesses:
        _define(witness.name, known)
    used: set[str] = set()
    for group in policy.groups:
        for member in group.members:
            if member not in known or member == _NONE:
                raise MalformedError(f"group {group.name!r} has member {member!r}, not defined before it")
            if member in used:
                raise MalformedError(f"{member!r} is a member of a group more than once")
            used.add(member)
        _define(group.name, known)
    if isinstance(policy.quorum, str) and (policy.quorum not in known or policy.quorum == _NONE):
        raise MalformedError(f"quorum is {policy.quorum!r}, which is not defined before it")


def _define(name: str, known: set[str]) -> None:
    if name in known:
        raise MalformedError(f"policy defines the name {name!r} twice")
    known.add(name)


def _check_counted_once(group: Group, under: dict[str, frozenset[str]]) -> None:
    """Refuse a group in which one cosigner could make up two members of a threshold."""
    if group.threshold == 1:
        return
    counts = Counter(name for member in group.members for name in under[member])
    name, count = counts.most_common(1)[0]
    if count > 1:
        raise MalformedError(f"group {group.name!r} counts cosigner {name!r} in {count} members")


def parse_policy(data: bytes, *, allow_no_quorum: UnsafeNoQuorum | None = None) -> Policy:
    """Parse a policy file.

    `quorum none` is refused unless the caller passes `UnsafeNoQuorum()`, which then stands in the result.

    Raises:
        LimitError: the file is longer than `POLICY_BYTES_MAX`.
        MalformedError: `data` breaks a rule of the format or one of ours.
    """
    if len(data) > POLICY_BYTES_MAX:
        raise LimitError(f"policy has {len(data)} bytes, want at most {POLICY_BYTES_MAX}")
    if _OCTETS.match(data) is None:
        raise MalformedError("policy has a control character other than tab and newline")
    # Octets above 7F are opaque: surrogates carry those that are not UTF-8, so that no two names merge.
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if lines.pop():
        raise MalformedError("policy does not end in a newline")
    reader = _PolicyReader(allow_no_quorum)
    for number, line in enumerate(lines, 1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if words and not words[0].startswith("#"):
            try:
                reader.read(words)
            except MalformedError as exc:
                raise MalformedError(f"policy line {number}: {exc.message}") from exc
    return reader.policy()


class _PolicyReader:
    """Collects the lines of one policy; names must be defined before they are used."""

    def __init__(self, allow_no_quorum: UnsafeNoQuorum | None) -> None:
        self._allow_no_quorum = allow_no_quorum
        self._logs: list[PolicyLog] = []
        self._witnesses: list[PolicyWitness] = []
        self._groups: list[Group] = []
        self._quorum: str | UnsafeNoQuorum | None = None
        self._known: set[str] = set()
        self._readers: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._one_quorum,
        }

    def read(self, words: list[str]) -> None:
        reader = self._readers.get(words[0])
        if reader is None:
            raise MalformedError(f"found {words[0][:24]!r}, want log, witness, group or quorum")
        reader(words[1:])

    def policy(self) -> Policy:
        if self._quorum is None:
            raise MalformedError("policy has no quorum line, want one")
        return Policy(
            logs=tuple(self._logs),
            witnesses=tuple(self._witnesses),
            groups=tuple(self._groups),
            quorum=self._quorum,
        )

    def _log(self, words: list[str]) -> None:
        _want(words, "log VKEY [URL]", 1, 2)
        self._logs.append(PolicyLog(key=parse_vkey(words[0]), url=_rest(words[1:])))

    def _witness(self, words: list[str]) -> None:
        _want(words, "witness NAME VKEY [URL]", 2, 3)
        witness = PolicyWitness(name=words[0], key=parse_vkey(words[1]), url=_rest(words[2:]))
        self._witnesses.append(witness)
        self._known.add(witness.name)

    def _group(self, words: list[str]) -> None:
        _want(words, "group NAME any|all|NUMBER MEMBER...", 3, 2 + 2 * POLICY_LINES_MAX)
        name, threshold, *members = words
        for member in members:
            self._defined(member)
        count = {"any": 1, "all": len(members)}.get(threshold)
        if count is None:
            count = parse_decimal(threshold)
        self._groups.append(Group(name=name, threshold=count, members=tuple(members)))
        self._known.add(name)

    def _one_quorum(self, words: list[str]) -> None:
        _want(words, "quorum NAME", 1, 1)
        if self._quorum is not None:
            raise MalformedError("found a second quorum line, want one")
        if words[0] != _NONE:
            self._defined(words[0])
            self._quorum = words[0]
        elif self._allow_no_quorum is None:
            raise MalformedError("found quorum none, want a witness or group")
        else:
            self._quorum = self._allow_no_quorum

    def _defined(self, name: str) -> None:
        if name not in self._known:
            raise MalformedError(f"found {name[:24]!r}, which no earlier line defines")


def _want(words: list[str], form: str, low: int, high: int) -> None:
    if not low <= len(words) <= high:
        raise MalformedError(f"found {len(words)} words, want {form}")


def _rest(words: list[str]) -> str | None:
    return words[0] if words else None


def format_policy(policy: Policy) -> bytes:
    """Return the policy without comments: logs, witnesses, groups, quorum; one space between words."""
    lines = [_line("log", format_vkey(log.key), log.url) for log in policy.logs]
    lines += [_line("witness", item.name, format_vkey(item.key), item.url) for item in policy.witnesses]
    for group in policy.groups:
        words = {len(group.members): "all", 1: "any"}
        threshold = words.get(group.threshold, format_decimal(group.threshold))
        lines.append(_line("group", group.name, threshold, *group.members))
    lines.append(_line("quorum", policy.quorum if isinstance(policy.quorum, str) else _NONE))
    return "".join(lines).encode("utf-8", "surrogateescape")


def _line(*words: str | None) -> str:
    return " ".join(word for word in words if word is not None) + "\n"


def verify_quorum(policy: Policy, names: Collection[str]) -> None:
    """Check that these witnesses, by their names in the policy, make up its quorum.

    Raises:
        SignatureError: they do not.
    """
    if isinstance(policy.quorum, UnsafeNoQuorum):
        return
    witnessed = {witness.name for witness in policy.witnesses if witness.name in names}
    for group in policy.groups:  # members are defined before their group, so one pass settles all
        if sum(member in witnessed for member in group.members) >= group.threshold:
            witnessed.add(group.name)
    if policy.quorum not in witnessed:
        raise SignatureError(f"checkpoint has no quorum of cosignatures: {policy.quorum!r} is not met")


def quorum_size(*, witnesses: int, faulty: int) -> int:
    """Return the least quorum of which any two share an honest witness: `k >= (n + f + 1) / 2`.

    Raises:
        MalformedError: not `0 <= faulty < witnesses`.
    """
    if not 0 <= faulty < witnesses:
        raise MalformedError(f"{faulty} of {witnesses} witnesses faulty, want fewer than all")
    return (witnesses + faulty + 2) // 2
