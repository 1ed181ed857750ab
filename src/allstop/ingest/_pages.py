"""The values of a blob's pages as arrays, decoded by this program (spec/telemetry.md section 3).

A page is hostile until it is decoded: it may unpack to another size than its header says, end early, or
point outside its dictionary. Nothing is unpacked beyond the size that the structure check allowed.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from allstop.errors import MalformedError
from allstop.ingest._compiled import PADDING, decode_delta, decode_dictionary
from allstop.ingest._structure import Encoding, Page

if TYPE_CHECKING or sys.version_info < (3, 14):
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

__all__ = ["decode_column"]

_WINDOW = {int(DecompressionParameter.window_log_max): 24}
"""Pages are at most 16 MiB, so no window needs to be larger."""


def decode_column(data: bytes, pages: Sequence[Page], out: npt.NDArray[np.int64], *, width: int) -> None:
    """Fill `out` with the values of one column of a row group; a value has `width` bytes, 4 or 8.

    Raises:
        MalformedError: a page does not hold what its header says.
    """
    kind = np.dtype(f"<i{width}")
    dictionary = np.empty(0, dtype=np.int64)
    done = 0
    for page in pages:
        raw = _unpack(data, page)
        part = out[done : done + page.count]
        if page.is_dictionary:
            dictionary = raw[:-PADDING].view(kind).astype(np.int64)
            continue
        done += page.count
        if page.encoding is Encoding.PLAIN:
            part[:] = raw[:-PADDING].view(kind)
        elif page.count > 0:
            _decode(raw, page, dictionary, part)
            if page.encoding is Encoding.DELTA and width == 4:
                part[:] = part.astype(np.int32)  # sums of differences wrap at the width of the column


def _decode(
    raw: npt.NDArray[np.uint8], page: Page, dictionary: npt.NDArray[np.int64], part: npt.NDArray[np.int64]
) -> None:
    try:
        if page.encoding is Encoding.DELTA:
            decode_delta(raw, part)
        else:
            decode_dictionary(raw, dictionary, part)
    except (IndexError, ValueError) as exc:
        raise MalformedError("parquet page does not hold the values that its header says") from exc


def _unpack(data: bytes, page: Page) -> npt.NDArray[np.uint8]:
    """Return the content of a page, with padding after it."""
    content = data[page.at : page.at + page.size]
    if page.is_compressed:
        decompressor = ZstdDecompressor(options=_WINDOW)
        try:
            content = decompressor.decompress(content, max_length=page.unpacked)
        except ZstdError as exc:
            raise MalformedError("parquet page cannot be unpacked") from exc
        if not decompressor.eof or decompressor.unused_data:
            raise MalformedError("parquet page unpacks to another size than its header says")
    if len(content) != page.unpacked:
        raise MalformedError("parquet page unpacks to another size than its header says")
    return np.frombuffer(content + bytes(PADDING), dtype=np.uint8)
