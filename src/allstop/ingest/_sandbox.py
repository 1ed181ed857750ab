"""DuckDB with nothing within its reach but one private folder.

No network, no extensions, no spilling to disk, a cap on memory, and a configuration that cannot be changed
afterwards. Files are put into the folder under a name of ours, so no path of others enters a query.
"""

import contextlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

import duckdb

from allstop.errors import LimitError, MalformedError, OperationalError

__all__ = ["Sandbox"]

_MEMORY_LIMIT = "512MB"

_STATISTICS_OPTIMIZERS = "statistics_propagation,compressed_materialization"
"""They plan by the statistics in a file's footer, which nothing checks: lies gave groups under wrong keys."""


class Sandbox:
    """A private folder and, once it is needed, a connection that sees only this folder.

    Opens nothing until first used. Both vanish with `close`, or with the object. `plans_by_statistics`
    is for writing: only with statistics of its own data does DuckDB mark a column as required.
    """

    def __init__(self, *, plans_by_statistics: bool = False) -> None:
        self._plans_by_statistics = plans_by_statistics
        self._folder: Path | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._remove: weakref.finalize | None = None  # type: ignore[type-arg]  # generic in stubs only

    @property
    def folder(self) -> Path:
        """The private folder, made on first use."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="allstop-")).resolve()
            self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return the connection, opened on first use."""
        if self._connection is None:
            self._connection = _connect(self.folder, plans_by_statistics=self._plans_by_statistics)
        return self._connection

    @contextlib.contextmanager
    def reading(self, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the connection; whatever DuckDB raises becomes an error of ours about `what`.

        Raises:
            MalformedError: the file cannot be decoded.
            LimitError: decoding needs more memory than this program gives.
        """
        try:
            yield self.connection()
        except duckdb.OutOfMemoryException as exc:
            self._disconnect()
            raise LimitError(f"{what} needs more than {_MEMORY_LIMIT} of memory") from exc
        except (duckdb.Error, ValueError, OverflowError, RuntimeError) as exc:
            # After some errors a connection is unusable, so every error costs it.
            self._disconnect()
            raise MalformedError(f"{what} cannot be decoded") from exc

    def put(self, name: str, data: bytes) -> Path:
        """Write a file of ours into the private folder and return its path.

        Raises:
            OperationalError: there is no room.
        """
        path = self.folder / name
        try:
            path.write_bytes(data)
        except OSError as exc:
            raise OperationalError(f"cannot write into {path.parent}: {exc.strerror}") from exc
        return path

    def close(self) -> None:
        """Close the connection and remove the folder; a later use opens both again."""
        self._disconnect()
        if self._remove is not None:
            self._remove()
        self._folder = None

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _connect(folder: Path, *, plans_by_statistics: bool) -> duckdb.DuckDBPyConnection:
    """Open a connection and shut it in. The order matters: each step forbids more, the last one all change."""
    inside = "'" + str(folder).replace("'", "''") + "/'"
    try:
        connection = duckdb.connect(":memory:", config={"threads": "1"})
        for setting in (
            f"memory_limit = '{_MEMORY_LIMIT}'",
            "preserve_insertion_order = true",
            "python_enable_replacements = false",
            "temp_directory = ''",
            f"disabled_optimizers = '{'' if plans_by_statistics else _STATISTICS_OPTIMIZERS}'",
            "allow_community_extensions = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            f"allowed_directories = [{inside}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            connection.execute(f"SET {setting}")
    except duckdb.Error as exc:
        raise OperationalError("cannot open an in-memory database") from exc
    return connection
