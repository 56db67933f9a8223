"""What stands beside the cases: 不予受理, consultations, rosters and visits."""

import csv
import datetime as dt
from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from app.demo.data import FOLDER, moment, read_json
from app.domain.states import Half, ReceptionOutcome, SupervisionKind
from app.models import DutyShift, LeaderRoster, LeaderVisit, Reception, Rejection, Supervision
from app.official import default_calendar

FIRST, LAST = dt.date(2026, 9, 21), dt.date(2026, 12, 31)


def workdays(first: dt.date, last: dt.date) -> list[dt.date]:
    days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
    return [day for day in days if default_calendar().is_workday(day)]


def test_rejections_have_the_numbers_and_times_of_the_register(
    office: scoped_session[Any],
) -> None:
    rows = office.scalars(select(Rejection).order_by(Rejection.rejected_at)).all()
    found = [
        (r.rejection_no, r.rejected_at, r.reporter_name, r.ground.name, r.referred_to) for r in rows
    ]
    assert found == [
        (r["no"], moment(r["at"]), r["reporter"], r["ground"], r["referred_to"])
        for r in read_json("rejections.json")
    ]
    assert all(r.case.ledger_no is None for r in rows)


def test_consultations_outnumber_the_cases_every_week(office: scoped_session[Any]) -> None:
    answered = office.scalars(
        select(Reception).where(Reception.outcome == ReceptionOutcome.ANSWERED)
    ).all()
    weeks = Counter(r.received_at.isocalendar().week for r in answered)
    holidays = {39, 40, 41}  # Mid-Autumn and National Day leave fewer working days
    assert all(15 <= n <= 25 for week, n in weeks.items() if week not in holidays)
    assert len(weeks) == 9
    assert len({r.question for r in answered}) >= 60
    calendar = default_calendar()
    assert all(calendar.working_seconds(r.received_at, r.received_at + dt.timedelta(seconds=60))
               for r in answered)  # fmt: skip


def test_consultation_texts_are_each_told_once() -> None:
    with (FOLDER / "consultations.csv").open(encoding="utf-8", newline="") as file:
        questions = [row["question"] for row in csv.DictReader(file)]
    assert len(set(questions)) == len(questions) >= 60


def test_every_working_day_has_a_leader_a_substitute_and_two_shifts(
    office: scoped_session[Any],
) -> None:
    days = workdays(FIRST, LAST)
    rows = office.scalars(select(LeaderRoster).order_by(LeaderRoster.day)).all()
    assert [row.day for row in rows] == days
    assert all(row.substitute_id not in (None, row.leader_id) for row in rows)
    shifts = {(s.day, s.half) for s in office.scalars(select(DutyShift))}
    assert shifts == {(day, half) for day in days for half in Half}
    order = ("程立群", "杜春晖", "韩雪松", "孟凡林", "于晓棠")
    assert all(row.leader.name == order[row.day.weekday() % 5] for row in rows)


def test_a_few_half_days_were_missed(office: scoped_session[Any]) -> None:
    visits = office.scalars(select(LeaderVisit)).all()
    days = workdays(FIRST, dt.date(2026, 11, 20))
    came = {(v.day, v.half) for v in visits}
    missed = {(day, half) for day in days for half in Half} - came
    assert {f"{day} {'上午' if half is Half.AM else '下午'}" for day, half in missed} == set(
        read_json("rosters.json")["missed"]
    )
    assert all(v.left_at > v.arrived_at and v.seen for v in visits)


def test_measures_are_those_of_the_courses(office: scoped_session[Any]) -> None:
    rows = office.scalars(select(Supervision).order_by(Supervision.issued_at)).all()
    kinds = Counter(row.kind for row in rows)
    assert kinds == {
        SupervisionKind.URGE: 3,
        SupervisionKind.NOTICE: 1,
        SupervisionKind.INTERVIEW: 2,
        SupervisionKind.CIRCULAR: 1,
    }
    assert [row.series_no for row in rows if row.series_no] == ["督办〔2026〕7号"]
