"""schemathesis asks all that the document allows, and more, with every check it has.

A bounded number here; `make api-fuzz` asks as many as BANJIE_FUZZ says for each operation.
"""

import os
from collections.abc import Callable

import pytest
from flask import Flask

from app.domain.states import State
from app.extensions import db
from app.models import ApiToken, AuditEntry, AuditHead
from tests.api.caller import Caller
from tests.api.fuzzing import every_check, fuzz
from tests.factories import NAME, PHONE, Office
from tests.rows import all_rows

pytestmark = pytest.mark.sqlite_only
MOST = int(os.environ.get("BANJIE_FUZZ", "0"))
# Whoever asks most, and a unit that none of the cases was handed to; all roles in the long run.
ROLES = ("clerk", "build_head", "officer", "land_head", "leader", "chief", "viewer")
# What the use of a token leaves by itself.
OF_THE_TOKEN = {ApiToken.__tablename__, AuditEntry.__tablename__, AuditHead.__tablename__}
FOREIGN = "不为外人所知的事项"
# The token itself apart: one of its operations ends it.
WORK, TOKEN = "/(cases|slips|units|figures|openapi.json)", "/token$"
LOOKS = "/(cases|slips|units|figures|openapi.json)(/{\\w+})?$"
Call = Callable[..., Caller]


def rows() -> dict[str, list[str]]:
    """Return all that the database holds, but for what the use of a token leaves."""
    db.session.rollback()
    return all_rows(lambda name: name not in OF_THE_TOKEN)


@pytest.fixture
def busy(office: Office) -> Office:
    """Return the office with a case in each state that matters, all of one unit."""
    for state in (State.HANDLING, State.TO_SIGN, State.TO_CONFIRM, State.TO_EVALUATE):
        office.case_in(state, item_name=FOREIGN, narrative=f"{FOREIGN}，联系人{NAME}{PHONE}。")
    office.submit(office.draft(item_name=FOREIGN))
    office.draft(item_name=FOREIGN)
    db.session.commit()
    return office


@pytest.mark.parametrize("who", ROLES if MOST else ROLES[:2])
def test_every_operation_holds_every_check(
    busy: Office, api_app: Flask, caller: Call, who: str
) -> None:
    token = caller(getattr(busy, who)).token
    found = fuzz(api_app, token, most=MOST or 2, is_long=bool(MOST), only=WORK)
    print(f"\n{found.summary(who)}")
    assert not found.wrong, "\n\n".join(found.wrong[:5])
    assert len(found.operations) >= 50
    assert not [status for status in found.statuses if status >= 500]
    if MOST:
        assert every_check() - set(found.checks) <= {"use_after_free", "object_level_authorization"}
    if who == "build_head":
        leaked = [b for b in found.bodies if FOREIGN.encode() in b or NAME.encode() in b]
        assert not leaked


def test_log_in_and_out_hold_every_check(busy: Office, api_app: Flask, caller: Call) -> None:
    token = caller(busy.clerk).token
    found = fuzz(api_app, token, most=MOST or 5, is_long=False, only=TOKEN)
    print(f"\n{found.summary('token')}")
    assert not found.wrong, "\n\n".join(found.wrong[:5])


def test_looking_changes_nothing(busy: Office, api_app: Flask, caller: Call) -> None:
    token = caller(busy.clerk).token
    before = rows()
    found = fuzz(api_app, token, most=MOST or 10, is_long=False, only=LOOKS)
    print(f"\n{found.summary('looking')}")
    assert not found.wrong, "\n\n".join(found.wrong[:5])
    assert sum(found.statuses.values()) > 50
    after = rows()
    assert [name for name in before if before[name] != after[name]] == []
