"""归档 of the 审计日志 in a backup, and the data key that its numbers were sealed with."""

import datetime as dt
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actions import audit
from app.audit_log import files as audit_files
from app.backup.restore import BUILDING, restore
from app.extensions import db
from app.jobs import backup
from app.keys import EXTENSION, KeySource
from app.models import AuditEntry
from app.web.server import is_migrated
from tests.backups import NIGHT, command, fill, place, source, with_folder
from tests.databases import DATA_KEY
from tests.factories import at
from tests.tampering import by_hand

__all__ = ["place", "source"]
OLD, LATER = at("2021-03-05 09:00"), at("2021-04-02 09:00")
EMPTY = f"UPDATE audit_head SET seq = 0, hash = '{'0' * 64}'"  # noqa: S608
OTHER_KEY = "quite another key of these tests 9876543210 abcdef"
Freeze = Callable[[dt.datetime], None]


def audit_command(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["audit", *words])
    return result.exit_code, result.output


@pytest.fixture
def old(app: Flask, session: Any, tmp_path: Path, freeze: Freeze) -> Iterator[Flask]:
    """Return an office filled in March 2021, whose log of then stands in a file too."""
    by_hand("DELETE FROM audit_entries", EMPTY)  # what the making of the database left there
    for office in with_folder(app, tmp_path / "source"):
        freeze(OLD)
        fill(office)
        freeze(LATER)
        assert audit_files.archive(office.config["SETTINGS"], now=LATER) is not None
        freeze(NIGHT)
        yield office
        db.session.remove()


def file_of(office: Flask) -> Path:
    return next(audit_files.folder_of(office.config["SETTINGS"]).glob("*.gz"))


def forget_what_is_archived(office: Flask) -> None:
    assert audit_files.remove(office.config["SETTINGS"], now=NIGHT) > 5


def test_restored_log_is_proved_across_its_archived_months(
    old: Flask, place: Flask, tmp_path: Path
) -> None:
    """An archive of later, found beside the anchors, is kept under another name."""
    forget_what_is_archived(old)
    written = file_of(old)
    code, output = command(old, "create", tmp_path / "office.zip")
    assert (code, "日志归档 1 个" in output) == (0, True), output
    with zipfile.ZipFile(tmp_path / "office.zip") as archive:
        parts = {p["name"]: p for p in json.loads(archive.read("manifest.json"))["parts"]}
        assert f"audit-archive/{written.name}" in parts
        assert archive.read(f"audit-archive/{written.name}") == written.read_bytes()
    db.session.rollback()
    folder = audit_files.folder_of(place.config["SETTINGS"])
    folder.mkdir(parents=True)
    (folder / "audit-000009006-000009099.jsonl.gz").write_bytes(b"of later")
    with place.app_context():
        code, output = command(place, "restore", tmp_path / "office.zip", "--yes")
        assert (code, "日志归档 1 个相符" in output) == (0, True), output
        assert "晚于备份的" in output
        code, output = audit_command(place, "verify")
        assert (code, "审计日志完好" in output) == (0, True), output
        assert db.session.scalar(select(func.min(AuditEntry.id))) > 5
    assert (folder / written.name).read_bytes() == written.read_bytes()
    (later,) = folder.glob("*-000009099.jsonl.gz.*")
    assert later.read_bytes() == b"of later"


@pytest.mark.sqlite_only
def test_lost_month_is_told_and_restored_as_the_gap_it_is(
    old: Flask, place: Flask, tmp_path: Path
) -> None:
    """As long as the table holds the entries too, only the file is lost."""
    written = file_of(old)
    written.rename(tmp_path / "elsewhere.gz")
    made = backup.run(NIGHT)
    assert (made.done, made.failed, "审计日志归档有1个" in made.note) == (1, 1, True)
    code, output = command(old, "verify", next((tmp_path / "source/backups").iterdir()))
    assert (code, "1 个审计日志归档缺失" in output) == (0, True), output
    (tmp_path / "elsewhere.gz").rename(written)
    forget_what_is_archived(old)
    written.rename(tmp_path / "elsewhere.gz")
    code, output = command(old, "create", tmp_path / "office.zip")
    assert (code, "审计日志有" in output) == (3, True), output
    with place.app_context():
        code, output = command(place, "restore", tmp_path / "office.zip", "--yes")
        assert (code, "第1条缺失" in output) == (0, True), output


@pytest.mark.sqlite_only
def test_another_data_key_is_told_before_anything_is_done(
    source: Flask, place: Flask, tmp_path: Path
) -> None:
    assert command(source, "create", tmp_path / "office.zip")[0] == 0
    with zipfile.ZipFile(tmp_path / "office.zip") as archive:
        (check,) = json.loads(archive.read("manifest.json"))["data_keys"]
    assert DATA_KEY not in check
    db.session.rollback()
    given = place.extensions[EXTENSION]
    place.extensions[EXTENSION] = KeySource(replace(given.settings, data_key=OTHER_KEY))
    with place.app_context():
        code, output = command(place, "verify", tmp_path / "office.zip")
        assert (code, "另一个数据密钥" in output, check[:8] in output) == (1, True, True), output
        code, output = command(place, "restore", tmp_path / "office.zip", "--yes")
        assert (code, "BANJIE_DATA_KEY" in output) == (1, True), output
        assert not is_migrated(place)
        assert not (tmp_path / "place" / "attachments").exists()
        both = replace(given.settings, data_key=f"{OTHER_KEY},{DATA_KEY}")
        place.extensions[EXTENSION] = KeySource(both)
        assert command(place, "verify", tmp_path / "office.zip")[0] == 0
        assert command(place, "restore", tmp_path / "office.zip", "--yes")[0] == 0
    place.extensions[EXTENSION] = given


def test_second_restore_at_the_same_time_is_refused(
    source: Flask, place: Flask, tmp_path: Path
) -> None:
    path, answers = tmp_path / "office.zip", []
    assert command(source, "create", path)[0] == 0
    db.session.rollback()

    def begin_another(what: str, _done: int, _total: int) -> None:
        if what == BUILDING and not answers:
            answers.append("")
            answers[0] = command(place, "restore", path, "--yes")

    with place.app_context():
        restore(path, place.config["SETTINGS"], now=NIGHT, tell=begin_another)
        ((code, output),) = answers
        assert (code, "另一个恢复正在这里进行" in output) == (1, True), output
        assert is_migrated(place)
        assert audit.verify(anchors={}) == []
