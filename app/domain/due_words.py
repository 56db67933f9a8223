"""The reason of a due time in the office's own words: the sentences kept with the case."""

import datetime as dt

from app.domain.calendar_parts import CLOSED_NAME
from app.domain.deadlines import Due
from app.domain.workdays import RestRun

_WEEKDAYS = "一二三四五六日"


# §1.4：“自2026-09-30交办次日起算1个工作日，国庆假期10月1日至7日顺延，截止10月8日17:00”
def reason_sentence(due: Due, event: str = "交办") -> str:
    """Return why `due` is this instant; `event` names what happened at its start (交办, 重办 …)."""
    return "，".join([_opening(due, event), *_middle(due), _ending(due)])


# §5.6：“办理时限：3个工作日。交办日不计入，自10月13日起算，应于2026年10月15日17时前办结。”
def preview_sentence(due: Due) -> str:
    """Return what the section reads before it issues a slip."""
    if due.days:
        start = f"{due.days}个工作日。交办日不计入，自{_day(due.first_day, due.start.date())}起算，"
    elif due.carried_over:
        start = "立即办理。不足当日办结时间，顺延至下一工作日，"
    else:
        start = "立即办理（当日办结）。"
    warning = f"{_provisional(due)}。" if due.provisional else ""
    return f"办理时限：{start}应于{full_time(due.at)}前办结。{warning}"


def full_time(at: dt.datetime) -> str:
    """Return an instant as the office prints it: 2026年10月15日17时, 2026年10月15日17时30分."""
    minutes = f"{at.minute:02d}分" if at.minute else ""
    return f"{at.year}年{at.month}月{at.day}日{at.hour}时{minutes}"


def _opening(due: Due, event: str) -> str:
    if due.days:
        return f"自{due.start:%Y-%m-%d}{event}次日起算{due.days}个工作日"
    return f"{due.start:%Y-%m-%d %H:%M}{event}，立即办理"


def _middle(due: Due) -> list[str]:
    year = due.start.date()
    skipped = [f"{_run_name(run)}{_run_days(run, year)}" for run in due.skipped]
    parts = [f"{'、'.join(skipped)}顺延"] if skipped else []
    parts += [f"{_day(day, year)}（{_weekday(day)}）调休上班计入" for day in due.make_up_days]
    if due.carried_over:
        parts.insert(0, "不足当日办结时间，顺延至下一工作日")
    return parts


def _ending(due: Due) -> str:
    end = f"截止{_day(due.at.date(), due.start.date())}{due.at:%H:%M}"
    return f"{end}；{_provisional(due)}" if due.provisional else end


# §5.6：“2027年节假日安排尚未导入，应办结时间为暂算结果。”
def _provisional(due: Due) -> str:
    return f"{due.at.year}年节假日安排尚未导入，应办结时间为暂算结果"


def _run_name(run: RestRun) -> str:
    holidays = "、".join(name for name in run.names if name != CLOSED_NAME)
    parts = [f"{holidays}假期"] if holidays else []
    parts += [CLOSED_NAME] if CLOSED_NAME in run.names else []
    return "、".join(parts) or ("双休日" if run.last > run.first else _weekday(run.first))


def _run_days(run: RestRun, beside: dt.date) -> str:
    first = _day(run.first, beside)
    if run.last == run.first:
        return first
    if (run.last.year, run.last.month) == (run.first.year, run.first.month):
        return f"{first}至{run.last.day}日"
    return f"{first}至{_day(run.last, run.first)}"


def _day(day: dt.date, beside: dt.date) -> str:
    """Return month and day, with the year only where it is not that of the date beside it."""
    year = f"{day.year}年" if day.year != beside.year else ""
    return f"{year}{day.month}月{day.day}日"


def _weekday(day: dt.date) -> str:
    return f"周{_WEEKDAYS[day.weekday()]}"
