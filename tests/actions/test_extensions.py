"""延期: the unit asks, today's leader decides; seven working days in all, late stays late."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.actions import extensions, group, handling
from app.actions.calendars import publish_year
from app.actions.leaders import set_leader
from app.actions.office import set_rule
from app.domain.refusals import Code
from app.domain.states import Action, DueBasis, LimitClass, RequestStatus, State
from app.extensions import db
from app.models import Case, LeaderRoster
from tests.actions.watch import one_move, refused
from tests.factories import DUE_1, DUE_3, Office, at

THREE = LimitClass.THREE_DAYS
ASKED, GRANTED = at("2026-10-13 10:30"), at("2026-10-13 15:20")
HANDLING = State.HANDLING


def ask(office: Office, case: Case, days: Any = 5, now: dt.datetime = ASKED, **more: Any) -> None:
    values = {"reason": "需省厅批复", "work_done": "已报材料", "by": office.land_head} | more
    extensions.apply_extension(case, days=days, now=now, **values)


def grant(office: Office, case: Case, days: Any = 5, **more: Any) -> None:
    values = {"opinion": "同意", "by": office.leader, "now": GRANTED} | more
    extensions.approve_extension(case, days=days, **values)


def refuse(office: Office, case: Case, **more: Any) -> None:
    values = {"opinion": "按原时限", "by": office.leader, "now": GRANTED} | more
    extensions.refuse_extension(case, **values)


def waiting(office: Office, days: int = 5, **facts: Any) -> Case:
    case = office.case_in(HANDLING, limit=THREE, **facts)
    ask(office, case, days)
    return case


# -- asking ------------------------------------------------------------------------------------


def test_asking_changes_no_due_time_and_tells_leader_and_section(office: Office) -> None:
    case = office.case_in(HANDLING, limit=THREE)
    by = office.land_head
    with one_move(office, case, Action.APPLY_EXTENSION, by=by, now=ASKED, old=HANDLING) as told:
        ask(office, case)
    assert told.people == {"leader", "clerk", "clerk2"}
    (row,) = case.extensions
    assert (row.status, row.days_asked, row.is_late) == (RequestStatus.PENDING, 5, False)
    assert (row.former_due_at, row.asked_due_at) == (DUE_3, at("2026-10-22 17:00"))
    assert (case.due_at, case.is_extension_pending) == (DUE_3, True)
    with refused(Code.EXTENSION_PENDING):
        ask(office, case, 1)


@pytest.mark.parametrize("days", [-1, 0, 8])
def test_one_to_seven_working_days_are_asked(office: Office, days: int) -> None:
    case = office.case_in(HANDLING)
    with refused(Code.EXTENSION_CAP, field="days", total=0, cap=7, left=7):
        ask(office, case, days)


@pytest.mark.parametrize(("days", "due"), [(1, "2026-10-16"), (7, "2026-10-26")])
def test_days_are_counted_after_the_original_due_date(office: Office, days: int, due: str) -> None:
    case = waiting(office, days)
    grant(office, case, days)
    assert case.due_at == at(f"{due} 17:00")


def test_a_complex_case_is_extended_only_with_its_explanation(office: Office) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), limit=THREE)
    handling.sign(case, by=office.land_head, now=ASKED)
    with refused(Code.EXPLANATION_MISSING):
        ask(office, case)


def test_who_asks_and_with_what(office: Office) -> None:
    case = office.case_in(HANDLING)
    for person, code in (
        (office.land_handler, Code.ROLE_MISSING),
        (office.build_head, Code.NOT_LEAD_UNIT),
        (office.leader, Code.ROLE_MISSING),
    ):
        with refused(code):
            ask(office, case, by=person)
    with refused(Code.FIELDS_MISSING, fields=["reason", "work_done"]):
        ask(office, case, reason=" ", work_done="")


# -- deciding ----------------------------------------------------------------------------------


def test_granting_moves_every_due_time(office: Office) -> None:
    case = office.dispatch(office.case_in(State.TO_DISPATCH), co=("build",), limit=THREE)
    office.sign(case)
    ask(office, case)
    by = office.leader
    with one_move(office, case, Action.APPROVE_EXTENSION, by=by, now=GRANTED, old=HANDLING) as told:
        grant(office, case)
    assert told.people == {"land_head", "land_handler", "clerk", "clerk2"}
    due = at("2026-10-22 17:00")
    assert (case.due_at, case.original_due_at, case.first_due_at) == (due, DUE_3, due)
    assert (case.ext_total, case.due_basis) == (5, DueBasis.EXTENSION)
    assert [s.due_at for s in case.slips] == [due, at("2026-10-22 12:00")]
    assert "10月22日" in case.due_reason
    assert "批准延期5个工作日" in case.remark  # printed on the ledger form
    (row,) = case.extensions
    assert (row.status, row.days_granted, row.new_due_at) == (RequestStatus.AGREED, 5, due)
    assert (row.decided_at, row.decided_by_id) == (GRANTED, by.id)
    assert (case.is_extension_pending, case.is_extended_late) == (False, False)


def test_the_leader_may_lower_the_days_not_raise_them(office: Office) -> None:
    case = waiting(office, 5)
    with refused(Code.EXTENSION_DAYS_RAISED, field="days", asked=5):
        grant(office, case, 6)
    with refused(Code.EXTENSION_CAP):
        grant(office, case, 0)
    grant(office, case, 2)
    assert (case.ext_total, case.due_at) == (2, at("2026-10-19 17:00"))
    assert "申请5个" in case.remark


def test_refusing_leaves_the_original_due_time(office: Office) -> None:
    case = waiting(office)
    with refused(Code.FIELDS_MISSING, fields=["opinion"]):
        refuse(office, case, opinion=" ")
    by = office.leader
    with one_move(office, case, Action.REFUSE_EXTENSION, by=by, now=GRANTED, old=HANDLING) as told:
        refuse(office, case)
    assert told.people == {"land_head", "land_handler", "clerk", "clerk2"}
    assert (case.due_at, case.ext_total, case.is_extension_pending) == (DUE_3, 0, False)
    assert case.extensions[0].status is RequestStatus.REFUSED
    ask(office, case, 3, now=GRANTED)  # a refused one is not an approved one


def test_the_section_comments_and_decides_nothing(office: Office) -> None:
    case = waiting(office)
    by = office.clerk
    with one_move(office, case, Action.COMMENT_EXTENSION, by=by, now=GRANTED, old=HANDLING) as told:
        extensions.comment_extension(case, opinion="建议同意", by=by, now=GRANTED)
    assert (told.people, case.extensions[0].section_opinion) == (set(), "建议同意")
    with refused(Code.ROLE_MISSING):
        grant(office, case, by=by)
    with refused(Code.ROLE_MISSING):
        refuse(office, case, by=by)


def test_nobody_decides_what_they_asked_for_or_worked_on(office: Office) -> None:
    case = waiting(office)
    case.extensions[0].applied_by_id = office.leader.id
    with refused(Code.OWN_REQUEST):
        grant(office, case)
    case.extensions[0].applied_by_id = office.land_head.id
    case.slips[0].signed_by_id = office.leader.id
    with refused(Code.OWN_CASE):
        grant(office, case)


# -- who the leader of today is (D-34) ---------------------------------------------------------


def test_the_leader_on_the_roster_decides_nobody_else(office: Office) -> None:
    case = waiting(office)
    for person in (office.leader2, office.chief):
        with refused(Code.NOT_DUTY_LEADER_TODAY):
            grant(office, case, by=person)


def test_the_substitute_decides_when_the_leader_is_away(office: Office) -> None:
    case = waiting(office)
    set_leader(
        site_id=1, day=GRANTED.date(), leader_id=office.leader.id,
        substitute_id=office.leader2.id, is_leader_away=True, by=office.clerk, now=ASKED,
    )  # fmt: skip
    for person in (office.leader, office.chief):
        with refused(Code.NOT_DUTY_LEADER_TODAY):
            grant(office, case, by=person)
    grant(office, case, by=office.leader2)


@pytest.mark.parametrize("is_away", [True, False])
def test_without_roster_or_substitute_the_head_of_the_group_decides(
    office: Office, is_away: bool
) -> None:
    case = waiting(office)
    if is_away:
        row = db.session.execute(select(LeaderRoster).filter_by(day=GRANTED.date())).scalar_one()
        row.is_leader_away = True
    else:
        db.session.execute(delete(LeaderRoster).where(LeaderRoster.day == GRANTED.date()))
    with refused(Code.NOT_DUTY_LEADER_TODAY):
        grant(office, case)
    grant(office, case, by=office.chief)


# -- late (D-11) -------------------------------------------------------------------------------


def test_asked_in_time_and_granted_after_the_due_time_is_not_late(office: Office) -> None:
    case = office.case_in(HANDLING)
    ask(office, case, 3, now=DUE_1)  # at the due instant itself
    grant(office, case, 3, now=at("2026-10-15 09:00"))
    assert (case.extensions[0].is_late, case.is_extended_late) == (False, False)
    assert case.due_at == at("2026-10-16 17:00")


def test_asked_late_it_stays_late_whatever_is_granted(office: Office) -> None:
    case = office.case_in(HANDLING)
    ask(office, case, 3, now=DUE_1 + dt.timedelta(seconds=1))
    assert (case.extensions[0].is_late, case.is_extended_late) == (True, False)
    grant(office, case, 3, now=at("2026-10-14 09:00"))
    assert (case.is_extended_late, case.due_at) == (True, at("2026-10-16 17:00"))
    assert "仍记为超期" in case.remark


# -- the cap (D-10) ----------------------------------------------------------------------------


def test_one_extension_a_case_unless_the_office_allows_more(office: Office) -> None:
    case = waiting(office, 2)
    grant(office, case, 2)
    with refused(Code.EXTENSION_COUNT, total=2):
        ask(office, case, 1, now=GRANTED)
    set_rule(name="max_extensions", text="2", by=office.sys_admin, now=GRANTED)
    with refused(Code.EXTENSION_CAP, total=2, left=5):
        ask(office, case, 6, now=GRANTED)
    ask(office, case, 5, now=GRANTED)
    assert case.extensions[-1].former_due_at == at("2026-10-19 17:00")
    grant(office, case, 4)
    # Six working days after the original due date, not after the former extension.
    assert (case.ext_total, case.due_at) == (6, at("2026-10-23 17:00"))
    with refused(Code.EXTENSION_COUNT):
        ask(office, case, 1, now=GRANTED)


@pytest.mark.parametrize(("limit", "left"), [(LimitClass.ONE_DAY, 6), (THREE, 4)])
def test_an_office_may_count_the_seven_days_from_the_slip(
    office: Office, limit: LimitClass, left: int
) -> None:
    set_rule(name="extension_basis", text="issue", by=office.sys_admin, now=ASKED)
    case = office.case_in(HANDLING, limit=limit)
    with refused(Code.EXTENSION_CAP, field="days", left=left):
        ask(office, case, left + 1)
    ask(office, case, left)
    grant(office, case, left)
    latest = at("2026-10-21 17:00")  # seven working days after Monday the 12th
    assert case.due_at == case.slips[0].due_at == latest
    assert "10月21日" in case.due_reason


def test_into_an_unpublished_year_the_due_time_is_provisional(office: Office) -> None:
    moments = ("2026-12-28 09:00", "2026-12-28 09:30", "2026-12-28 10:00", "2026-12-28 11:00")
    registered, dispatched, asked, granted = (at(text) for text in moments)
    case = office.submit(office.draft(now=registered), now=registered)
    office.sign(office.dispatch(case, now=dispatched), now=dispatched)
    assert case.is_due_provisional is False
    ask(office, case, 3, now=asked)
    grant(office, case, 3, now=granted)
    # 1 January is a statutory day off, 2 and 3 are a weekend.
    assert (case.due_at, case.is_due_provisional) == (at("2027-01-04 17:00"), True)
    publish_year(
        year=2027, days=[], notice_no="国办发明电〔2026〕9号", by=office.system, now=granted
    )
    assert case.is_due_provisional is False


def test_what_the_group_decided_is_not_extended(office: Office) -> None:
    case = office.case_in(State.GROUP_REVIEW)
    office.decide(case, met=at("2026-10-13 15:00"), due=at("2026-10-30 17:00"))
    group.confirm_decision(case, by=office.chief, now=at("2026-10-13 17:00"))
    with refused(Code.GROUP_DECIDED):
        ask(office, case, 7, now=at("2026-10-14 09:00"))
    assert case.due_at == at("2026-10-30 17:00")
