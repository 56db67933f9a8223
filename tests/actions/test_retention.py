"""到期脱敏: after its time nobody can tell who reported, from any text of the case."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select, text

from app.actions import audit, closing, corrections, notices, retention, reveals
from app.actions.intake import answer, same_phone_cases
from app.actions.office import set_rule
from app.actions.retention import mask_some, years_before
from app.cli.privacy import commands
from app.domain.audit import AuditAction
from app.domain.exports import ExportStatus
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code
from app.domain.states import EvalLevel, RevealReason, State, Verdict
from app.extensions import db
from app.jobs import mask_records
from app.models import AuditEntry, Case, CaseEvent, ExportRequest, Notice, Reception
from app.reports.search import cases_like
from app.unit_of_work import unit_of_work
from tests.actions.watch import refused
from tests.factories import CONFIRMED, RATED, RESOLVED, SUBMITTED, VERIFIED, Office, at, make_office

NAME, FORMER, PHONE = "欧阳寻踪", "欧阳寻宗", "16055554321"
WRITTEN = "160-5555 4321"
SAID = f"{NAME}（电话{WRITTEN}）多次来中心反映，未能办成。"
THREE_YEARS = at("2029-10-14 09:00")  # the day after RATED, three years on


@pytest.fixture
def office(session: object) -> Office:
    with unit_of_work():
        return make_office()


def archived(office: Office, **facts: Any) -> Case:
    """Return a closed case that names its reporter in every text somebody can type."""
    given = {"reporter_name": FORMER, "phone": "16000001111", "narrative": SAID, "demand": SAID}
    case = office.draft(**(given | facts))
    office.submit(case)
    reasons = {"reporter_name": (NAME, f"{FORMER}应为{NAME}"), "phone": (PHONE, f"应为{PHONE}")}
    for field, (value, why) in reasons.items():
        corrections.correct(
            case, field=field, new_value=value, reason=why, by=office.clerk, now=SUBMITTED
        )
    office.dispatch(case)
    office.sign(case)
    reveals.reveal_phone(
        case, why=RevealReason.OTHER, detail=f"给{NAME}{PHONE}回电", by=office.clerk, now=RESOLVED
    )
    office.resolve(case, handling_note=SAID, reply_text=SAID, now=RESOLVED)
    closing.confirm(case, by=office.leader, now=CONFIRMED)
    return office.rate(case)


def everything() -> str:
    """Return all that stands in the database, but the audit's digests and accounts."""
    found = []
    for table in db.metadata.sorted_tables:
        rows = db.session.execute(text(f"SELECT * FROM {table.name}")).all()  # noqa: S608
        found += [str(row) for row in rows]
    return "\n".join(found)


def run(now: dt.datetime) -> int:
    db.session.rollback()
    return mask_records.run(now).done


def test_nobody_can_tell_who_it_was(office: Office) -> None:
    with unit_of_work():
        case = archived(office)
        notices.tell([office.clerk], text=f"{NAME}来电", kind=NoticeKind.RED, now=RATED, case=case)
        key = case.id
    assert run(at("2029-10-13 08:00")) == 0
    assert NAME in everything()
    assert run(THREE_YEARS) == 1
    found = everything()
    for word in (NAME, FORMER, PHONE, WRITTEN, "16000001111"):
        assert word not in found, word
    case = db.session.get_one(Case, key)
    assert (case.reporter_name, case.phone) == ("欧**踪", "160****4321")
    assert case.narrative.startswith("反映人（电话略）多次来中心")
    assert case.results[0].handling_note == case.narrative
    assert case.company_name == ""
    row = db.session.scalars(select(Reception)).one()
    assert (row.reporter_name, row.phone) == ("欧**宗", "160****1111")  # as it was told at first
    for words in (PHONE, "4321", NAME):
        assert (
            db.session.scalars(select(Case.id).where(cases_like(words, by=office.clerk))).all()
            == []
        )
    assert same_phone_cases(phone=PHONE, site_id=office.site.id, now=THREE_YEARS) == []
    assert audit.verify(anchors={}) == []


def test_it_is_done_once_with_one_entry_and_cannot_be_undone(office: Office) -> None:
    with unit_of_work():
        case = archived(office)
        key, number = case.id, case.ledger_no
    assert [run(THREE_YEARS), run(THREE_YEARS)] == [1, 0]
    entries = select(AuditEntry).where(AuditEntry.action == AuditAction.MASKED)
    entry = db.session.scalars(entries).one()
    assert (entry.object_id, entry.object_name) == (str(key), number)
    case = db.session.get_one(Case, key)
    with refused(Code.DATA_MASKED):
        reveals.reveal_phone(case, why=RevealReason.CHECK, by=office.clerk, now=THREE_YEARS)
    with refused(Code.DATA_MASKED):
        corrections.correct(
            case, field="phone", new_value=PHONE, reason="找回", by=office.clerk, now=THREE_YEARS
        )


def test_two_at_once_mask_each_record_once(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)  # so that they meet again and again
    with unit_of_work():
        keys = {str(archived(office).id) for _n in range(9)}
        for _n in range(5):
            answer(
                site_id=office.site.id, question="问社保", answer_text="已答复",
                reporter_name=NAME, phone=PHONE, by=office.officer, now=SUBMITTED,
            )  # fmt: skip
    db.session.remove()
    start = threading.Barrier(2)

    def one(_n: int) -> int:
        with app.app_context():
            start.wait(timeout=30)
            return run(THREE_YEARS)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(one, range(2))) == len(keys) + 5
    masked = select(AuditEntry.object_type, AuditEntry.object_id)
    rows = db.session.execute(masked.where(AuditEntry.action == AuditAction.MASKED)).all()
    assert sorted(key for kind, key in rows if kind == "case") == sorted(keys)
    assert len(rows) == len(set(rows)) == len(keys) + 5
    names = set(db.session.scalars(select(Case.reporter_name)))
    assert names == {"欧**踪"}
    assert run(THREE_YEARS) == 0
    assert audit.verify(anchors={}) == []


def test_open_reopened_and_appealed_cases_are_left_alone(office: Office) -> None:
    ended = {State.ARCHIVED, State.WITHDRAWN, State.MERGED, State.REJECTED}
    with unit_of_work():
        for state in State:
            office.case_in(state, reporter_name=NAME)
        appealed = office.rate(office.case_in(State.TO_EVALUATE), EvalLevel.BAD)
        office.verify(appealed, Verdict.MISTAKEN, now=VERIFIED)
        reopened = office.case_in(State.ARCHIVED)
        closing.reopen(reopened, reason="又发生", by=office.clerk, now=at("2026-10-20 09:00"))
    # The day comes for 不予受理 first: one year.
    assert run(at("2027-10-13 12:00")) == 1
    assert _masked_states() == {State.REJECTED}
    run(at("2036-10-13 12:00"))
    assert _masked_states() == ended
    assert db.session.get_one(Case, appealed.id).masked_at is None
    assert db.session.get_one(Case, reopened.id).masked_at is None


def _masked_states() -> set[State]:
    return set(db.session.scalars(select(Case.state).where(Case.masked_at.is_not(None))))


def test_visitors_are_masked_after_a_year(office: Office) -> None:
    with unit_of_work():
        answer(
            site_id=office.site.id, question=f"{NAME}问社保", answer_text="已答复",
            reporter_name=NAME, phone=PHONE, by=office.officer, now=SUBMITTED,
        )  # fmt: skip
    assert [run(at("2027-10-12 09:00")), run(at("2027-10-12 09:11"))] == [0, 1]
    row = db.session.scalars(select(Reception)).one()
    assert (row.reporter_name, row.phone, row.phone_tail_mark) == ("欧**踪", "160****4321", "")
    assert row.question == "反映人问社保"


def test_files_with_full_numbers_go(office: Office) -> None:
    with unit_of_work():
        archived(office)
        for is_full in (True, False):
            db.session.add(
                ExportRequest(
                    listing="all",
                    is_full=is_full,
                    by_id=office.clerk.id,
                    asked_at=RATED,
                    status=ExportStatus.DONE,
                    stored_name="0" * 32,
                    finished_at=RATED,
                )  # fmt: skip
            )
    with unit_of_work():
        assert mask_some(now=THREE_YEARS).files == ["0" * 32]
    left = db.session.scalars(select(ExportRequest.is_full).where(ExportRequest.stored_name != ""))
    assert list(left) == [False]


def test_the_timeline_never_holds_name_or_number(office: Office) -> None:
    with unit_of_work():
        archived(office)
    told = "".join(f"{e.summary}{e.reason}{e.facts}" for e in db.session.scalars(select(CaseEvent)))
    for word in (NAME, FORMER, PHONE, WRITTEN):
        assert word not in told, word
    assert "其他：给反映人（电话略）回电" in told


def test_preview_counts_and_changes_nothing(office: Office, freeze: Any) -> None:
    with unit_of_work():
        archived(office)
    freeze(at("2029-09-20 09:00"))
    db.session.rollback()
    shown = current_app.test_cli_runner().invoke(commands, ["preview"]).output
    assert "现在到期：事项0件" in shown
    assert "30天内到期：事项1件" in shown
    assert db.session.scalar(select(func.count()).where(Case.masked_at.is_not(None))) == 0


def test_years_end_on_the_same_day() -> None:
    assert years_before(at("2028-02-29 09:00"), 3) == at("2025-02-28 09:00")
    assert years_before(at("2029-10-13 09:00"), 3) == at("2026-10-13 09:00")


def test_many_looks_of_one_person_are_told_once_a_day(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    set_rule(name="reveals_a_day", text="2", by=office.sys_admin, now=RESOLVED)

    def look(when: dt.datetime) -> list[Notice]:
        reveals.reveal_phone(case, why=RevealReason.CONTACT, by=office.clerk, now=when)
        query = select(Notice).where(
            Notice.kind == NoticeKind.MANY_REVEALS, Notice.channel == "site"
        )
        return list(db.session.scalars(query))

    assert [len(look(RESOLVED)) for _ in range(3)] == [0, 2, 2]
    told = look(at("2026-10-13 09:00"))
    assert len(told) == 2  # another day begins at nought
    assert len(look(at("2026-10-13 09:01"))) == 4
    assert {n.recipient_id for n in told} == {office.auditor.id, office.sec_admin.id}
    assert not [n for n in told if case.phone in n.text]
