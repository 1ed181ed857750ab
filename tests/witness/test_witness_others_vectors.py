"""A recorded conversation with another witness, torchwood's litewitness, replayed against ours."""

import json
from pathlib import Path

import pytest

from allstop.errors import MalformedError
from allstop.keys import KeyKind, NoteKey, NoteKeyType, PublicKey
from allstop.witness import LogRecord, Status, answer, parse_add_checkpoint, step
from support_log import AT, key_of


def test_the_conversation_of_litewitness_goes_the_same_way(vectors_dir: Path) -> None:
    """Status by status, but for two: an unknown log is 404 in the newer standard, and ours reads canonical base64.

    Their bad signature is spelled in a base64 that decodes to other bytes than it is made of; ours refuses
    the spelling (400) before the signature (403).
    """
    path = vectors_dir / "torchwood-litewitness" / "add_checkpoint_cases.json"
    vector = json.loads(path.read_text())
    key = PublicKey(kind=KeyKind.ED25519, data=bytes.fromhex(vector["log_key_hex"]))
    origin = vector["log_origin"]
    record = LogRecord(origin=origin, keys=(NoteKey(name=origin, type=NoteKeyType.ED25519, key=key),))
    for exchange in vector["sequence"]:
        if "invalid signature" in exchange["asserts"][0]:
            with pytest.raises(MalformedError, match="canonical"):
                parse_add_checkpoint(exchange["body"].encode())
            continue
        request = parse_add_checkpoint(exchange["body"].encode())
        decision = step(record if request.checkpoint.origin == origin else None, request)
        given = answer(decision, [key_of("witness")], name="example.com/witness", at=AT)
        is_unknown_log = 'body contains "unknown log"' in exchange["asserts"]
        assert (404 if is_unknown_log else exchange["status"]) == given.status.value
        if given.status is Status.CONFLICT:
            assert [f'body == "{given.body.decode()[:-1]}\\n"'] == exchange["asserts"]
        elif given.status is Status.OK:
            assert given.body.startswith("\u2014 example.com/witness ".encode())
            assert decision.record is not None
            record = decision.record
    assert record.size == 5
