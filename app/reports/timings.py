"""What two times of a row are worth on the office's clock; the rules are the domain's own."""

import datetime as dt

from app.domain.rules import Rules
from app.domain.workdays import WorkCalendar

Time = dt.datetime | None


def signed_in_time(calendar: WorkCalendar, rules: Rules, issued: Time, signed: Time) -> int:
    """Return 1 if the slip was signed within the business hours of 及时签收."""
    if issued is None or signed is None:
        return 0
    return int(signed <= calendar.add_working_seconds(issued, rules.sign_hours * 3600))


def contacted_same_day(calendar: WorkCalendar, rules: Rules, issued: Time, contact: Time) -> int:
    """Return 1 if the unit reached the reporter until the close of the slip's day."""
    if issued is None or contact is None:
        return 0
    return int(contact <= close_of_day(calendar, issued))


def close_of_day(calendar: WorkCalendar, issued: dt.datetime) -> dt.datetime:
    """Return the close of a slip's day; issued after closing or on a day off, of the next one."""
    day = issued.date()
    if not calendar.is_workday(day) or issued >= calendar.close_of(day):
        day = calendar.next_workday(day)
    return calendar.close_of(day)


def worked_minutes(calendar: WorkCalendar, rules: Rules, start: Time, end: Time) -> int | None:
    """Return the whole business minutes between two times."""
    if start is None or end is None:
        return None
    return max(0, calendar.working_seconds(start, end)) // 60


def answered_after_days(calendar: WorkCalendar, rules: Rules, start: Time, end: Time) -> int | None:
    """Return the working days after the day of registration, up to the day of the reply."""
    if start is None or end is None:
        return None
    return max(0, calendar.count_workdays(start.date(), end.date()))
