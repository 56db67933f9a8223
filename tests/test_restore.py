"""Restore: an office that is equal to the old one, in an empty place only, whole or not at all."""

import datetime as dt
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import func, select, text

from app.actions import audit
from app.actions.access import begin_session
from app.actions.outbox import queue_message
from app.actions.restores import held_restore, release_messages
from app.audit_log.anchors import add_anchor, anchor_file, read_anchors
from app.backup.archive import Manifest
from app.backup.copies import facts_of
from app.backup.create import verify_backup
from app.backup.restore import BUILDING, PROVING, UNPACKING, restore
from app.domain.audit import AuditAction, Head
from app.domain.notice_kinds import NoticeKind, OutgoingStatus
from app.domain.refusals import Refusal
from app.extensions import db
from app.files import attachments_shelf
from app.jobs import scheduler, send_mail
from app.models import Account, Attachment, AuditEntry, LoginSession, Outgoing, Restore
from app.unit_of_work import unit_of_work
from app.web.server import is_migrated
from tests.backups import NIGHT, clear, command, place, source

__all__ = ["place", "source"]
# What a restore itself adds, and what it takes away.
OWN = {"audit_entries", "restores", "runners"}


ARCHIVES: dict[str, Path] = {}


@pytest.fixture
def archive(
    backend_name: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a backup of the filled office, the same for all who only read it."""
    if backend_name not in ARCHIVES:
        path = tmp_path_factory.mktemp("archive") / "office.zip"
        code, output = command(request.getfixturevalue("source"), "create", path)
        assert code == 0, output
        ARCHIVES[backend_name] = path
    return ARCHIVES[backend_name]


def counts() -> dict[str, int]:
    db.session.rollback()
    with db.engine.connect() as connection:
        return dict(facts_of(connection).tables)


def person(name: str) -> Account:
    query = select(Account).where(Account.username.like(f"{name}-%"))
    return db.session.execute(query).scalars().one()


def log_in_and_wait_for_a_letter() -> None:
    with unit_of_work():
        begin_session(
            person("clerk"), token="t", address="", browser="", by_password=True, now=NIGHT
        )
        person("clerk").email = "clerk@banjie.example"
        assert queue_message(
            recipient=person("clerk"), kind=NoticeKind.DIGEST, key="digest:1", subject="摘要",
            body="待办", now=NIGHT,
        )  # fmt: skip


def test_restored_office_equals_the_one_before(source: Flask, place: Flask, tmp_path: Path) -> None:
    log_in_and_wait_for_a_letter()
    add_anchor(source.config["SETTINGS"], audit.head(), now=NIGHT)
    before, head = counts(), audit.head()
    path = tmp_path / "office.zip"
    assert command(source, "create", path)[0] == 0
    db.session.rollback()
    with place.app_context():
        assert not is_migrated(place)
        code, output = command(place, "restore", path, "--yes")
        assert code == 0, output
        for words in ("一致", "逐个核对", "发件已暂停", "没有密钥"):
            assert words in output
        assert "不符" not in output
        assert is_migrated(place)
        after = counts()
        assert {k: n for k, n in after.items() if k not in OWN} == {
            k: n for k, n in before.items() if k not in OWN
        }
        assert audit.head().seq == head.seq + 1
        assert audit.verify(anchors=read_anchors(anchor_file(place.config["SETTINGS"]))) == []
        shelf = attachments_shelf(place.config["SETTINGS"])
        rows = db.session.execute(select(Attachment)).scalars().all()
        assert len(rows) == 4
        assert all(shelf.holds(row.stored_name, row.sha256) for row in rows)
        assert db.session.scalar(select(func.count()).where(LoginSession.ended_at.is_(None))) == 0
        entry = (
            db.session.execute(select(AuditEntry).order_by(AuditEntry.id.desc())).scalars().first()
        )
        assert (entry.action, entry.object_name) == (AuditAction.RESTORED, "office.zip")
        assert "命令行" in entry.account_name
        code, output = command(place, "restore", path, "--yes")
        assert (code, "已有内容" in output) == (1, True)


@pytest.mark.sqlite_only
def test_nothing_leaves_before_it_is_released(archive: Path, place: Flask) -> None:
    with place.app_context():
        assert command(place, "restore", archive, "--yes")[0] == 0
        for _ in range(2):
            with unit_of_work():
                who = person("clerk")
                who.email = "clerk@banjie.example"
                number = db.session.scalar(select(func.count(Outgoing.id)))
                queue_message(
                    recipient=who, kind=NoticeKind.DIGEST, key=f"digest:{number}", subject="摘要",
                    body="待办", now=NIGHT,
                )  # fmt: skip
        assert send_mail.run(NIGHT).note == send_mail.HELD
        assert held_restore() is not None
        with pytest.raises(Refusal), unit_of_work():
            release_messages(send_backlog=True, by=person("clerk"), now=NIGHT)
        with unit_of_work():
            release_messages(send_backlog=False, by=person("sys_admin"), now=NIGHT)
        assert held_restore() is None
        assert send_mail.run(NIGHT).done == 0
        statuses = set(db.session.scalars(select(Outgoing.status)))
        assert statuses == {OutgoingStatus.SUPPRESSED}
        with unit_of_work():
            queue_message(
                recipient=person("clerk"), kind=NoticeKind.DIGEST, key="digest:new", subject="新",
                body="待办", now=NIGHT,
            )  # fmt: skip
        assert send_mail.run(NIGHT).done == 1
        with pytest.raises(Refusal), unit_of_work():
            release_messages(send_backlog=True, by=person("sys_admin"), now=NIGHT)


def test_a_place_that_is_not_empty_stays_as_it_is(archive: Path, place: Flask) -> None:
    folder = attachments_shelf(place.config["SETTINGS"]).folder
    folder.mkdir(parents=True)
    (folder / ("a" * 32)).write_bytes(b"somebody's")
    with place.app_context():
        code, output = command(place, "restore", archive, "--yes")
        assert (code, "附件目录" in output) == (1, True)
        assert [p.name for p in folder.iterdir()] == ["a" * 32]
        (folder / ("a" * 32)).unlink()
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE cases (id integer)"))
        code, output = command(place, "restore", archive, "--yes")
        assert (code, "已有内容" in output) == (1, True)
        with db.engine.connect() as connection:
            assert list(facts_of(connection).tables) == ["cases"]
        assert list(folder.iterdir()) == []


@pytest.mark.sqlite_only
def test_nothing_is_done_before_somebody_says_yes(archive: Path, place: Flask) -> None:
    with place.app_context():
        result = place.test_cli_runner().invoke(
            args=["backup", "restore", str(archive)], input="n\n"
        )
        assert (result.exit_code, "未作任何改动" in result.output) == (1, True)
        assert not is_migrated(place)
        assert not attachments_shelf(place.config["SETTINGS"]).folder.exists()


def die_at(stage: str, after: int) -> Callable[[str, int, int], None]:
    def tell(what: str, done: int, _total: int) -> None:
        if (what, done) == (stage, after):
            os.kill(os.getpid(), signal.SIGKILL)

    return tell


def restored_by_a_child(app: Flask, path: Path, tell: Callable[[str, int, int], None]) -> int:
    """Restore in a process of its own; return the signal that ended it."""
    child = os.fork()
    if child == 0:
        with app.app_context():
            db.engine.dispose(close=False)
            restore(path, app.config["SETTINGS"], now=NIGHT, tell=tell)
        os._exit(0)
    return os.waitpid(child, 0)[1]


@pytest.mark.parametrize(("stage", "after"), [(UNPACKING, 2), (BUILDING, 1), (PROVING, 4)])
def test_killed_in_the_middle_it_is_begun_again(
    archive: Path, place: Flask, stage: str, after: int
) -> None:
    with place.app_context():
        db.engine.dispose()
        assert restored_by_a_child(place, archive, die_at(stage, after)) == signal.SIGKILL
        assert not is_migrated(place)  # not half an office: no server starts on it
        db.session.remove()
        db.engine.dispose()
        code, output = command(place, "restore", archive, "--yes")
        assert code == 0, output
        assert "上次恢复没有完成" in output
        assert is_migrated(place)
        assert audit.verify(anchors={}) == []
        assert db.session.scalar(select(func.count(Restore.id))) == 1
        folder = attachments_shelf(place.config["SETTINGS"]).folder
        assert len(list(folder.iterdir())) == 4


def test_what_fails_half_way_leaves_an_empty_place(
    archive: Path, place: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(what: str, _done: int, _total: int) -> None:
        if what == PROVING:
            raise OSError("no")

    with place.app_context():
        with pytest.raises(OSError, match="no"):
            restore(archive, place.config["SETTINGS"], now=NIGHT, tell=stop)
        assert not is_migrated(place)
        assert command(place, "restore", archive, "--yes")[0] == 0


def test_an_older_schema_is_upgraded_a_newer_one_refused(
    archive: Path, place: Flask, tmp_path: Path
) -> None:
    older, newer = tmp_path / "older.zip", tmp_path / "newer.zip"
    with place.app_context():
        assert command(place, "restore", archive, "--yes")[0] == 0
        downgrade(revision="0013")
        assert command(place, "create", older)[0] == 0
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert command(place, "create", newer)[0] == 0
        clear(place)
        code, output = command(place, "restore", newer, "--yes")
        assert (code, "9999" in output) == (1, True)
        assert not is_migrated(place)
        code, output = command(place, "restore", older, "--yes")
        assert (code, "0013" in output) == (0, True), output
        assert is_migrated(place)
        assert held_restore() is not None


@pytest.mark.sqlite_only
def test_anchors_outside_outlive_the_office(archive: Path, place: Flask) -> None:
    """What was anchored after the backup is kept beside; what was before must hold."""
    settings = place.config["SETTINGS"]
    manifest = Manifest(*vars(verify_in(place, archive)).values())
    head = Head(manifest.facts.audit_seq, manifest.facts.audit_hash)
    add_anchor(settings, head, now=NIGHT)
    add_anchor(settings, Head(head.seq + 7, "f" * 64), now=NIGHT + dt.timedelta(hours=1))
    with place.app_context():
        code, output = command(place, "restore", archive, "--yes")
        assert (code, "晚于备份" in output) == (0, True), output
        assert read_anchors(anchor_file(settings)) == {head.seq: head.hash}
        assert len(list(settings.anchors.iterdir())) == 2
        assert audit.verify(anchors={head.seq: head.hash}) == []


@pytest.mark.sqlite_only
def test_an_anchor_that_says_otherwise_stops_the_restore(archive: Path, place: Flask) -> None:
    add_anchor(place.config["SETTINGS"], Head(1, "e" * 64), now=NIGHT)
    with place.app_context():
        code, output = command(place, "restore", archive, "--yes")
        assert (code, "审计日志" in output) == (1, True)
        assert not is_migrated(place)


def verify_in(app: Flask, path: Path) -> Manifest:
    with app.app_context():
        manifest = verify_backup(path, app.config["SETTINGS"])
        assert manifest is not None
        return manifest


@pytest.mark.sqlite_only
def test_scheduler_starts_again_without_the_leases_of_before(archive: Path, place: Flask) -> None:
    with place.app_context():
        assert command(place, "restore", archive, "--yes")[0] == 0
        assert scheduler.run_asked(send_mail.JOB, NIGHT) is not None
