"""超期汇总: the overdue cases that one person sees, the units named in rank order and counted."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import joinedload

from app.actions.templates import item_of
from app.actions.visibility import visible, visible_cases
from app.domain.due_words import full_time
from app.domain.states import State
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, Case, Site, Unit
from app.reports.digest import NO_UNIT, overdue_by_unit
from app.reports.mail_words import day_words, tally
from app.reports.urgency import is_overdue

MOST_LINES = 200


@dataclass(frozen=True)
class OverdueSummary:
    """How many cases are overdue, the letter about them, and the same in one line."""

    count: int
    body: str
    short: str


def overdue_summary(
    person: Account, *, site: Site, calendar: WorkCalendar, now: dt.datetime, link: str = ""
) -> OverdueSummary | None:
    """Return the overdue cases of a site that the person sees; None when there are none."""
    seen = visible_cases(person) & (Case.site_id == site.id)
    units = overdue_by_unit(seen, now)
    if not units:
        return None
    total = sum(n for _unit, n in units)
    counted = f"超期事项{total}件：{tally(units)}。"
    lines = _lines(person, site, calendar, now)
    if total > MOST_LINES:
        lines.append(f"另有{total - MOST_LINES}件，请登录系统查看。")
    parts = [f"{site.name}　{day_words(now.date())}{now:%H:%M}超期汇总", counted, "\n".join(lines)]
    if link:
        parts.append(f"督办请登录系统：{link}")
    return OverdueSummary(total, "\n\n".join(parts) + "\n", counted)


def _lines(person: Account, site: Site, calendar: WorkCalendar, now: dt.datetime) -> list[str]:
    """Return the cases under their units, the longest overdue first."""
    due = func.coalesce(Case.due_at, Case.dispatch_due_at)
    query = (
        visible(person)
        .outerjoin(Unit, Unit.id == Case.lead_unit_id)
        .where(Case.site_id == site.id, is_overdue(now))
        .order_by(Unit.id.is_(None), Unit.sort_order, Unit.id, due, Case.id)
        .options(joinedload(Case.lead_unit))
        .limit(MOST_LINES)
    )
    lines: list[str] = []
    heading = ""
    for number, case in enumerate(db.session.execute(query).scalars(), 1):
        unit = case.lead_unit.name if case.lead_unit else NO_UNIT
        if unit != heading:
            lines.append(f"【{unit}】")
            heading = unit
        lines.append(f"{number}. {case.ledger_no}“{item_of(case)}”：{_late(case, calendar, now)}。")
    return lines


def _late(case: Case, calendar: WorkCalendar, now: dt.datetime) -> str:
    """Return until when it was due and how many working days have passed since."""
    is_waiting = case.state is State.TO_DISPATCH
    due = case.dispatch_due_at if is_waiting else case.due_at
    if due is None:
        return "已超期"
    finished = case.finished_at if case.state is State.TO_CONFIRM else None
    end = finished or now
    until = f"应于{full_time(due)}前{'交办' if is_waiting else '办结'}"
    if end <= due:
        return f"{until}，延期申请时已超期"
    days = calendar.count_workdays(due.date(), end.date())
    span = f"{days}个工作日" if days else "不足1个工作日"
    return f"{until}，办结时超期{span}，待审签" if finished else f"{until}，已超期{span}"
