"""Every page, list, print and file as each role: no full number, no name where it is masked."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.domain.audit import AuditAction
from app.domain.states import EvalLevel, State
from app.extensions import db
from app.models import AuditEntry, Case
from tests.busy import SECRET
from tests.client import OfficeClient
from tests.factories import Office, at
from tests.guards.test_endpoints import ACTIONS, PUBLIC
from tests.views.lists import ledger_numbers

pytestmark = pytest.mark.sqlite_only  # what pages ask is tried on both elsewhere
Clients = Callable[..., OfficeClient]
NAME, PHONE, TAIL = "欧阳寻踪", "16055554321", "5554321"
HIDDEN, SECRET_ITEM = "司马藏", "窗口保密之事"
STATES = (State.DRAFT, State.HANDLING, State.REJECTED)
# Where who reported is read in full by those who deal with it; everywhere else the name is masked.
OWN_PAGES = ("/case/", "/print/", "/intake/", "/paper", "/rejections/")
WHO = ("officer", "officer2", "clerk", "viewer", "land_handler", "land_head", "auditor")


@pytest.fixture
def planted(hall: Office, freeze: Any) -> dict[str, int]:
    """Plant a name and a number in every state, and a 保密件 about the unit that handles it."""
    freeze(at("2026-10-13 11:00"))
    found: dict[str, int] = {}
    for state in STATES:
        case = hall.case_in(state, reporter_name=NAME, phone=PHONE, item_name="慢病备案")
        found[state.value] = case.id
    bad = hall.rate(hall.case_in(State.TO_EVALUATE, reporter_name=NAME, phone=PHONE), EvalLevel.BAD)
    found["bad"] = bad.id
    secret = hall.case_in(
        State.HANDLING, **SECRET, reporter_name=HIDDEN, phone="16066668765", item_name=SECRET_ITEM
    )
    found["secret"] = secret.id
    db.session.commit()
    return found


def addresses(app: Flask, keys: dict[str, int]) -> Iterator[str]:
    """Yield every page that is fetched by GET: without a key, and for every planted case."""
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in PUBLIC or rule.endpoint.endswith(ACTIONS):
            continue
        yield from _filled(app, rule, keys)


def _filled(app: Flask, rule: Rule, keys: dict[str, int]) -> Iterator[str]:
    if not rule.arguments:
        yield rule.rule
        if rule.rule.endswith("/list/"):
            yield f"{rule.rule}?quick=all"
    elif rule.arguments == {"case_id"}:
        for key in keys.values():
            yield rule.rule.replace("<int:case_id>", str(key))


def looked(browser: OfficeClient, app: Flask, keys: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Yield address and text of whatever a person is shown."""
    for url in addresses(app, keys):
        answer = browser.get(url)
        assert answer.status_code < 500, url
        yield url, f"{answer.headers}\n{answer.get_data(as_text=True)}"


@pytest.mark.parametrize("who", WHO)
def test_nobody_is_shown_what_is_masked(
    app: Flask, hall: Office, client: Clients, planted: dict[str, int], who: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    numbers, names, secrets, shown = [], [], [], 0
    for url, text in looked(client(hall.people[who]), app, planted):
        # Who wrote it down reads what he wrote.
        is_own = who == "officer" and url.startswith(("/case/", "/intake/"))
        # Whoever has the desk's next shift goes on with a draft, and must read what is in it.
        is_own = is_own or (who == "officer2" and url.startswith("/intake/"))
        if (PHONE in text or TAIL in text) and not is_own:
            numbers.append(url)
        if NAME in text and not url.startswith(OWN_PAGES):
            names.append(url)
        if who in ("land_handler", "tax_handler") and (SECRET_ITEM in text or HIDDEN in text):
            secrets.append(url)
        if who in ("land_head", "viewer") and HIDDEN in text:
            secrets.append(url)
        shown += NAME in text
    assert (numbers, names, secrets) == ([], [], [])
    assert (shown > 0) is (
        who not in ("viewer", "tax_handler", "sys_admin", "sec_admin", "auditor")
    )
    assert not [r for r in caplog.records if PHONE in r.getMessage() or NAME in r.getMessage()]


def test_a_unit_handler_finds_no_confidential_case_by_any_word(
    hall: Office, client: Clients, planted: dict[str, int]
) -> None:
    number = db.session.get_one(Case, planted["secret"]).ledger_no
    browser, head = client(hall.land_handler), client(hall.land_head)
    for words in (number, SECRET_ITEM, HIDDEN, "16066668765", "8765"):
        assert number not in ledger_numbers(browser.page(f"/cases/list/?quick=all&q={words}"))
    assert number in head.get(f"/cases/list/?quick=all&q={number}").text
    for door in ("", "/attachments", "/move/contact", "/move/resolve"):
        assert browser.get(f"/case/{planted['secret']}{door}").status_code == 404, door
    assert browser.get(f"/print/ledger/{planted['secret']}").status_code == 404
    assert browser.get(f"/print/slips/{planted['secret']}").status_code == 404


def test_the_audit_log_says_who_looked_and_not_at_what(
    hall: Office, client: Clients, planted: dict[str, int]
) -> None:
    key = planted["handling"]
    form = f"//form[@action='/case/{key}/phone']"
    answer = client(hall.clerk).submit(f"/case/{key}", form=form, reason="call_back")
    assert PHONE in answer.text
    entries = db.session.query(AuditEntry).all()
    assert AuditAction.REVEALED in {entry.action for entry in entries}
    told = "".join(f"{e.object_name}{e.before}{e.after}{e.reference}" for e in entries)
    assert PHONE not in told
    assert NAME not in told
