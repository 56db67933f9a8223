"""量化考核 counted slowly, record by record, from the sentences of domain/2.3 and D-26 alone."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select

from app.domain.states import (
    Action,
    RequestStatus,
    ResultStatus,
    ScoreKind,
    SlipKind,
    SupervisionKind,
    Verdict,
)
from app.extensions import db
from app.models import Case, CaseEvent, Evaluation
from app.reports.period import Period
from tests.reports.slow import on_time
from tests.reports.slow_records import DAY, Office, all_cases, untimed

Fault = tuple[int | None, Any]  # the unit and the record


def unit_of_round(case: Case, round_no: int | None) -> int | None:
    ends = [
        r for r in case.results
        if r.status is ResultStatus.CONFIRMED and round_no in (None, r.round_no)
    ]  # fmt: skip
    return max(ends, key=lambda r: r.id).unit_id if ends else case.lead_unit_id


def red(office: Office) -> Iterator[Fault]:
    counted = on_time(office)
    for case in counted.all:
        if case not in counted.good:
            yield unit_of_round(case, 1), case


def unsigned(office: Office) -> Iterator[Fault]:
    for slip in office.slips:
        if slip.slip_kind is not SlipKind.LEAD:
            continue
        if untimed(slip.case, slip.signed_at):
            continue
        close = close_after(office, slip.issued_at)
        settled = [moment for moment in (slip.signed_at, slip.voided_at) if moment is not None]
        in_time = bool(settled) and min(settled) <= close
        if office.inside(close) and close < office.now and not in_time:
            yield slip.unit_id, slip


def close_after(office: Office, moment: dt.datetime) -> dt.datetime:
    day = moment.date()
    while True:
        if office.calendar.is_workday(day):
            close = office.calendar.spans(day)[-1][1]
            if moment < close:
                return close
        day += DAY


def bad_returns(office: Office) -> Iterator[Fault]:
    for case in office.cases:
        for asked in case.return_requests:
            if asked.status is RequestStatus.REFUSED and office.inside(asked.decided_at):
                yield asked.unit_id, asked


def justified(office: Office) -> Iterator[tuple[Case, Evaluation]]:
    for case in office.cases:
        for rating in case.evaluations:
            if rating.eval_level.is_bad and rating.verdict is Verdict.JUSTIFIED:
                yield case, rating


def bad_ratings(office: Office) -> Iterator[Fault]:
    for case, rating in justified(office):
        if office.inside(rating.verified_at):
            yield unit_of_round(case, rating.round_no), rating


def bad_fixes(office: Office) -> Iterator[Fault]:
    ratings = list(justified(office))
    for case, rating in ratings:
        due, unit = rating.redo_due_at, unit_of_round(case, rating.round_no)
        after = [
            r.submitted_at for r in case.results
            if r.round_no == rating.round_no + 1 and r.status is not ResultStatus.SENT_BACK
        ]  # fmt: skip
        if due is None:
            continue
        if any(moment <= due for moment in after):
            again = [e for c, e in ratings if c is case and e.round_no == rating.round_no + 1]
            if any(office.inside(e.verified_at) for e in again):
                yield unit, rating
        elif office.inside(due) and (after or (due < office.now and not case.is_backfilled)):
            yield unit, rating


def typical(office: Office) -> Iterator[Fault]:
    for case in office.cases:
        query = select(CaseEvent).where(CaseEvent.case_id == case.id)
        marks = [
            e.at for e in db.session.scalars(query)
            if e.action is Action.MARK_TYPICAL and "列为典型案例" in e.summary
        ]  # fmt: skip
        ends = [r for r in case.results if r.status is ResultStatus.CONFIRMED]
        is_achieved = bool(ends) and max(ends, key=lambda r: r.id).is_achieved
        if case.is_typical and is_achieved and marks and office.inside(min(marks)):
            yield unit_of_round(case, None), case


def measures(kind: SupervisionKind) -> Callable[[Office], Iterator[Fault]]:
    def found(office: Office) -> Iterator[Fault]:
        kept = {case.id for case in office.kept}
        for row in office.measures:
            is_kept = row.case_id is None or row.case_id in kept
            if row.kind is kind and office.inside(row.issued_at) and is_kept:
                yield row.unit_id, row

    return found


SLOW: dict[ScoreKind, Callable[[Office], Iterator[Fault]]] = {
    ScoreKind.RED: red,
    ScoreKind.UNSIGNED: unsigned,
    ScoreKind.BAD_RETURN: bad_returns,
    ScoreKind.BAD_RATING: bad_ratings,
    ScoreKind.BAD_FIX: bad_fixes,
    ScoreKind.NOTICE: measures(SupervisionKind.NOTICE),
    ScoreKind.INTERVIEW: measures(SupervisionKind.INTERVIEW),
    ScoreKind.CIRCULAR: measures(SupervisionKind.CIRCULAR),
    ScoreKind.TYPICAL: typical,
}


def slow_count(site_id: int, period: Period) -> dict[ScoreKind, dict[int, tuple[int, ...]]]:
    """Return unit → ids of the records, for each kind."""
    office = Office(all_cases(), site_id, None, period)
    whole: dict[ScoreKind, dict[int, tuple[int, ...]]] = {}
    for kind, find in SLOW.items():
        faults = sorted(((u, row.id) for u, row in find(office) if u), key=lambda pair: pair[1])
        whole[kind] = {u: tuple(i for v, i in faults if v == u) for u, _id in faults}
    return whole
