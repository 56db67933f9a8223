"""What outlives its extension goes to the leading group by itself, each case once (R32)."""

import datetime as dt
from typing import Any

import pytest

from app.actions import alarms, audit, extensions, group
from app.actions.office import set_rule
from app.domain.states import DueBasis, LimitClass, State, SupervisionKind
from app.extensions import db
from app.jobs import scan_deadlines, scheduler
from app.models import AuditEntry, Case, CaseEvent, GroupReview, JobState, Notice, Site, Supervision
from app.unit_of_work import unit_of_work
from tests.factories import Office, at, make_office

ASKED, GRANTED = at("2026-10-12 10:00"), at("2026-10-12 16:00")
DUE = at("2026-10-20 17:00")  # three days, then three more
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def office(session: Any) -> Office:
    """Return a committed office: the job opens its own units of work."""
    office = make_office()
    db.session.commit()
    return office


@pytest.fixture
def extended(office: Office) -> Case:
    """Return a case in work whose extension ends on DUE."""
    case = _extended(office)
    db.session.commit()
    return case


def _extended(office: Office) -> Case:
    case = office.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS)
    return office.extend(case, 3, asked=ASKED, granted=GRANTED)


def tick(now: dt.datetime) -> int:
    """Scan, and return how many cases went to the group."""
    before = db.session.query(GroupReview).count()
    scheduler.tick(now, [scan_deadlines.JOB])
    return db.session.query(GroupReview).count() - before


def test_at_the_due_instant_it_is_still_in_time(extended: Case) -> None:
    assert extended.due_at == DUE
    assert tick(DUE) == 0
    assert extended.state is State.HANDLING


def test_a_second_later_the_group_has_it(office: Office, extended: Case) -> None:
    assert tick(DUE + SECOND) == 1
    assert extended.state is State.GROUP_REVIEW
    review = db.session.query(GroupReview).one()
    assert (review.is_auto, review.asked_by_id) == (True, office.system.id)
    event = db.session.query(CaseEvent).order_by(CaseEvent.id.desc()).first()
    assert (event.by_id, event.at) == (office.system.id, DUE + SECOND)
    assert "自动提交领导小组" in event.summary
    told = db.session.query(Notice).filter_by(kind="group_review").all()
    assert office.chief.id in {n.recipient_id for n in told}


def test_second_run_does_nothing_more(extended: Case) -> None:
    tick(DUE + SECOND)
    assert tick(DUE + dt.timedelta(minutes=2)) == 0
    assert db.session.query(GroupReview).count() == 1


def test_downtime_is_caught_up(extended: Case) -> None:
    assert tick(DUE + dt.timedelta(days=30)) == 1


def test_only_extended_cases_in_work_are_taken(office: Office) -> None:
    plain = office.case_in(State.HANDLING)
    done = office.resolve(_extended(office), now=at("2026-10-20 10:00"))
    db.session.commit()
    assert tick(DUE + SECOND) == 0
    assert (plain.state, done.state) == (State.HANDLING, State.TO_CONFIRM)


def test_what_the_group_decided_is_not_taken_again(office: Office, extended: Case) -> None:
    tick(DUE + SECOND)
    office.decide(extended, met=at("2026-10-21 15:00"), due=at("2026-10-26 17:00"))
    group.confirm_decision(extended, by=office.chief, now=at("2026-10-21 16:30"))
    db.session.commit()
    assert extended.due_basis is DueBasis.GROUP
    assert tick(at("2026-10-28 09:00")) == 0


def test_extension_still_to_be_decided_waits_for_its_approver(office: Office, session: Any) -> None:
    set_rule(name="max_extensions", text="2", by=office.sys_admin, now=ASKED)
    case = _extended(office)
    extensions.apply_extension(
        case, days=2, reason="仍需复核", work_done="已补材料", by=office.land_head,
        now=at("2026-10-20 16:00"),
    )  # fmt: skip
    db.session.commit()
    assert tick(DUE + SECOND) == 0
    assert db.session.get_one(JobState, "scan-deadlines").last_error == ""
    assert case.state is State.HANDLING


def test_one_bad_row_does_not_stop_the_others(office: Office) -> None:
    bad, good = _extended(office), _extended(office)
    # Nobody gave this site business hours, so its calendar cannot be laid out.
    db.session.add(Site(id=77, name="没有办公时间的服务点"))
    db.session.flush()
    bad.site_id = 77
    db.session.commit()
    assert tick(DUE + SECOND) == 1
    assert (bad.state, good.state) == (State.HANDLING, State.GROUP_REVIEW)
    state = db.session.get_one(JobState, "scan-deadlines")
    assert (state.last_failed, bad.ledger_no in state.last_error) == (1, True)
    later = DUE + SECOND + alarms.TRY_AGAIN
    tick(later)
    assert state.last_failed == 1  # it is tried again, and still reported


def test_what_the_scan_does_by_itself_stands_in_the_log(session: Any) -> None:
    """催办, drafts of measures and the escalation: each in the chain, which holds as a whole."""
    with unit_of_work():
        office = make_office()
        office.case_in(State.HANDLING)
        _extended(office)
    for step in range(1, 5):
        scheduler.tick(DUE + step * dt.timedelta(days=2), [scan_deadlines.JOB])
    kinds = {row.kind for row in db.session.query(Supervision)}
    assert SupervisionKind.URGE in kinds
    told = {row.object_type for row in db.session.query(AuditEntry)}
    assert {"case_event", "supervisions", "measure_drafts"} <= told
    assert audit.verify(anchors={}) == []
