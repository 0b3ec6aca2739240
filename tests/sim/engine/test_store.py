"""The store: exact round trips, keys by content, survival of kills and damage."""

import dataclasses
import math
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.engine import store
from sim.engine.store import Store, StoreError, key, plain
from tests.sim.engine.tiny_experiment import Tiny

ROOT = Path(__file__).parents[3]

WRITER = """
import sys
from pathlib import Path
from sim.engine.store import Store
name, count = sys.argv[2], int(sys.argv[3])
with Store(Path(sys.argv[1])) as results:
    for i in range(count):
        results.put(f"{name}{i}", "writer", [{"i": i, "values": [float(i)] * 50}], 0.5)
        print(i, flush=True)
"""


def start_writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out" / "results.sqlite"


def test_measurements_round_trip_exactly(path: Path):
    floats = [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.pi]
    measurements = [
        {"floats": np.array(floats), "scalar": np.float64(0.1), "flag": np.bool_(True)},
        {"single": np.float32(0.1), "count": np.int64(2**60), "none": None, "text": "σ"},
    ]
    with Store(path) as results:
        results.put("k", "tiny", measurements, 0.1)
    with Store(path) as results:
        loaded = results.get("k")
        assert results.kept("k") == (loaded, 0.1)
        assert len(results) == 1
    assert loaded == plain(measurements)
    assert loaded is not None
    assert [x.hex() for x in loaded[0]["floats"]] == [x.hex() for x in floats]
    assert loaded[0]["scalar"] == 0.1
    assert loaded[0]["flag"] is True
    assert loaded[1] == {
        "single": float(np.float32(0.1)),
        "count": 2**60,
        "none": None,
        "text": "σ",
    }


def test_nan_round_trips(path: Path):
    with Store(path) as results:
        results.put("k", "tiny", [{"a": math.nan, "b": np.array([np.nan])}], 0.0)
        loaded = results.get("k")
    assert loaded is not None
    assert math.isnan(loaded[0]["a"])
    assert math.isnan(loaded[0]["b"][0])


def test_missing_and_replaced(path: Path):
    with Store(path) as results:
        assert results.get("k") is None
        assert results.kept("k") is None
        assert "k" not in results
        results.put("k", "tiny", [{"a": 1}], 1.0)
        assert "k" in results
        results.put("k", "tiny", [{"a": 2}], 2.0)
        assert results.get("k") == [{"a": 2}]
        assert results.kept("k") == (results.get("k"), 2.0)
        assert len(results) == 1


def test_value_without_json_form_is_refused_and_nothing_is_kept(path: Path):
    with Store(path) as results:
        with pytest.raises(TypeError, match="a measurement holds a object"):
            results.put("k", "tiny", [{"a": object()}], 1.0)
        assert len(results) == 0


@pytest.mark.parametrize(
    "damage",
    [
        "payload = substr(payload, 1, length(payload) - 1)",
        "payload = 'text'",
        "payload = CAST(x'ff' AS TEXT)",
        "payload = x''",
        "checksum = x'00'",
        "checksum = CAST(x'ff' AS TEXT)",
        "seconds = seconds + 1",
        "seconds = 'long'",
        "key = 'other'",
    ],
)
def test_damaged_row_counts_as_missing_and_is_deleted(path: Path, damage: str):
    with Store(path) as results:
        results.put("k", "tiny", [{"a": 1}], 1.0)
        results.put("good", "tiny", [{"a": 2}], 1.0)
    database = sqlite3.connect(path)
    with database:
        database.execute(f"UPDATE results SET {damage} WHERE key = 'k'")
    database.close()
    with Store(path) as results:
        assert results.get("other" if "key" in damage else "k") is None
        assert len(results) == 1
        assert results.get("good") == [{"a": 2}]


def test_checked_row_with_unreadable_content_counts_as_missing(path: Path):
    with Store(path) as results:
        results.put("k", "tiny", [{"a": 1}], 1.0)
    database = sqlite3.connect(path)
    with database:
        checksum = store._checksum("k", b"no zlib", 1.0)
        database.execute("UPDATE results SET payload = ?, checksum = ?", (b"no zlib", checksum))
    database.close()
    with Store(path) as results:
        assert results.get("k") is None


def test_nothing_committed_is_lost_to_sigkill(path: Path):
    committed = -1
    for round_ in range(3):
        writer = start_writer(path, f"r{round_}-", 10**6)
        assert writer.stdout is not None
        committed = [int(writer.stdout.readline()) for _ in range(40 + 17 * round_)][-1]
        writer.kill()
        rest = writer.stdout.read().split("\n")[:-1]  # a last line without its end is no claim
        writer.wait()
        writer.stdout.close()
        committed = max([committed, *map(int, rest)])
        with Store(path) as results:
            for i in range(committed + 1):
                expected = [{"i": i, "values": [float(i)] * 50}]
                assert results.get(f"r{round_}-{i}") == expected
            assert len(results) >= committed + 1
        database = sqlite3.connect(path)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()


def test_two_processes_create_and_write_at_once(path: Path):
    writers = [start_writer(path, name, 200) for name in "ab"]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    with Store(path) as results:
        assert len(results) == 400
        assert all(results.get(f"{name}{i}") for name in "ab" for i in range(200))


def assert_one_line(error: pytest.ExceptionInfo[StoreError], path: Path) -> None:
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(str(path))


def test_folder_that_cannot_be_made(tmp_path: Path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "results.sqlite"
    with pytest.raises(StoreError) as error:
        Store(path)
    assert_one_line(error, path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_unwritable_folder(tmp_path: Path):
    path = tmp_path / "results.sqlite"
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError) as error:
        Store(path)
    tmp_path.chmod(0o700)
    assert_one_line(error, path)


def test_folder_in_place_of_the_file(tmp_path: Path):
    with pytest.raises(StoreError) as error:
        Store(tmp_path)
    assert_one_line(error, tmp_path)


def test_file_that_is_no_database(tmp_path: Path):
    path = tmp_path / "results.sqlite"
    path.write_text("these are my notes, not a database\n" * 50)
    with pytest.raises(StoreError, match="not a database") as error:
        Store(path)
    assert_one_line(error, path)
    assert path.read_text().startswith("these are my notes")


def test_database_of_another_program_is_left_alone(tmp_path: Path):
    path = tmp_path / "results.sqlite"
    database = sqlite3.connect(path)
    with database:
        database.execute("CREATE TABLE results (a)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Store(path)
    assert path.read_bytes() == before


def test_newer_schema(path: Path):
    Store(path).__exit__()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(StoreError, match="newer version") as error:
        Store(path)
    assert_one_line(error, path)


def test_damaged_schema_that_is_no_text(path: Path):
    """The message of SQLite quotes it, and Python cannot read the message."""
    Store(path).__exit__()
    content = path.read_bytes()
    assert content.count(b"tableresultsresults") == 1
    path.write_bytes(content.replace(b"tableresultsresults", b"tableresul\xcasresults"))
    with pytest.raises(StoreError, match="malformed") as error:
        Store(path)
    assert_one_line(error, path)


def test_damaged_pages_raise_a_clear_error(path: Path):
    with Store(path) as results:
        for i in range(200):
            results.put(f"k{i}", "tiny", [{"values": list(range(i, i + 300))}], 1.0)
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError) as error, Store(path) as results:
        results.get("k7")
    assert_one_line(error, path)


def test_key_depends_on_all_that_decides_the_result(monkeypatch: pytest.MonkeyPatch):
    tiny = Tiny()
    keys = [
        key(tiny, 0, 0, "cpu"),
        key(dataclasses.replace(tiny, size=21), 0, 0, "cpu"),
        key(tiny, 1, 0, "cpu"),
        key(tiny, 0, 1, "cpu"),
        key(tiny, 0, 0, "cuda"),
    ]
    monkeypatch.setattr(Tiny, "dtype", "float32")
    keys.append(key(tiny, 0, 0, "cpu"))
    monkeypatch.setattr(store, "fingerprint_of", lambda _: "0" * 16)
    keys.append(key(tiny, 0, 0, "cpu"))
    monkeypatch.setattr(store, "versions", lambda: {"torch": "9"})
    keys.append(key(tiny, 0, 0, "cpu"))
    assert len(set(keys)) == len(keys)


def test_key_is_stable():
    assert key(Tiny(), 0, 0, "cpu") == key(Tiny(), 0, 0, "cpu")


@pytest.mark.parametrize("library", ["numpy", "scipy", "sympy", "torch", "scikit-learn"])
def test_another_version_of_a_library_is_another_key(monkeypatch: pytest.MonkeyPatch, library: str):
    before, installed = key(Tiny(), 0, 0, "cpu"), store.importlib.metadata.version
    monkeypatch.setattr(
        store.importlib.metadata,
        "version",
        lambda name: "99.0" if name == library else installed(name),
    )
    store.versions.cache_clear()
    after = key(Tiny(), 0, 0, "cpu")
    store.versions.cache_clear()
    assert after != before


def test_module_imports_no_torch():
    modules = "sim.engine.store, sim.data.csv_file, sim.engine.executor"
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_store_that_is_read_stays_as_it_is(path: Path):
    with Store(path) as results:
        for name in ("first", "second"):
            results.put(name, "tiny", [{"value": name}], 0.1)
        results.put("other", "another", [], 0.1)
        results._database.execute("UPDATE results SET checksum = x'00' WHERE key = 'first'")
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    with Store(path, read_only=True) as results:
        assert results.keys_of("tiny") == ["second", "first"]
        assert results.get("second") == [{"value": "second"}]
        assert results.get("first") is None  # damaged: deleted where one may write
        with pytest.raises(StoreError, match="readonly"):
            results.put("third", "tiny", [], 0.1)
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_a_store_is_read_while_another_process_has_it(path: Path):
    with Store(path) as writer:
        writer.put("k", "tiny", [{"value": 1}], 0.1)
        with Store(path, read_only=True) as reader:
            assert reader.get("k") == [{"value": 1}]
            writer.put("l", "tiny", [{"value": 2}], 0.1)
            assert reader.get("l") == [{"value": 2}]


def test_no_store_is_made_to_be_read(path: Path):
    with pytest.raises(StoreError, match="No such file"):
        Store(path, read_only=True)
    assert not path.parent.exists()
