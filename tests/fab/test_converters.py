"""Impossible numbers, absent fields, an office's name with a tag: found by the walk."""

from collections.abc import Callable

import pytest

from app.extensions import db
from app.fab.converters import BIGGEST
from tests.client import OfficeClient
from tests.factories import Office, make_office

pytestmark = pytest.mark.sqlite_only
Browser = Callable[..., OfficeClient]


@pytest.fixture
def hall(session: object) -> Office:
    return make_office()


@pytest.mark.parametrize("number", [BIGGEST, BIGGEST + 1, 2**70])
def test_number_beyond_every_key_is_not_found(hall: Office, client: Browser, number: int) -> None:
    browser = client(hall.clerk)
    headers = {"X-CSRFToken": browser.token("/users/userinfo/")}
    assert browser.post(f"/print/ledger/{number}/full", headers=headers).status_code == 404


def test_form_sent_without_its_fields_is_taken_as_left_empty(hall: Office, client: Browser) -> None:
    browser = client(hall.sec_admin)
    headers = {"X-CSRFToken": browser.token("/users/userinfo/")}
    address = f"/users/roles/form?pk={hall.people['m3'].id}"
    assert browser.post(address, headers=headers).status_code in {200, 302, 400, 422}


def test_form_for_a_password_names_the_person_and_shows_nobody_else(
    hall: Office, client: Browser
) -> None:
    browser = client(hall.sys_admin)
    page = browser.page(f"/resetpassword/form?pk={hall.people['m3'].id}")
    assert hall.people["m3"].name in page.findtext(".//h1")
    assert browser.get("/resetpassword/form?pk=99999").status_code == 404
    assert browser.get("/resetpassword/form").status_code == 404


def test_name_of_the_office_over_every_page_is_text(hall: Office, client: Browser) -> None:
    hall.site.office_name = hall.site.name = "<hk7>甲"
    db.session.commit()
    text = client(hall.sys_admin).get("/users/userinfo/").text
    assert "<hk7>" not in text
    assert text.count("&lt;hk7&gt;甲“办不成事”") >= 2
