"""From notices to messages: still true, not too many, and each in one message."""

import datetime as dt

import pytest

from app.actions import alarms, composing, extensions
from app.actions.closing import withdraw
from app.actions.composing import suppress_waiting
from app.actions.office import set_rule
from app.domain.notice_kinds import NoticeKind, NoticeStatus, OutgoingStatus
from app.domain.states import LimitClass, State
from app.extensions import db
from app.models import Case, JobState, Supervision
from tests.factories import DISPATCHED, DUE_1, NAME, PHONE, SIGNED, Office, at
from tests.mailing import HOUR, MINUTE, composed, give_addresses, mails_of, messages, waiting

MORNING = at("2026-10-14 09:00")
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _mailboxes(office: Office) -> None:
    give_addresses(office, "land_head", "clerk", "leader")


def status(kind: NoticeKind, person: object) -> list[tuple[NoticeStatus, str]]:
    return [(n.status, n.status_note) for n in mails_of(kind, person)]


def test_news_becomes_one_message_with_a_link_and_no_person(office: Office) -> None:
    case = office.case_in(State.TO_SIGN)
    done = composed(DISPATCHED)
    assert (done.messages, done.suppressed) == (1, 1)
    (message,) = messages(office.land_head)
    assert message.address == "land_head@banjie.example"
    assert f"http://banjie.example/case/{case.id}" in message.body
    assert "自动发送" in message.body
    assert message.subject.startswith(case.ledger_no)
    assert not [word for word in (NAME, PHONE) if word in message.body + message.subject]
    (notice,) = mails_of(NoticeKind.TO_SIGN, office.land_head)
    assert (notice.status, notice.outgoing_id) == (NoticeStatus.SENT_ON, message.id)
    assert composed(DISPATCHED + MINUTE).messages == 0
    assert messages(office.clerk) == []  # 待交办 was over before its mail could leave


def test_nothing_leaves_before_its_time(office: Office) -> None:
    waiting(office.clerk, MORNING, send_at=MORNING + HOUR)
    assert composed(MORNING + HOUR - SECOND).messages == 0
    assert composed(MORNING + HOUR).messages == 1


def test_signed_slip_is_not_asked_for(office: Office) -> None:
    case = office.case_in(State.TO_SIGN)
    office.sign(case)
    composed(SIGNED)
    ((what, why),) = status(NoticeKind.TO_SIGN, office.land_head)
    assert (what, "不再发送" in why) == (NoticeStatus.SUPPRESSED, True)
    assert messages() == []


def test_one_unit_has_signed_and_the_other_is_still_asked(office: Office) -> None:
    give_addresses(office, "tax_head")
    case = office.submit(office.draft())
    office.dispatch(case, co=("tax",))
    office.sign(case)
    composed(SIGNED)
    assert [m.recipient_id for m in messages()] == [office.tax_head.id]


def scanned(office: Office, now: dt.datetime, *, limit: LimitClass = LimitClass.ONE_DAY) -> Case:
    case = office.case_in(State.HANDLING, limit=limit)
    db.session.flush()
    alarms.look(now=now)
    return case


def test_red_card_of_the_evening_leaves_at_opening(office: Office) -> None:
    scanned(office, DUE_1 + SECOND)
    composed(DUE_1 + MINUTE)
    assert status(NoticeKind.RED, office.land_head) == [(NoticeStatus.WAITING, "")]
    composed(MORNING)
    assert status(NoticeKind.RED, office.land_head) == [(NoticeStatus.SENT_ON, "")]


def test_red_card_of_what_was_finished_over_night_is_suppressed(office: Office) -> None:
    case = scanned(office, DUE_1 + SECOND)
    office.resolve(case, now=DUE_1 + HOUR)
    composed(MORNING)
    ((what, why),) = status(NoticeKind.RED, office.land_head)
    assert (what, why) == (NoticeStatus.SUPPRESSED, "事项现为“待审签”，不再发送")


def test_extension_over_night_takes_the_card_back(office: Office) -> None:
    case = scanned(office, DUE_1 + SECOND, limit=LimitClass.ONE_DAY)
    extensions.apply_extension(
        case, days=2, reason="需省厅批复", work_done="已报", by=office.land_head, now=DUE_1 + HOUR
    )
    extensions.approve_extension(
        case, days=2, opinion="同意", by=office.leader, now=DUE_1 + HOUR + MINUTE
    )
    composed(MORNING)
    assert [what for what, _why in status(NoticeKind.RED, office.land_head)] == ["suppressed"]
    assert [what for what, _why in status(NoticeKind.EXTENSION_ASKED, office.leader)] == [
        "suppressed"
    ]
    assert [what for what, _why in status(NoticeKind.EXTENDED, office.land_head)] == ["sent_on"]


def test_interview_advised_with_the_second_red_card_leaves(office: Office) -> None:
    first, second = (office.case_in(State.HANDLING) for _n in range(2))
    db.session.flush()
    alarms.look(now=DUE_1 + SECOND)
    composed(MORNING)
    assert first.due_at == second.due_at == DUE_1
    assert [s for s, _ in status(NoticeKind.INTERVIEW_ADVISED, office.leader)] == ["sent_on"]
    assert db.session.query(Supervision).count() == 2


def test_withdrawn_case_tells_of_its_end_only(office: Office) -> None:
    case = scanned(office, DUE_1 + SECOND)
    withdraw(case, reason="已自行办好", proof="来电记录", by=office.officer, now=DUE_1 + HOUR)
    composed(MORNING)
    assert {m.kind for m in messages()} == {NoticeKind.WITHDRAWN}
    assert [s for s, _ in status(NoticeKind.RED, office.clerk)] == ["suppressed"]


def test_unit_that_lost_the_case_is_told_nothing_more_of_it(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    lost = waiting(office.tax_head, MORNING, case=case)
    office.tax_head.email = "tax_head@banjie.example"
    kept = waiting(office.land_head, MORNING, case=case)
    composed(MORNING)
    assert (lost.status, kept.status) == (NoticeStatus.SUPPRESSED, NoticeStatus.SENT_ON)
    assert "单位" in lost.status_note


def test_who_cannot_be_reached_any_more_is_suppressed_visibly(office: Office) -> None:
    rows = [waiting(p, MORNING) for p in (office.clerk, office.leader, office.land_head)]
    office.clerk.active = False
    office.leader.email = "leader@local.invalid"
    composed(MORNING)
    assert [row.status for row in rows] == ["suppressed", "suppressed", "sent_on"]
    assert [bool(row.status_note) for row in rows] == [True, True, False]


def test_channel_that_was_switched_off_carries_nothing(office: Office) -> None:
    row = waiting(office.clerk, MORNING)
    set_rule(name="mail_notices", text="0", by=office.sys_admin, now=MORNING)
    composed(MORNING)
    assert row.status is NoticeStatus.SUPPRESSED


def many(office: Office, count: int, now: dt.datetime, start: int = 0) -> None:
    for n in range(start, start + count):
        waiting(office.clerk, now, about=f"test:{n}", text=f"第{n}条")


def test_more_than_the_office_allows_are_gathered(office: Office) -> None:
    many(office, 10, MORNING)
    assert composed(MORNING).messages == 10
    many(office, 3, MORNING + MINUTE, start=10)
    assert composed(MORNING + MINUTE).messages == 1
    gathered = messages()[-1]
    assert gathered.is_gathered
    assert [f"第{n}条" in gathered.body for n in (9, 10, 12)] == [False, True, True]
    assert "另有" not in gathered.body


def test_second_gathered_message_waits_for_the_hour(office: Office) -> None:
    many(office, 130, MORNING)
    assert composed(MORNING).messages == 1
    first = messages()[0]
    assert "另有30条" in first.body
    assert first.subject == "“办不成事”反映窗口：130条提醒"
    first.status, first.sent_at = OutgoingStatus.SENT, MORNING
    many(office, 20, MORNING + MINUTE, start=200)
    assert composed(MORNING + MINUTE).messages == 0
    assert composed(MORNING + HOUR + SECOND).messages == 1
    assert {n.status for n in mails_of(NoticeKind.DECIDED, office.clerk)} == {NoticeStatus.SENT_ON}


def test_clock_put_back_makes_nobody_wait_for_a_day(office: Office) -> None:
    many(office, 30, MORNING - dt.timedelta(days=1))
    composed(MORNING)
    messages()[0].status, messages()[0].sent_at = OutgoingStatus.SENT, MORNING
    many(office, 30, MORNING - dt.timedelta(days=1), start=100)
    assert composed(MORNING - dt.timedelta(days=1)).messages == 1


def test_setting_of_the_office_decides_how_many(office: Office) -> None:
    set_rule(name="mails_per_hour", text="2", by=office.sys_admin, now=MORNING)
    many(office, 3, MORNING)
    assert (composed(MORNING).messages, messages()[0].is_gathered) == (1, True)


def behind(office: Office) -> None:
    for _n in range(21):
        office.draft().next_look_at = MORNING
    waiting(office.clerk, MORNING)


def test_scan_that_is_behind_is_waited_for(office: Office) -> None:
    behind(office)
    assert composed(MORNING).messages == 0
    db.session.query(Case).update({"next_look_at": None})
    assert composed(MORNING).messages == 1


def test_scan_that_fails_is_not_waited_for(office: Office) -> None:
    behind(office)
    db.session.add(JobState(name="scan-deadlines", next_run_at=MORNING, last_run_at=MORNING))
    assert composed(MORNING).messages == 1


def test_what_was_written_before_can_be_kept_in(office: Office) -> None:
    old, new = waiting(office.clerk, MORNING), waiting(office.clerk, MORNING + HOUR)
    assert suppress_waiting(now=MORNING, note="不发") == 1
    db.session.expire_all()
    assert (old.status, old.status_note, new.status) == ("suppressed", "不发", "waiting")


def test_statements_do_not_grow_with_the_cases(office: Office, count_statements: object) -> None:
    def statements(cases: int) -> int:
        for _n in range(cases):
            case = office.case_in(State.HANDLING)
            waiting(office.clerk, MORNING, case=case)
        with count_statements() as seen:
            composed(MORNING + HOUR)
        return len(seen)

    set_rule(name="mails_per_hour", text="0", by=office.sys_admin, now=MORNING)
    few = statements(2)
    for message in messages():
        message.status = OutgoingStatus.SENT
    assert statements(12) <= few + 2


def test_people_of_one_transaction_are_bounded_and_nobody_is_left_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composing, "BATCH", 3)
    case = office.case_in(State.HANDLING)
    for person in (office.clerk, office.leader, office.land_head):
        for n in range(2):
            waiting(person, MORNING, case=case, round_no=n)
    turns = [composed(MORNING) for _n in range(4)]
    assert [turn.messages for turn in turns] == [2, 2, 2, 0]
    assert [turn.is_full for turn in turns] == [True, True, False, False]
