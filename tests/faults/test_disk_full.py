"""The disk is full: the person reads why and keeps the text, nothing is there in part.

Twice: a limit on the size of files, and a file system of memory filled to its end, where mounting
is permitted. Guard: a full disk is recognised, whoever met it (`app.disk`).
"""

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import func, select

from app.domain.states import Action, State
from app.extensions import db
from app.files import attachments_shelf
from app.models import Attachment, Case, Contact, ExportRequest
from app.unit_of_work import unit_of_work
from tests.backups import command, with_folder
from tests.client import OfficeClient
from tests.databases import Backend, make_app
from tests.factories import Office, at, make_office
from tests.faults.ledger import half_done
from tests.faults.outcome import Outcome
from tests.files import big_pdf
from tests.views.attaching import send, slip_key
from tests.views.moving import fill, move_url, text_of
from tests.views.test_exports import export

pytestmark = pytest.mark.sqlite_only
TEN = at("2026-10-12 10:00")
NOTE = "电话无人接听，已留言，下午再联系"
WORDS = "磁盘空间不足"
MEMORY = 160 * 1024 * 1024  # a backup wants some to spare
INSUFFICIENT = 507
Full = Callable[[], AbstractContextManager[None]]


@contextmanager
def limited() -> Iterator[None]:
    """Let no file grow beyond a few bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Fill the file system to its last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


@pytest.fixture(params=["limit", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Full]]:
    """Return a folder for the office, and what fills it for a while."""
    if request.param == "limit":
        yield tmp_path, limited
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEMORY},mode=0700", "none", str(tmp_path)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting is not permitted here; the limit on files tries the same")
    yield tmp_path, lambda: filled(tmp_path)
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


@pytest.fixture
def office(backend: Backend, disk: Any, freeze: Any) -> Iterator[tuple[Flask, Office, int]]:
    """Return an office on that disk with one case in work."""
    folder, _full = disk
    freeze(TEN)
    shutil.copyfile(backend.folder / "kept.db", folder / "office.db")
    app = make_app(f"sqlite:///{folder}/office.db", folder, PROPAGATE_EXCEPTIONS=False)
    for own in with_folder(app, folder):
        with own.app_context():
            with unit_of_work():
                made = make_office()
                case_id = made.case_in(State.HANDLING).id
            yield own, made, case_id
            db.session.remove()
            db.engine.dispose()


def browser(app: Flask, person: Any) -> OfficeClient:
    client = OfficeClient(app, app.response_class)
    client.sign_in(person)
    return client


def shrink_log() -> None:
    """Room that the log has kept for itself is no full disk."""
    db.session.rollback()
    with db.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def contacted(client: OfficeClient, case_id: int) -> Any:
    fields = {"contacted_at": "2026-10-12 09:50", "mode": "phone", "note": NOTE}
    return fill(client, case_id, Action.CONTACT, fields)


def wrong_answer(answer: Any) -> list[str]:
    """Return what a person would miss in the answer to a form that could not be saved."""
    text = text_of(answer)
    return [
        *([] if answer.status_code == INSUFFICIENT else [f"status {answer.status_code}"]),
        *([] if WORDS in text else ["no reason"]),
        *([] if NOTE in answer.text else ["the text is gone"]),
    ]


def left_over(folder: Path) -> list[str]:
    """Return whatever lies there that no finished deed has left."""
    rows = db.session.scalar(select(func.count(Attachment.id)))
    rows += db.session.scalar(select(func.count(Contact.id)))
    shelf = folder / "attachments"
    files = [str(path) for path in shelf.iterdir()] if shelf.exists() else []
    backups = folder / "backups"
    files += [str(path) for path in backups.iterdir()] if backups.exists() else []
    return files + ([f"{rows} rows"] if rows else [])


def test_full_disk_is_told_and_keeps_the_text(
    office: tuple[Flask, Office, int], disk: tuple[Path, Full], tell: Callable[[Outcome], Outcome]
) -> None:
    app, people, case_id = office
    folder, full = disk
    slot = slip_key(db.session.get_one(Case, case_id))
    unit, clerk = browser(app, people.land_handler), browser(app, people.clerk)
    clerk.page("/cases/list/?quick=all")
    unit.page(f"/case/{case_id}")
    shrink_log()
    with full():
        answer = contacted(unit, case_id)
        wrong = wrong_answer(answer)
        scan = send(unit, case_id, big_pdf(200_000), slot=slot)
        wrong += [] if (scan.status_code, WORDS in text_of(scan)) == (507, True) else ["scan"]
        ledger = export(clerk)
        told = WORDS in text_of(ledger)
        wrong += [] if (ledger.status_code, told) == (507, True) else ["export"]
        code, output = command(app, "create")
        wrong += [] if (code, WORDS in output) == (1, True) else [f"backup {output}"]
        unit.page(f"/case/{case_id}")  # to read is possible all the time
        db.session.rollback()
        half = [*half_done(), *left_over(folder)]
    again = html.fromstring(answer.text).xpath(
        f"//form[@action='{move_url(case_id, Action.CONTACT)}']"
    )
    assert unit.post(again[0].action, data=dict(again[0].form_values())).status_code == 302
    assert send(unit, case_id, big_pdf(200_000), slot=slot).status_code == 302
    assert export(clerk).status_code == 200
    code, output = command(app, "create")
    assert code == 0, output
    db.session.rollback()
    counts = [db.session.scalar(select(func.count(kind.id))) for kind in (Contact, Attachment)]
    missing = [] if counts == [1, 1] else [f"after room was made: {counts}"]
    row = db.session.scalars(select(Attachment)).one()
    assert attachments_shelf(app.config["SETTINGS"]).holds(row.stored_name, row.sha256)
    assert db.session.scalar(select(func.count(ExportRequest.id))) == 1
    outcome = Outcome("disk full", 4, 4, missing, [], [*half, *wrong, *half_done()])
    assert tell(outcome).wrong == []


def test_unrecognised_it_is_an_error_without_words(
    office: tuple[Flask, Office, int],
    disk: tuple[Path, Full],
    monkeypatch: pytest.MonkeyPatch,
    tell: Callable[[Outcome], Outcome],
) -> None:
    app, people, case_id = office
    for place in ("app.views.moves", "app.views.errors", "app.fab.problems"):
        monkeypatch.setattr(f"{place}.is_full", lambda _error: False)
    unit = browser(app, people.land_handler)
    unit.page(f"/case/{case_id}")
    shrink_log()
    with disk[1]():
        wrong = wrong_answer(contacted(unit, case_id))
    assert wrong == ["status 500", "no reason", "the text is gone"]
    assert db.session.get_one(Case, case_id).event_count  # and yet nothing is half done
    assert half_done() == []
    tell(Outcome("disk full", 1, half_done=wrong, is_guarded=False))
