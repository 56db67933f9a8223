"""三员 are exclusive by whatever door roles come, and whoever comes through it at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from app.actions import access
from app.actions.accounts import set_roles
from app.actions.setup import role_record
from app.domain.refusals import Code, Refusal
from app.domain.states import ADMIN_ROLES, Role
from app.extensions import db
from app.models import Account, AuditEntry
from app.unit_of_work import unit_of_work
from tests.factories import at, make_office

NOW = at("2026-10-12 09:00")
R = Role
MIXED = [
    {R.SYS_ADMIN, R.SEC_ADMIN}, {R.SYS_ADMIN, R.AUDITOR}, {R.SEC_ADMIN, R.AUDITOR},
    {R.AUDITOR, R.DUTY_OFFICER}, {R.SYS_ADMIN, R.COUNTY_VIEWER}, {R.SEC_ADMIN, R.GROUP_MEMBER},
]  # fmt: skip


@pytest.fixture
def ids(app: Flask) -> Iterator[dict[str, int]]:
    """Return the ids of a committed office's people."""
    with app.app_context(), unit_of_work():
        office = make_office()
        db.session.flush()
        found = {key: person.id for key, person in office.people.items()}
    yield found
    with app.app_context():
        db.session.remove()


def write_roles(account_id: int, roles: set[Role]) -> None:
    with unit_of_work():
        account = db.session.get_one(Account, account_id)
        account.roles = [role_record(role) for role in roles]


@pytest.mark.parametrize("roles", MIXED)
def test_no_door_lets_a_mixture_in(app: Flask, ids: dict[str, int], roles: set[Role]) -> None:
    """Written straight to the record, as FAB's own commands and mappings do."""
    with app.app_context():
        with pytest.raises(Refusal) as refused:
            write_roles(ids["m1"], roles)
        assert refused.value.code in (Code.ADMIN_ROLE_MIX, Code.ADMINS_TOGETHER)
        sm = app.appbuilder.sm
        records = [role_record(role) for role in roles]
        made = sm.add_user("crooked", "甲", "", "a@example.cn", records, password="Xx-123456")
        assert not made
        db.session.rollback()
        assert db.session.scalars(select(Account).where(Account.username == "crooked")).all() == []
        one = role_record(R.AUDITOR)
        assert sm.add_user("straight", "甲", "", "b@example.cn", [one], password="Xx-123456")


def at_once(app: Flask, works: list) -> list[str]:
    """Do each in a thread and unit of work of its own; return what came of it."""
    start = threading.Barrier(len(works))

    def one(work) -> str:  # noqa: ANN001
        with app.app_context():
            start.wait(timeout=30)
            try:
                with unit_of_work():
                    work()
                return "done"
            except Refusal as refusal:
                return refusal.code.value
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def give(ids: dict[str, int], who: str, by: str, *roles: Role) -> None:
    account = db.session.get_one(Account, ids[who])
    account.roles  # noqa: B018 (a page that was opened before)
    records = [role_record(role) for role in roles]
    set_roles(account, records=records, by=db.session.get_one(Account, ids[by]), now=NOW)


def test_two_tabs_cannot_give_one_person_two_posts(app: Flask, ids: dict[str, int]) -> None:
    for _ in range(3):
        at_once(
            app,
            [lambda: give(ids, "viewer", "sec_admin", R.SYS_ADMIN),
             lambda: give(ids, "viewer", "system", R.DUTY_OFFICER),
             lambda: give(ids, "viewer", "sec_admin", R.AUDITOR)],
        )  # fmt: skip
        with app.app_context():
            held = {role.name for role in db.session.get_one(Account, ids["viewer"]).roles}
            assert len(held) == 1
            db.session.remove()


def test_two_people_cannot_take_each_others_post_away(app: Flask, ids: dict[str, int]) -> None:
    with app.app_context(), unit_of_work():
        give(ids, "m1", "system", R.SEC_ADMIN)
    done = at_once(
        app, [lambda: give(ids, "sec_admin", "m1"), lambda: give(ids, "m1", "sec_admin")]
    )
    assert sorted(done) == ["done", "last_admin"]


def test_guesses_at_once_are_counted_one_by_one(app: Flask, ids: dict[str, int]) -> None:
    clerk = ids["clerk"]
    at_once(app, [lambda: access.note_attempt(clerk, is_right=False, now=NOW)] * 4)
    with app.app_context():
        assert db.session.get_one(Account, clerk).fail_login_count == 4
        db.session.remove()
    at_once(app, [lambda: access.note_attempt(clerk, is_right=False, now=NOW)] * 4)
    with app.app_context():
        account = db.session.get_one(Account, clerk)
        assert (account.fail_login_count, account.locked_until is None) == (5, False)
        locked = select(AuditEntry).where(AuditEntry.action == "locked")
        assert len(db.session.scalars(locked).all()) == 1
        db.session.remove()


def test_every_administrator_is_one_of_the_three() -> None:
    assert {R.SYS_ADMIN, R.SEC_ADMIN, R.AUDITOR} == ADMIN_ROLES
