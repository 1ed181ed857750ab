"""The structure of a telemetry blob, checked before anything is decoded (spec/telemetry.md section 3).

A Parquet file can claim any size: 515 KB unpack to 4 GiB. So the footer and every page header are read
here first, in plain Python, and anything but the four plain integer columns of a blob is refused: other
types, optional or nested columns, other codecs, encryption, pages that claim more bytes or values than
their rows can need. What passes costs at most `ROWS_MAX` rows, a few pages at a time.

Values are not decoded here, so a blob that passes may still fail when it is read.
"""

from dataclasses import dataclass
from enum import Enum

from allstop.errors import LimitError, MalformedError
from allstop.ingest._thrift import ThriftReader, ThriftValue

__all__ = [
    "BLOB_BYTES_MAX",
    "ROWS_MAX",
    "ROW_GROUP_ROWS_MAX",
    "Encoding",
    "Page",
    "RowGroup",
    "check_structure",
    "read_structure",
]

BLOB_BYTES_MAX = 64 * 1024 * 1024
"""Largest blob that is read."""

ROWS_MAX = 50_000_000
"""Largest number of rows in one blob: a day of 34,000 meters at one reading a minute."""

ROW_GROUP_ROWS_MAX = 1_048_576
"""Largest number of rows in one row group: what is unpacked at a time."""

_MAGIC = b"PAR1"
_FOOTER_BYTES_MAX = 4 * 1024 * 1024
_PAGES_MAX = 100_000
_HEADER_BYTES_MAX = 4096
_SLACK_BYTES = 4096
"""What a page of few values may have on top: DuckDB fills up differences to blocks of 256 values."""

_PAGE_BYTES_MAX = 16 * 1024 * 1024
_INT32, _INT64 = 1, 2
_REQUIRED = 0
_ZSTD = 6
_CONVERTED = {_INT32: 17, _INT64: 18}
_PLAIN, _PLAIN_DICTIONARY, _DELTA, _RLE_DICTIONARY = 0, 2, 5, 8
_DATA_PAGE, _DICTIONARY_PAGE, _DATA_PAGE_V2 = 0, 2, 3
_PAGE_HEADERS = {_DATA_PAGE: 5, _DICTIONARY_PAGE: 7, _DATA_PAGE_V2: 8}
_WIDTHS = {_INT32: 4, _INT64: 8}
_COLUMNS = ((b"series", _INT32), (b"t", _INT64), (b"v", _INT64), (b"epoch", _INT32))


class Encoding(Enum):
    """How the values of a page are written; the two names of dictionary pages mean the same."""

    PLAIN = "plain"
    DICTIONARY = "dictionary"
    DELTA = "delta"


_ENCODINGS = {
    _PLAIN: Encoding.PLAIN,
    _PLAIN_DICTIONARY: Encoding.DICTIONARY,
    _DELTA: Encoding.DELTA,
    _RLE_DICTIONARY: Encoding.DICTIONARY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a page lies: `size` bytes at `at`, which hold `count` values and unpack to `unpacked` bytes.

    A dictionary is plain, comes first in its column, and holds values but none of the column's rows.
    """

    at: int
    size: int
    unpacked: int
    count: int
    encoding: Encoding
    is_dictionary: bool
    is_compressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroup:
    """Some rows, and the pages of each of the four columns in which they lie."""

    rows: int
    columns: tuple[tuple[Page, ...], ...]


@dataclass(frozen=True, slots=True)
class _Struct:
    """One Thrift struct of the file, read field by field with the type that is wanted."""

    fields: dict[int, ThriftValue]
    what: str

    def integer(self, number: int, low: int = 0, high: int = 2**62) -> int:
        value = self.fields.get(number)
        if type(value) is not int or not low <= value <= high:
            raise MalformedError(
                f"parquet {self.what} has {_words(value)} in field {number}, want an integer"
            )
        return value

    def optional(self, number: int) -> int | None:
        return self.integer(number) if number in self.fields else None

    def items(self, number: int) -> list[ThriftValue]:
        value = self.fields.get(number)
        if type(value) is not list:
            raise MalformedError(f"parquet {self.what} has {_words(value)} in field {number}, want a list")
        return value

    def struct(self, number: int, what: str) -> "_Struct":
        return _as_struct(self.fields.get(number), what)


def _words(value: ThriftValue | None) -> str:
    return "nothing" if value is None else str(value)[:24]


def _as_struct(value: ThriftValue | None, what: str) -> _Struct:
    if type(value) is not dict:
        raise MalformedError(f"parquet file has no {what}")
    return _Struct(value, what)


def check_structure(data: bytes) -> int:
    """Check the whole structure of one blob, as `read_structure` does, and return its number of rows."""
    return sum(group.rows for group in read_structure(data))


def read_structure(data: bytes) -> tuple[RowGroup, ...]:
    """Check the whole structure of one blob and return where its pages lie.

    Raises:
        MalformedError: `data` is not a Parquet file with exactly the columns of a blob.
        LimitError: it is larger than this program reads, or claims to be.
    """
    if len(data) > BLOB_BYTES_MAX:
        raise LimitError(f"blob has {len(data)} bytes, want at most {BLOB_BYTES_MAX}")
    if len(data) < 12 or data[:4] != _MAGIC or data[-4:] != _MAGIC:
        raise MalformedError("blob is no parquet file")
    footer_size = int.from_bytes(data[-8:-4], "little")
    if footer_size > min(len(data) - 12, _FOOTER_BYTES_MAX):
        raise MalformedError(f"parquet footer has {footer_size} bytes, more than the file or the limit")
    footer_at = len(data) - 8 - footer_size
    footer = _Struct(ThriftReader(data[footer_at:-8]).struct(), "footer")
    _check_schema(footer.items(2))
    rows = footer.integer(3)
    if rows > ROWS_MAX:
        raise LimitError(f"blob has {rows} rows, want at most {ROWS_MAX}")
    if 8 in footer.fields or 9 in footer.fields:
        raise MalformedError("blob is encrypted")
    pages = _Pages(data, footer_at)
    groups = tuple(_read_row_group(_as_struct(group, "row group"), pages) for group in footer.items(4))
    found = sum(group.rows for group in groups)
    if found != rows:
        raise MalformedError(f"parquet row groups have {found} rows, the footer says {rows}")
    return groups


def _check_schema(schema: list[ThriftValue]) -> None:
    elements = [_as_struct(item, "schema element") for item in schema]
    if len(elements) != 1 + len(_COLUMNS) or elements[0].integer(5) != len(_COLUMNS):
        raise MalformedError(f"blob has {len(elements) - 1} columns, want series, t, v, epoch")
    for element, (name, kind) in zip(elements[1:], _COLUMNS, strict=True):
        column = name.decode("ascii")
        if element.fields.get(4) != name:
            raise MalformedError(f"blob has another column in the place of {column}")
        if element.fields.get(1) != kind or element.fields.get(3) != _REQUIRED or 5 in element.fields:
            raise MalformedError(f"blob column {column} is no required INT{8 * _WIDTHS[kind]}")
        if element.optional(6) not in (None, _CONVERTED[kind]) or not _is_plain(element, kind):
            raise MalformedError(f"blob column {column} is annotated as something other than an integer")


def _is_plain(element: _Struct, kind: int) -> bool:
    """Whether the logical type is absent or a signed integer of the full width."""
    if 10 not in element.fields:
        return True
    integer = element.struct(10, "logical type").fields.get(10)
    return integer == {1: 8 * _WIDTHS[kind], 2: True}


def _read_row_group(group: _Struct, pages: "_Pages") -> RowGroup:
    rows = group.integer(3, low=1)
    if rows > ROW_GROUP_ROWS_MAX:
        raise LimitError(f"parquet row group has {rows} rows, want at most {ROW_GROUP_ROWS_MAX}")
    chunks, columns = group.items(1), []
    if len(chunks) != len(_COLUMNS):
        raise MalformedError(f"parquet row group has {len(chunks)} columns, want {len(_COLUMNS)}")
    for value, (name, kind) in zip(chunks, _COLUMNS, strict=True):
        chunk = _as_struct(value, "column chunk")
        if 1 in chunk.fields or 8 in chunk.fields or 9 in chunk.fields:
            raise MalformedError("parquet column lies in another file or is encrypted")
        meta = chunk.struct(3, "column metadata")
        if meta.integer(1) != kind or meta.items(3) != [name] or meta.integer(5) != rows:
            raise MalformedError("parquet column metadata contradicts the schema")
        if meta.integer(4) != _ZSTD:
            raise MalformedError(f"parquet column {name.decode('ascii')} is not compressed with ZSTD")
        columns.append(pages.read_chunk(meta, rows, _WIDTHS[kind]))
    return RowGroup(rows=rows, columns=tuple(columns))


class _Pages:
    """Walks the page headers of a file, within the file and with a cap on their number."""

    def __init__(self, data: bytes, end: int) -> None:
        self._data = data
        self._end = end
        self._count = 0

    def read_chunk(self, meta: _Struct, rows: int, width: int) -> tuple[Page, ...]:
        """Return the pages of one column chunk, which fill it exactly and hold `rows` values."""
        first = meta.integer(9, low=4, high=self._end)
        dictionary = meta.optional(11)
        # Some writers give 0 for a dictionary that is not there.
        at = dictionary if dictionary else first
        end = at + meta.integer(7, high=self._end)
        if not 4 <= at <= first < end <= self._end:
            raise MalformedError("parquet column lies outside the file")
        pages: list[Page] = []
        unpacked = 0
        while at < end:
            header = ThriftReader(self._data[at : min(at + _HEADER_BYTES_MAX, end)])
            found = _Struct(header.struct(), "page header")
            page = self._read_page(found, at + header.at, rows, width, is_first=not pages)
            pages.append(page)
            unpacked += page.unpacked + header.at
            at = page.at + page.size
        values = sum(page.count for page in pages if not page.is_dictionary)
        if at != end or values != rows:
            raise MalformedError(f"parquet pages have {values} values, want {rows}")
        if unpacked != meta.integer(6):
            raise MalformedError(
                f"parquet pages unpack to {unpacked} bytes, the footer says {meta.integer(6)}"
            )
        return tuple(pages)

    def _read_page(self, page: _Struct, at: int, rows: int, width: int, *, is_first: bool) -> Page:
        """Check one page header and return the page, whose content lies at `at`."""
        self._count += 1
        if self._count > _PAGES_MAX:
            raise LimitError(f"blob has more than {_PAGES_MAX} pages")
        kind, unpacked = page.integer(1), page.integer(2, high=2**40)
        if unpacked > min(_PAGE_BYTES_MAX, _SLACK_BYTES + 2 * rows * width):
            raise LimitError(
                f"parquet page unpacks to {unpacked} bytes, more than its rows or the limit allow"
            )
        if kind not in _PAGE_HEADERS:
            raise MalformedError(f"parquet page is of kind {kind}")
        header = page.struct(_PAGE_HEADERS[kind], "header for its kind of page")
        count = header.integer(1, high=rows)
        encoding = header.integer(4 if kind == _DATA_PAGE_V2 else 2)
        is_dictionary = kind == _DICTIONARY_PAGE
        if is_dictionary and (not is_first or encoding not in (_PLAIN, _PLAIN_DICTIONARY)):
            raise MalformedError("parquet dictionary is not plain or not the first page")
        if encoding not in _ENCODINGS:
            raise MalformedError(f"parquet page has encoding {encoding}")
        if kind == _DATA_PAGE_V2 and any(header.integer(number) != 0 for number in (2, 5, 6)):
            raise MalformedError("parquet page has levels or nulls, though its column is required")
        if (is_dictionary or encoding == _PLAIN) and count * width != unpacked:
            raise MalformedError("parquet page does not have the size of its values")
        return Page(
            at=at,
            size=page.integer(3, high=self._end - at),
            unpacked=unpacked,
            count=count,
            encoding=Encoding.PLAIN if is_dictionary else _ENCODINGS[encoding],
            is_dictionary=is_dictionary,
            is_compressed=kind != _DATA_PAGE_V2 or header.fields.get(7) is not False,
        )
