"""Files beside the database: whole or not at all, random names, nothing served that changed."""

import hashlib
import os
import stat
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.files import NAME, NotWhole, Shelf, TooLarge, pieces

HOUR = 3600


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Return a shelf whose folder does not exist yet."""
    return Shelf(tmp_path / "instance" / "shelf")


def lying(shelf: Shelf) -> list[str]:
    return sorted(os.listdir(shelf.folder)) if shelf.folder.exists() else []


def test_file_is_kept_whole_under_a_name_that_tells_nothing(shelf: Shelf) -> None:
    stored = shelf.add([b"abc", b"", b"def"])
    assert NAME.match(stored.name)
    assert (stored.size, stored.sha256) == (6, hashlib.sha256(b"abcdef").hexdigest())
    assert shelf.path(stored.name).read_bytes() == b"abcdef"
    assert lying(shelf) == [stored.name]
    assert shelf.add([b"abcdef"]).name != stored.name
    if os.name == "posix":
        assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(shelf.path(stored.name).stat().st_mode) == 0o600


@pytest.mark.parametrize(("size", "fits"), [(9, True), (10, True), (11, False)])
def test_limit_is_the_largest_size_that_is_kept(shelf: Shelf, size: int, fits: bool) -> None:
    if fits:
        assert shelf.add([b"x" * size], limit=10).size == size
    else:
        with pytest.raises(TooLarge):
            shelf.add([b"x" * size], limit=10)
        assert lying(shelf) == []


def test_broken_off_sending_leaves_nothing(shelf: Shelf) -> None:
    def broken() -> Iterator[bytes]:
        yield b"abc"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        shelf.add(broken())
    assert lying(shelf) == []


def test_file_goes_when_what_is_done_with_it_fails(shelf: Shelf) -> None:
    def fail() -> None:
        with shelf.adding([b"abc"]) as stored:
            assert lying(shelf) == [stored.name]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert lying(shelf) == []
    with shelf.adding([b"abc"]) as stored:
        pass
    assert lying(shelf) == [stored.name]


@pytest.mark.parametrize(
    "name", ["", "a", "../secret", "/etc/passwd", "0" * 32, "0" * 31 + "g", "0" * 32 + "\n"]
)
def test_strange_name_is_no_file(shelf: Shelf, name: str) -> None:
    shelf.add([b"abc"])
    (shelf.folder.parent / "secret").write_text("secret")
    with pytest.raises(FileNotFoundError):
        shelf.path(name)
    shelf.remove(name)
    assert (shelf.folder.parent / "secret").exists()


def test_file_is_opened_only_as_it_was_stored(shelf: Shelf) -> None:
    stored = shelf.add([b"abc"])
    with shelf.open_whole(stored.name, stored.sha256) as file:
        assert file.read() == b"abc"
    shelf.path(stored.name).write_bytes(b"abd")
    with pytest.raises(NotWhole):
        shelf.open_whole(stored.name, stored.sha256)
    shelf.remove(stored.name)
    shelf.remove(stored.name)
    with pytest.raises(NotWhole):
        shelf.open_whole(stored.name, stored.sha256)


def test_strangers_are_old_files_that_no_record_knows(shelf: Shelf) -> None:
    now = time.time()
    assert shelf.strangers((), before=now) == []
    known, old, young = (shelf.add([b"abc"]).name for _time in range(3))
    part = shelf.folder / "tmpabc.part"
    part.write_bytes(b"a")
    (shelf.folder / "README").write_text("not ours")
    for name in (known, old, part.name, "README"):
        os.utime(shelf.folder / name, (now - 2 * HOUR, now - 2 * HOUR))
    assert shelf.strangers({known}, before=now - HOUR) == sorted([old, part.name])
    for name in (old, part.name):
        shelf.remove(name)
    assert lying(shelf) == sorted([known, young, "README"])


def test_large_file_is_never_in_memory_whole(shelf: Shelf, tmp_path: Path) -> None:
    source = tmp_path / "large"
    source.write_bytes(b"\0" * 20 * 1024 * 1024)
    with source.open("rb") as file:
        tracemalloc.start()
        stored = shelf.add(pieces(file))
        shelf.open_whole(stored.name, stored.sha256).close()
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert stored.size == 20 * 1024 * 1024
    assert peak < 4 * 1024 * 1024
