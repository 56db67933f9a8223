"""工作日历 on screen: the coloured year, a day of one's own, a year imported or pasted."""

import datetime as dt
from collections.abc import Callable

import pytest
from lxml import html
from sqlalchemy import select

from app.actions.timetables import save_timetable
from app.extensions import db
from app.models import CalendarYear, CaseEvent, DayOverride, OfficialDay, Timetable
from tests.actions.test_calendar_changes import NOTICE_2027, NOTICE_NO, YEAR_END
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.pages import english_words, errors_of, send, text_of

Browser = Callable[..., OfficeClient]
Freeze = Callable[[dt.datetime], None]
BANNER = "2027年节假日安排尚未导入，应办结时间为暂算结果。"


@pytest.fixture(autouse=True)
def _today(freeze: Freeze) -> None:
    freeze(at("2026-10-12 11:00"))


def cell(page: html.HtmlElement, day: str) -> html.HtmlElement:
    """Return the cell of a day, by the link or the box in it."""
    return page.xpath(f"//td[.//*[contains(@title, '{day}')]]")[0]


def day_form(day: str, site: int = 1) -> str:
    return f"/calendar/day/form?day={day}&site={site}"


def test_year_is_coloured_as_its_notice_says(hall: Office, client: Browser) -> None:
    page = client(hall.sys_admin).page("/calendar/2026?site=1")
    assert not english_words(page, hall)
    assert len(page.xpath("//table[@class='month']")) == 12
    heads = [th.text for th in page.xpath("//table[@class='month'][1]//th")]
    assert heads == ["一", "二", "三", "四", "五", "六", "日"]
    expected = {
        "2026-10-01": ("is-off", "休"), "2026-10-10": ("is-on", "班"),
        "2026-10-04": ("is-off", "休"), "2026-10-12": ("is-today", ""),
        "2026-10-11": ("is-rest", ""), "2026-10-13": ("day", ""),
    }  # fmt: skip
    for day, (css, mark) in expected.items():
        found = cell(page, day)
        assert css in found.get("class").split(), day
        assert "".join(found.xpath(".//span[@class='day-mark']/text()")) == mark, day
    assert "已公布" in text_of(page)
    assert "国办发明电〔2025〕7号" in text_of(page)


def test_year_without_a_notice_says_so_in_a_banner(hall: Office, client: Browser) -> None:
    page = client(hall.sys_admin).page("/calendar/2027")
    assert BANNER in text_of(page)
    assert "未公布" in text_of(page)
    assert "is-off" in cell(page, "2027-10-01").get("class")
    assert client(hall.sys_admin).get("/calendar/2040").status_code == 404


def test_reader_sees_the_year_without_links(hall: Office, client: Browser) -> None:
    page = client(hall.land_handler).page("/calendar/2026")
    assert not page.xpath("//main//a[contains(@href, '/calendar/day')] | //main//form")
    assert cell(page, "2026-10-01").xpath(".//span[@class='day-box']")


def test_own_day_needs_its_notice_number_and_keeps_the_text(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    answer = send(browser, day_form("2026-10-13"), kind="closed", notice_no=" ", note="停电")
    page = html.fromstring(answer.text)
    assert "notice_no" in errors_of(page)
    assert page.xpath("//input[@name='note']/@value") == ["停电"]
    assert page.xpath("//input[@name='kind' and @checked]/@value") == ["closed"]
    assert db.session.scalars(select(DayOverride)).first() is None


def test_own_day_recomputes_open_cases_and_shows_in_the_grid(hall: Office, client: Browser) -> None:
    case = hall.dispatch(hall.submit(hall.draft()))
    db.session.commit()
    browser = client(hall.sys_admin)
    answer = send(browser, day_form("2026-10-13"), kind="closed", notice_no=NOTICE_NO)
    page = browser.page(answer.location)
    assert "已保存。重新计算了 1 件在办事项。" in page.text_content()
    found = cell(page, "2026-10-13")
    assert {"is-closed", "is-own"} <= set(found.get("class").split())
    assert NOTICE_NO in found.xpath(".//@title")[0]
    db.session.expire_all()
    assert case.due_at == at("2026-10-14 17:00")
    event = db.session.scalars(select(CaseEvent).where(CaseEvent.label == "时限重新计算")).one()
    assert event.by_id == hall.sys_admin.id
    form = browser.page(day_form("2026-10-13"))
    assert form.xpath("//input[@name='notice_no']/@value") == [NOTICE_NO]
    assert form.xpath("//h1")[0].text_content().strip() == "2026-10-13 周二（现为临时停办）"


def test_day_goes_back_to_the_notice(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    send(browser, day_form("2026-10-13"), kind="morning_only", notice_no=NOTICE_NO)
    send(browser, day_form("2026-10-13"), kind="normal", notice_no="县府办〔2026〕10号")
    assert db.session.scalars(select(DayOverride)).first() is None
    answer = send(browser, day_form("2026-10-13"), kind="normal", notice_no=NOTICE_NO)
    assert answer.status_code == 200  # nothing to take back


@pytest.mark.sqlite_only  # words and forms need no second database
@pytest.mark.parametrize("day", ["", "2026-13-01", "1999-01-01"])
def test_day_that_does_not_exist_is_not_found(hall: Office, client: Browser, day: str) -> None:
    assert client(hall.sys_admin).get(day_form(day)).status_code == 404


def test_published_year_is_imported_by_a_button(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    page = browser.page("/calendar/2024")
    assert page.xpath("//form[@action='/calendar/2024/import']")
    answer = browser.submit("/calendar/2024", form="//form[contains(@action, 'import')]")
    page = browser.page(answer.location)
    assert "2024年节假日安排已导入。" in page.text_content()
    assert "is-on" in cell(page, "2024-02-04").get("class")
    assert not page.xpath("//form[@action='/calendar/2024/import']")
    token = browser.token("/users/list/")
    for year, status in (("2027", 404), ("2024", 302)):
        answer = browser.post(f"/calendar/{year}/import", data={"csrf_token": token})
        assert answer.status_code == status


def test_notice_is_pasted_and_provisional_cases_are_settled(
    hall: Office, client: Browser, freeze: Freeze
) -> None:
    case = hall.submit(hall.draft(now=at(f"{YEAR_END} 09:00")), now=at(f"{YEAR_END} 09:10"))
    hall.dispatch(case, now=at(f"{YEAR_END} 10:00"))
    assert case.is_due_provisional
    db.session.commit()
    freeze(at(f"{YEAR_END} 11:00"))
    browser = client(hall.sys_admin)
    text = NOTICE_2027.replace("1月1日至3日放假", "1月1日至4日放假")
    url = "/calendar/notice/form?year=2027&site=1"
    answer = send(browser, url, notice_no="国办发明电〔2026〕8号", text=text)
    page = browser.page(answer.location)
    assert "重新计算了 1 件在办事项。" in page.text_content()
    assert BANNER not in text_of(page)
    assert "国办发明电〔2026〕8号" in text_of(page)
    db.session.expire_all()
    assert (case.due_at, case.is_due_provisional) == (at("2027-01-05 17:00"), False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NOTICE_2027.replace("1月31日（周日）", "2月8日"), "2027-02-08前后矛盾"),
        (NOTICE_2027.replace("清明节：4月5日放假。", ""), "2027-04-05是法定节假日"),
        (NOTICE_2027.replace("6月9日放假", "6月9日"), "第5行不能识别：“6月9日”"),
    ],
)
def test_contradictory_notice_is_refused_whole_with_the_text_kept(
    hall: Office, client: Browser, text: str, words: str
) -> None:
    answer = send(
        client(hall.sys_admin), "/calendar/notice/form?year=2027&site=1",
        notice_no="国办发明电〔2026〕8号", text=text,
    )  # fmt: skip
    page = html.fromstring(answer.text)
    assert errors_of(page)["text"].startswith(words)
    assert page.xpath("//textarea[@name='text']")[0].text.split() == text.split()
    assert db.session.get(CalendarYear, 2027) is None
    first = dt.date(2027, 1, 1)
    assert not db.session.scalars(select(OfficialDay).where(OfficialDay.day >= first)).all()


def test_hours_that_end_leave_the_later_days_unknown(hall: Office, client: Browser) -> None:
    hours = db.session.scalars(select(Timetable)).one()
    values = {"valid_to": dt.date(2026, 12, 31)}
    save_timetable(hours, values, by=hall.sys_admin, now=at("2026-10-12 11:00"))
    db.session.commit()
    browser = client(hall.sys_admin)
    assert browser.get("/calendar/2027").status_code == 404
    assert browser.page("/leader-roster/?month=2027-01") is not None
    assert browser.page("/duty-week/?day=2026-12-31") is not None
