"""Accounts and roles in the office's words; permissions are read once a request."""

from typing import Any

from app.extensions import db

NEW = {"first_name": "欧阳·古丽", "username": "gu.li", "password": "Long enough 12", "roles": "1"}
FORM = "//form[contains(@class,'office-form')]"


def person(office: Any, username: str) -> Any:
    with office.app_context():
        found = office.appbuilder.sm.find_user(username)
        db.session.expunge_all()
    return found


def test_account_is_made_with_one_name_and_no_mail(browser: Any, office: Any) -> None:
    anna = browser()
    fields = NEW | {"conf_password": NEW["password"], "active": "y"}
    assert anna.submit("/users/add", FORM, **fields).status_code == 302
    made = person(office, "gu.li")
    assert (made.first_name, made.last_name, made.email) == ("欧阳·古丽", "", "gu.li@local.invalid")
    assert made.password != NEW["password"]
    assert "欧阳·古丽" in anna.page("/users/list/?q=古丽 gu").text_content()


def test_passwords_that_differ_are_refused(browser: Any) -> None:
    fields = NEW | {"username": "other", "conf_password": "another"}
    response = browser().submit("/users/add", FORM, **fields)
    assert "两次输入的密码不一致" in response.text
    assert NEW["password"] not in response.text


def test_roles_matrix_gives_exactly_the_ticked_permissions(browser: Any, office: Any) -> None:
    anna = browser()
    page = anna.page("/roles/list/")
    url = page.xpath("//a[text()='旁观']/@href")[0].replace("show", "edit")
    boxes = anna.page(url).xpath("//fieldset[legend='图书']//input[@name='grants']/@value")
    data = {"csrf_token": anna.token(url), "name": "旁观", "grants": boxes, "_version": ""}
    assert browser("nemo").get("/bookview/list/").status_code == 403
    assert anna.post(url, data=data).status_code == 302
    assert browser("nemo").get("/bookview/list/").status_code == 200
    assert browser("nemo").get("/shelfview/list/").status_code == 403
    assert anna.post(url, data=data | {"grants": []}).status_code == 302
    assert browser("nemo").get("/bookview/list/").status_code == 403


def test_permissions_are_read_once_a_request(browser: Any, statements: Any) -> None:
    with statements() as sent:
        browser().get("/bookview/list/")
    assert len([text for text in sent if "ab_permission_view" in text]) == 1


def test_switched_off_account_may_nothing(browser: Any, office: Any) -> None:
    bert = browser("bert")
    assert bert.get("/bookview/list/").status_code == 200
    with office.app_context():
        office.appbuilder.sm.find_user("bert").active = False
        db.session.commit()
    try:
        assert bert.get("/bookview/list/").status_code in (302, 403)
    finally:
        with office.app_context():
            office.appbuilder.sm.find_user("bert").active = True
            db.session.commit()
