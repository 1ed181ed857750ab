"""JSON vectors made by others: JSONTestSuite and the RFC 8785 test data."""

from pathlib import Path

import pytest

from allstop.canon import format_json, parse_canonical_json, parse_json
from allstop.errors import MalformedError

FLOAT = "has a fraction or an exponent"
MINUS_ZERO = "minus zero is a second spelling of zero"
TWICE = "a key stands twice"

# Every valid document of JSONTestSuite that our profile refuses, and why.
REFUSED_BY_PROFILE = {
    "y_number.json": FLOAT,
    "y_number_0e+1.json": FLOAT,
    "y_number_0e1.json": FLOAT,
    "y_number_double_close_to_zero.json": FLOAT,
    "y_number_int_with_exp.json": FLOAT,
    "y_number_minus_zero.json": MINUS_ZERO,
    "y_number_negative_zero.json": MINUS_ZERO,
    "y_number_real_capital_e.json": FLOAT,
    "y_number_real_capital_e_neg_exp.json": FLOAT,
    "y_number_real_capital_e_pos_exp.json": FLOAT,
    "y_number_real_exponent.json": FLOAT,
    "y_number_real_fraction_exponent.json": FLOAT,
    "y_number_real_neg_exp.json": FLOAT,
    "y_number_real_pos_exponent.json": FLOAT,
    "y_number_simple_real.json": FLOAT,
    "y_object_duplicated_key.json": TWICE,
    "y_object_duplicated_key_and_value.json": TWICE,
    "y_object_extreme_numbers.json": FLOAT,
    "y_structure_lonely_negative_real.json": FLOAT,
}
REASON_SHOWS_AS = {FLOAT: "not a plain integer", MINUS_ZERO: "'-0' is not a plain", TWICE: "twice"}

# JSONTestSuite's second folder: documents that readers change when they write them again.
TRANSFORM_ACCEPTED = {
    "number_1000000000000000.json",
    "object_key_nfc_nfd.json",
    "object_key_nfd_nfc.json",
    "string_with_escaped_NULL.json",
}

# Documents of the RFC 8785 test data that hold floats.
JCS_WITH_FLOATS = {"structures.json", "values.json"}


def _files(folder: Path, pattern: str) -> list[Path]:
    files = sorted(folder.glob(pattern))
    assert files
    return files


def test_every_valid_document_parses_unless_the_profile_refuses_it(vectors_dir: Path) -> None:
    """Each refusal is listed by name, for the reason listed."""
    refused: dict[str, str] = {}
    for path in _files(vectors_dir / "JSONTestSuite" / "test_parsing", "y_*.json"):
        try:
            value = parse_json(path.read_bytes())
        except MalformedError as exc:
            refused[path.name] = exc.message
            continue
        assert value == parse_canonical_json(format_json(value))
    assert sorted(REFUSED_BY_PROFILE) == sorted(refused)
    for name, message in refused.items():
        assert REASON_SHOWS_AS[REFUSED_BY_PROFILE[name]] in message


def test_every_invalid_document_is_refused(vectors_dir: Path) -> None:
    """By both parsers, with our error and no other."""
    for path in _files(vectors_dir / "JSONTestSuite" / "test_parsing", "n_*.json"):
        for parse in (parse_json, parse_canonical_json):
            with pytest.raises(MalformedError):
                parse(path.read_bytes())


def test_where_the_standard_leaves_a_choice_we_refuse(vectors_dir: Path) -> None:
    """Huge numbers, lone surrogates, other encodings, a byte order mark, 500 levels."""
    for path in _files(vectors_dir / "JSONTestSuite" / "test_parsing", "i_*.json"):
        with pytest.raises(MalformedError):
            parse_json(path.read_bytes())


def test_documents_that_readers_change_are_kept_or_refused(vectors_dir: Path) -> None:
    """No normalisation: keys that differ only in Unicode composition stay two keys."""
    accepted = set()
    for path in _files(vectors_dir / "JSONTestSuite" / "test_transform", "*.json"):
        try:
            value = parse_json(path.read_bytes())
        except MalformedError:
            continue
        assert value == parse_json(format_json(value))
        accepted.add(path.name)
    assert sorted(TRANSFORM_ACCEPTED) == sorted(accepted)


def test_canonical_bytes_are_those_of_rfc_8785(vectors_dir: Path) -> None:
    """Input, output and the output in hexadecimal; inputs with floats are refused."""
    folder = vectors_dir / "jcs-rfc8785" / "testdata"
    for path in _files(folder / "input", "*.json"):
        if path.name in JCS_WITH_FLOATS:
            with pytest.raises(MalformedError, match="not a plain integer"):
                parse_json(path.read_bytes())
            continue
        canonical = (folder / "output" / path.name).read_bytes()
        assert canonical == format_json(parse_json(path.read_bytes()))
        assert canonical == bytes.fromhex((folder / "outhex" / path.with_suffix(".txt").name).read_text())
        assert canonical == format_json(parse_canonical_json(canonical))
