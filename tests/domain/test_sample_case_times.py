"""The due times of the demo office's 24 cases, as its papers have them."""

import pytest

from app.domain.deadlines import (
    Card,
    card,
    dispatch_due_at,
    due_at,
    evaluation_until,
    extended_due_at,
    is_overdue,
    redo_due_at,
    return_until,
    verify_due_at,
)
from app.official import default_calendar
from tests.domain.moments import at, rows

CALENDAR = default_calendar()
NOW = at("2026-11-20 周五 17:00")

# Case, submitted to the section, slip due.
DISPATCH = """
C01 | 2026-09-21 周一 09:35 | 2026-09-21 周一 17:00
C02 | 2026-09-22 周二 14:20 | 2026-09-22 周二 17:00
C03 | 2026-09-30 周三 16:35 | 2026-10-08 周四 12:00
C04 | 2026-10-08 周四 09:40 | 2026-10-08 周四 17:00
C05 | 2026-10-09 周五 09:12 | 2026-10-09 周五 17:00
C06 | 2026-10-09 周五 14:05 | 2026-10-09 周五 17:00
C07 | 2026-10-12 周一 10:05 | 2026-10-12 周一 17:00
C08 | 2026-10-13 周二 15:30 | 2026-10-13 周二 17:00
C09 | 2026-10-15 周四 11:20 | 2026-10-15 周四 17:00
C10 | 2026-10-19 周一 09:30 | 2026-10-19 周一 17:00
C11 | 2026-10-20 周二 10:15 | 2026-10-20 周二 17:00
C12 | 2026-10-21 周三 16:10 | 2026-10-21 周三 17:00
C13 | 2026-10-22 周四 09:25 | 2026-10-22 周四 17:00
C14 | 2026-10-26 周一 14:50 | 2026-10-26 周一 17:00
C15 | 2026-10-27 周二 10:30 | 2026-10-27 周二 17:00
C16 | 2026-10-29 周四 09:15 | 2026-10-29 周四 17:00
C17 | 2026-11-02 周一 11:05 | 2026-11-02 周一 17:00
C18 | 2026-11-06 周五 17:25 | 2026-11-09 周一 12:00
C19 | 2026-11-10 周二 09:50 | 2026-11-10 周二 17:00
C20 | 2026-11-12 周四 15:40 | 2026-11-12 周四 17:00
C21 | 2026-11-16 周一 10:20 | 2026-11-16 周一 17:00
C22 | 2026-11-17 周二 14:10 | 2026-11-17 周二 17:00
C23 | 2026-11-18 周三 09:30 | 2026-11-18 周三 17:00
C24 | 2026-11-20 周五 16:50 | 2026-11-23 周一 12:00
"""

# Case, slip issued, working days, original due time.
DUE = """
C01 | 2026-09-21 周一 10:10 | 3 | 2026-09-24 周四 17:00
C02 | 2026-09-22 周二 14:45 | 3 | 2026-09-28 周一 17:00
C03 | 2026-09-30 周三 16:52 | 1 | 2026-10-08 周四 17:00
C04 | 2026-10-08 周四 10:00 | 1 | 2026-10-09 周五 17:00
C05 | 2026-10-09 周五 09:20 | 0 | 2026-10-09 周五 17:00
C06 | 2026-10-09 周五 14:30 | 1 | 2026-10-10 周六 17:00
C07 | 2026-10-12 周一 10:20 | 3 | 2026-10-15 周四 17:00
C08 | 2026-10-13 周二 15:50 | 3 | 2026-10-16 周五 17:00
C09 | 2026-10-15 周四 11:40 | 1 | 2026-10-16 周五 17:00
C10 | 2026-10-19 周一 14:15 | 1 | 2026-10-20 周二 17:00
C11 | 2026-10-20 周二 10:40 | 3 | 2026-10-23 周五 17:00
C12 | 2026-10-21 周三 16:25 | 3 | 2026-10-26 周一 17:00
C13 | 2026-10-22 周四 09:45 | 3 | 2026-10-27 周二 17:00
C14 | 2026-10-26 周一 15:10 | 3 | 2026-10-29 周四 17:00
C15 | 2026-10-27 周二 11:00 | 3 | 2026-10-30 周五 17:00
C16 | 2026-10-29 周四 09:40 | 3 | 2026-11-03 周二 17:00
C17 | 2026-11-02 周一 11:20 | 1 | 2026-11-03 周二 17:00
C18 | 2026-11-09 周一 09:05 | 1 | 2026-11-10 周二 17:00
C19 | 2026-11-10 周二 10:20 | 1 | 2026-11-11 周三 17:00
C20 | 2026-11-12 周四 16:05 | 1 | 2026-11-13 周五 17:00
C21 | 2026-11-16 周一 10:25 | 0 | 2026-11-16 周一 17:00
C22 | 2026-11-17 周二 14:30 | 3 | 2026-11-20 周五 17:00
C23 | 2026-11-18 周三 09:50 | 3 | 2026-11-23 周一 17:00
"""

# Case, original due time, days granted (C22: asked for), new due time.
EXTENDED = """
C01 | 2026-09-24 周四 17:00 | 7 | 2026-10-12 周一 17:00
C08 | 2026-10-16 周五 17:00 | 3 | 2026-10-21 周三 17:00
C22 | 2026-11-20 周五 17:00 | 5 | 2026-11-27 周五 17:00
"""


@pytest.mark.parametrize(("case", "received", "due"), rows(DISPATCH))
def test_dispatch_due(case: str, received: str, due: str) -> None:
    assert dispatch_due_at(CALENDAR, at(received)) == (at(due), case in ("C03", "C18", "C24"))


@pytest.mark.parametrize(("case", "issued", "days", "due"), rows(DUE))
def test_original_due(case: str, issued: str, days: str, due: str) -> None:
    assert due_at(CALENDAR, at(issued), int(days)).at == at(due), case


@pytest.mark.parametrize(("case", "due", "days", "new_due"), rows(EXTENDED))
def test_extension_new_due(case: str, due: str, days: str, new_due: str) -> None:
    assert extended_due_at(CALENDAR, at(due), int(days)).at == at(new_due), case


def test_redo_of_c11_is_due_five_working_days_after_it_was_found_justified() -> None:
    found = redo_due_at(CALENDAR, at("2026-10-29 周四 09:30"))

    assert found.at == at("2026-11-05 周四 17:00")


def test_bad_review_of_c11_was_verified_within_its_day() -> None:
    assert verify_due_at(CALENDAR, at("2026-10-28 周三 10:00")) == at("2026-10-29 周四 17:00")


def test_c11_was_overdue_and_its_redo_in_time() -> None:
    assert is_overdue(at("2026-10-23 周五 17:00"), at("2026-10-27 周二 11:20"))
    assert not is_overdue(at("2026-11-05 周四 17:00"), at("2026-11-03 周二 15:00"))


def test_c10_could_be_returned_when_it_was_and_its_new_slip_starts_anew() -> None:
    assert at("2026-10-19 周一 11:30") <= return_until(CALENDAR, at("2026-10-19 周一 09:50"), 1)


def test_c19_could_be_rated_for_five_working_days() -> None:
    assert evaluation_until(CALENDAR, at("2026-11-11 周三 10:00")) == at("2026-11-18 周三 17:00")


@pytest.mark.parametrize(
    ("case", "issued", "days", "due", "shown"),
    [
        ("C22", "2026-11-17 周二 14:30", 3, "2026-11-20 周五 17:00", Card.YELLOW),
        ("C23", "2026-11-18 周三 09:50", 3, "2026-11-23 周一 17:00", Card.YELLOW),
    ],
)
def test_open_cases_show_their_card(
    case: str, issued: str, days: int, due: str, shown: Card
) -> None:
    found = card(CALENDAR, days, at(due), NOW, extended=False, issued_at=at(issued))

    assert found is shown, case
