"""Dates and times as people type them, choices with an empty first one, words of formats."""

import datetime as dt
import enum
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from app.clock import OFFICE_ZONE
from app.fab import fields, formats, moments
from app.fab.forms import OfficeForm


class Colour(enum.StrEnum):
    """Stored by value."""

    RED = "red"
    BLUE = "blue"


class Form(OfficeForm):
    """One of each."""

    at = fields.OfficeDateTimeField("时间")
    on = fields.OfficeDateField("日期")
    clock = fields.OfficeTimeField("时刻")
    colour = fields.ChoiceField("颜色", choices=[(c, c.name) for c in Colour], coerce=Colour)
    few = fields.RadioChoiceField("选择", choices=lambda: [("a", "甲"), ("b", "乙")])
    many = fields.TickField("多选", choices=[("a", "甲"), ("b", "乙")])
    unit = fields.SuggestField("窗口", suggestions=lambda: ["市场<监管>窗口"])


@pytest.fixture
def form(office: Any) -> Any:
    with office.test_request_context("/", method="POST"):
        yield lambda **typed: Form(MultiDict(typed), meta={"csrf": False})


@pytest.mark.parametrize(
    "typed",
    [
        "2026-10-15 17:00",
        "2026-10-15T17:00",
        "20261015 1700",
        "2026年10月15日 17时00分",
        "２０２６／１０／１５　１７：００",
    ],
)
def test_moment_typed_is_the_offices_time(form: Any, typed: str) -> None:
    filled = form(at=typed)
    assert filled.validate()
    assert filled.at.data == dt.datetime(2026, 10, 15, 17, tzinfo=OFFICE_ZONE)
    assert f'value="{typed}"' in str(filled.at())


@pytest.mark.parametrize(
    "typed", ["2026-10-15", "17:00", "2026-13-01 10:00", "2026-10-15 25:00", "x"]
)
def test_moment_wrong_stays_and_is_explained(form: Any, typed: str) -> None:
    filled = form(at=typed)
    assert not filled.validate()
    assert filled.at.errors == ["日期时间不正确"]
    assert f'value="{typed}"' in str(filled.at())


def test_moment_of_a_row_is_shown_in_the_offices_zone(office: Any) -> None:
    row = type("Row", (), {"at": dt.datetime(2026, 10, 15, 9, tzinfo=dt.UTC), "on": None})
    with office.test_request_context("/"):
        assert 'value="2026-10-15 17:00"' in str(Form(obj=row).at())


def test_empty_moments_are_none(form: Any) -> None:
    filled = form(at="", on=" ", clock="")
    assert filled.validate()
    assert (filled.at.data, filled.on.data, filled.clock.data) == (None, None, None)


def test_choice_first_is_empty_and_chosen(form: Any) -> None:
    empty = form()
    assert str(empty.colour()).index("请选择") < str(empty.colour()).index("RED")
    assert empty.validate()
    assert empty.colour.data is None
    assert form(colour="blue").colour.data is Colour.BLUE
    assert not form(colour="green").validate()


def test_ticks_and_radios_are_labelled_boxes(form: Any) -> None:
    filled = Form(MultiDict([("many", "a"), ("few", "b")]), meta={"csrf": False})
    assert str(filled.many()).count('type="checkbox"') == 2
    assert str(filled.many()).count(" checked") == 1
    assert str(filled.few()).count('type="radio"') == 2  # the empty choice is no button
    assert filled.many.data == ["a"]
    assert filled.few.data == "b"


def test_suggestions_are_escaped_and_free_text_is_kept(form: Any) -> None:
    filled = form(unit="别的")
    assert '<option value="市场&lt;监管&gt;窗口">' in str(filled.unit())
    assert filled.unit.data == "别的"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "—"),
        ("", "—"),
        (True, "是"),
        (False, "否"),
        (0, 0),
        (dt.datetime(2026, 10, 15, 9, 0, 59, 5, tzinfo=dt.UTC), "2026-10-15 17:00"),
        (dt.date(2026, 10, 15), "2026-10-15"),
        (dt.time(9, 5), "09:05"),
        (["甲", "乙"], "甲、乙"),
        ([], "—"),
    ],
)
def test_display_reads_as_the_office_writes(office: Any, value: Any, words: Any) -> None:
    with office.test_request_context("/"):
        assert formats.display(value) == words


def test_weekday_is_the_one_of_the_offices_day(office: Any) -> None:
    late = dt.datetime(2026, 10, 14, 20, 0, tzinfo=dt.UTC)  # already Thursday in the office
    with office.test_request_context("/"):
        assert formats.datetime_zh(late, weekday=True) == "2026-10-15 周四 04:00"


def test_names_have_no_space(office: Any) -> None:
    user = type("User", (), {"first_name": "建国", "last_name": "王", "username": "w"})()
    assert formats.person_name(user) == "王建国"
    assert formats.display(user) == "王建国"


def test_reading_says_no_to_half_a_date() -> None:
    for text in ("", "2026", "2026-10", "10-15", "2026-10-15 x"):
        with pytest.raises(ValueError, match=".*"):
            moments.read_date(text)
