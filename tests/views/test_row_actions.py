"""Row and bulk actions of the lists: done, refused in words, and never on another unit's case."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions import evaluation, extensions
from app.domain.states import CallOutcome, LimitClass, RequestStatus, State
from app.extensions import db
from app.models import Case, Evaluation, Extension
from tests.client import OfficeClient
from tests.factories import CONFIRMED, RATED, RESOLVED, SIGNED, Office, at
from tests.views.lists import notes

pytestmark = pytest.mark.sqlite_only  # every page's queries are tried on both in test_every_page.py

Browser = Callable[..., OfficeClient]
MORNING = at("2026-10-12 11:00")


@pytest.fixture(autouse=True)
def _monday(freeze: Callable[..., None]) -> None:
    freeze(MORNING)


def press(browser: OfficeClient, url: str, **data: Any) -> list[str]:
    """Press a button and return what the next page says."""
    answer = browser.post(url, data={"csrf_token": browser.token("/")} | data)
    assert answer.status_code == 302, answer.status_code
    return notes(browser.page(answer.location))


def state(case: Case) -> State:
    return db.session.get_one(Case, case.id, populate_existing=True).state


def test_sign_in_the_row(hall: Office, client: Browser) -> None:
    case = hall.case_in(State.TO_SIGN)
    db.session.commit()
    browser = client(hall.land_handler)
    form = browser.page("/cases/list/").xpath("//form[contains(@action, '/action/sign/')]")[0]
    assert press(browser, form.action) == ["已签收"]
    assert state(case) is State.HANDLING
    slip = case.slips[0]
    assert (slip.signed_by_id, slip.signed_at) == (hall.land_handler.id, MORNING)


def test_co_unit_signs_its_own_slip(hall: Office, client: Browser) -> None:
    case = hall.sign(hall.dispatch(hall.submit(hall.draft()), co=("build",)))
    db.session.commit()
    assert press(client(hall.build_head), f"/cases/action/sign/{case.id}") == ["已签收"]
    signed = {s.unit_id: s.signed_by_id for s in case.slips}
    assert signed[hall.units["build"].id] == hall.build_head.id


def test_sign_several_at_once(hall: Office, client: Browser) -> None:
    cases = [hall.case_in(State.TO_SIGN) for _ in range(3)]
    db.session.commit()
    keys = [str(case.id) for case in cases]
    said = press(client(hall.land_handler), "/cases/action_post", action="sign", rowid=keys)
    assert said == ["已签收：3 件"]
    assert {state(case) for case in cases} == {State.HANDLING}


def test_sign_twice_is_refused_in_words(hall: Office, client: Browser) -> None:
    case = hall.case_in(State.HANDLING)
    db.session.commit()
    (said,) = press(client(hall.land_handler), f"/cases/action/sign/{case.id}")
    assert case.ledger_no in said
    assert "已经签收" in said


def test_leader_confirms_a_batch_and_reads_what_was_refused(hall: Office, client: Browser) -> None:
    cases = [hall.case_in(State.TO_CONFIRM) for _ in range(2)]
    other = hall.case_in(State.HANDLING)
    db.session.commit()
    keys = [str(case.id) for case in (*cases, other)]
    said = press(client(hall.leader), "/in-handling/action_post", action="confirm", rowid=keys)
    assert said[0] == "已确认办结：2 件"
    assert said[1].startswith(other.ledger_no)
    assert "办理中" in said[1]
    assert {state(case) for case in cases} == {State.TO_EVALUATE}
    assert state(other) is State.HANDLING
    assert {case.confirmed_by_id for case in cases} == {hall.leader.id}


def test_leader_of_another_day_confirms_nothing(hall: Office, client: Browser) -> None:
    case = hall.case_in(State.TO_CONFIRM)
    db.session.commit()
    (said,) = press(client(hall.leader2), f"/cases/action/confirm/{case.id}")
    assert "带班" in said
    assert state(case) is State.TO_CONFIRM


def test_desk_archives_what_nobody_rated(
    hall: Office, client: Browser, freeze: Callable[..., None]
) -> None:
    case = hall.case_in(State.TO_EVALUATE)
    db.session.commit()
    (said,) = press(client(hall.officer), f"/call-backs/action/close_unrated/{case.id}")
    assert case.ledger_no in said
    assert state(case) is State.TO_EVALUATE
    late = at("2026-10-26 09:00")
    evaluation.call_back(
        case, outcome=CallOutcome.REFUSED, called_at=late, by=hall.officer, now=late
    )
    db.session.commit()
    freeze(at("2026-10-26 10:00"))
    press(client(hall.officer), f"/call-backs/action/close_unrated/{case.id}")
    assert state(case) is State.ARCHIVED


@pytest.fixture
def asked(hall: Office) -> Case:
    """Return a case whose unit asks for three more days."""
    case = hall.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS)
    extensions.apply_extension(
        case, days=3, reason="需报上级", work_done="已发函", by=hall.land_head, now=RESOLVED
    )
    db.session.commit()
    return case


def extension_of(case: Case) -> Extension:
    return db.session.query(Extension).filter_by(case_id=case.id).one()


def test_leader_grants_an_extension_in_the_row(hall: Office, client: Browser, asked: Case) -> None:
    browser = client(hall.leader)
    page = browser.page("/extensions/list/")
    words = [b.text_content().strip() for b in page.xpath("//tbody//*[contains(@class, 'btn')]")]
    assert words == ["同意", "调整天数", "不同意"]
    form = page.xpath("//form[contains(@action, '/action/approve/')]")[0]
    assert press(browser, form.action) == ["已同意延期。"]
    row = extension_of(asked)
    assert (row.status, row.days_granted, row.opinion) == (RequestStatus.AGREED, 3, "同意")
    assert row.decided_by_id == hall.leader.id
    assert asked.due_at == at("2026-10-20 17:00")


def test_forms_for_fewer_days_and_refusal_open(hall: Office, client: Browser, asked: Case) -> None:
    browser = client(hall.leader)
    page = browser.page("/extensions/list/")
    links = page.xpath("//tbody//a[contains(@class, 'btn')]/@href")
    assert len(links) == 2
    for href in links:
        browser.page(href)


@pytest.mark.parametrize("who", ["leader2", "clerk", "land_head"])
def test_nobody_else_grants_an_extension(
    hall: Office, client: Browser, asked: Case, who: str
) -> None:
    browser = client(hall.people[who])
    page = browser.page("/extensions/list/")
    assert not page.xpath("//form[contains(@action, '/action/approve/')]")
    url = f"/extensions/action/approve/{extension_of(asked).id}"
    browser.post(url, data={"csrf_token": browser.token("/")})
    assert extension_of(asked).status is RequestStatus.PENDING


def test_extension_is_granted_once(hall: Office, client: Browser, asked: Case) -> None:
    browser = client(hall.leader)
    url = f"/extensions/action/approve/{extension_of(asked).id}"
    press(browser, url)
    again = browser.post(url, data={"csrf_token": browser.token("/")})
    assert again.status_code == 409
    assert asked.ext_total == 3


def test_ratings_are_marked_as_read_each_once(hall: Office, client: Browser) -> None:
    case = hall.case_in(State.ARCHIVED)
    db.session.commit()
    (rating,) = db.session.query(Evaluation).all()
    url = f"/evaluations/action/read/{rating.id}"
    assert press(client(hall.land_head), url) == ["已标为已阅。"]
    assert press(client(hall.leader), url) == ["已标为已阅。"]
    db.session.refresh(rating)
    assert rating.unit_read_by_id == hall.land_head.id
    assert rating.leader_read_by_id == hall.leader.id
    page = client(hall.leader).page("/evaluations/list/")
    assert not page.xpath("//form[contains(@action, '/action/read/')]")
    assert case.state is State.ARCHIVED


SOMEBODY_ELSES = (
    "/cases/action/sign/{0}", "/in-handling/action/sign/{0}", "/cases/action/confirm/{0}",
    "/call-backs/action/close_unrated/{0}",
)  # fmt: skip


@pytest.mark.parametrize("url", SOMEBODY_ELSES)
def test_another_units_case_is_not_there(hall: Office, client: Browser, url: str) -> None:
    case = hall.case_in(State.TO_SIGN)
    db.session.commit()
    browser = client(hall.tax_head)
    answer = browser.post(url.format(case.id), data={"csrf_token": browser.token("/")})
    assert answer.status_code in (403, 404)
    assert state(case) is State.TO_SIGN


def test_another_units_case_stops_the_whole_batch(hall: Office, client: Browser) -> None:
    own = hall.dispatch(hall.submit(hall.draft()), lead="tax")
    other = hall.case_in(State.TO_SIGN)
    db.session.commit()
    browser = client(hall.tax_head)
    answer = browser.post(
        "/cases/action_post",
        data={
            "csrf_token": browser.token("/"), "action": "sign",
            "rowid": [str(own.id), str(other.id)],
        },
    )  # fmt: skip
    assert answer.status_code == 404
    assert {state(own), state(other)} == {State.TO_SIGN}


def test_another_units_registers_have_no_rows_to_act_on(
    hall: Office, client: Browser, asked: Case
) -> None:
    rated = hall.rate(hall.confirm(hall.resolve(hall.sign(
        hall.dispatch(hall.submit(hall.draft())), now=SIGNED), now=RESOLVED), now=CONFIRMED),
        now=RATED)  # fmt: skip
    db.session.commit()
    browser = client(hall.tax_head)
    token = browser.token("/")
    (rating,) = db.session.query(Evaluation).filter_by(case_id=rated.id)
    for url in (
        f"/extensions/action/approve/{extension_of(asked).id}",
        f"/evaluations/action/read/{rating.id}",
    ):
        assert browser.post(url, data={"csrf_token": token}).status_code in (403, 404), url
    db.session.refresh(rating)
    assert rating.unit_read_at is None


def test_looking_at_an_action_does_nothing(hall: Office, client: Browser) -> None:
    case = hall.case_in(State.TO_SIGN)
    db.session.commit()
    assert client(hall.land_head).get(f"/cases/action/sign/{case.id}").status_code in (404, 405)
    answer = client(hall.land_head).post(f"/cases/action/sign/{case.id}")
    assert answer.status_code == 400  # no token
    assert state(case) is State.TO_SIGN
