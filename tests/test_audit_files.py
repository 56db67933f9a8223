"""审计日志 outside the database: anchors that are missed, archives, and what may be removed."""

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from app.actions import audit
from app.actions.office import load_rules
from app.audit_log import files as audit_files
from app.audit_log.anchors import add_anchor, anchor_file
from app.domain.audit import AuditAction, Tampering
from app.domain.states import State, SuperviseGround, SupervisionKind
from app.extensions import db
from app.models import AuditArchive, AuditEntry, CaseEvent, Setting, Supervision
from app.unit_of_work import unit_of_work
from tests.factories import at, make_office
from tests.tampering import by_hand

OLD, LATER, NOW = at("2021-03-05 09:00"), at("2021-04-02 09:00"), at("2026-10-12 09:00")
EMPTY = f"UPDATE audit_head SET seq = 0, hash = '{'0' * 64}'"  # noqa: S608
Freeze = Callable[[dt.datetime], None]


@pytest.fixture
def settings(app: Flask) -> Any:
    """Return the settings, with nothing outside the database yet."""
    found = app.config["SETTINGS"]
    anchor_file(found).unlink(missing_ok=True)
    for path in audit_files.folder_of(found).glob("*"):
        path.unlink()
    return found


@pytest.fixture
def log(session: Any, settings: Any, freeze: Freeze) -> int:
    """Return how many entries there are: some of March 2021, archived in April, one of today."""
    by_hand("DELETE FROM audit_entries", EMPTY)  # what the making of the database left there
    freeze(OLD)
    for n in range(5):
        deed(f"旧{n}")
    freeze(LATER)
    assert audit_files.archive(settings, now=LATER) is not None
    freeze(NOW)
    deed("新")
    return audit.head().seq


def deed(name: str) -> None:
    with unit_of_work():
        audit.note(AuditAction.COMMAND, about=("command", "", name))


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["audit", *arguments])


def file_of(settings: Any) -> Path:
    return next(audit_files.folder_of(settings).glob("*.gz"))


def test_past_months_are_written_once_and_still_proved(app: Flask, settings: Any, log: int) -> None:
    row = db.session.scalars(select(AuditArchive)).one()
    assert [link.seq for link in audit_files.read(file_of(settings))] == [1, 2, 3, 4, 5]
    assert row.last_seq == 5
    assert audit_files.archive(settings, now=LATER) is None
    result = run(app, "verify")
    assert (result.exit_code, "完好" in result.output) == (0, True), result.output


def test_removal_takes_what_is_archived_and_old_and_verify_reads_across_the_cut(
    app: Flask, settings: Any, log: int
) -> None:
    result = run(app, "remove")
    assert "已从数据库清理5条" in result.output, result.output
    assert db.session.scalar(select(func.min(AuditEntry.id))) == 6
    assert run(app, "verify").exit_code == 0
    folder = audit_files.folder_of(settings)
    file_of(settings).rename(folder.parent / "moved.jsonl.gz")
    lost = run(app, "verify")
    assert lost.exit_code == 1
    assert "归档文件缺失或被改动" in lost.output


def test_entry_edited_in_an_archive_is_found(app: Flask, settings: Any, log: int) -> None:
    run(app, "remove")
    path = file_of(settings)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        content = file.read().replace("旧3", "新3")
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(content)
    output = run(app, "verify").output
    assert "归档文件缺失或被改动" in output
    assert "第4条内容被改动" in output


@pytest.mark.parametrize("days", ["1", "0", "-5", "x", ""])
def test_six_months_hold_whatever_stands_in_the_settings_row(session: Any, days: str) -> None:
    with unit_of_work():
        db.session.add(Setting(name="audit_keep_days", text=days))
    assert load_rules().audit_days >= 183


def test_database_refuses_to_remove_what_is_young_or_in_no_archive(
    app: Flask, settings: Any, log: int
) -> None:
    """OLD is years ago and archived, NOW is not; nor is what nobody archived."""
    with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entries WHERE id = 6"))
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entries WHERE id = 1"))


def test_archived_entries_that_nobody_removed_are_missed(
    app: Flask, settings: Any, log: int
) -> None:
    """The files hold them, so the chain is whole; that they left the table stands nowhere."""
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entries WHERE id <= 2"))
    found = run(app, "verify")
    assert found.exit_code == 1
    assert "第1条" in found.output


def test_anchor_that_the_log_knows_and_the_file_does_not_is_missed(
    app: Flask, settings: Any, log: int
) -> None:
    assert run(app, "anchor").exit_code == 0
    deed("再")
    assert run(app, "verify").exit_code == 0
    anchor_file(settings).unlink()
    missed = run(app, "verify")
    assert missed.exit_code == 1
    assert "链头文件缺少" in missed.output
    assert run(app, "verify", "--without-files").exit_code == 0


def test_anchor_line_edited_or_broken_is_found(app: Flask, settings: Any, log: int) -> None:
    add_anchor(settings, audit.head(), now=NOW)
    path = anchor_file(settings)
    whole = path.read_text(encoding="ascii")
    path.write_text(whole.replace(audit.head().hash[:6], "000000"), encoding="ascii")
    assert "库外留存的链头不符" in run(app, "verify").output
    path.write_text(whole[:-20], encoding="ascii")
    assert "链头文件有误" in run(app, "verify").output


def forged(until: int) -> list[str]:
    """Return the statements that make the chain anew up to a number, one name changed."""
    from app.actions.audit_chain import stored_links
    from app.database import snapshot
    from app.domain.audit import Head, linked

    with snapshot(db.engine) as connection:
        facts = [dict(link.facts) for link in stored_links(connection) if link.seq <= until]
    facts[0]["object_name"] = "别的"
    made = list(linked(Head(), facts))
    rows = [
        f"UPDATE audit_entries SET object_name = '{link.facts['object_name']}',"  # noqa: S608
        f" prev_hash = '{link.prev_hash}', hash = '{link.hash}' WHERE id = {link.seq}"
        for link in made
    ]
    return [*rows, f"UPDATE audit_head SET hash = '{made[-1].hash}'"]  # noqa: S608


def test_urge_of_an_earlier_version_gets_an_entry_that_says_so(app: Flask, session: Any) -> None:
    """What else has no entry stays a fault."""
    with unit_of_work():
        office = make_office()
        case = office.case_in(State.HANDLING)
    same = {"case_id": case.id, "label": "催办", "old_state": case.state, "new_state": case.state}
    by_system = same | {"at": NOW, "by_id": office.system.id, "summary": "系统催办"}
    with db.engine.begin() as past_the_log:
        past_the_log.execute(
            insert(Supervision).values(
                site_id=case.site_id, case_id=case.id, kind=SupervisionKind.URGE, issued_at=NOW,
                unit_id=case.lead_unit_id, issued_by_id=office.system.id, requirement="请办理",
                ground=SuperviseGround.OVERDUE,
            )
        )  # fmt: skip
        past_the_log.execute(insert(CaseEvent), [by_system, by_system | {"by_id": office.chief.id}])
    db.session.rollback()
    before = audit.head().seq
    assert len(audit.verify(anchors={})) == 2
    done = run(app, "adopt")
    assert (done.exit_code, "已补记1项系统催办" in done.output) == (1, True), done.output
    assert "须查明来源" in done.output
    db.session.rollback()
    assert [fault.what for fault in audit.verify(anchors={})] == [Tampering.EVENT_ADDED]
    entry = db.session.get_one(AuditEntry, before + 1)
    assert (entry.object_type, "事后补写" in entry.after) == ("case_event", True)
    assert "命令行" in entry.account_name
    assert audit.head().seq == before + 1


def test_chain_made_anew_as_a_whole_is_found_by_the_anchor_alone(settings: Any, log: int) -> None:
    anchors = {3: db.session.get(AuditEntry, 3).hash}
    by_hand(*forged(log))
    assert audit.verify(anchors={}) == []
    assert [fault.what for fault in audit.verify(anchors=anchors)] == [Tampering.ANCHOR]
