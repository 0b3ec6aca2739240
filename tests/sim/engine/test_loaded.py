"""What a process says that it loaded: hashes of what really runs, not of the files afterwards."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

BEFORE, AFTER = "COUNT = 0\n", "COUNT = 1\n"  # of one size


def digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def said(folder: Path, program: str, source: str, **environment: str) -> str:
    """What ``program`` makes `other_than` say when the module ``told`` is to be ``source``."""
    start = f"""
import importlib.util, os, sys, time
from pathlib import Path
from sim.engine.loaded import other_than, record_imports
BEFORE, AFTER, file = {BEFORE!r}, {AFTER!r}, Path("told.py")
started = time.time()
{program}
print(told.COUNT, other_than({{"told": {digest(source)!r}, "never_loaded": "0"}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", start],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def module(folder: Path) -> Path:
    """The module, written long before any process starts."""
    file = folder / "told.py"
    file.write_text(BEFORE)
    return file


def test_what_is_imported_is_hashed_and_not_the_file_afterwards(tmp_path: Path):
    module(tmp_path)
    program = "record_imports(started)\nimport told\nfile.write_text(AFTER)"
    assert said(tmp_path, program, BEFORE) == "0 None"
    module(tmp_path)
    assert said(tmp_path, program, AFTER) == "0 told"


def test_a_compiled_file_of_another_source_is_not_used(tmp_path: Path):
    """As Python would: the source has the size and the time that the compiled file tells."""
    file = module(tmp_path)
    os.utime(file, (1e9, 1e9))
    said(tmp_path, "import told", BEFORE)
    assert (tmp_path / "__pycache__").exists()
    file.write_text(AFTER)
    os.utime(file, (1e9, 1e9))
    assert said(tmp_path, "import told", BEFORE) == "0 None"  # the danger is there
    assert said(tmp_path, "record_imports(started)\nimport told", AFTER) == "1 None"


IMPORTED_BEFORE = "import told\n{edit}\nrecord_imports(started)"


def test_what_was_imported_before_is_hashed_from_its_file(tmp_path: Path):
    module(tmp_path)
    program = "time.sleep(0.05); started = time.time()\n" + IMPORTED_BEFORE
    assert said(tmp_path, program.format(edit=""), BEFORE) == "0 None"
    assert said(tmp_path, program.format(edit=""), AFTER) == "0 told"


def test_a_file_that_was_written_meanwhile_tells_nothing(tmp_path: Path):
    module(tmp_path)
    program = IMPORTED_BEFORE.format(edit="file.write_text(AFTER)")
    assert said(tmp_path, program, AFTER) == "0 told"


def test_nor_does_one_that_was_put_in_its_place(tmp_path: Path):
    """A file that is moved there keeps the time when it was written."""
    module(tmp_path)
    (tmp_path / "other.py").write_text(AFTER)
    os.utime(tmp_path / "other.py", (1e9, 1e9))
    program = IMPORTED_BEFORE.format(edit="os.replace('other.py', file)")
    assert said(tmp_path, program, AFTER) == "0 told"


def test_nor_does_one_whose_compiled_file_was_used_for_another_source(tmp_path: Path):
    """Edited in the second in which it was compiled; the next process is right."""
    file = module(tmp_path)
    said(tmp_path, "import told", BEFORE)
    compiled = next((tmp_path / "__pycache__").iterdir())
    second = file.stat().st_mtime_ns
    os.utime(compiled, ns=(second, second))
    file.write_text(AFTER)
    os.utime(file, ns=(second, second))
    program = "time.sleep(0.05); started = time.time()\n" + IMPORTED_BEFORE.format(edit="")
    assert said(tmp_path, program, AFTER) == "0 told"
    assert said(tmp_path, program, AFTER) == "1 None"


PAST = """
spec = importlib.util.spec_from_file_location("told", file)
told = sys.modules["told"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(told)
"""


def test_what_is_loaded_past_the_finder_is_hashed_too(tmp_path: Path):
    module(tmp_path)
    program = f"time.sleep(0.05); started = time.time()\nrecord_imports(started)\n{PAST}"
    assert said(tmp_path, program, BEFORE) == "0 None"
    assert said(tmp_path, program, AFTER) == "0 told"
    assert said(tmp_path, f"{program}\nfile.write_text(AFTER)", AFTER) == "0 told"


def test_a_process_that_records_nothing_has_what_it_has(tmp_path: Path):
    module(tmp_path)
    assert said(tmp_path, "import told", AFTER) == "0 None"
