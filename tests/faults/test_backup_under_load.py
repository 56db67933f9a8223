"""A backup while people submit, upload and void: restored, it is an office of one instant.

Whatever was acknowledged before it began is in it, whatever is in it is whole. Guard: the files
are those that the copied rows name, not those that lay there before.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import app.backup.create as backup
from app.actions import intake
from app.actions.attachments import BroughtFile, attach, void_attachment
from app.actions.moves import lock_case
from app.backup.problems import BackupError
from app.domain.file_kinds import FileKind
from app.extensions import db
from app.files import attachments_shelf
from app.models import Account, Attachment, Case
from app.unit_of_work import unit_of_work
from tests.backups import clear, command, place, with_folder
from tests.factories import INTAKE, REGISTERED, SUBMITTED, make_office
from tests.faults.journal import Deed, Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome, times
from tests.files import pdf

__all__ = ["place"]
WRITERS = 3
SUBMIT, ATTACH = "submit", "attach"
Tell = Callable[[Outcome], Outcome]


@pytest.fixture
def source(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """Return an office with folders of its own, inside its context."""
    for office in with_folder(app, tmp_path / "source"):
        with office.app_context():
            with unit_of_work():
                make_office()
            yield office
            db.session.remove()


def write(app: Flask, writer: int, journal: Journal, stop: threading.Event) -> None:
    """Submit a case, attach a scan to it, make every third one void; again and again."""
    number = 0
    while not stop.is_set():
        number += 1
        token = f"{writer}-{number}"
        with app.app_context():
            case_id = _submit(journal, Deed(SUBMIT, token))
            row_id = _attach(app, journal, case_id, token)
            if number % 3 == 0:
                with unit_of_work():
                    row = db.session.get_one(Attachment, row_id)
                    by = _person("clerk")
                    void_attachment(lock_case(case_id), row, reason="传错", by=by, now=SUBMITTED)


def _person(name: str) -> Account:
    query = select(Account).where(Account.username == f"{name}-1")
    return db.session.execute(query).scalar_one()


def _submit(journal: Journal, deed: Deed) -> int:
    journal.try_(deed)
    with unit_of_work():
        by = _person("officer")
        facts = INTAKE | {"item_name": deed.token}
        case = intake.register(site_id=1, facts=facts, by=by, now=REGISTERED)
        intake.submit(case, by=by, now=SUBMITTED)
        key = case.id
    journal.acknowledge(deed)
    return key


def _attach(app: Flask, journal: Journal, case_id: int, token: str) -> int:
    """Do as the page does: the file first, then its record."""
    shelf = attachments_shelf(app.config["SETTINGS"])
    with shelf.adding([pdf(mark=token), b" " * 50_000]) as stored:
        deed = Deed(ATTACH, stored.name)
        journal.try_(deed)
        brought = BroughtFile(
            FileKind.PDF, "扫描件.pdf", stored.size, stored.sha256, stored.name, 1
        )
        with unit_of_work():
            case = lock_case(case_id)
            row = attach(
                case, slot_key="ledger-0", file=brought, by=_person("clerk"), now=SUBMITTED
            )
            db.session.flush()
            key = row.id
    journal.acknowledge(deed)
    return key


@contextmanager
def load(app: Flask, journal: Journal) -> Iterator[None]:
    """Let several people work, and wait until each has done something."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=write, args=(app, writer, journal, stop))
        for writer in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    try:
        wait_for(journal, 4 * WRITERS)
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def wait_for(journal: Journal, count: int) -> None:
    """Wait until so many deeds were acknowledged."""
    ends = time.monotonic() + 60
    while len(journal.acknowledged) < count and time.monotonic() < ends:
        time.sleep(0.01)
    assert len(journal.acknowledged) >= count


def held_to(journal: Journal, before: list[Deed], count: int, settings: Any) -> Outcome:
    """Hold a restored office against what was acknowledged before its backup began."""
    cases, scans = ([d for d in before if d.kind == kind] for kind in (SUBMIT, ATTACH))
    journal.acknowledged = cases
    journal.tried = [deed for deed in journal.tried if deed.kind == SUBMIT]
    outcome = compare("backup under load and restore", journal, times=count)
    shelf = attachments_shelf(settings)
    rows = {row.stored_name: row for row in db.session.scalars(select(Attachment))}
    outcome.acknowledged += len(scans)
    outcome.missing += [str(deed) for deed in scans if deed.token not in rows]
    outcome.half_done += [
        f"scan {name}" for name, row in rows.items() if not shelf.holds(name, row.sha256)
    ]
    known = db.session.scalar(select(db.func.count(Case.id)))
    outcome.note = f"{known} cases and {len(rows)} scans restored"
    return outcome


def test_restored_office_is_one_of_one_instant(
    source: Flask, place: Flask, tmp_path: Path, tell: Tell
) -> None:
    count = times("backup", 3)
    kept: list[tuple[Path, list[Deed]]] = []
    journal = Journal(tmp_path / "journal")
    with load(source, journal):
        for number in range(count):
            before, path = list(journal.acknowledged), tmp_path / f"{number}.zip"
            code, output = command(source, "create", path)
            assert code == 0, output
            assert len(journal.acknowledged) > len(before)  # it was under load
            kept.append((path, before))
            wait_for(journal, len(journal.acknowledged) + WRITERS)
    db.session.remove()
    tried = list(journal.tried)
    for path, before in kept:
        with place.app_context():
            clear(place)
            code, output = command(place, "restore", path, "--yes")
            assert code == 0, output
            journal.tried = list(tried)
            outcome = held_to(journal, before, count, place.config["SETTINGS"])
        assert tell(outcome).wrong == []
    journal.close()


@pytest.mark.sqlite_only
def test_files_listed_before_the_database_is_copied_are_too_few(
    source: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    journal = Journal(tmp_path / "journal")
    real_copying, real_rows = backup.copy_sqlite.copying, backup.attachment_rows
    listed: dict[str, Any] = {}

    @contextmanager
    def copying_late(engine: Any, *rest: Any) -> Iterator[Any]:
        with engine.connect() as connection:
            listed.update(real_rows(connection))
        wait_for(journal, len(journal.acknowledged) + 4 * WRITERS)
        with real_copying(engine, *rest) as connection:
            yield connection

    monkeypatch.setattr(backup.copy_sqlite, "copying", copying_late)
    monkeypatch.setattr(backup, "attachment_rows", lambda _connection: listed)
    settings = source.config["SETTINGS"]
    with load(source, journal), pytest.raises(BackupError, match="没有文件"):
        backup.write_backup(tmp_path / "a.zip", settings, now=SUBMITTED, tell=backup.silent)
    assert not (tmp_path / "a.zip").exists()
    tell(Outcome("backup under load", 1, half_done=["scans without files"], is_guarded=False))
    journal.close()
