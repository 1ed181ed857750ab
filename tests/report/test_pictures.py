"""The pictures in the documents: there, of the size the script takes, and small enough for a repository."""

import struct

from source_tree import ROOT

PICTURE_BYTES_MAX = 300_000
WIDTHS = {"desktop": 1280, "tablet": 768, "phone": 375}


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height of a PNG."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_every_width_and_scheme_has_its_picture() -> None:
    """Three widths, light and dark, at the width of the device."""
    for name, width in WIDTHS.items():
        for scheme in ("light", "dark"):
            data = (ROOT / "docs" / "images" / f"report-{name}-{scheme}.png").read_bytes()
            assert width == size_of(data)[0]


def test_pictures_are_small_and_shown() -> None:
    """Each is below the limit, and the page about reports or the README shows it."""
    shown = "".join((ROOT / page).read_text("utf-8") for page in ("README.md", "docs/report.md"))
    pictures = sorted((ROOT / "docs" / "images").glob("report*.png"))
    assert len(pictures) > len(WIDTHS)
    for picture in pictures:
        assert picture.stat().st_size <= PICTURE_BYTES_MAX
        assert picture.name in shown
