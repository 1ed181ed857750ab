"""The Thrift compact protocol, as far as the headers of Parquet files need it.

A value becomes plain Python: a struct is a dict from field number to value. There are caps on depth, on
lists and on text, and every read is checked against the end, so that no header makes this program reserve
memory. Sets and maps, which Parquet does not use, are refused.
"""

from allstop.errors import MalformedError

__all__ = ["ThriftReader", "ThriftValue"]

ThriftValue = bool | int | bytes | list["ThriftValue"] | dict[int, "ThriftValue"]

_DEPTH_MAX = 16
_LIST_MAX = 1_000_000
_VARINT_BYTES_MAX = 10
_STOP, _TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _STRUCT = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    12,
)


class ThriftReader:
    """Reads compact structs from `data`, starting at `at`."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    def struct(self, depth: int = 0) -> dict[int, ThriftValue]:
        """Read one struct; a field that appears twice is an error.

        Raises:
            MalformedError: the bytes end early, are nested too deep, or hold a type Parquet does not use.
        """
        if depth > _DEPTH_MAX:
            raise MalformedError(f"parquet header is nested deeper than {_DEPTH_MAX}")
        fields: dict[int, ThriftValue] = {}
        number = 0
        while True:
            head = self._byte()
            if head == _STOP:
                return fields
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            if number in fields:
                raise MalformedError(f"parquet header has field {number} twice")
            kind = head & 0x0F
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)

    def _value(self, kind: int, depth: int) -> ThriftValue:
        if kind in (_I16, _I32, _I64):
            return self._zigzag()
        if kind == _BINARY:
            return self._take(self._varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind == _LIST:
            return self._list(depth + 1)
        if kind in (_BYTE, _TRUE, _FALSE):
            return self._byte()
        if kind == _DOUBLE:
            return self._take(8)
        raise MalformedError(f"parquet header has a value of type {kind}")

    def _list(self, depth: int) -> list[ThriftValue]:
        if depth > _DEPTH_MAX:
            raise MalformedError(f"parquet header is nested deeper than {_DEPTH_MAX}")
        head = self._byte()
        size = head >> 4
        if size == 15:
            size = self._varint()
        if size > min(_LIST_MAX, len(self._data) - self.at):
            raise MalformedError(f"parquet header has a list of {size} items, more than it has bytes")
        return [self._value(head & 0x0F, depth) for _ in range(size)]

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise MalformedError("parquet header ends early")
        self.at += 1
        return self._data[self.at - 1]

    def _take(self, size: int) -> bytes:
        if size > len(self._data) - self.at:
            raise MalformedError("parquet header ends early")
        self.at += size
        return self._data[self.at - size : self.at]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 7 * _VARINT_BYTES_MAX, 7):
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
        raise MalformedError("parquet header has a number of more than 64 bits")

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
