"""Saving: no typed text is lost, nobody is overwritten, nothing of the database leaks."""

from typing import Any

import pytest
from lxml import html

from app.extensions import db
from tests.fab.office import Book, Shelf

ADD, EDIT = "/bookview/add", "/bookview/edit/1"
NEW = {"title": "新书", "shelf": "1", "note": "三行\n说明"}


def send(client: Any, url: str, **fields: str) -> Any:
    return client.submit(url, "//form[contains(@class,'office-form')]", **fields)


def value(response: Any, name: str) -> str:
    field = html.fromstring(response.text).xpath(f"//*[@name='{name}']")[0]
    return field.text if field.tag == "textarea" else field.get("value")


def errors(response: Any) -> dict[str, str]:
    page = html.fromstring(response.text)
    return {
        field.xpath(".//*[@name]/@name")[0]: field.xpath(".//p[@class='field-error']")[
            0
        ].text_content()
        for field in page.xpath("//div[contains(@class,'has-error')]")
    }


def test_add_saves_and_belongs_to_the_person(browser: Any, office: Any) -> None:
    assert send(browser(), ADD, **NEW).status_code == 302
    with office.app_context():
        book = db.session.query(Book).filter_by(title="新书").one()
        assert (book.owner, book.shelf_id, book.is_lent) == ("anna", 1, False)


def test_add_without_required_choice_keeps_the_text(browser: Any) -> None:
    page = browser().page(ADD)
    assert page.xpath("//select[@name='shelf']/option[1]/@value") == ["__None"]
    assert not page.xpath("//select[@name='shelf']/option[2][@selected]")
    response = send(browser(), ADD, title="新书", note="三行\n说明")
    assert errors(response) == {"shelf": "必填项"}
    assert (value(response, "title"), value(response, "note").strip()) == ("新书", "三行\n说明")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"title": ""}, "title", "必填项"),
        ({"title": "长" * 41}, "title", "不能超过 40 个字"),
        ({"bought_on": "昨天"}, "bought_on", "日期不正确"),
        ({"bought_on": "2026-02-30"}, "bought_on", "日期不正确"),
        ({"shelf": "77"}, "shelf", "必填项"),
        ({"title": "禁书"}, "title", "此书不得登记。"),
    ],
)
def test_add_wrong_input_comes_back_with_the_reason(
    browser: Any, typed: dict[str, str], field: str, words: str
) -> None:
    response = send(browser(), ADD, **(NEW | typed))
    assert errors(response) == {field: words}
    assert "尚未保存" in response.text
    assert value(response, "note").strip() == NEW["note"]
    if field != "shelf":
        assert value(response, field) == typed[field]


@pytest.mark.parametrize("typed", ["-1", "10000", "9" * 20])
def test_number_that_no_rank_needs_is_refused_beside_its_field(browser: Any, typed: str) -> None:
    response = send(browser(), "/shelfview/add", name="新架", sort_order=typed)
    assert errors(response) == {"sort_order": "应在 0 至 9999 之间"}
    assert value(response, "sort_order") == typed


def test_add_offers_and_accepts_narrowed_rows_only(browser: Any) -> None:
    offered = browser().page(ADD).xpath("//select[@name='shelf']/option/text()")
    assert offered == ["请选择", "乙架", "甲架"]  # by rank; the store room is not offered
    assert "shelf" in errors(send(browser(), ADD, **(NEW | {"shelf": "3"})))


def test_add_from_a_related_list_takes_offered_rows_only(browser: Any) -> None:
    anna = browser()
    assert not anna.page(ADD + "?_flt_0_shelf=1").xpath("//select[@name='shelf']")
    assert anna.get(ADD + "?_flt_0_shelf=3").status_code == 404
    assert anna.get(ADD + "?_flt_0_shelf=x").status_code == 404


def test_add_database_refusal_leaks_nothing_and_keeps_the_text(browser: Any, office: Any) -> None:
    with office.app_context():  # the check of the form sees no rival; the database does
        db.session.add(Shelf(name="新架", sort_order=9))
        db.session.commit()
        view = next(v for v in office.appbuilder.baseviews if type(v).__name__ == "ShelfView")
        checks = view.add_form.name.kwargs["validators"]
        kept, checks[:] = list(checks), [c for c in checks if type(c).__name__ != "Unique"]
    try:
        response = send(browser(), "/shelfview/add", name="新架", sort_order="1")
    finally:
        checks[:] = kept
    assert response.status_code == 200
    assert "与已有记录重复" in response.text
    assert "INSERT" not in response.text
    assert "UNIQUE" not in response.text
    assert value(response, "name") == "新架"


def test_add_repeated_name_stands_beside_the_field(browser: Any) -> None:
    response = send(browser(), "/shelfview/add", name="甲架", sort_order="1")
    assert errors(response) == {"name": "已有同名记录，请换一个名称。"}


def test_edit_saves_and_unticked_box_is_no(browser: Any, stored: Any) -> None:
    response = send(browser(), EDIT, title="改名", bought_on="２０２６年２月３日")
    assert response.status_code == 302
    assert stored(1).title == "改名"
    assert stored(1).bought_on.isoformat() == "2026-02-03"
    assert stored(1).version == 2


def test_edit_by_two_people_second_is_told_and_keeps_the_text(browser: Any, stored: Any) -> None:
    first, second = browser(), browser()
    old = {"_version": value(second.get(EDIT), "_version")}
    assert send(first, EDIT, title="先改").status_code == 302
    response = send(second, EDIT, title="后改", note="我的话", **old)
    assert response.status_code == 200
    assert "他人已在您打开后修改了该记录" in response.text
    assert "系统现有内容：先改" in response.text
    assert (value(response, "title"), value(response, "note").strip()) == ("后改", "我的话")
    assert stored(1).title == "先改"
    again = {"_version": value(response, "_version")}
    assert send(second, EDIT, title="后改", **again).status_code == 302
    assert stored(1).title == "后改"


@pytest.mark.parametrize("version", ["", "x", "99999999999999999999999"])
def test_edit_with_odd_version_is_a_conflict(browser: Any, stored: Any, version: str) -> None:
    assert send(browser(), EDIT, title="改", _version=version).status_code == 200
    assert stored(1).title == "书00000"


def test_edit_closed_row_is_refused(browser: Any) -> None:
    anna = browser()
    token = anna.token(EDIT)
    anna.post("/bookview/action/lend/1", data={"csrf_token": token})
    assert anna.get(EDIT).status_code == 409
    assert anna.post(EDIT, data={"csrf_token": token, "title": "改"}).status_code == 409
    assert anna.post("/bookview/delete/1", data={"csrf_token": token}).status_code == 409


def test_delete_blocked_by_other_records_says_so(browser: Any, office: Any) -> None:
    anna = browser()
    token = {"csrf_token": anna.token("/shelfview/list/")}
    response = anna.post("/shelfview/delete/1", data=token, follow_redirects=True)
    assert "该记录已被其他记录引用，不能删除。" in response.text
    response = anna.post("/shelfview/delete/3", data=token, follow_redirects=True)
    assert "已删除。" in response.text
    with office.app_context():
        assert db.session.query(Shelf).count() == 2
