"""A year's 节假日安排 read from the words of its notice: 国庆：10月1日至7日放假。10月10日上班。"""

import datetime as dt
import re
from dataclasses import dataclass

from app.domain.refusals import Code, Refusal

_DATE = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日"
_NOTE = r"(?:（[^）]*）|\([^)]*\))?"
_SPAN = re.compile(rf"{_DATE}{_NOTE}(?:[至到—–~-]{{1,2}}{_DATE}{_NOTE})?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERING = re.compile(r"^[（(]?[一二三四五六七八九十\d]+[）)]?[、.．]\s*")
_ENDINGS = {"清明节": "清明", "端午节": "端午", "中秋节": "中秋", "国庆节": "国庆"}


@dataclass(frozen=True, order=True)
class NoticeDay:
    """One day of the notice: off (放假) or worked (上班), and the holiday it belongs to."""

    on: dt.date
    is_off: bool
    name: str = ""


def read_notice(text: str, year: int) -> list[NoticeDay]:
    """Return the days of a notice in order, each once.

    Lines without a date are prose and skipped. Refuses a line it cannot read and a day that is
    both off and worked.
    """
    found: dict[dt.date, NoticeDay] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for day in _read_line(line.strip(), year, number):
            if found.setdefault(day.on, day).is_off != day.is_off:
                raise Refusal(Code.NOTICE_CONTRADICTORY, field="text", day=day.on)
    return sorted(found.values())


def _read_line(line: str, year: int, number: int) -> list[NoticeDay]:
    line = _ISO.sub(r"\1年\2月\3日", line)
    if not re.search(r"\d月\d{1,2}日", line) or re.fullmatch(r"\d{4}年\d+月\d+日", line):
        return []
    line = _NUMBERING.sub("", line)
    name = _short(re.split(r"[：:\s]|\d", line)[0])
    rest = line.partition("：")[2] or line
    days = []
    for part in filter(_SPAN.search, re.split(r"[。；;]", rest)):
        is_off, is_worked = "放假" in part or "休" in part, "上班" in part
        if is_off == is_worked:
            raise Refusal(Code.NOTICE_UNREADABLE, field="text", line=number, words=part.strip())
        days += [NoticeDay(on, is_off, name if is_off else "") for on in _dates(part, year, number)]
    return days


def _short(name: str) -> str:
    """Return the holiday's word as the office's calendar has it: 国庆节、中秋节 is 国庆、中秋."""
    parts = [part.strip() for part in re.split(r"[、和]", name)]
    return "、".join(_ENDINGS.get(part, part) for part in parts)


def _dates(part: str, year: int, number: int) -> list[dt.date]:
    dates: list[dt.date] = []
    month = 0
    for match in _SPAN.finditer(part):
        y1, m1, d1, y2, m2, d2 = (int(x) if x else 0 for x in match.groups())
        try:
            first = dt.date(y1 or year, m1 or month, d1)
            last = dt.date(y2 or first.year, m2 or first.month, d2) if d2 else first
        except ValueError:
            first, last = dt.date.max, dt.date.min
        if last < first or (last - first).days > 31:
            raise Refusal(Code.NOTICE_UNREADABLE, field="text", line=number, words=match.group())
        month = last.month
        dates += [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return dates
