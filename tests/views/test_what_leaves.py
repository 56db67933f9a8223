"""What leaves the house, or is kept about it, names no reporter: mails, files, posts, logs, notes.

The full export, the papers that show the reporter and 查看完整号码 are asked for elsewhere.
"""

import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.actions.office import set_rule
from app.extensions import db
from app.jobs import scheduler
from app.jobs.registry import JOBS as ALL_JOBS
from app.models import AuditEntry, Case, JobState, Notice, Outgoing
from tests.channels.test_webhook import receiver
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.smtp import LOOPBACK
from tests.views.planted import (
    FORMER,
    FORMER_PHONE,
    HIDDEN,
    HIDDEN_PHONE,
    NAMES,
    NUMBERS,
    named_in,
    plant,
)

pytestmark = pytest.mark.sqlite_only  # what is written is the same on both
Clients = Callable[..., OfficeClient]
START = at("2026-10-12 08:00")
JOBS = [job for job in ALL_JOBS if job.name not in ("backup", "anchor-audit", "archive-audit")]
TURNS = [at(f"2026-{day}") for day in ("10-13 08:35", "10-15 17:40", "10-19 08:45", "11-02 09:00")]
# A former name is that of another case too, which a unit may know.
UNSEEN = {HIDDEN, HIDDEN_PHONE, "160 6666 8765"}
LISTS = ("/cases/list/?quick=all", "/in-handling/list/")
TAKERS = ("officer", "clerk", "viewer", "land_head", "land_handler")
FILES = ("/monthly/file/docx?month=2026-10", "/monthly/file/xlsx?month=2026-10")


@pytest.fixture
def cases(app: Flask, hall: Office, tmp_path: Path) -> Iterator[dict[str, Case]]:
    """Return the planted cases; everybody has a mailbox, and the files a folder of their own."""
    given = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(given, instance_dir=str(tmp_path))
    for key, person in hall.people.items():
        person.email = f"{key.replace('_', '-')}@banjie.example"
    for job in JOBS:
        db.session.merge(JobState(name=job.name, next_run_at=START))
    set_rule(name="webhook_notices", text="1", by=hall.sys_admin, now=START)
    set_rule(name="weekly_to_members", text="1", by=hall.sys_admin, now=START)
    found = plant(hall)
    db.session.commit()
    yield found
    app.config["SETTINGS"] = given


def told(rows: Any, *names: str) -> dict[str, list[str]]:
    """Return what of a table names somebody: row and words."""
    found = {}
    for row in db.session.scalars(select(rows)):
        text = "\n".join(str(getattr(row, name)) for name in names)
        if words := named_in(text):
            found[f"{rows.__name__} {getattr(row, 'id', '') or row.name} {text}"] = words
    return found


def test_no_message_and_no_note_names_a_reporter(
    app: Flask, hall: Office, cases: dict[str, Case], tmp_path: Path, freeze: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    with receiver() as (port, posted):
        app.config["SETTINGS"] = replace(
            app.config["SETTINGS"], webhook_url=f"http://{LOOPBACK}:{port}/in",
            webhook_secret="s" * 40,
        )  # fmt: skip
        for now in TURNS:
            freeze(now)
            db.session.rollback()
            scheduler.tick(now, JOBS)
            for job in JOBS:
                scheduler.run_until_done(job, now)
    mails = [path.read_bytes() for path in (tmp_path / "mail").glob("*.eml")]
    assert len(mails) > 50
    assert len(posted) > 50
    for raw in mails:
        assert not named_in(_letter(raw)), _letter(raw)
    for _path, headers, body in posted:
        assert not named_in(f"{headers}{body.decode()}{body.decode('unicode_escape')}")
    assert not told(Notice, "subject", "text", "status_note")
    assert not told(Outgoing, "subject", "body", "reply")
    assert not told(JobState, "last_note", "last_error")
    assert not told(AuditEntry, "object_name", "before", "after", "browser", "account_name")
    assert not [r for r in caplog.records if named_in(r.getMessage())]


def _letter(raw: bytes) -> str:
    """Return a letter as its reader has it: head, text and what is attached."""
    message = message_from_bytes(raw, policy=policy.default)
    parts = [str(value) for value in message.values()]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            parts.append(part.get_content())
        elif part.get_filename():
            parts += [part.get_filename() or "", _file(part.get_content())]
    return "\n".join(parts)


def _file(content: bytes) -> str:
    """Return all that stands in an office file, runs of one text joined again."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        text = "\n".join(file.read(name).decode() for name in file.namelist() if "xml" in name)
    return re.sub(r"<[^>]+>", "", text)


def test_no_masked_file_names_a_reporter(
    app: Flask, hall: Office, cases: dict[str, Case], client: Clients, freeze: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    freeze(at("2026-10-20 10:00"))
    _look_for_people(client(hall.clerk), cases)
    taken = []
    for who in TAKERS:
        for address, content in files_of(client(hall.people[who])):
            assert not named_in(_file(content)), (who, address)
            taken.append((who, address))
    assert {who for who, _address in taken} == set(TAKERS)
    assert {address for _who, address in taken} >= set(FILES)
    for name in ("open_rated", "hidden_rated"):
        slip = client(hall.clerk).get(f"/print/slips/{cases[name].id}")
        assert (slip.status_code, named_in(slip.text)) == (200, []), name
    auditor = client(hall.auditor)
    token = {"X-CSRFToken": auditor.token("/users/userinfo/")}
    log = _file(auditor.post("/audit/take", headers=token).data)
    assert cases["open_rated"].ledger_no in log
    assert not named_in(log)
    assert not told(AuditEntry, "object_name", "before", "after")
    assert not [r for r in caplog.records if named_in(r.getMessage())]


def _look_for_people(clerk: OfficeClient, cases: dict[str, Case]) -> None:
    """Look at a number and search for people, in vain too."""
    key = cases["open_rated"].id
    clerk.submit(f"/case/{key}", form=f"//form[@action='/case/{key}/phone']", reason="call_back")
    for words in (*NAMES, *NUMBERS):
        clerk.get(f"/cases/list/?quick=all&q={words}")
        clerk.get(f"/case/999999?q={words}")
        clerk.get(f"/case/{words}")


def files_of(browser: OfficeClient) -> Iterator[tuple[str, bytes]]:
    """Yield every file a person may take with numbers masked: address and content."""
    for address in LISTS:
        page = browser.get(address)
        if page.status_code == 200 and "/export?" in page.text:
            form = "//form[contains(@action, '/export?')]"
            sent = browser.submit(address, form=form)
            if sent.status_code == 302 and "/download/" in sent.location:
                yield address, browser.get(sent.location).data
    for address in FILES:
        answer = browser.get(address)
        if answer.status_code == 200:
            yield address, answer.data


def test_no_page_tells_a_unit_who_reported_in_confidence(
    app: Flask, hall: Office, cases: dict[str, Case], client: Clients
) -> None:
    """Name and number stand in every text of the case; the office itself reads them."""
    keys = {key for name, case in cases.items() if name.startswith("hidden_") for key in [case.id]}
    doors = [
        rule.rule.replace("<int:case_id>", str(key))
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.arguments == {"case_id"}
        for key in keys
    ]
    doors += [f"/case/{key}/move/{move}" for key in keys for move in ("resolve", "contact")]
    lists = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.endswith("/list/")]
    head, seen = client(hall.land_head), 0
    for address in [*doors, *lists, *(f"{each}?quick=all" for each in lists)]:
        answer = head.get(address)
        seen += answer.status_code == 200
        words = set(named_in(answer.text)) & UNSEEN
        assert not words, (address, words)
    assert seen > 25
    assert HIDDEN in client(hall.clerk).get(f"/case/{cases['hidden_rated'].id}").text


def test_no_list_names_a_reporter(
    app: Flask, hall: Office, cases: dict[str, Case], client: Clients
) -> None:
    lists = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.endswith("/list/")]
    for who in (*TAKERS, "leader", "chief"):
        browser = client(hall.people[who])
        for address in [*(f"{each}?quick=all" for each in lists), "/", "/notices/"]:
            # A slip keeps the item as it was handed over, with a name that was none.
            words = set(named_in(browser.get(address).text)) - {FORMER, FORMER_PHONE}
            assert not words, (who, address, words)
