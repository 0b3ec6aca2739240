"""Files are written as a whole, whatever happens meanwhile."""

import os
import resource
import signal
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from validate.results import whole_file
from validate.results.whole_file import write_whole

LARGE = 1 << 20


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def test_a_file_is_written_with_its_folder(tmp_path: Path):
    path = tmp_path / "new" / "a [1]*.json"
    for content in (b"first", b"", b"second"):
        write_whole(path, content)
        assert path.read_bytes() == content
        assert names(path.parent) == {path.name}


def test_it_may_be_read_by_whom_other_files_may(tmp_path: Path):
    write_whole(tmp_path / "ours", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_failed_write_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "file"
    write_whole(path, b"former")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"former"
    assert names(tmp_path) == {"file"}


def _with_limit(path: str) -> None:
    """Write more than the process may."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        write_whole(Path(path), b"x" * LARGE)
    except OSError as error:
        sys.exit(error.errno)


def test_a_full_disk_leaves_the_former_file(tmp_path: Path):
    path = tmp_path / "file"
    write_whole(path, b"former")
    process = get_context("fork").Process(target=_with_limit, args=(str(path),))
    process.start()
    process.join(30)
    assert process.exitcode == 27  # EFBIG
    assert path.read_bytes() == b"former"
    assert names(tmp_path) == {"file"}


WRITER = """
import sys
from pathlib import Path
from validate.results.whole_file import write_whole
for count in range(int(sys.argv[3])):
    write_whole(Path(sys.argv[1]), sys.argv[2].encode() * 50_000)
"""


def test_several_processes_may_write_the_same_file(tmp_path: Path):
    """A name beside the file that they shared failed in 3 of 600 writes."""
    path = tmp_path / "file"
    letters = "abcd"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), letter, "150"])
        for letter in letters
    ]
    seen = set()
    while any(one.poll() is None for one in writers):
        if path.exists():
            seen.add(path.read_bytes())
    assert [one.returncode for one in writers] == [0] * 4
    assert seen <= {letter.encode() * 50_000 for letter in letters}
    assert names(tmp_path) == {"file"}


def test_what_killed_processes_left_is_removed(tmp_path: Path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f".file.{ended.pid}.0011aabb"
    others = [f".file.{os.getpid()}.0011aabb", ".file.x.y", f".files.{ended.pid}.0011aabb"]
    for name in (left.name, *others):
        (tmp_path / name).write_bytes(b"part")
    write_whole(tmp_path / "file", b"whole")
    assert names(tmp_path) == {"file", *others}


def test_links_and_devices_stay_what_they_are(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole(tmp_path / "link", b"content")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"content"
    write_whole(Path("/dev/null"), b"content")
    assert not Path("/dev/null").is_file()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, b"a folder")
