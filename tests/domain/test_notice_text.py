"""The words of a year's notice, read as they are printed."""

import datetime as dt

import pytest

from app.domain.calendar_parts import DayKind
from app.domain.notice_text import NoticeDay, read_notice
from app.domain.refusals import Code, Refusal
from app.official import official_days

NOTICE_2026 = """国务院办公厅关于2026年部分节假日安排的通知
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
国务院办公厅
2025年11月4日"""  # noqa: E501 (the notice's own lines)


def day(month: int, number: int, year: int = 2027) -> dt.date:
    return dt.date(year, month, number)


def test_printed_notice_gives_the_official_days() -> None:
    read = {d.on: d for d in read_notice(NOTICE_2026, 2026)}
    official = {d.on: d for d in official_days(2026, 2026)}
    # The source leaves out the weekends inside a holiday: they are off anyway.
    assert set(read) - set(official) == {on for on in set(read) - set(official) if on.weekday() > 4}
    for on, known in official.items():
        assert read[on].is_off == (known.kind is not DayKind.SWAPPED_ON)
        assert read[on].name == known.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("元旦：1月1日放假。", [NoticeDay(day(1, 1), True, "元旦")]),
        ("元旦 1月1日放假，1月3日上班", Code.NOTICE_UNREADABLE),
        ("元旦：1月1日放假；1月3日上班", [
            NoticeDay(day(1, 1), True, "元旦"), NoticeDay(day(1, 3), False)]),
        ("2027-01-01放假", [NoticeDay(day(1, 1), True)]),
        ("元旦：2026年12月31日至2027年1月1日放假", [
            NoticeDay(day(12, 31, 2026), True, "元旦"), NoticeDay(day(1, 1), True, "元旦")]),
        ("国庆节、中秋节：10月1日休息", [NoticeDay(day(10, 1), True, "国庆、中秋")]),
        ("请各单位做好值班工作", []),
        ("2月30日放假", Code.NOTICE_UNREADABLE),
        ("5月5日至1日放假", Code.NOTICE_UNREADABLE),
        ("5月1日放假\n5月1日上班", Code.NOTICE_CONTRADICTORY),
    ],
)  # fmt: skip
def test_line_is_read_or_refused(text: str, expected: list[NoticeDay] | Code) -> None:
    if isinstance(expected, Code):
        with pytest.raises(Refusal) as refused:
            read_notice(text, 2027)
        assert refused.value.code is expected
    else:
        assert read_notice(text, 2027) == expected


def test_unreadable_line_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        read_notice("元旦：1月1日放假。\n春节：2月5日", 2027)
    assert (refused.value.facts["line"], refused.value.facts["words"]) == (2, "2月5日")
