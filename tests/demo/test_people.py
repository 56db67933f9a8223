"""Accounts, roles and names of the demo office: sane, private, and all invented."""

import csv
import hashlib
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import scoped_session
from werkzeug.security import check_password_hash

from app.actions.people import approving_leader, group_members, roles_of, system_account
from app.demo import OLD_NEWS
from app.demo.data import FOLDER, moment
from app.domain.states import ADMIN_ROLES, OFFICE_ROLES, UNIT_ROLES, Role
from app.models import Account, Case, Notice, Reception, Rejection, Site, Unit
from app.web.server import accounts_file
from config import ROOT

# Who is in the demo office does not depend on the database it was loaded into.
pytestmark = pytest.mark.sqlite_only
# The people of the plan's first annex, as digests: their names stand nowhere in the project.
ANNEX_1 = {
    "208de8ebd5bf36da",
    "5d967fa870545a9b",
    "8ac9540bf3a5f9df",
    "f3841af2276f5564",
    "a148e3044a297493",
    "4d146a79c94310d6",
    "128d003f7fd3e713",
}
FOLDERS = ("app", "tests", "docs", "translations", "migrations", "bench")
KINDS = {".py", ".json", ".csv", ".md", ".po", ".html", ".js"}
PHONE = re.compile(r"160000000[0-3]\d|")


def test_nobody_of_the_plan_is_named_anywhere() -> None:
    files = [p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in KINDS]
    texts = {word for path in [*files, *ROOT.glob("*.md")] for word in words(path)}
    assert len(texts) > 5000
    assert not {word for word in texts if digest(word) in ANNEX_1}


def words(path: Path) -> set[str]:
    """Return every two and three Chinese characters that stand together."""
    runs = re.findall(r"[\u4e00-\u9fff]+", path.read_text(encoding="utf-8"))
    return {
        run[n : n + size] for run in runs for size in (2, 3) for n in range(len(run) - size + 1)
    }


def digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()[:16]


def test_phones_are_of_no_allocated_segment(office: scoped_session[Any]) -> None:
    phones = [
        c.phone for kind in (Case, Reception, Rejection) for c in office.scalars(select(kind))
    ]
    assert not [p for p in phones if not PHONE.fullmatch(p)]
    landlines = [u.phone for u in office.scalars(select(Unit))]
    assert all(re.fullmatch(r"0539-00000\d\d", p) for p in landlines)


def test_every_unit_has_a_head_and_a_handler(office: scoped_session[Any]) -> None:
    units = office.scalars(select(Unit).order_by(Unit.sort_order)).all()
    assert len(units) == 25
    for unit in units:
        people = office.scalars(select(Account).where(Account.unit_id == unit.id)).all()
        assert sorted(r for a in people for r in roles_of(a)) == ["unit_handler", "unit_head"]
    assert any(u.handler_may_sign_off for u in units)


def test_roles_do_not_mix(office: scoped_session[Any]) -> None:
    accounts = office.scalars(select(Account)).all()
    assert {r for a in accounts for r in roles_of(a)} == set(Role)
    for account in accounts:
        roles = roles_of(account)
        kinds = [bool(roles & kind) for kind in (ADMIN_ROLES, UNIT_ROLES, OFFICE_ROLES)]
        assert sum(kinds) <= 1
        assert bool(roles & UNIT_ROLES) == (account.unit_id is not None)


def test_leading_group_is_six_with_its_head_first(office: scoped_session[Any]) -> None:
    site_id = office.scalars(select(Site.id)).one()
    at = moment("10-14 15:00")
    members = group_members(site_id=site_id, day=at.date())
    names = [m.account.name for m in members]
    assert names == ["邵延平", "程立群", "杜春晖", "韩雪松", "孟凡林", "于晓棠"]
    assert [m.is_head for m in members] == [True] + [False] * 5
    away = moment("10-30 09:00").date()
    assert approving_leader(site_id=site_id, day=away).name == "程立群"


def test_system_account_cannot_log_in(office: scoped_session[Any]) -> None:
    assert not system_account().active
    assert not system_account().password


def test_passwords_are_in_a_private_file_and_fit(
    demo_app: Flask, office: scoped_session[Any]
) -> None:
    path = accounts_file(demo_app.config["SETTINGS"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["username", "password", "role", "name", "unit"]
    stored = {a.username: a for a in office.scalars(select(Account).where(Account.active))}
    assert {r["username"] for r in rows} == set(stored)
    assert len({r["password"] for r in rows}) == len(rows)
    for row in rows[::9]:
        assert check_password_hash(stored[row["username"]].password, row["password"])


@pytest.mark.parametrize("name", ["accounts.csv", "units.csv"])
def test_no_password_stands_in_the_data(name: str) -> None:
    assert "password" not in (FOLDER / name).read_text(encoding="utf-8")


def test_mails_go_to_nobody_and_no_old_news_waits(office: scoped_session[Any]) -> None:
    people = office.scalars(select(Account).where(Account.active)).all()
    assert {a.email for a in people} == {f"{a.username}@banjie.example" for a in people}
    notes = office.scalars(select(Notice.status_note).where(Notice.channel == "mail")).all()
    assert len(notes) > 20
    assert set(notes) == {OLD_NEWS}
