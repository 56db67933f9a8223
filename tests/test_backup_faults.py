"""A log that was tampered with is saved as it is: told when saved, read and restored."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.actions import audit
from app.audit_log.anchors import add_anchor, anchor_file
from app.backup.archive import open_archive
from app.backup.create import silent
from app.domain.audit import Head, Tampering
from app.extensions import db
from app.jobs import backup, scheduler
from app.models import Account, AuditEntry
from app.web.server import is_migrated
from tests.backups import NIGHT, command, place, source
from tests.tampering import by_hand
from tests.views.pages import text_of

__all__ = ["place", "source"]
EDITED = "UPDATE audit_entries SET object_name = '另' WHERE id = 2"
TORN = "DELETE FROM case_events WHERE id = (SELECT min(id) FROM case_events)"


def test_log_with_faults_is_saved_and_restored_as_it_was(
    source: Flask, place: Flask, tmp_path: Path
) -> None:
    by_hand(EDITED, TORN)
    path = tmp_path / "office.zip"
    code, output = command(source, "create", path)
    assert (code, "备份已生成" in output, "审计日志有2处不符" in output) == (3, True, True), output
    db.session.rollback()
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert "审计日志有2处不符" in entry.after
    with open_archive(path, tell=silent) as archive:
        log = archive.manifest.log_faults
    kinds = [fault.what for fault in log.first]
    assert (log.count, kinds) == (2, [Tampering.EDITED, Tampering.EVENT_MISSING])
    for words in ("verify",), ("restore", "--yes"):
        with place.app_context():
            code, output = command(place, words[0], path, *words[1:])
            assert code == 0, output
            for told in ("已有 2 处不符", "第2条内容被改动", "事项记录"):
                assert told in output
    with place.app_context():
        assert is_migrated(place)
        assert {fault.what for fault in audit.verify(anchors={})} == set(kinds)


def test_restore_refuses_a_log_with_more_faults_than_the_backup_had(
    source: Flask, place: Flask, tmp_path: Path
) -> None:
    """An anchor that only the new place knows is a fault that the manifest does not name."""
    by_hand(EDITED)
    path = tmp_path / "office.zip"
    assert command(source, "create", path)[0] == 3
    add_anchor(place.config["SETTINGS"], Head(1, "e" * 64), now=NIGHT)
    with place.app_context():
        code, output = command(place, "restore", path, "--yes")
        assert (code, "清单记有1处" in output) == (1, True), output
        assert not is_migrated(place)


@pytest.mark.sqlite_only
def test_every_night_of_such_an_office_is_a_backup_and_an_alarm(
    source: Flask, client: Callable[..., Any]
) -> None:
    by_hand(EDITED)
    made = scheduler.run_asked(backup.JOB, NIGHT)
    assert made is not None
    assert (made.done, made.failed, "审计日志有1处不符" in made.note) == (1, 1, True)
    assert len(list((Path(source.config["SETTINGS"].instance) / "backups").iterdir())) == 1
    admin = db.session.scalars(select(Account).where(Account.username.like("sys_admin-%"))).one()
    page = text_of(client(admin).page("/health/"))
    assert "已生成，须查明处理" in page
    assert "审计日志有1处不符（第2条内容被改动）" in page


@pytest.mark.sqlite_only
@pytest.mark.parametrize("broken", [b"\xff\xfe\n", b"no anchor\n"])
def test_broken_anchors_are_saved_as_they_are(
    source: Flask, place: Flask, tmp_path: Path, broken: bytes
) -> None:
    add_anchor(source.config["SETTINGS"], audit.head(), now=NIGHT)
    with anchor_file(source.config["SETTINGS"]).open("ab") as file:
        file.write(broken)
    path = tmp_path / "office.zip"
    code, output = command(source, "create", path)
    assert (code, "链头文件有误：第2行" in output) == (3, True), output
    with place.app_context():
        code, output = command(place, "restore", path, "--yes")
        assert (code, "链头文件有误：第2行" in output) == (0, True), output
    assert anchor_file(place.config["SETTINGS"]).read_bytes().endswith(broken)


@pytest.mark.sqlite_only
def test_broken_anchors_of_the_place_stop_the_restore(
    source: Flask, place: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "office.zip"
    assert command(source, "create", path)[0] == 0
    file = anchor_file(place.config["SETTINGS"])
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no anchor\n")
    with place.app_context():
        code, output = command(place, "restore", path, "--yes")
        assert (code, "链头文件有误：第1行" in output) == (1, True), output
        assert not is_migrated(place)
