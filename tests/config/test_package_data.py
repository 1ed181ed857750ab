"""Package data: the reference table from TOML, and the agreements that come with the package."""

import pytest

from allstop.config import load_agreement_text, load_chip_table, name_agreements, parse_chip_table_toml
from allstop.errors import MalformedError, NotFoundError
from allstop.ids import digest_of
from source_tree import PACKAGE

TEXT = (PACKAGE / "reference" / "chips.toml").read_text("utf-8")


def test_the_table_carries_its_bytes_and_their_digest() -> None:
    """What an agreement pins is the SHA-256 of the canonical bytes, not of the TOML."""
    packaged = load_chip_table()
    assert packaged == parse_chip_table_toml(TEXT)
    assert digest_of(packaged.data) == packaged.digest


def test_comments_and_layout_do_not_change_the_digest() -> None:
    """Two spellings of one table are one table."""
    assert load_chip_table().digest == parse_chip_table_toml("# other\n" + TEXT.replace("_000", "000")).digest


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "', 'title "', "not TOML"),
        ("tdp_milliwatt = 700_000", "tdp_milliwatt = 700.0", "found float"),
        ("tdp_milliwatt = 700_000", "tdp_milliwatt = true", "found bool"),
        ("tdp_milliwatt = 700_000", "tdp_milliwatt = -700_000", "integer of at least 0"),
        ("tdp_milliwatt = 700_000", "tdp_milliwatt = 2026-11-23", "found date"),
        ("tdp_milliwatt = 700_000", "tdp = 700_000", "missing"),
        ("tdp_milliwatt = 700_000", "tdp_milliwatt = 700_000\nwatts = 1", "unknown key"),
    ],
)
def test_a_table_that_is_not_one_is_refused(old: str, new: str, message: str) -> None:
    """TOML errors, floats, booleans, dates, negative figures, missing and unknown keys."""
    assert old in TEXT
    with pytest.raises(MalformedError, match=message):
        parse_chip_table_toml(TEXT.replace(old, new))


def test_nesting_without_end_is_refused() -> None:
    """A table that would exhaust the stack is malformed, not a crash."""
    with pytest.raises(MalformedError, match="not TOML"):
        parse_chip_table_toml("a = " + "[" * 100_000)


def test_packaged_agreements_are_listed_and_load() -> None:
    """Every TOML in the folder is found by its name; another name is not."""
    names = tuple(sorted(path.stem for path in (PACKAGE / "agreements").glob("*.toml")))
    assert names == name_agreements()
    for name in names:
        assert (PACKAGE / "agreements" / f"{name}.toml").read_text("utf-8") == load_agreement_text(name)
    with pytest.raises(NotFoundError, match=r"no agreement is called '\.\./x'"):
        load_agreement_text("../x")
