"""The indicators counted slowly, record by record, from the sentences of domain/2.3 alone."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from app.domain.states import (
    CallOutcome,
    RequestStatus,
    ResultStatus,
    SlipKind,
    SolvedLevel,
    State,
    SupervisionKind,
    Verdict,
)
from app.models import (
    Case,
    LeaderRoster,
    LeaderVisit,
    Reception,
    Rejection,
    ReturnRequest,
)
from tests.reports.slow_records import (
    DAY,
    HOURS_TO_SIGN,
    Counted,
    Office,
    _all,
    first_finish,
    first_reply,
    is_valid,
    untimed,
)


def share(rows: Iterable[tuple[Any, bool]]) -> Counted:
    found = Counted()
    for row, is_good in rows:
        found.add(row, is_good)
    return found


def same_day(office: Office) -> Counted:
    return share(
        (slip, slip.issued_at <= slip.case.dispatch_due_at)
        for slip in office.slips
        if office.inside(slip.case.dispatch_due_at) and is_hand_over(slip)
    )


def is_hand_over(slip: Any) -> bool:
    """A slip comes with a 主办 slip or was added later; the group's own is nobody's 交办."""
    together = [s for s in slip.case.slips if s.issued_at == slip.issued_at]
    decided = {r.confirmed_at for r in slip.case.group_reviews}
    return any(s.slip_kind is SlipKind.LEAD for s in together) and slip.issued_at not in decided


def signed(office: Office) -> Counted:
    """A slip is late once more than two business hours lie behind it, or ever stay unsigned."""
    found = Counted()
    for slip in office.slips:
        if not office.inside(slip.issued_at) or untimed(slip.case, slip.signed_at):
            continue
        found.add(slip, slip.signed_at is not None and slip.signed_at <= two_hours(office, slip))
    return found


def two_hours(office: Office, slip: Any) -> dt.datetime:
    """Return when two business hours are over, walking span by span."""
    left, day = dt.timedelta(hours=HOURS_TO_SIGN), slip.issued_at.date()
    while True:
        for first, last in office.calendar.spans(day) if office.calendar.is_workday(day) else ():
            start = max(first, slip.issued_at)
            if start < last and start + left <= last:
                return start + left
            left -= max(last - start, dt.timedelta())
        day += DAY


def responded(office: Office) -> Counted:
    found = Counted()
    for case in office.dispatched():
        contact = first_contact(case)
        if case.phone and not untimed(case, case.first_contact_at):
            met = contact is not None and case.dispatched_at is not None
            found.add(case, met and contact <= office.closing_after(case.dispatched_at))
    return found


def first_contact(case: Case) -> dt.datetime | None:
    """A case that went from hand to hand is answered by the unit that has it now."""
    if case.dispatched_at == case.first_dispatched_at:
        return case.first_contact_at
    own = case.lead_unit_id
    calls = [c.contacted_at for c in case.contacts if c.is_reached and c.unit_id == own]
    replies = [r.replied_at for r in case.results if r.unit_id == own]
    return min(calls or replies, default=None)


def issued(office: Office, status: RequestStatus | None) -> Counted:
    return share(
        (s, any(r.slip_id == s.id and status in (None, r.status) for r in s.case.return_requests))
        for s in office.slips
        if office.inside(s.issued_at)
    )


def bad_returns(office: Office) -> Counted:
    kept = {c.id for c in office.kept}
    return share(
        (r, r.status is RequestStatus.REFUSED)
        for r in _all(ReturnRequest)
        if r.case_id in kept and office.unit_id in (None, r.unit_id)
        if office.inside(r.requested_at)
    )


def on_time(office: Office) -> Counted:
    return share(
        (c, finish is not None and finish <= c.first_due_at and not c.is_extended_late)
        for c, finish in office.due()
    )


def overdue(office: Office) -> Counted:
    counted = on_time(office)
    return Counted([c for c in counted.all if c not in counted.good], counted.all)


def first_limit(office: Office) -> Counted:
    found = Counted()
    for case in office.cases:
        finish, due = first_finish(case), case.original_due_at
        if not office.inside(due) or untimed(case, finish):
            continue
        if finish is not None or due < office.now:
            found.add(case, finish is not None and finish <= due)
    return found


def _granted(case: Case) -> list[int]:
    return [e.days_granted for e in case.extensions if e.status is RequestStatus.AGREED]


def extension_days(office: Office) -> Counted:
    found = Counted()
    for case in office.dispatched():
        if _granted(case):
            found.add(case, worth=sum(days or 0 for days in _granted(case)))
    return found


def hours(office: Office) -> Counted:
    found = Counted()
    for case in office.cases:
        finish = first_finish(case)
        if case.first_dispatched_at is None or finish is None or not office.inside(finish):
            continue
        if untimed(case, finish):
            continue
        start = case.first_dispatched_at
        for slip in sorted(case.slips, key=lambda s: s.issued_at):
            if slip.slip_kind is SlipKind.LEAD and slip.issued_at <= finish:
                start = slip.issued_at
        found.add(case, worth=office.worked(start, finish) // 60)
    return found


def days_waited(office: Office) -> Counted:
    found = Counted()
    for case in office.cases:
        reply = first_reply(case)
        if reply is not None and office.inside(reply) and not untimed(case, reply):
            found.add(case, worth=office.workdays(case.registered_at.date(), reply.date()))
    return found


def bad(office: Office) -> Counted:
    return share(
        (c, any(e.eval_level.is_bad and is_valid(e) for e in c.evaluations))
        for c, _latest in office.rated()
    )


def bad_fixed(office: Office) -> Counted:
    found = Counted()
    for case in office.cases:
        for e in case.evaluations:
            justified = e.eval_level.is_bad and e.verdict is Verdict.JUSTIFIED
            if not justified or not office.inside(e.redo_due_at):
                continue
            after = [
                r.submitted_at for r in case.results
                if r.round_no == e.round_no + 1 and r.status is not ResultStatus.SENT_BACK
            ]  # fmt: skip
            if after or e.redo_due_at < office.now:
                found.add(e, any(moment <= e.redo_due_at for moment in after))
    return found


def called(office: Office) -> Counted:
    found = Counted()
    for case, _result in office.closed():
        if case.is_backfilled:
            continue
        worst = [e for e in case.evaluations if e.eval_level.is_bad]
        over = case.eval_until is not None and case.eval_until < office.now
        silent = over and not any(
            e.round_no == case.round_no and e.evaluated_at <= case.eval_until
            for e in case.evaluations
        )
        if not case.is_anonymous and (silent or worst):
            answered = any(c.outcome is not CallOutcome.NO_ANSWER for c in case.callbacks)
            found.add(case, answered or any(e.verified_at for e in worst))
    return found


def supervised(office: Office, *kinds: SupervisionKind) -> Counted:
    return share(
        (m, True)
        for m in office.measures
        if m.kind in kinds and office.inside(m.issued_at) and office.unit_id in (None, m.unit_id)
        if m.case is None or m.case.state not in (State.WITHDRAWN, State.MERGED)
    )


def duty(office: Office) -> Counted:
    found = Counted()
    seen = {(v.day, v.half.value) for v in office.at_site(LeaderVisit)}
    for row in office.at_site(LeaderRoster):
        stands = not row.is_leader_away or row.substitute_id is not None
        inside = office.period.start.date() <= row.day < office.period.end.date()
        if not (stands and inside and office.calendar.is_workday(row.day)):
            continue
        noon = dt.datetime.combine(row.day, dt.time(12), office.now.tzinfo)
        ends = {"am": noon, "pm": office.calendar.close_of(row.day)}
        for half, end in ends.items():
            visited = (row.day, half) in seen
            if row.day <= office.now.date() and (office.now >= end or visited):
                found.add((row.day, half), visited)
    return found


def _oos(office: Office) -> list[Rejection]:
    return [r for r in office.at_site(Rejection) if office.inside(r.rejected_at)]


_K = SupervisionKind
SLOW: dict[str, Callable[[Office], Counted]] = {
    "accept_cnt": lambda o: share((c, True) for c in o.accepted()),
    **{
        f"category_{n}": (
            lambda o, n=n: share((c, True) for c in o.accepted() if c.category == str(n))
        )
        for n in (1, 2, 3, 4)
    },
    "consult_cnt": lambda o: share(
        (r, True) for r in o.at_site(Reception) if o.inside(r.received_at)
    ),
    "oos_cnt": lambda o: share((r, True) for r in _oos(o)),
    "oos_rate": lambda o: Counted(_oos(o), [*_oos(o), *o.accepted()]),
    "repeat_rate": lambda o: share((c, c.is_repeat) for c in o.accepted()),
    "same_day_rate": same_day,
    "sign_rate": signed,
    "response_rate": responded,
    "return_rate": lambda o: issued(o, None),
    "bad_return_rate": bad_returns,
    "reassign_rate": lambda o: issued(o, RequestStatus.AGREED),
    "finish_rate": lambda o: share((c, finish is not None) for c, finish in o.due()),
    "ontime_rate": on_time,
    "ontime_noext_rate": first_limit,
    "overdue_rate": overdue,
    "ext_rate": lambda o: share((c, bool(_granted(c))) for c in o.dispatched()),
    "ext_avg": extension_days,
    "ext_expired_cnt": lambda o: share(
        (c, True)
        for c in o.cases
        if any(r.is_auto and o.inside(r.asked_at) for r in c.group_reviews)
    ),
    "escal_rate": lambda o: share((c, c.escalated_at is not None) for c in o.dispatched()),
    "avg_hours": hours,
    "total_days": days_waited,
    "achieved_rate": lambda o: share((c, r.is_achieved) for c, r in o.closed()),
    "solved_rate": lambda o: share(
        (c, e.solved_level is SolvedLevel.SOLVED) for c, e in o.rated()
    ),
    "satisfy_rate": lambda o: share((c, not e.eval_level.is_bad) for c, e in o.rated()),
    "eval_rate": lambda o: share((c, bool(c.evaluations)) for c, _r in o.closed()),
    "bad_rate": bad,
    "bad_fix_rate": bad_fixed,
    "callback_rate": called,
    "redo_rate": lambda o: share((c, c.round_no > 1) for c, _r in o.closed()),
    "supervise_cnt": lambda o: supervised(o, _K.NOTICE, _K.INTERVIEW, _K.CIRCULAR),
    "notice_cnt": lambda o: supervised(o, _K.NOTICE),
    "interview_cnt": lambda o: supervised(o, _K.INTERVIEW),
    "circular_cnt": lambda o: supervised(o, _K.CIRCULAR),
    "duty_rate": duty,
}  # fmt: skip
