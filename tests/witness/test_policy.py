"""Policy files: Q1 to Q4 of tlog-policy, our rules on top, and quorums against brute force."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.errors import LimitError, MalformedError, SignatureError
from allstop.keys import NoteKey, NoteKeyType, format_vkey
from allstop.witness import (
    POLICY_BYTES_MAX,
    POLICY_LINES_MAX,
    Group,
    Policy,
    PolicyLog,
    PolicyWitness,
    UnsafeNoQuorum,
    format_policy,
    open_checkpoint,
    parse_policy,
    quorum_size,
    verify_quorum,
)
from support_log import (
    AT,
    ML_DSA_44,
    ORIGIN,
    cosigned,
    key_of,
    log_key,
    policy_of,
    signed,
    tree_of,
    witness_key,
)

NAMES = ("alder", "birch", "cedar", "dogwood", "elm")
LOG = f"log {format_vkey(log_key())}\n"
WITNESS = {name: f"witness {name} {format_vkey(witness_key(name))}\n" for name in NAMES}
HEAD = LOG + "".join(WITNESS[name] for name in NAMES[:3])
TWO_LEVELS = (
    HEAD + WITNESS["dogwood"] + WITNESS["elm"]
    + "group x 2 alder birch cedar\ngroup y any dogwood elm\ngroup both all x y\nquorum both\n"
)  # fmt: skip


def parse(text: str) -> Policy:
    """Parse a policy that is written as text."""
    return parse_policy(text.encode())


def subsets(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return every subset of the names."""
    return list(chain.from_iterable(combinations(names, count) for count in range(len(names) + 1)))


def has_quorum(policy: Policy, names: tuple[str, ...]) -> bool:
    """Tell whether these witnesses make up the quorum."""
    try:
        verify_quorum(policy, names)
    except SignatureError:
        return False
    return True


def test_a_policy_parses_and_formats_back() -> None:
    """Logs, witnesses, groups in order and the quorum; URLs are kept."""
    policy = parse(TWO_LEVELS.replace("elm.example+", "elm.example+"))
    assert TWO_LEVELS.encode() == format_policy(policy)
    assert policy == parse_policy(format_policy(policy))
    assert (log_key(),) == policy.log_keys(ORIGIN)
    assert policy.log_keys("other.example/log") == ()
    with_urls = (
        LOG[:-1] + " https://log.elm.example\n" + WITNESS["alder"][:-1] + " https://w.example\nquorum alder\n"
    )
    assert with_urls.encode() == format_policy(parse(with_urls))


def test_spaces_tabs_comments_and_blank_lines_do_not_matter() -> None:
    """What a person adds for reading changes nothing; a comment may be in any encoding."""
    loose = (
        b"# of all blocs \xff\n\n \t \n" + TWO_LEVELS.replace(" ", " \t ").replace("\n", " \n  #x\n").encode()
    )
    assert parse(TWO_LEVELS) == parse_policy(loose)


def test_policy_Q1_a_key_is_listed_once() -> None:
    """One key under two names, as witness, as log, or as both, would be counted twice."""
    key = key_of("witness alder").public
    other = NoteKey(name="other.example", type=NoteKeyType.COSIGNATURE_ED25519, key=key)
    as_log = NoteKey(name="other.example/log", type=NoteKeyType.ED25519, key=key)
    for line in (f"witness other {format_vkey(other)}\n", f"log {format_vkey(as_log)}\n"):
        with pytest.raises(MalformedError, match="lists one key 2 times"):
            parse(HEAD + line + "quorum alder\n")
    same_log = NoteKey(name="other.example/log", type=NoteKeyType.ED25519, key=log_key().key)
    with pytest.raises(MalformedError, match="lists one key 2 times"):
        parse(HEAD + f"log {format_vkey(same_log)}\nquorum alder\n")


def test_policy_Q1_one_key_of_each_type_under_a_name() -> None:
    """Ours: two Ed25519 keys of one cosigner would be two votes; one of each kind is one witness."""
    second = NoteKey(name="alder.example", type=NoteKeyType.COSIGNATURE_ED25519, key=key_of("another").public)
    with pytest.raises(MalformedError, match=r"two keys of one type under 'alder\.example'"):
        parse(HEAD + f"witness alder-2 {format_vkey(second)}\nquorum alder\n")
    both_kinds = HEAD + f"witness alder-2 {format_vkey(witness_key('alder', ML_DSA_44))}\n"
    assert len(parse(both_kinds + "quorum alder\n").witnesses) == 4
    for threshold in ("2", "all"):
        with pytest.raises(MalformedError, match=r"counts cosigner 'alder\.example' in 2 members"):
            parse(both_kinds + f"group g {threshold} alder alder-2\nquorum g\n")
    with pytest.raises(MalformedError, match=r"counts cosigner 'alder\.example' in 2 members"):
        parse(both_kinds + "group a any alder birch\ngroup b any alder-2 cedar\ngroup g 2 a b\nquorum g\n")
    assert has_quorum(parse(both_kinds + "group g any alder alder-2\nquorum g\n"), ("alder-2",))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("quorum x\n", "no earlier line defines"),
        ("group g any alder x\nquorum g\n", "no earlier line defines"),
        ("group g any h\ngroup h any alder\nquorum g\n", "no earlier line defines"),
        ("group g any g\nquorum g\n", "no earlier line defines"),
        ("group g any none\nquorum g\n", "no earlier line defines"),
        ("quorum g\ngroup g any alder\n", "no earlier line defines"),
        ("group alder any birch\nquorum alder\n", "defines the name 'alder' twice"),
        ("group none any birch\nquorum alder\n", "defines the name 'none' twice"),
        ("group g any alder\ngroup g any birch\nquorum g\n", "defines the name 'g' twice"),
        ("group g any alder\ngroup h any alder\nquorum g\n", "member of a group more than once"),
        ("group g any alder alder\nquorum g\n", "member of a group more than once"),
        ("quorum alder\nquorum alder\n", "second quorum line"),
        ("", "no quorum line"),
    ],
)
def test_policy_Q2_names_are_defined_before_use_and_used_once(lines: str, why: str) -> None:
    """One namespace, no forward references, one group per member, exactly one quorum."""
    with pytest.raises(MalformedError, match=why):
        parse(HEAD + lines)


def test_policy_Q2_a_policy_built_in_code_is_held_to_the_same_rules() -> None:
    """What cannot be parsed cannot be constructed."""
    good = policy_of("alder", "birch")
    group = Group(name="g", threshold=1, members=("none",))
    for groups, quorum, why in (
        ((group,), "alder", "not defined before it"),
        ((Group(name="g", threshold=1, members=("x",)),), "alder", "not defined before it"),
        ((), "x", "not defined"),
        ((), "none", "not defined"),
        ((Group(name="g\n", threshold=1, members=("alder",)),), "alder", "malformed name"),
    ):
        with pytest.raises(MalformedError, match=why):
            Policy(logs=good.logs, witnesses=good.witnesses, groups=groups, quorum=quorum)
    for url in ("https://a b", "", "a\nquorum none"):
        with pytest.raises(MalformedError, match="malformed name or URL"):
            Policy(
                logs=(PolicyLog(key=log_key(), url=url),), witnesses=(), groups=(), quorum=UnsafeNoQuorum()
            )


def test_policy_Q2_key_types_fit_their_role() -> None:
    """A log signs with 0x01 or 0x06, a witness with 0x04 or 0x06."""
    as_witness = NoteKey(name="w.example", type=NoteKeyType.ED25519, key=key_of("w").public)
    for line in (f"log {format_vkey(witness_key('elm'))}\n", f"witness w {format_vkey(as_witness)}\n"):
        with pytest.raises(MalformedError, match="of type"):
            parse(HEAD + line + "quorum alder\n")
    ml_log = NoteKey(name=ORIGIN, type=NoteKeyType.MLDSA44, key=key_of("log", ML_DSA_44).public)
    assert len(parse(HEAD + f"log {format_vkey(ml_log)}\nquorum alder\n").log_keys(ORIGIN)) == 2


def test_policy_Q3_thirty_two_of_each_and_a_cap() -> None:
    """At least 32 logs, witnesses and groups; ours stop at 64."""

    def many(count: int) -> str:
        names = [f"n{number}" for number in range(count)]
        logs = [f"log {format_vkey(log_key(name, f'{name}.example/log'))}\n" for name in names]
        witnesses = [f"witness {name} {format_vkey(witness_key(name))}\n" for name in names]
        groups = [f"group g{number} any {name}\n" for number, name in enumerate(names)]
        return "".join((*logs, *witnesses, *groups, "quorum g0\n"))

    assert POLICY_LINES_MAX >= 32
    policy = parse(many(POLICY_LINES_MAX))
    assert [len(policy.logs), len(policy.witnesses), len(policy.groups)] == [POLICY_LINES_MAX] * 3
    with pytest.raises(MalformedError, match="65 logs, want at most 64"):
        parse(many(POLICY_LINES_MAX + 1))
    with pytest.raises(LimitError, match="want at most"):
        parse_policy(b"#" * POLICY_BYTES_MAX + b"\n")


def test_policy_Q4_only_these_octets() -> None:
    """Tab, newline, 20 to 7E, 80 to FF; any other octet spoils the file, even in a comment."""
    allowed = {0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)}
    tail = (HEAD + "quorum alder\n").encode()
    for octet in range(256):
        data = b"# " + bytes([octet]) + b"\n" + tail
        if octet in allowed:
            assert len(parse_policy(data).witnesses) == 3
        else:
            with pytest.raises(MalformedError, match="control character"):
                parse_policy(data)


def test_policy_Q4_names_are_opaque_octets() -> None:
    """A Kelvin sign is not a K, and a name need not be UTF-8."""
    vkeys = [format_vkey(witness_key(name)).encode() for name in NAMES]
    data = LOG.encode() + b"witness K %b\nwitness \xe2\x84\xaa %b\nwitness \xff %b\nquorum \xff\n" % tuple(
        vkeys[:3]
    )
    policy = parse_policy(data)
    assert data == format_policy(policy)
    assert has_quorum(policy, (policy.witnesses[2].name,))
    assert not has_quorum(policy, ("K", policy.witnesses[1].name))


@pytest.mark.parametrize(
    "line",
    [
        "logs x", "log", "log a b c", "witness alder", "witness a b c d", "group g any", "group g", "quorum", "quorum a b",
        "log nonsense", "witness x nonsense", "group g 0 alder", "group g 2 alder", "group g 01 alder", "group g -1 alder",
        "group g most alder", "group g ANY alder", "Quorum alder", "group g " + "any" + " alder" * 129,
    ],
)  # fmt: skip
def test_other_lines_are_refused_with_their_number(line: str) -> None:
    """Unknown words, missing or extra words, thresholds out of range."""
    with pytest.raises(MalformedError, match="policy line 5"):
        parse(HEAD + line + "\nquorum alder\n")


def test_the_last_line_ends_in_a_newline() -> None:
    """A file cut in its last line is not read as a shorter one."""
    with pytest.raises(MalformedError, match="does not end in a newline"):
        parse(HEAD + "quorum alder")


def test_no_quorum_must_be_asked_for_by_name() -> None:
    """`quorum none` is refused; with UnsafeNoQuorum the value stands in the policy for all to see."""
    data = (HEAD + "quorum none\n").encode()
    with pytest.raises(MalformedError, match="found quorum none"):
        parse_policy(data)
    policy = parse_policy(data, allow_no_quorum=UnsafeNoQuorum())
    assert UnsafeNoQuorum() == policy.quorum
    assert data == format_policy(policy)
    assert has_quorum(policy, ())
    opened = open_checkpoint(signed(tree_of(3)), policy)
    for median in (opened.upper_median, opened.lower_median):
        with pytest.raises(SignatureError, match="nobody vouches"):
            median()
    assert open_checkpoint(cosigned(signed(tree_of(3)), "birch"), policy).upper_median() == AT


@pytest.mark.parametrize("threshold", ["any", "all", "1", "2", "3", "4", "5"])
def test_a_group_counts_its_members(threshold: str) -> None:
    """Against brute force, for every subset of five witnesses."""
    least = {"any": 1, "all": 5}.get(threshold) or int(threshold)
    policy = parse(LOG + "".join(WITNESS.values()) + f"group g {threshold} {' '.join(NAMES)}\nquorum g\n")
    for names in subsets(NAMES):
        assert (len(names) >= least) == has_quorum(policy, names)


def test_a_quorum_over_blocs_needs_every_bloc() -> None:
    """Two of X and one of Y, as in the example of the standard, for every subset."""
    policy = parse(TWO_LEVELS)
    for names in subsets(NAMES):
        x, y = len({*names} & {*NAMES[:3]}), len({*names} & {*NAMES[3:]})
        assert (x >= 2 and y >= 1) == has_quorum(policy, names)
    assert not has_quorum(policy, ("x", "y", "both"))  # a group's name is no witness


def test_two_quorums_share_an_honest_witness() -> None:
    """`k >= (n + f + 1) / 2`: any two quorums of that size overlap in more than f; of one less, not."""
    table = {(3, 0): 2, (4, 1): 3, (5, 1): 4, (7, 2): 5}
    assert table == {key: quorum_size(witnesses=key[0], faulty=key[1]) for key in table}
    for witnesses in range(1, 12):
        for faulty in range(witnesses):
            size = quorum_size(witnesses=witnesses, faulty=faulty)
            assert 2 * size - witnesses > faulty >= 2 * (size - 1) - witnesses
    for witnesses, faulty in ((0, 0), (3, 3), (3, -1)):
        with pytest.raises(MalformedError, match="want fewer than all"):
            quorum_size(witnesses=witnesses, faulty=faulty)


@given(st.binary(max_size=60))
def test_whatever_parses_formats_to_an_equal_policy(data: bytes) -> None:
    """Property: a comment of any bytes never changes the policy, and nothing but our errors comes out."""
    tail = (HEAD + "quorum alder\n").encode()
    try:
        policy = parse_policy(b"#" + data + b"\n" + tail)
    except MalformedError:
        return
    assert policy == parse_policy(format_policy(policy))


def test_witness_names_are_the_policys_own() -> None:
    """A witness may go by another name in each policy; its key decides."""
    policy = Policy(
        logs=(PolicyLog(key=log_key()),),
        witnesses=(PolicyWitness(name="neutral", key=witness_key("elm")),),
        groups=(),
        quorum="neutral",
    )
    opened = open_checkpoint(cosigned(signed(tree_of(3)), "elm"), policy)
    assert [item.witness for item in opened.cosignatures] == ["elm.example"]
