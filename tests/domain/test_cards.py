"""Yellow and red cards: the thresholds of each class, to the second."""

import datetime as dt

import pytest

from app.domain.deadlines import Card, card, due_at, extended_due_at, yellow_from
from app.official import default_calendar
from tests.domain.moments import at, rows

CALENDAR = default_calendar()

# Issued, working days, extension, first instant of the yellow card, due.
YELLOW = """
2026-10-09 周五 09:20 | 0 | 0 | 2026-10-09 周五 16:00 | 2026-10-09 周五 17:00
2026-10-09 周五 16:00 | 0 | 0 | 2026-10-09 周五 16:00 | 2026-10-09 周五 17:00 # 交办即黄牌
2026-10-09 周五 16:01 | 0 | 0 | 2026-10-10 周六 11:00 | 2026-10-10 周六 12:00 # 顺延至中午
2026-09-30 周三 16:30 | 0 | 0 | 2026-10-08 周四 11:00 | 2026-10-08 周四 12:00
2026-10-15 周四 11:40 | 1 | 0 | 2026-10-16 周五 14:00 | 2026-10-16 周五 17:00
2026-10-09 周五 14:30 | 1 | 0 | 2026-10-10 周六 14:00 | 2026-10-10 周六 17:00
2026-09-30 周三 16:52 | 1 | 0 | 2026-10-08 周四 14:00 | 2026-10-08 周四 17:00
2026-11-18 周三 09:50 | 3 | 0 | 2026-11-20 周五 17:00 | 2026-11-23 周一 17:00
2026-09-30 周三 15:00 | 3 | 0 | 2026-10-09 周五 17:00 | 2026-10-10 周六 17:00
2026-02-13 周五 15:00 | 3 | 0 | 2026-02-24 周二 17:00 | 2026-02-25 周三 17:00
2026-09-21 周一 10:10 | 3 | 7 | 2026-10-10 周六 17:00 | 2026-10-12 周一 17:00
2026-10-09 周五 09:35 | 1 | 2 | 2026-10-12 周一 17:00 | 2026-10-13 周二 17:00
2026-10-09 周五 09:20 | 0 | 1 | 2026-10-09 周五 17:00 | 2026-10-10 周六 17:00
2026-11-16 周一 10:25 | 5 | 0 | 2026-11-20 周五 17:00 | 2026-11-23 周一 17:00
"""


@pytest.mark.parametrize(("issued", "days", "extension", "yellow", "due"), rows(YELLOW))
def test_card_is_yellow_from_the_threshold_and_red_past_due(
    issued: str, days: str, extension: str, yellow: str, due: str
) -> None:
    start = at(issued)
    ends = due_at(CALENDAR, start, int(days)).at
    if int(extension):
        ends = extended_due_at(CALENDAR, ends, int(extension)).at

    def shown(now: dt.datetime) -> Card:
        return card(CALENDAR, int(days), ends, now, extended=int(extension) > 0, issued_at=start)

    second = dt.timedelta(seconds=1)
    assert ends == at(due)
    if at(yellow) > start:
        assert shown(at(yellow) - second) is Card.NONE
    assert shown(at(yellow)) is Card.YELLOW
    assert shown(ends - second) is Card.YELLOW
    assert shown(ends) is Card.YELLOW
    assert shown(ends + second) is Card.RED


def test_case_with_one_working_day_left_is_yellow_over_the_weekend() -> None:
    """C23 of the demo office: due on Monday, 剩余1个工作日 when Friday closes."""
    due, issued = at("2026-11-23 周一 17:00"), at("2026-11-18 周三 09:50")

    for now in ("2026-11-20 周五 17:00", "2026-11-21 周六 10:00", "2026-11-23 周一 09:00"):
        assert card(CALENDAR, 3, due, at(now), extended=False, issued_at=issued) is Card.YELLOW


@pytest.mark.parametrize(
    ("due", "threshold"),
    [
        ("2026-10-15 周四 17:00", "2026-10-14 周三 17:00"),
        ("2026-10-15 周四 17:30", "2026-10-14 周三 17:00"),  # later than any close
        ("2026-10-15 周四 15:00", "2026-10-14 周三 15:00"),
        ("2026-10-15 周四 12:00", "2026-10-14 周三 12:00"),
        ("2026-10-12 周一 08:00", "2026-10-10 周六 08:00"),
        ("2026-10-11 周日 20:00", "2026-10-10 周六 17:00"),
    ],
)
def test_one_working_day_before_a_due_time_set_by_the_group(due: str, threshold: str) -> None:
    issued = at("2026-10-08 周四 09:00")

    found = yellow_from(CALENDAR, 3, at(due), extended=True, issued_at=issued)

    assert found == at(threshold)
