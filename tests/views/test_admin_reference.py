"""基础信息 on screen: lists in rank order, forms that keep what was typed."""

import datetime as dt
from collections.abc import Callable

import pytest
from lxml import html
from sqlalchemy import select, text

from app.domain.states import DictKind
from app.extensions import db
from app.models import DictEntry, GroupMember, Site, Timetable, Unit
from app.unit_of_work import unit_of_work
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.views.pages import english_words, errors_of, send, text_of

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
LISTS = ["/units/list/", "/sites/list/", "/group-members/list/", "/timetables/list/",
         "/dictionary/list/", "/bases/list/", "/duty-shifts/list/", "/users/list/"]  # fmt: skip
FORMS = ["/units/add", "/sites/add", "/group-members/add", "/timetables/add", "/dictionary/add",
         "/bases/add", "/users/add", "/units/edit/1", "/units/show/1"]  # fmt: skip


@pytest.mark.sqlite_only  # words and forms need no second database
@pytest.mark.parametrize("url", LISTS + FORMS)
def test_page_is_chinese(hall: Office, client: Browser, url: str) -> None:
    page = client(hall.sys_admin).page(url)
    assert not english_words(page, hall), url


def test_empty_lists_say_so(hall: Office, client: Browser) -> None:
    with unit_of_work():
        db.session.query(DictEntry).delete()
    assert "暂无词条。" in text_of(client(hall.sys_admin).page("/dictionary/list/"))
    assert "暂无值班安排。" in text_of(client(hall.sys_admin).page("/duty-shifts/list/"))


def names(page: html.HtmlElement) -> list[str]:
    rows = page.xpath("//tbody/tr")
    return [
        row.xpath(".//td[not(contains(@class,'tick'))]")[0].text_content().strip() for row in rows
    ]


def test_units_stand_in_rank_order_and_switched_off_ones_apart(
    hall: Office, client: Browser
) -> None:
    with unit_of_work():
        hall.units["tax"].sort_order = -1
    browser = client(hall.sys_admin)
    assert names(browser.page("/units/list/")) == ["税务窗口", "不动产登记窗口", "工程建设科"]
    assert "已撤窗口" in names(browser.page("/units/list/?quick=all"))
    assert names(browser.page("/units/list/?q=不动产")) == ["不动产登记窗口"]


def test_unit_is_added_and_its_second_name_refused_with_the_text_kept(
    hall: Office, client: Browser
) -> None:
    browser = client(hall.sys_admin)
    fields = {"name": "医保窗口", "unit_kind": "window", "location": "一楼", "sort_order": "5"}
    assert browser.submit("/units/add", **fields).status_code == 302
    unit = db.session.scalars(select(Unit).where(Unit.name == "医保窗口")).one()
    assert (unit.site_id, unit.sort_order, unit.is_active) == (hall.site.id, 5, True)
    again = browser.submit("/units/add", **fields)
    page = html.fromstring(again.text)
    assert errors_of(page) == {"name": "已有同名记录，请换一个名称。"}
    assert page.xpath("//input[@name='location']/@value") == ["一楼"]
    assert db.session.query(Unit).filter_by(name="医保窗口").count() == 1


def test_unit_in_use_cannot_be_deleted_but_switched_off(hall: Office, client: Browser) -> None:
    land = hall.units["land"]
    browser = client(hall.sys_admin)
    token = browser.token("/units/list/")
    answer = browser.post(f"/units/delete/{land.id}", data={"csrf_token": token})
    page = browser.page(answer.location)
    assert "已被使用，不能删除，可改为停用。" in page.text_content()
    form = browser.page(f"/units/edit/{land.id}").forms
    assert form
    browser.submit(f"/units/edit/{land.id}", is_active="")
    db.session.expire_all()
    unused = Unit(site_id=hall.site.id, name="空窗口", unit_kind=land.unit_kind)
    with unit_of_work():
        db.session.add(unused)
    browser.post(f"/units/delete/{unused.id}", data={"csrf_token": token})
    assert db.session.query(Unit).filter_by(name="空窗口").count() == 0


def test_new_site_has_hours_and_calendar_at_once(hall: Office, client: Browser) -> None:
    hall.sys_admin.site_id = None
    if db.engine.dialect.name == "postgresql":  # the office's site chose its own number
        db.session.execute(text("SELECT nextval(pg_get_serial_sequence('sites', 'id'))"))
    db.session.commit()
    browser = client(hall.sys_admin)
    browser.submit("/sites/add", name="河西分中心", office_name="县审批服务局", sort_order="2")
    site = db.session.scalars(select(Site).where(Site.name == "河西分中心")).one()
    assert db.session.query(Timetable).filter_by(site_id=site.id).count() == 1
    page = browser.page(f"/calendar/2026?site={site.id}")
    assert "248" in text_of(page)


def test_administrator_of_one_site_opens_no_other(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    assert not browser.page("/sites/list/").xpath("//a[contains(@href, '/sites/add')]")
    answer = browser.submit("/sites/add", name="河西分中心")
    assert "您的角色不能办理此项" in html.fromstring(answer.text).text_content()
    assert db.session.query(Site).count() == 1


def test_second_head_of_the_group_is_refused_beside_the_tick(hall: Office, client: Browser) -> None:
    fields = {"account": str(hall.m1.id), "post": "副主任", "is_head": "y",
              "valid_from": "2026-10-01", "sort_order": "9"}  # fmt: skip
    hall.members["m1"].valid_to = dt.date(2026, 9, 30)
    db.session.commit()
    answer = client(hall.sys_admin).submit("/group-members/add", **fields)
    page = html.fromstring(answer.text)
    assert errors_of(page) == {"is_head": "与已有的时段重叠。"}
    assert page.xpath("//input[@name='post']/@value") == ["副主任"]
    assert db.session.query(GroupMember).count() == len(hall.members)


def test_people_outside_the_leadership_are_not_offered(hall: Office, client: Browser) -> None:
    page = client(hall.sys_admin).page("/group-members/add")
    offered = set(page.xpath("//select[@name='account']/option/@value"))
    assert str(hall.leader.id) in offered
    assert str(hall.clerk.id) not in offered
    answer = client(hall.sys_admin).submit(
        "/group-members/add", account=str(hall.clerk.id), post="x", valid_from="2026-10-01"
    )
    assert "account" in errors_of(html.fromstring(answer.text))


def test_causes_are_shown_in_two_levels(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    browser.submit(
        "/dictionary/add", kind="cause", name="身份不符", parent=str(hall.cause.id),
        sort_order="1",
    )  # fmt: skip
    entry = db.session.scalars(select(DictEntry).where(DictEntry.name == "身份不符")).one()
    assert (entry.parent_id, entry.kind) == (hall.cause.id, DictKind.CAUSE)
    assert names(browser.page("/dictionary/list/")) == [hall.cause.name, "身份不符"]
    answer = browser.submit(
        "/dictionary/add", kind="ground", name="别的", parent=str(hall.cause.id), sort_order="1"
    )
    assert errors_of(html.fromstring(answer.text)) == {"parent": "只分两级，请选择本类中的上级。"}


def test_bases_are_read_by_everybody_and_kept_apart(hall: Office, client: Browser) -> None:
    client(hall.sys_admin).submit(
        "/bases/add", name="《示例条例》", detail="示例", sort_order="1", is_active="y"
    )
    assert "《示例条例》" in text_of(client(hall.land_handler).page("/bases/list/"))
    assert "《示例条例》" not in text_of(client(hall.sys_admin).page("/dictionary/list/"))


HOURS = {"name": "夏季", "valid_from": "2026-10-13", "am_start": "08:30", "am_end": "12:00",
         "pm_start": "14:00", "pm_end": "18:00"}  # fmt: skip


def test_overlapping_hours_are_refused_whole_and_the_form_keeps_its_text(
    hall: Office, client: Browser
) -> None:
    answer = client(hall.sys_admin).submit("/timetables/add", **HOURS)
    page = html.fromstring(answer.text)
    assert errors_of(page) == {"valid_from": "同一天有两套办公时间。"}
    assert page.xpath("//input[@name='pm_end']/@value") == ["18:00"]
    assert db.session.query(Timetable).count() == 1


def test_new_hours_recompute_open_cases_and_say_so(
    hall: Office, client: Browser, freeze: Callable[[dt.datetime], None]
) -> None:
    case = hall.dispatch(hall.submit(hall.draft()))
    old = db.session.scalars(select(Timetable)).one()
    old.valid_to = dt.date(2026, 10, 12)
    db.session.flush()
    following = Timetable(site_id=hall.site.id, name="秋季", valid_from=dt.date(2026, 10, 13))
    following.am_start, following.am_end = dt.time(9), dt.time(12)
    db.session.add(following)
    db.session.commit()
    freeze(at("2026-10-12 11:00"))
    url = f"/timetables/edit/{following.id}"
    answer = send(client(hall.sys_admin), url, pm_start="14:00", pm_end="18:00")
    assert answer.status_code == 302
    db.session.expire_all()
    assert case.due_at == at("2026-10-13 18:00")


def test_new_season_is_one_tick(
    hall: Office, client: Browser, freeze: Callable[[dt.datetime], None]
) -> None:
    freeze(at("2026-10-12 11:00"))
    answer = send(client(hall.sys_admin), "/timetables/add", ends_previous="y", **HOURS)
    assert answer.status_code == 302
    rows = db.session.scalars(select(Timetable).order_by(Timetable.valid_from)).all()
    assert [row.valid_to for row in rows] == [dt.date(2026, 10, 12), None]


def test_hours_without_weekday_or_time_are_refused(hall: Office, client: Browser) -> None:
    browser = client(hall.sys_admin)
    wrong = browser.submit("/timetables/add", **(HOURS | {"pm_end": "25:00"}))
    assert "pm_end" in errors_of(html.fromstring(wrong.text))
    answer = send(browser, "/timetables/add", weekdays=None, **HOURS)
    assert "weekdays" in errors_of(html.fromstring(answer.text))


def test_administrator_of_one_site_sees_only_its_records(hall: Office, client: Browser) -> None:
    from tests.factories import make_office

    other = make_office(2)
    db.session.commit()
    page = client(hall.sys_admin).page("/units/list/?quick=all")
    assert len(names(page)) == len(hall.units)
    browser = client(hall.sys_admin)
    assert browser.get(f"/units/edit/{other.units['land'].id}").status_code == 404
    assert browser.get(f"/users/edit/{other.clerk.id}").status_code == 404
    assert browser.get(f"/calendar/2026?site={other.site.id}").status_code == 404
