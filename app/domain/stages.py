"""The stages a case's clocks cross, each with its instant: what the scan tells people about.

Nothing here is stored but one instant, when to look again; whether a stage was told already is
for the notices to say.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain.calendar_parts import at_office
from app.domain.deadlines import explanation_due_at, working_days_before, yellow_from
from app.domain.notice_kinds import NoticeKind
from app.domain.rules import Rules
from app.domain.states import DueBasis, LimitClass, State
from app.domain.workdays import WorkCalendar, office_time

# At the due instant itself everything is still in time.
PAST = dt.timedelta(seconds=1)
RUNNING = frozenset({State.TO_SIGN, State.HANDLING, State.REDO})
UNSIGNED_HOURS: dict[LimitClass, Callable[[Rules], int]] = {
    LimitClass.ONE_DAY: lambda rules: rules.unsigned_hours_one_day,
    LimitClass.THREE_DAYS: lambda rules: rules.unsigned_hours_three_days,
}


@dataclass(frozen=True)
class Clocks:
    """The times of a case that its stages follow from.

    `unsigned_since`: when each slip that nobody has signed for was issued. `verify_due_at` only
    while a bad rating waits for its verification, `eval_until` only while a rating is awaited;
    `is_extension_waiting`: asked in time, and the leader has not decided.
    """

    state: State
    round_no: int = 1
    lead_unit_id: int | None = None
    limit_class: LimitClass | None = None
    due_basis: DueBasis | None = None
    submitted_at: dt.datetime | None = None
    dispatch_due_at: dt.datetime | None = None
    dispatched_at: dt.datetime | None = None
    due_from_at: dt.datetime | None = None
    due_at: dt.datetime | None = None
    due_computed_at: dt.datetime | None = None
    escalated_at: dt.datetime | None = None
    eval_until: dt.datetime | None = None
    verify_due_at: dt.datetime | None = None
    unsigned_since: tuple[dt.datetime, ...] = ()
    lacks_explanation: bool = False
    is_extension_waiting: bool = False

    @property
    def key(self) -> str:
        """Return what the stages were armed with: another key tells every stage anew."""
        parts = (
            self.round_no, self.lead_unit_id, self.dispatch_due_at, self.dispatched_at,
            self.due_at, self.escalated_at,
        )  # fmt: skip
        return "|".join(
            f"{p:%Y%m%d%H%M%S}" if isinstance(p, dt.datetime) else str(p) for p in parts
        )


@dataclass(frozen=True, order=True)
class Crossing:
    """One stage and the instant at which it is crossed."""

    at: dt.datetime
    kind: NoticeKind


def crossings(clocks: Clocks, calendar: WorkCalendar, rules: Rules) -> list[Crossing]:
    """Return every stage still ahead or behind, in order; of one clock only while it runs."""
    found = [
        *_dispatch(clocks, calendar, rules),
        *_signature(clocks, calendar, rules),
        *_explanation(clocks, calendar, rules),
        *_work(clocks, calendar, rules),
        *_after(clocks, calendar, rules),
    ]
    return sorted(Crossing(at, kind) for kind, at in found)


def crossed(all_stages: list[Crossing], now: dt.datetime) -> list[NoticeKind]:
    """Return the stages behind `now` that are still worth telling.

    A warning is overtaken by what it warned of: after three days without power nobody is told
    that a matter will be due soon when it is overdue.
    """
    behind = [crossing.kind for crossing in all_stages if crossing.at <= now]
    overtaken = {
        NoticeKind.RED: {NoticeKind.YELLOW, NoticeKind.REMINDER},
        NoticeKind.GROUP_REVIEW: {NoticeKind.YELLOW, NoticeKind.REMINDER},
        NoticeKind.YELLOW: {NoticeKind.REMINDER},
        NoticeKind.DISPATCH_LATE: {NoticeKind.DISPATCH_SOON},
    }
    late = {lesser for kind in behind for lesser in overtaken.get(kind, ())}
    return [kind for kind in behind if kind not in late]


def next_look(all_stages: list[Crossing], now: dt.datetime) -> dt.datetime | None:
    """Return when the next stage is crossed; None if none is ahead."""
    return next((crossing.at for crossing in all_stages if crossing.at > now), None)


Found = Iterator[tuple[NoticeKind, dt.datetime]]


# D-02：收到台账后当日交办；督办考核科在到时之前、之后各提醒一次。
def _dispatch(clocks: Clocks, calendar: WorkCalendar, rules: Rules) -> Found:
    due = clocks.dispatch_due_at
    if clocks.state is not State.TO_DISPATCH or due is None:
        return
    soon = calendar.working_time_before(due, rules.dispatch_warn_minutes * 60)
    # Whoever has just received it needs no reminder.
    if clocks.submitted_at is None or soon > clocks.submitted_at:
        yield NoticeKind.DISPATCH_SOON, warned_at(calendar, soon, clocks.submitted_at, rules)
    yield NoticeKind.DISPATCH_LATE, due + PAST


# domain/2.2 提醒：一般1小时、复杂2小时未签收；立即办理的，交办即提醒。
def _signature(clocks: Clocks, calendar: WorkCalendar, rules: Rules) -> Found:
    if clocks.state in RUNNING and clocks.limit_class in UNSIGNED_HOURS:
        for issued_at in set(clocks.unsigned_since):
            at = unsigned_from(calendar, issued_at, clocks.limit_class, rules)
            yield NoticeKind.UNSIGNED, at


def unsigned_from(
    calendar: WorkCalendar, issued_at: dt.datetime, limit: LimitClass | None, rules: Rules
) -> dt.datetime:
    """Return from when a slip of this class counts as left unsigned, in business time."""
    hours = UNSIGNED_HOURS[limit](rules) if limit in UNSIGNED_HOURS else 0
    return calendar.add_working_seconds(issued_at, hours * 3600)


# D-08：复杂事项第1个工作日结束时仍无《问题处理说明》的，提醒承办窗口（科室）。
def _explanation(clocks: Clocks, calendar: WorkCalendar, rules: Rules) -> Found:
    if clocks.state in RUNNING and clocks.lacks_explanation and clocks.dispatched_at:
        at = explanation_due_at(calendar, clocks.dispatched_at, rules) + PAST
        yield NoticeKind.EXPLANATION_MISSING, at


def _work(clocks: Clocks, calendar: WorkCalendar, rules: Rules) -> Found:
    due, start = clocks.due_at, clocks.due_from_at
    if clocks.state not in RUNNING or due is None or start is None:
        return
    extended = clocks.due_basis is not DueBasis.LIMIT
    days = clocks.limit_class.days if clocks.limit_class else LimitClass.ONE_DAY.days
    if extended:
        yield from _reminder(clocks, calendar, due, rules)
    yellow = yellow_from(calendar, days, due, extended=extended, issued_at=start, rules=rules)
    yield NoticeKind.YELLOW, warned_at(calendar, yellow, start, rules)
    # D-38、R32：延期届满的提交领导小组，不再催办。
    if clocks.due_basis is DueBasis.EXTENSION and clocks.state is State.HANDLING:
        yield NoticeKind.GROUP_REVIEW, due + PAST
        return
    yield NoticeKind.RED, due + PAST
    # D-11：按时提出的延期申请尚未审批的，不因此督办承办窗口（科室）。
    if clocks.is_extension_waiting:
        return
    yield NoticeKind.MEASURE_DRAFTED, working_days_after(calendar, due, rules.notice_after_days)
    after = working_days_after(calendar, due, rules.interview_after_days)
    yield NoticeKind.INTERVIEW_ADVISED, after


def _reminder(clocks: Clocks, calendar: WorkCalendar, due: dt.datetime, rules: Rules) -> Found:
    """Remind before the yellow card, unless the new due time was told later than that."""
    at = working_days_before(calendar, due, rules.reminder_days)
    if clocks.due_computed_at is None or at > clocks.due_computed_at:
        yield NoticeKind.REMINDER, warned_at(calendar, at, clocks.due_computed_at, rules)


def _after(clocks: Clocks, calendar: WorkCalendar, rules: Rules) -> Found:
    # D-12、D-38：集体研究应在3个工作日内；第4个工作日上班时提醒。
    if clocks.state is State.GROUP_REVIEW and clocks.escalated_at:
        day = calendar.next_workday(
            office_time(clocks.escalated_at).date(), rules.group_target_days + 1
        )
        yield NoticeKind.GROUP_WAITING, calendar.open_of(day)
    if clocks.state is State.TO_EVALUATE and clocks.eval_until:
        yield NoticeKind.EVALUATION_OVER, clocks.eval_until + PAST
    if clocks.state is State.TO_EVALUATE and clocks.verify_due_at:
        yield NoticeKind.VERIFY_LATE, clocks.verify_due_at + PAST


def warned_at(
    calendar: WorkCalendar, at: dt.datetime, not_before: dt.datetime | None, rules: Rules
) -> dt.datetime:
    """Return when a warning of `at` is given: within office hours, never after `at`.

    At opening, at closing, at lunch and on days off it comes before the hours that went before
    end: what is due on Monday morning is warned of on the last working day before.
    """
    local = office_time(at)
    if not any(start < local < end for start, end in calendar.spans(local.date())):
        local = calendar.working_time_before(local, rules.warn_ahead_minutes * 60)
    return max(local, office_time(not_before)) if not_before else local


def sent_at(calendar: WorkCalendar, at: dt.datetime) -> dt.datetime:
    """Return when a message about `at` may leave: at once in office hours, else at next opening."""
    local = office_time(at)
    for start, end in calendar.spans(local.date()):
        if local < end:
            return max(local, start)
    return calendar.open_of(calendar.next_workday(local.date()))


def working_days_after(calendar: WorkCalendar, due: dt.datetime, days: int) -> dt.datetime:
    """Return the same stand of the clock `days` working days later: close answers to close."""
    local = office_time(due)
    day = calendar.next_workday(local.date(), max(days, 1))
    close = calendar.close_of(day)
    if calendar.is_workday(local.date()) and local >= calendar.close_of(local.date()):
        return close + PAST
    return min(at_office(day, local.time()), close) + PAST
