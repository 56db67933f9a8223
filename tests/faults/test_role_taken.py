"""A role is taken away while its page is open: the form is refused and nothing has changed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.states import Action, State
from app.extensions import db
from app.models import CaseEvent
from app.unit_of_work import unit_of_work
from tests.faults.desk import MORNING, open_office, orders_for, serving
from tests.faults.hands import Form, Hands
from tests.faults.journal import Deed, Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome, times

ROUNDS = times("roles", 20)
VALUES = {"lead_unit_id": "不动产登记窗口", "limit_class": "one_day"}

Tell = Callable[[Outcome], Outcome]


def give(admin: Hands, account_id: int, role: str) -> None:
    """Let 安全管理员 leave an account exactly this role, through the form."""
    path = f"/users/roles/form?pk={account_id}"
    form = admin.patient_form(path, "//form[.//*[@name='roles']]")
    assert form is not None
    answer = admin.post(path, form.filled(roles=role))
    assert answer.is_done, answer.text[-2000:]


def one_round(clerk: Hands, admin: Hands, account_id: int, case_id: int, *, at_once: bool) -> bool:
    """Open the page, take the role away, send the form; return whether it was acknowledged."""
    token = f"第{case_id}件"
    form = open_form(clerk, case_id)
    deed = Deed("dispatch", token)
    if at_once:
        with ThreadPoolExecutor(2) as pool:
            taken = pool.submit(give, admin, account_id, "duty_officer")
            answer = clerk.do(deed, form, content=token, **VALUES)
            taken.result()
    else:
        give(admin, account_id, "duty_officer")
        answer = clerk.do(deed, form, content=token, **VALUES)
    give(admin, account_id, "supervisor")
    return answer.is_done


def open_form(clerk: Hands, case_id: int) -> Form:
    """Return the open page's form; whoever lost the role may have to log in again."""
    form = clerk.patient_form(f"/case/{case_id}/move/dispatch")
    assert form is not None
    return form


def take_roles(
    app: Flask, folder: Path, journal: Journal, *, rounds: int, off: tuple[str, ...] = ()
) -> Outcome:
    """Take the role away before the form is sent, and every other time while it is sent."""
    office = open_office()
    with unit_of_work():
        cases = [office.case_in(State.TO_DISPATCH) for _ in range(rounds)]
    ids, account_id = [case.id for case in cases], office.clerk2.id
    db.session.rollback()
    too_late = []
    with serving(orders_for(app, folder, MORNING, off=list(off))) as server:
        clerk, admin = Hands(server.port, journal), Hands(server.port, journal)
        clerk.log_in("clerk2-1")
        admin.log_in("sec_admin-1")
        for n, case_id in enumerate(ids):
            is_done = one_round(clerk, admin, account_id, case_id, at_once=bool(n % 2))
            if n % 2 == 0:
                too_late += [case_id] if is_done else []
    outcome = compare("a role taken away", journal, times=rounds, is_guarded=not off)
    outcome.half_done += [f"case {case_id} dispatched without the role" for case_id in too_late]
    outcome.half_done += _changed_all_the_same(ids[::2])
    return outcome


def _changed_all_the_same(ids: list[int]) -> list[str]:
    query = select(CaseEvent.case_id).where(
        CaseEvent.case_id.in_(ids), CaseEvent.action == Action.DISPATCH
    )
    return [f"case {case_id} was changed" for case_id in db.session.scalars(query)]


def test_taken_role_is_gone_at_once(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(take_roles(app, tmp_path, journal, rounds=ROUNDS))
    assert outcome.wrong == []


@pytest.mark.sqlite_only
def test_remembered_role_goes_on_working(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(take_roles(app, tmp_path, journal, rounds=4, off=("roles",)))
    assert outcome.half_done != []
