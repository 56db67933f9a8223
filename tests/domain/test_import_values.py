"""Cells in every dress people give them, and what is refused."""

import datetime as dt
from typing import Any

import pytest

from app.domain import import_values as v
from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import CATEGORIES
from app.domain.states import Category

F = Fault


def fault_of(read: Any, *args: Any, **kwargs: Any) -> Fault:
    with pytest.raises(BadImport) as refused:
        read(*args, **kwargs)
    return refused.value.fault


@pytest.mark.parametrize(
    ("raw", "at", "is_exact"),
    [
        ("2026年10月9日", "2026-10-09 00:00", False),
        ("2026/10/9", "2026-10-09 00:00", False),
        ("2026-10-09 9:05", "2026-10-09 09:05", True),
        ("2026.10.9 9:05:59", "2026-10-09 09:05", True),
        ("20261009", "2026-10-09 00:00", False),
        (20261009, "2026-10-09 00:00", False),
        (20261009.0, "2026-10-09 00:00", False),
        (46304, "2026-10-09 00:00", False),
        (46304.5, "2026-10-09 12:00", True),
        ("46304.378472", "2026-10-09 09:05", True),
        ("　２０２６－１０－０９\xa0", "2026-10-09 00:00", False),
        ("2026年10月9日 星期五 下午3时05分", "2026-10-09 15:05", True),
        ("2026年10月9日（周五）", "2026-10-09 00:00", False),
        ("2026-10-09T09:05", "2026-10-09 09:05", True),
        ("2026-10-09 下午12:30", "2026-10-09 12:30", True),
        (dt.datetime(2026, 10, 9), "2026-10-09 00:00", False),  # noqa: DTZ001
        (dt.datetime(2026, 10, 9, 9, 5, 1), "2026-10-09 09:05", True),  # noqa: DTZ001
        (dt.date(2026, 10, 9), "2026-10-09 00:00", False),
    ],
)
def test_dates_and_times(raw: Any, at: str, is_exact: bool) -> None:
    found = v.when(raw)
    assert f"{found.at:%Y-%m-%d %H:%M}" == at
    assert found.is_exact is is_exact
    assert found.at.utcoffset() == dt.timedelta(hours=8)


@pytest.mark.parametrize(
    "raw",
    ["26-10-9", "10/9/2026", "2026年10月", "2026-02-30", "2026-10-09 25:00", "明天", "0", -1,
     3.5, "2026-10-09 9点65分", "20261301", "1999-12-31", "2100-01-01", True],
)  # fmt: skip
def test_what_is_no_date(raw: Any) -> None:
    assert fault_of(v.when, raw) is F.NOT_DATE


@pytest.mark.parametrize(
    ("raw", "time"),
    [("9:00", "09:00"), ("９：０５", "09:05"), ("下午2点30分", "14:30"), (0.375, "09:00"),
     (dt.time(17, 0), "17:00"), ("9点", "09:00"),
     (dt.datetime(1899, 12, 30, 8, 30), "08:30")],  # noqa: DTZ001
)  # fmt: skip
def test_times_of_day(raw: Any, time: str) -> None:
    assert f"{v.time_of_day(raw):%H:%M}" == time


@pytest.mark.parametrize("raw", ["24:00", "九点", "900", 9, "9:60"])
def test_what_is_no_time_of_day(raw: Any) -> None:
    assert fault_of(v.time_of_day, raw) is F.NOT_TIME


@pytest.mark.parametrize(
    ("raw", "digits"),
    [(1.6e10, "16000000006"[:10] + "0"), (16000000006, "16000000006"), (" 160 0000 0006 ",
     "16000000006"), ("１６００００００００６", "16000000006"), ("0530-4210001", "05304210001"),
     ("0530—4210001", "05304210001")],
)  # fmt: skip
def test_phones(raw: Any, digits: str) -> None:
    assert v.phone(raw) == digits


@pytest.mark.parametrize(
    ("raw", "fault"),
    [("1.6E+10", F.DIGITS_LOST), ("160****0006", F.MASKED), ("无", F.NOT_PHONE),
     ("123", F.NOT_PHONE), ("160000000061234", F.NOT_PHONE), ("<b>", F.NOT_PHONE)],
)  # fmt: skip
def test_what_is_no_phone(raw: Any, fault: Fault) -> None:
    assert fault_of(v.phone, raw) is fault


def test_texts_keep_their_signs_and_lose_their_blanks() -> None:
    assert v.text(
        " \u3000市场 监管\xa0窗口（一）\u200b\n", most=20
    ) == "市场 监管窗口（一）".replace("监管窗口", "监管 窗口")
    assert v.text("第一行\r\n第二行", most=20, lines=True) == "第一行\n第二行"
    assert v.text("第一行\r\n第二行", most=20) == "第一行 第二行"
    assert v.text("'=1+1", most=20) == "=1+1"  # as the ledger's export neutralises it
    assert v.text("𠅤二·买买提", most=6) == "𠅤二·买买提"
    assert v.text(12.0, most=5) == "12"
    assert v.text(True, most=5) == "是"
    assert fault_of(v.text, "甲" * 6, most=5) is F.TOO_LONG
    assert fault_of(v.text, "甲\x00乙", most=5) is F.CONTROL
    assert fault_of(v.text, "#REF!", most=9) is F.ERROR_VALUE


@pytest.mark.parametrize("raw", ["是", " Y ", "√", True, 1, "TRUE", "启用", "１"])
def test_yes(raw: Any) -> None:
    assert v.yes_no(raw) is True


@pytest.mark.parametrize("raw", ["否", "n", "×", False, 0, 0.0, "停用"])
def test_no(raw: Any) -> None:
    assert v.yes_no(raw) is False


def test_neither_yes_nor_no() -> None:
    assert fault_of(v.yes_no, "也许") is F.NOT_YES_NO


def test_numbers() -> None:
    assert [v.number(raw) for raw in ("１２", 12.0, "1,200", " 7 ")] == [12, 12, 1200, 7]
    assert fault_of(v.number, "1.5") is F.NOT_NUMBER
    assert fault_of(v.number, "七") is F.NOT_NUMBER
    assert fault_of(v.number, 8, most=7) is F.OUT_OF_RANGE
    assert fault_of(v.number, -1) is F.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("raw", "category"),
    [("未成功受理 / 审批", "1"), (1, "1"), ("２", "2"), ("慢作为", "3"), ("建议意见", "4")],
)
def test_choices(raw: Any, category: str) -> None:
    assert v.choice(raw, CATEGORIES) is Category(category)


def test_no_choice() -> None:
    assert fault_of(v.choice, "其他", CATEGORIES) is F.NOT_CHOICE


@pytest.mark.parametrize(
    ("raw", "digits"),
    [("周一至周五", "12345"), ("一、三、五", "135"), ("1-7", "1234567"), ("星期六、日", "67"),
     ("12345", "12345"), (12345, "12345"), ("一至天", "1234567")],
)  # fmt: skip
def test_weekdays(raw: Any, digits: str) -> None:
    assert v.weekdays(raw) == digits


@pytest.mark.parametrize("raw", ["八", "11", "工作日", "五至一"])
def test_what_are_no_weekdays(raw: Any) -> None:
    assert fault_of(v.weekdays, raw) is F.NOT_WEEKDAYS


@pytest.mark.parametrize(
    "raw", ["2025-0012", "2025-12", "２０２５—１２", "〔2025〕12号", "2025年12号"]
)
def test_ledger_numbers(raw: str) -> None:
    assert v.ledger_no(raw) == "2025-0012"


@pytest.mark.parametrize("raw", ["12", "2025-0000", "25-0012", "2025-123456", "甲"])
def test_what_is_no_ledger_number(raw: str) -> None:
    assert fault_of(v.ledger_no, raw) is F.NOT_NUMBER_OF_LEDGER


def test_slip_numbers() -> None:
    assert v.slip_nos("NO 0012、办交〔2025〕0013号") == [(None, 12), (2025, 13)]
    assert v.slip_nos(12) == [(None, 12)]
    assert v.slip_nos("2025-0012") == [(2025, 12)]
    assert fault_of(v.slip_nos, "十二") is F.NOT_NUMBER_OF_SLIP


def test_names() -> None:
    assert v.names(" 张三、李四，张三;王五/赵六\n钱七 ") == ["张三", "李四", "王五", "赵六", "钱七"]
