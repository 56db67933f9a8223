"""What hangs on a case as it stood at an instant: which rows were there, and what they said."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import MetaData, Table, and_, case, false, func, literal, not_, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.domain.states import Action, RequestStatus, ResultStatus
from app.models import (
    Callback,
    Case,
    CaseEvent,
    Contact,
    Correction,
    Evaluation,
    Extension,
    GroupReview,
    LeaderVisit,
    Reception,
    Rejection,
    Result,
    ReturnRequest,
    Slip,
    Supervision,
)

Value = ColumnElement[Any]
Facts = Mapping[str, Value]
MODELS = (Case, CaseEvent, Contact, Correction, Slip, Result, Evaluation, Callback, Extension,
          ReturnRequest, GroupReview, Supervision, Reception, Rejection, LeaderVisit)  # fmt: skip


@dataclass(frozen=True)
class Past:
    """An instant, and the real tables by name, whatever lies over them."""

    now: dt.datetime
    schema: str
    _tables: dict[str, Table] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """Return the real table."""
        if not self._tables:
            beside = MetaData()
            for model in MODELS:
                found = model.__table__.to_metadata(beside, schema=self.schema)
                self._tables[found.name] = found
        return self._tables[name]

    def happened(self, moment: Value) -> Value:
        """Return whether a time had come."""
        return moment <= self.now

    def later(self, moment: Value) -> Value:
        """Return whether a time is known and was still to come."""
        return moment > self.now

    def known(self, value: Value, moment: Value) -> Value:
        """Return the value, or nothing where its time was still to come."""
        return case((self.later(moment), null()), else_=value)

    def until_now(self, *moments: Value) -> Facts:
        """Return times that were not there before they came."""
        return {moment.name: self.known(moment, moment) for moment in moments}

    def events(self, case_id: Value, *actions: Action) -> Any:
        """Return the select of the moves of a case, of these kinds; to count or to look into."""
        events = self.table("case_events").alias()
        query = select(events).where(events.c.case_id == case_id)
        return query.where(events.c.action.in_(actions)) if actions else query

    def moved(self, case_id: Value, *actions: Action, later: bool = False) -> Value:
        """Return whether the case had been moved so, or (`later`) was moved so afterwards."""
        query = self.events(case_id, *actions)
        moment = query.selected_columns["at"]
        return query.where(self.later(moment) if later else self.happened(moment)).exists()

    def times(self, case_id: Value, action: Action, round_no: Value | None = None) -> Value:
        """Return how often the case had been moved so (in a round)."""
        query = self.events(case_id, action)
        columns = query.selected_columns
        if round_no is not None:
            query = query.where(columns["round_no"] == round_no)
        query = query.where(self.happened(columns["at"]))
        return query.with_only_columns(func.count()).scalar_subquery()


def _nothing(_past: Past) -> Facts:
    return {}


def _since(name: str, moment: str) -> Callable[[Past], Value]:
    """Return the condition of rows that were written at the time they carry."""
    return lambda past: past.happened(past.table(name).c[moment])


def _times(name: str, *moments: str) -> Callable[[Past], Facts]:
    return lambda past: past.until_now(*(past.table(name).c[m] for m in moments))


def _slips(past: Past) -> Facts:
    slips = past.table("slips").c
    unspoilt = case((past.later(slips.voided_at), false()), else_=slips.is_void)
    return {"is_void": unspoilt, **past.until_now(slips.signed_at, slips.voided_at,
                                                  slips.replied_at)}  # fmt: skip


def _results(past: Past) -> Facts:
    results = past.table("results").c
    open_ = literal(ResultStatus.SUBMITTED, results.status.type)
    status = case((past.later(results.decided_at), open_), else_=results.status)
    return {"status": status, **past.until_now(results.decided_at)}


def _requests(name: str, *answers: str) -> Callable[[Past], Facts]:
    """Return an application as it waited for its decision."""

    def facts(past: Past) -> Facts:
        rows = past.table(name).c
        pending = literal(RequestStatus.PENDING, rows.status.type)
        status = case((past.later(rows.decided_at), pending), else_=rows.status)
        said = {answer: past.known(rows[answer], rows.decided_at) for answer in answers}
        return {"status": status, **said, **past.until_now(rows.decided_at)}

    return facts


def _ratings(past: Past) -> Facts:
    ratings = past.table("evaluations").c
    ruled = {name: past.known(ratings[name], ratings.verified_at)
             for name in ("verdict", "redo_due_at")}  # fmt: skip
    seen = past.until_now(ratings.unit_read_at, ratings.leader_read_at, ratings.verified_at)
    return {**ruled, **seen, **past.until_now(ratings.approved_at)}


def _is_rated(past: Past) -> Value:
    """A rating may be older than its record (补评): the move that entered it decides."""
    ratings = past.table("evaluations").c
    entered = past.events(ratings.case_id, Action.EVALUATE)
    columns = entered.selected_columns
    entered = entered.where(columns["round_no"] == ratings.round_no, past.later(columns["at"]))
    return and_(past.happened(ratings.evaluated_at), not_(entered.exists()))


def _is_called(past: Past) -> Value:
    """A call may be older than its record: the move of the same number decides."""
    calls = past.table("callbacks").c
    noted = past.times(calls.case_id, Action.CALL_BACK, calls.round_no)
    later = past.moved(calls.case_id, Action.CALL_BACK, later=True)
    return and_(past.happened(calls.called_at), or_(not_(later), calls.attempt_no <= noted))


def is_contacted(past: Past, contacts: Any) -> Value:
    """A contact may be older than its record: the move of the same number decides."""
    earlier = past.table("contacts").alias()
    number = (
        select(func.count())
        .where(earlier.c.case_id == contacts.case_id, earlier.c.id <= contacts.id)
        .scalar_subquery()
    )
    noted = past.times(contacts.case_id, Action.CONTACT)
    later = past.moved(contacts.case_id, Action.CONTACT, later=True)
    return and_(past.happened(contacts.contacted_at), or_(not_(later), number <= noted))


# Table → what its rows said, which of them were there.
ROWS: dict[str, tuple[Callable[[Past], Facts], Callable[[Past], Value]]] = {
    "slips": (_slips, _since("slips", "issued_at")),
    "results": (_results, _since("results", "submitted_at")),
    "evaluations": (_ratings, _is_rated),
    "callbacks": (_nothing, _is_called),
    "contacts": (_nothing, lambda past: is_contacted(past, past.table("contacts").c)),
    "extensions": (
        _requests("extensions", "days_granted", "new_due_at"),
        _since("extensions", "applied_at"),
    ),
    "return_requests": (
        _requests("return_requests", "assigned_unit_id"),
        _since("return_requests", "requested_at"),
    ),
    "group_reviews": (
        _times("group_reviews", "recorded_at", "confirmed_at"),
        _since("group_reviews", "asked_at"),
    ),
    "supervisions": (
        _times("supervisions", "feedback_at", "closed_at"),
        _since("supervisions", "issued_at"),
    ),
    "receptions": (_nothing, _since("receptions", "received_at")),
    "rejections": (_nothing, _since("rejections", "rejected_at")),
    "leader_visits": (_times("leader_visits", "left_at"), _since("leader_visits", "arrived_at")),
    "corrections": (_nothing, _since("corrections", "corrected_at")),
    "case_events": (_nothing, _since("case_events", "at")),
}
