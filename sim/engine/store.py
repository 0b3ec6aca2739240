"""Store: results of simulation blocks, kept by the content that determines them.

The key of a block hashes its settings, seed, block, device, the code that its experiment imports
and the numeric libraries, so a changed experiment is recomputed and an unchanged one is resumed.
One SQLite file in WAL mode with ``synchronous=NORMAL``: each `Store.put` is one transaction, a
killed process loses nothing that was committed, and several processes may write at once (a power
failure may lose the last commits, but not damage the file).
"""

import errno
import hashlib
import importlib.metadata
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sim.engine.fingerprint import fingerprint_of
from sim.experiment import Experiment, Measurement
from sim.native import compiler

# whose code can change the numbers
LIBRARIES = ("numpy", "scipy", "sympy", "torch", "scikit-learn")
SCHEMA = 1
COMPRESSION = 1  # of zlib: a fifth of the time of its default, an eighth more room
APPLICATION_ID = 0x74686379  # "thcy": tells our file from any other SQLite database
BUSY_SECONDS = 30.0  # how long to wait for another process that writes
TABLE = """CREATE TABLE IF NOT EXISTS results (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    experiment TEXT NOT NULL,
    payload BLOB NOT NULL,
    checksum BLOB NOT NULL,
    seconds REAL NOT NULL
)"""


class StoreError(Exception):
    """The result file cannot be used; the message is one line that says why."""


@cache
def versions() -> dict[str, str]:
    """Versions of the libraries that measurements depend on, and what compiles machine code."""
    known = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return known | {"compiler": compiler() or "none"}


def key(experiment: Experiment, seed: int, block_index: int, device: str) -> str:
    """Content key (64 hex digits) of one block: equal keys mean equal measurements.

    The code is what the experiment's modules import, see `sim.engine.fingerprint`.
    """
    parts = {
        "settings": experiment.settings(),
        "seed": seed,
        "block": block_index,
        "device": device,
        "dtype": experiment.dtype,
        "code": fingerprint_of(experiment),
        "versions": versions(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def encoded(measurements: Sequence[Measurement]) -> bytes:
    """The measurements as JSON: dicts, lists, strings and numbers only.

    Arrays, tensors and tuples become lists, array scalars become numbers; floats keep their
    exact value, NaN and infinities included.

    Raises:
        TypeError: a value has no JSON form.
    """
    return json.dumps([dict(m) for m in measurements], default=_to_list).encode()


def plain(measurements: Sequence[Measurement]) -> list[Measurement]:
    """The measurements as `Store.get` returns them, see `encoded`."""
    return json.loads(encoded(measurements))


def _to_list(value: Any) -> Any:
    if hasattr(value, "tolist"):  # numpy arrays and scalars, torch tensors
        return value.tolist()
    raise TypeError(f"a measurement holds a {type(value).__name__}, which has no JSON form")


class Store:
    """The result file at ``path``, created with its folder if missing; a context manager.

    Use one instance per thread. Every method raises `StoreError` when the file fails.

    Args:
        path: of the file.
        read_only: nothing is created, written or deleted, and the folder need not be writable.

    Raises:
        StoreError: the folder is not writable, the file is no database, belongs to another
            program, or was written by a newer version; there is none to read.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path, self.read_only = path, read_only
        with self._one_line_errors():
            self._database = _opened_to_read(path) if read_only else _opened(path)
        try:
            with self._one_line_errors():
                self._refuse_foreign() if read_only else self._prepare()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *exception: object) -> None:
        self._database.close()

    def __len__(self) -> int:
        with self._one_line_errors():
            return self._database.execute("SELECT count(*) FROM results").fetchone()[0]

    def __contains__(self, key: str) -> bool:
        """Whether there is something under ``key``, damaged or not."""
        with self._one_line_errors():
            query = "SELECT 1 FROM results WHERE key = ?"
            return self._database.execute(query, (key,)).fetchone() is not None

    def get(self, key: str) -> list[Measurement] | None:
        """The measurements kept under ``key``; None when missing or damaged (then deleted)."""
        kept = self.kept(key)
        return None if kept is None else kept[0]

    def kept(self, key: str) -> tuple[list[Measurement], float] | None:
        """The measurements and the wall-clock seconds that the block took; None as for `get`."""
        with self._one_line_errors():
            # CAST: a damaged file may hold any type in any column, even undecodable text.
            row = self._database.execute(
                "SELECT CAST(payload AS BLOB), CAST(checksum AS BLOB), CAST(seconds AS REAL)"
                " FROM results WHERE key = ?",
                (key,),
            ).fetchone()
            if row is None:
                return None
            measurements = _decode(key, *row)
            if measurements is None and not self.read_only:
                # Only the row just seen: another process may have replaced it meanwhile.
                self._database.execute(
                    "DELETE FROM results WHERE key = ? AND CAST(payload AS BLOB) IS ?"
                    " AND CAST(checksum AS BLOB) IS ? AND CAST(seconds AS REAL) IS ?",
                    (key, *row),
                )
        return None if measurements is None else (measurements, row[2])

    def keys_of(self, experiment_name: str) -> list[str]:
        """The keys of all that was kept under an experiment's name, the last one first."""
        query = "SELECT key FROM results WHERE experiment = ? ORDER BY id DESC"
        with self._one_line_errors():
            rows = self._database.execute(query, (experiment_name,)).fetchall()
        return [key for (key,) in rows if isinstance(key, str)]

    def put(
        self, key: str, experiment_name: str, measurements: Sequence[Measurement], seconds: float
    ) -> None:
        """Keep one block durably, replacing what was there.

        Raises:
            TypeError: a measurement has no JSON form (see `plain`).
            StoreError: the file cannot be written.
        """
        self.put_encoded(key, experiment_name, encoded(measurements), seconds)

    def put_encoded(self, key: str, experiment_name: str, block: bytes, seconds: float) -> None:
        """`put` for what `encoded` gave, in another process maybe."""
        payload = zlib.compress(block, COMPRESSION)
        row = (key, experiment_name, payload, _checksum(key, payload, seconds), float(seconds))
        with self._one_line_errors():
            self._database.execute(
                "INSERT OR REPLACE INTO results (key, experiment, payload, checksum, seconds)"
                " VALUES (?, ?, ?, ?, ?)",
                row,
            )

    def _prepare(self) -> None:
        self._refuse_foreign()
        self._use_wal()
        self._database.execute("PRAGMA synchronous=NORMAL")
        # One transaction, so that two processes that create the file agree; it also tells a
        # read-only file now rather than after the first block.
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute(TABLE)
        self._database.execute(f"PRAGMA application_id={APPLICATION_ID}")
        self._database.execute(f"PRAGMA user_version={SCHEMA}")
        self._database.execute("COMMIT")

    def _refuse_foreign(self) -> None:
        version, application, tables = self._database.execute(
            "SELECT (SELECT user_version FROM pragma_user_version),"
            " (SELECT application_id FROM pragma_application_id),"
            " (SELECT count(*) FROM sqlite_master)"
        ).fetchone()
        if (tables or version) and application != APPLICATION_ID:
            raise StoreError(f"{self.path}: a database of another program, not a result file")
        if version > SCHEMA:
            raise StoreError(
                f"{self.path}: written by a newer version (schema {version}, this one reads"
                f" {SCHEMA})"
            )

    def _use_wal(self) -> None:
        # The switch to WAL does not always honor the busy timeout.
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._database.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    @contextmanager
    def _one_line_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error
        except UnicodeDecodeError as error:  # of a message about a damaged file, which quotes it
            raise StoreError(f"{self.path}: malformed, with text that is no UTF-8") from error
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror or error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)


def _opened_to_read(path: Path) -> sqlite3.Connection:
    """As what nobody writes where nobody does: then SQLite leaves no files beside it."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    shared = path.with_name(f"{path.name}-wal").exists() and os.access(path.parent, os.W_OK)
    fixed = "" if shared else "&immutable=1"
    address = f"{path.resolve().as_uri()}?mode=ro{fixed}"
    return sqlite3.connect(address, timeout=BUSY_SECONDS, isolation_level=None, uri=True)


def _checksum(key: str, payload: bytes, seconds: float) -> bytes:
    head = f"{key} {float(seconds)!r} ".encode()
    return hashlib.sha256(head + payload).digest()


def _decode(
    key: str, payload: bytes | None, checksum: bytes | None, seconds: float | None
) -> list[Measurement] | None:
    """The measurements of a row, or None when it is not what `Store.put` wrote."""
    if payload is None or seconds is None or checksum != _checksum(key, payload, seconds):
        return None
    try:
        value = json.loads(zlib.decompress(payload))
    except (zlib.error, ValueError):
        return None
    return value if isinstance(value, list) else None
