"""When a slip must be issued, when it is due, extended and carded; all on the office's clock."""

import datetime as dt
import enum
from dataclasses import dataclass, field

from app.domain.calendar_parts import NOON, at_office
from app.domain.rules import Rules
from app.domain.workdays import RestRun, WorkCalendar, office_time

ONE_DAY = dt.timedelta(days=1)
DEFAULT_RULES = Rules()


class Card(enum.StrEnum):
    """黄牌 and 红牌; the words stand in `views.labels`."""

    NONE = "none"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Due:
    """A due time with what it follows from, enough to say why it is this day.

    `days` is 0 for 立即; `carried_over`: 立即, but too late for the same day. `provisional`: a day
    looked at lies in a year without a published notice.
    """

    at: dt.datetime
    start: dt.datetime
    days: int
    provisional: bool
    carried_over: bool
    calendar: WorkCalendar = field(repr=False, compare=False)

    @property
    def first_day(self) -> dt.date:
        """Day 1: the first working day after the day of `start`; for 立即 the due day."""
        return self.calendar.next_workday(self.start.date()) if self.days else self.at.date()

    @property
    def skipped(self) -> tuple[RestRun, ...]:
        """The days off between `start` and `at`, which were not counted."""
        return self.calendar.rest_runs(self.start.date(), self.at.date())

    @property
    def make_up_days(self) -> tuple[dt.date, ...]:
        """The Saturdays and Sundays that were counted because they are worked."""
        return self.calendar.make_up_days(self.start.date(), self.at.date())

    @property
    def calendar_version(self) -> str:
        """The calendar it was computed from."""
        return self.calendar.version


# 民法典第二百零一条：按照年、月、日计算期间的，开始的当日不计入，自下一日开始计算。
# 第二百零三条：期间的最后一日是法定休假日的，以法定休假日结束的次日为期间的最后一日；
# 有业务时间的，停止业务活动的时间为截止时间。
# 方案（三）限时办结：对一般办理事项，在1个工作日内解决；……在3个工作日内予以解决。
def due_at(
    calendar: WorkCalendar, start: dt.datetime, days: int, rules: Rules = DEFAULT_RULES
) -> Due:
    """Return the due time of a slip issued at `start`; `days` 0 is 立即, else working days ≥ 1."""
    local = office_time(start)
    if days == 0:
        return _immediate_due(calendar, local, rules)
    return _counted_due(calendar, local, days)


# 方案（三）：能够立即解决的事项，应立即协调解决。（D-05）
def _immediate_due(calendar: WorkCalendar, start: dt.datetime, rules: Rules) -> Due:
    """Return today's close of business if enough of it is left, else noon of the next one."""
    at, carried_over = _today_or_carried(calendar, start, rules.immediate_min_minutes, rules)
    provisional = calendar.is_provisional_between(start.date() - ONE_DAY, at.date())
    return Due(at, start, 0, provisional, carried_over, calendar)


def _counted_due(calendar: WorkCalendar, start: dt.datetime, days: int) -> Due:
    """Return the close of business of the `days`-th working day after the day of `start`."""
    close = calendar.next_close(start.date(), days)
    provisional = calendar.is_provisional_between(start.date(), close.date())
    return Due(close, start, days, provisional, False, calendar)


def _today_or_carried(
    calendar: WorkCalendar, start: dt.datetime, minutes: int, rules: Rules
) -> tuple[dt.datetime, bool]:
    """Return today's close if `minutes` of the day are left, else the carry-over time, and which.

    Before opening and at lunch the day still counts: what matters is the time to its close.
    """
    today = start.date()
    if calendar.is_workday(today):
        close = calendar.close_of(today)
        if close - start >= dt.timedelta(minutes=minutes):
            return close, False
    return _carry_over(calendar, calendar.next_workday(today), rules), True


def _carry_over(calendar: WorkCalendar, day: dt.date, rules: Rules) -> dt.datetime:
    """Return noon of `day`, but within its business: a day that opens at noon has till its close"""
    noon = at_office(day, rules.carry_over_time)
    close = calendar.close_of(day)
    return close if noon <= calendar.open_of(day) else min(noon, close)


# 方案（三）：对在规定时间内无法办结的……适当延期，延期最多不超过7个工作日。
# D-10：自原时限届满的次日起算。
def extended_due_at(calendar: WorkCalendar, former_due: dt.datetime, days: int) -> Due:
    """Return the close of the `days`-th working day after the date of the former due time.

    `days` ≥ 1. Whether it is provisional looks only at the added days: the case is provisional if
    either due time is.
    """
    return _counted_due(calendar, office_time(former_due), days)


# D-10：“最多”是对延期总量的限制；另一种读法自交办之日起算，作为参数保留。
def latest_extended_due(
    calendar: WorkCalendar,
    issued_at: dt.datetime,
    original_due: dt.datetime,
    rules: Rules = DEFAULT_RULES,
) -> dt.datetime:
    """Return the latest due time any extension may reach, never before the original due time."""
    basis = original_due if rules.extension_basis == "original_due" else issued_at
    ceiling = extended_due_at(calendar, basis, rules.extension_cap_days).at
    return max(ceiling, office_time(original_due))


# 方案（二）及时转办：收到……问题台账后，及时填写……事项交办单，当日转……办理。（D-02）
def dispatch_due_at(
    calendar: WorkCalendar, received: dt.datetime, rules: Rules = DEFAULT_RULES
) -> tuple[dt.datetime, bool]:
    """Return when the slip must be issued, and whether that was carried over to the next day."""
    return _today_or_carried(calendar, office_time(received), rules.same_day_cutoff_minutes, rules)


# D-26：差评属实的，5个工作日内重办、整改。
def redo_due_at(
    calendar: WorkCalendar, verified_at: dt.datetime, rules: Rules = DEFAULT_RULES
) -> Due:
    """Return the due time of a redo that began at `verified_at`."""
    return _counted_due(calendar, office_time(verified_at), rules.redo_days)


# D-26：不满意、非常不满意的，督办考核科1个工作日内核实。
def verify_due_at(
    calendar: WorkCalendar, evaluated_at: dt.datetime, rules: Rules = DEFAULT_RULES
) -> dt.datetime:
    """Return until when a bad review must be verified."""
    return _close_after(calendar, evaluated_at, rules.verify_days)


# D-28：办结后5个工作日内可以评价；到期未评价的，回访一次后归档，不默认满意。
def evaluation_until(
    calendar: WorkCalendar, confirmed_at: dt.datetime, rules: Rules = DEFAULT_RULES
) -> dt.datetime:
    """Return until when the reporter may rate a case confirmed at `confirmed_at`."""
    return _close_after(calendar, confirmed_at, rules.evaluation_window_days)


# D-08：复杂事项“应形成问题处理说明”，第1个工作日结束前提醒。
def explanation_due_at(
    calendar: WorkCalendar, issued_at: dt.datetime, rules: Rules = DEFAULT_RULES
) -> dt.datetime:
    """Return from when a missing 问题处理说明 is warned about."""
    return _close_after(calendar, issued_at, rules.explanation_soft_days)


# D-14：送达后4个工作小时内可以申请退回；3个工作日的，至第1个工作日结束。
def return_until(
    calendar: WorkCalendar, issued_at: dt.datetime, limit_days: int, rules: Rules = DEFAULT_RULES
) -> dt.datetime:
    """Return until when the unit may say that a slip is not its own."""
    if limit_days >= 3:
        return _close_after(calendar, issued_at, 1)
    return calendar.add_working_seconds(issued_at, rules.return_working_hours * 3600)


def _close_after(calendar: WorkCalendar, instant: dt.datetime, days: int) -> dt.datetime:
    """Return the close of business of the `days`-th working day after the day of `instant`."""
    return calendar.next_close(office_time(instant).date(), days)


# D-13：协办有内部时限，较主办提前半个工作日。
def co_due_at(
    calendar: WorkCalendar,
    due: dt.datetime,
    issued_at: dt.datetime | None = None,
    rules: Rules = DEFAULT_RULES,
) -> dt.datetime:
    """Return the internal due time of a 协办 slip: half a working day before the lead unit's.

    A limit too short for that (`issued_at` given) is the lead unit's own.
    """
    found = office_time(due)
    for _ in range(rules.co_half_days_earlier):
        found = _half_day_before(calendar, found)
    return office_time(due) if issued_at is not None and found <= issued_at else found


def _half_day_before(calendar: WorkCalendar, due: dt.datetime) -> dt.datetime:
    """Return the end of the half working day before: the same morning's, else the day before's."""
    day = due.date()
    noon = at_office(day, NOON)
    ends = [min(end, noon) for start, end in calendar.spans(day) if start < noon]
    earlier = [end for end in ends if end < due]
    return earlier[-1] if earlier else calendar.close_of(calendar.previous_workday(day))


def is_overdue(due: dt.datetime, now: dt.datetime) -> bool:
    """Whether `now` is past due; at the due instant itself it is still in time."""
    return now > due


def remaining_seconds(calendar: WorkCalendar, due: dt.datetime, now: dt.datetime) -> int:
    """Return the business seconds left until `due`; negative when it has passed."""
    return calendar.working_seconds(now, due)


# 黄牌（domain/2.2）：立即前1个工作小时，一般前3个工作小时，复杂和延期中前1个工作日；届满为红牌。
def yellow_from(
    calendar: WorkCalendar,
    limit_days: int,
    due: dt.datetime,
    *,
    extended: bool,
    issued_at: dt.datetime,
    rules: Rules = DEFAULT_RULES,
) -> dt.datetime:
    """Return the first instant of the yellow card, never before the slip was issued."""
    if extended or limit_days > 1:
        threshold = working_days_before(calendar, due, rules.yellow_days)
    else:
        hours = rules.yellow_hours_one_day if limit_days else rules.yellow_hours_immediate
        threshold = calendar.working_time_before(due, hours * 3600)
    return max(threshold, office_time(issued_at))


def working_days_before(calendar: WorkCalendar, due: dt.datetime, days: int) -> dt.datetime:
    """Return the same stand of the clock `days` working days earlier: close answers to close."""
    local = office_time(due)
    if days < 1:
        return local
    day = calendar.previous_workday(local.date(), days)
    close = calendar.close_of(day)
    if calendar.is_workday(local.date()) and local >= calendar.close_of(local.date()):
        return close
    return min(at_office(day, local.time()), close)


def card(
    calendar: WorkCalendar,
    limit_days: int,
    due: dt.datetime,
    now: dt.datetime,
    *,
    extended: bool,
    issued_at: dt.datetime,
    rules: Rules = DEFAULT_RULES,
) -> Card:
    """Return the card a case shows at `now`: yellow from its threshold on, red past due."""
    if is_overdue(due, now):
        return Card.RED
    threshold = yellow_from(
        calendar, limit_days, due, extended=extended, issued_at=issued_at, rules=rules
    )
    return Card.YELLOW if now >= threshold else Card.NONE
