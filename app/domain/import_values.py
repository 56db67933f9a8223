"""What people type into cells, read with patience: blanks, full-width digits, dates in any dress.

A raw value is what the file holds: text, number, truth, date, time of day, or nothing.
"""

import datetime as dt
import enum
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.calendar_parts import OFFICE_ZONE
from app.domain.import_faults import BadImport, Fault
from app.domain.intake import is_phone

Raw = str | int | float | bool | dt.datetime | dt.date | dt.time | None


class Unread(enum.Enum):
    """A cell that holds no value to read."""

    FORMULA = "formula"  # never computed by the program that saved it


# Beside what Python strips: zero-width blanks and the byte order mark.
BLANKS = (
    " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
_EDGES = re.compile(rf"^[{BLANKS}]+|[{BLANKS}]+$")
_ANY_BLANK = re.compile(rf"[{BLANKS}]+")
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
MASK = re.compile(r"[*＊●×]{1,}")

_DATE = r"(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*[日号]?"
_MINUTES = r"(?:(\d{1,2})\s*分?\s*(?::?\s*(\d{1,2})\s*秒?)?)?"
_CLOCK = rf"(上午|下午|晚上|AM|PM)?\s*(\d{{1,2}})\s*[:时点]\s*{_MINUTES}"
_WEEKDAY = r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
DAY_TEXT = re.compile(rf"{_DATE}{_WEEKDAY}(?:[\sT]*({_CLOCK})(?:\.0+)?)?", re.I)
CLOCK_TEXT = re.compile(_CLOCK, re.I)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
SERIAL_START = dt.datetime(1899, 12, 30)  # noqa: DTZ001 (a workbook's days have no zone)
SERIALS = (36526, 73050)  # of the first and last day above
YES = frozenset({"是", "对", "√", "✓", "✔", "Y", "YES", "TRUE", "1", "启用", "在用", "有"})
NO = frozenset({"否", "不", "×", "✗", "✘", "X", "N", "NO", "FALSE", "0", "停用", "无"})


@dataclass(frozen=True)
class When:
    """A time from a paper: `is_exact` when the time of day was given, not only the date."""

    at: dt.datetime
    is_exact: bool


def tidy(raw: Raw) -> str:
    """Return a cell as the text a person sees in it, without blanks around."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float):
        return str(int(raw)) if raw == int(raw) and abs(raw) < 1e15 else repr(raw)
    if isinstance(raw, dt.datetime):
        midnight = raw.time() == dt.time()
        return raw.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
    if isinstance(raw, dt.time):
        return raw.strftime("%H:%M")
    return _EDGES.sub("", str(raw)).replace("\r\n", "\n").replace("_x000D_", "")


def plain(raw: Raw) -> str:
    """Return a cell's text with half-width letters and digits, to compare or to count with."""
    return _EDGES.sub("", unicodedata.normalize("NFKC", tidy(raw)))


def squeezed(text: str) -> str:
    """Return a text without any blank and without marks, to compare heads and names by."""
    bare = _ANY_BLANK.sub("", unicodedata.normalize("NFKC", text))
    return re.sub(r"[*“”\"'‘’]|\(必填\)|\(选填\)", "", bare).upper()


def text(raw: Raw, *, most: int, lines: bool = False) -> str:
    """Return a text of at most so many characters; line breaks stay only where they belong."""
    words = tidy(raw)
    if any(unicodedata.category(c) == "Cc" and c not in "\n\t\r" for c in words):
        raise BadImport(Fault.CONTROL)
    if words in ERRORS:
        raise BadImport(Fault.ERROR_VALUE)
    # Exports keep what begins like a formula from being one; here it becomes itself again.
    if len(words) > 1 and words[0] == "'" and words[1] in "=+-@":
        words = words[1:]
    if not lines:
        words = _ANY_BLANK.sub(" ", words)
    if len(words) > most:
        raise BadImport(Fault.TOO_LONG, most=most)
    return words


def digits_kept(raw: Raw, *, most: int = 30) -> str:
    """Return a telephone as text: also one that the sheet holds as a number."""
    words = plain(raw)
    if SCIENTIFIC.fullmatch(words):
        raise BadImport(Fault.DIGITS_LOST)
    if MASK.search(words):
        raise BadImport(Fault.MASKED)
    words = re.sub(r"[‐-―−]", "-", words)
    if not re.fullmatch(r"[\d\s()+,、/;转#-]{3,}", words) or len(words) > most:
        raise BadImport(Fault.NOT_PHONE)
    return words


def phone(raw: Raw) -> str:
    """Return a reporter's number as the desk keeps it: digits only."""
    words = digits_kept(raw)
    if not is_phone(words):
        raise BadImport(Fault.NOT_PHONE)
    return words.replace("-", "").replace(" ", "")


def number(raw: Raw, *, least: int = 0, most: int = 999_999) -> int:
    """Return a whole number within its bounds."""
    words = plain(raw).replace(",", "")
    if not re.fullmatch(r"-?\d{1,9}(\.0+)?", words):
        raise BadImport(Fault.NOT_NUMBER)
    value = int(float(words))
    if not least <= value <= most:
        raise BadImport(Fault.OUT_OF_RANGE, least=least, most=most)
    return value


def yes_no(raw: Raw) -> bool:
    """Return 是 or 否 in any of its dresses."""
    words = squeezed(tidy(raw))
    if words in YES:
        return True
    if words in NO:
        return False
    raise BadImport(Fault.NOT_YES_NO)


def choice(raw: Raw, offered: Mapping[str, Any]) -> Any:
    """Return what one of the words stands for."""
    wanted = squeezed(tidy(raw))
    for words, value in offered.items():
        if squeezed(words) == wanted:
            return value
    raise BadImport(Fault.NOT_CHOICE, choices="、".join(offered))


def when(raw: Raw) -> When:
    """Return a date with or without its time of day, as the office's own time."""
    moment, is_exact = _moment(raw)
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise BadImport(Fault.NOT_DATE)
    return When(moment.replace(tzinfo=OFFICE_ZONE, second=0, microsecond=0), is_exact)


def day(raw: Raw) -> dt.date:
    """Return a date."""
    return when(raw).at.date()


def _moment(raw: Raw) -> tuple[dt.datetime, bool]:
    if isinstance(raw, dt.datetime):
        return raw.replace(tzinfo=None), raw.time() != dt.time()
    if isinstance(raw, dt.date):
        return dt.datetime.combine(raw, dt.time()), False
    words = plain(raw)
    found = DAY_TEXT.fullmatch(words)
    try:
        if found:
            year, month, on = (int(part) for part in found.groups()[:3])
            clock = _clock(found.group(4)) if found.group(4) else None
            return dt.datetime(year, month, on, *(clock or (0, 0))), clock is not None  # noqa: DTZ001
        if compact := COMPACT.fullmatch(words):
            return dt.datetime(*(int(part) for part in compact.groups())), False  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        raise BadImport(Fault.NOT_DATE) from None
    return _of_serial(words)


def _of_serial(words: str) -> tuple[dt.datetime, bool]:
    """Return the day a workbook counts from 1900 on, which lost its format on the way."""
    if not re.fullmatch(r"\d{5}(\.\d+)?", words) or not SERIALS[0] <= float(words) < SERIALS[1]:
        raise BadImport(Fault.NOT_DATE)
    minutes = round(float(words) * 24 * 60)
    return SERIAL_START + dt.timedelta(minutes=minutes), minutes % (24 * 60) != 0


def _clock(words: str) -> tuple[int, int]:
    """Return hour and minute; ValueError for a time there is not."""
    found = CLOCK_TEXT.fullmatch(words.strip())
    if found is None:
        raise ValueError(words)
    half, hour, minute, _second = found.groups()
    hours = int(hour)
    if half and half.upper() in ("下午", "晚上", "PM") and hours < 12:
        hours += 12
    time = dt.time(hours, int(minute or 0))
    return time.hour, time.minute


def time_of_day(raw: Raw) -> dt.time:
    """Return a time of day, also one the sheet holds as a part of a day."""
    if isinstance(raw, dt.datetime):
        return raw.time().replace(second=0, microsecond=0)
    if isinstance(raw, dt.time):
        return raw.replace(second=0, microsecond=0, tzinfo=None)
    if isinstance(raw, float) and 0 < raw < 1:
        minutes = round(raw * 24 * 60)
        return dt.time(minutes // 60 % 24, minutes % 60)
    try:
        return dt.time(*_clock(plain(raw)))
    except ValueError:
        raise BadImport(Fault.NOT_TIME) from None


WEEKDAY_DIGITS = {name: str(n) for n, name in enumerate("一二三四五六日", 1)} | {"天": "7"}


def weekdays(raw: Raw) -> str:
    """Return 12345 for 周一至周五, 一、二、三 or 1-5: weekdays by number, Monday first."""
    words = re.sub(r"星期|周|礼拜", "", squeezed(tidy(raw)))
    words = "".join(WEEKDAY_DIGITS.get(char, char) for char in words)
    if span := re.fullmatch(r"([1-7])(?:至|到|-|~|—)([1-7])", words):
        first, last = int(span.group(1)), int(span.group(2))
        words = "".join(str(n) for n in range(first, last + 1))
    digits = re.sub(r"[、,;/和及]", "", words)
    if not re.fullmatch(r"[1-7]{1,7}", digits) or len(set(digits)) != len(digits):
        raise BadImport(Fault.NOT_WEEKDAYS)
    return "".join(sorted(digits))


def names(raw: Raw, *, most: int = 200) -> list[str]:
    """Return the names in a cell, parted by 、 or a comma, a semicolon, a slash or a line break."""
    words = text(raw, most=most, lines=True)
    found = (_EDGES.sub("", part) for part in re.split(r"[、,，;；/\n]", words))
    return list(dict.fromkeys(part for part in found if part))


def ledger_no(raw: Raw) -> str:
    """Return 2025-0012 for what a paper calls 2025-0012, 2025-12 or 〔2025〕12号."""
    words = re.sub(r"[‐-―−－]", "-", squeezed(tidy(raw)))
    found = re.fullmatch(r"[〔\[(]?(20\d\d)[〕\])年]?-?(?:第)?(\d{1,5})号?", words)
    if not found or not int(found.group(2)):
        raise BadImport(Fault.NOT_NUMBER_OF_LEDGER)
    return f"{found.group(1)}-{int(found.group(2)):04d}"


def slip_nos(raw: Raw) -> list[tuple[int | None, int]]:
    """Return (year or None, number) of each slip: 0012, NO 0012, 2025-0012, 办交〔2025〕0012号."""
    found = []
    for part in re.split(r"[、,;/\n]", plain(raw)):
        words = re.sub(r"[‐-―−]", "-", squeezed(part))
        match = re.fullmatch(r"(?:NO[.:]?|办交)?(?:[〔\[(]?(20\d\d)[〕\])]?-?)?(\d{1,5})号?", words)
        if not match or not int(match.group(2)):
            raise BadImport(Fault.NOT_NUMBER_OF_SLIP)
        year = match.group(1)
        found.append((int(year) if year else None, int(match.group(2))))
    return found
