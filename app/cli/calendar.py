"""`flask --app run calendar …`: due times, working time and cards for rows of CSV, no database."""

import datetime as dt
import re
import sys
from collections.abc import Sequence
from functools import lru_cache

import click

from app.csv_filter import Answer, BadRow, answer_rows
from app.domain.calendar_parts import CalendarError, CalendarProblem
from app.domain.deadlines import Due, card, due_at, extended_due_at, is_overdue
from app.domain.rules import Rules
from app.domain.workdays import office_time
from app.official import FIRST_YEAR, LAST_YEAR, default_calendar

RULES = Rules()
MOST_DAYS = 999  # the plan knows 0, 1 and 3; more is for whoever checks the counting itself

# ISO 8601; Python itself would take any character between the date and the time.
_SHAPE = re.compile(r"[\dW-]+[Tt ][\d:.,]+([Zz]|[+-][\d:]+)", re.ASCII)
_EXAMPLE = "应写作2026-10-09T09:35:00+08:00"
_OUT_OF_RANGE = f"超出日历范围（{FIRST_YEAR}年至{LAST_YEAR}年）"


@click.group("calendar", help="时限计算：标准输入读CSV，标准输出写CSV，不用数据库。")
def calendar_group() -> None:
    """Due times, working time and cards: CSV on stdin, CSV on stdout."""


commands = calendar_group


@calendar_group.command(
    "due", help="读入 id,start,days,extension，算出应办结时间；days 为0表示立即。"
)
def due_command() -> None:
    """Read id,start,days,extension; days 0 is 立即."""
    _filter(
        ("start", "days", "extension"),
        ("due", "extended_due", "provisional", "extended_provisional"),
        _due_cells,
    )


@calendar_group.command("elapsed", help="读入 id,from,to，算出其间的办公秒数。")
def elapsed_command() -> None:
    """Read id,from,to; answer the working seconds between them."""
    _filter(("from", "to"), ("working_seconds",), _elapsed_cells)


@calendar_group.command(
    "card", help="读入 id,start,days,extension,now，答复无牌、黄牌或红牌（none、yellow、red）。"
)
def card_command() -> None:
    """Read id,start,days,extension,now; answer none, yellow or red."""
    _filter(("start", "days", "extension", "now"), ("card", "overdue"), _card_cells)


def _filter(columns: Sequence[str], results: Sequence[str], answer: Answer) -> None:
    def answer_in_range(*cells: str) -> Sequence[object]:
        try:
            return answer(*cells)
        except CalendarError as error:
            if error.problem is not CalendarProblem.OUT_OF_RANGE:
                raise
            raise BadRow(_OUT_OF_RANGE) from error

    # The bytes, not the text: the machine's own encoding must not matter.
    if not answer_rows(sys.stdin.buffer, sys.stdout.buffer, columns, results, answer_in_range):
        raise SystemExit(1)


def _due_cells(start: str, days: str, extension: str) -> Sequence[object]:
    first, last = _dues(start, days, extension)
    provisional = first.provisional or last.provisional
    due = first.at.isoformat()
    extended = due if last is first else last.at.isoformat()
    return due, extended, int(first.provisional), int(provisional)


def _elapsed_cells(start: str, end: str) -> Sequence[object]:
    begun, ended = _instant("from", start), _instant("to", end)
    if ended < begun:
        raise BadRow("to早于from")
    return (default_calendar().working_seconds(begun, ended),)


def _card_cells(start: str, days: str, extension: str, now: str) -> Sequence[object]:
    first, last = _dues(start, days, extension)
    at = _instant("now", now)
    # Before its issue a slip shows no card: yellow begins at the issue at the earliest.
    shown = card(
        default_calendar(),
        first.days,
        last.at,
        at,
        extended=last is not first,
        issued_at=first.start,
        rules=RULES,
    )
    return shown, int(is_overdue(last.at, at))


def _dues(start: str, days: str, extension: str) -> tuple[Due, Due]:
    """Return the original due time and the extended one; the same where nothing is added."""
    issued = _instant("start", start)
    limit = _number("days", days, MOST_DAYS)
    added = _number("extension", extension or "0", RULES.extension_cap_days)
    first = due_at(default_calendar(), issued, limit, RULES)
    return first, extended_due_at(default_calendar(), first.at, added) if added else first


def _instant(column: str, text: str) -> dt.datetime:
    """Return the instant in the office's zone; refuses what is not ISO 8601 with an offset."""
    if not text:
        raise BadRow(f"{column}为空")
    try:
        at = dt.datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise BadRow(f"{column}不是有效的时间，{_EXAMPLE}") from error
    if at.tzinfo is None:
        raise BadRow(f"{column}缺少时区，{_EXAMPLE}")
    if not _SHAPE.fullmatch(text):
        raise BadRow(f"{column}不是有效的时间，{_EXAMPLE}")
    try:
        return office_time(at)
    except OverflowError as error:
        raise BadRow(_OUT_OF_RANGE) from error


@lru_cache(maxsize=4096)
def _number(column: str, text: str, most: int) -> int:
    if not text:
        raise BadRow(f"{column}为空")
    if len(text) > 4 or not (text.isascii() and text.isdigit()) or int(text) > most:
        raise BadRow(f"{column}应为0至{most}的整数")
    return int(text)
