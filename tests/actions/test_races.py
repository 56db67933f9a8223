"""Several people at once, each in a session of their own: numbers, stale forms, one rollback."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from app.actions import closing, dispatch, handling, intake, returns
from app.actions.calendars import set_override
from app.actions.moves import lock_case
from app.domain.calendar_parts import DayKind
from app.domain.refusals import Code, Refusal
from app.domain.states import ContactMode, LimitClass, State
from app.extensions import db
from app.models import Account, Case, CaseEvent, Counter, EventIsImmutable, Slip
from app.unit_of_work import unit_of_work
from tests.actions.watch import everything
from tests.factories import (
    DISPATCHED,
    DUE_1,
    INTAKE,
    REGISTERED,
    RESOLVED,
    SIGNED,
    SUBMITTED,
    make_office,
)

PEOPLE = 8


@pytest.fixture
def ids(app: Flask) -> Iterator[dict[str, int]]:
    """Return the ids of a committed office: units, people, and cases that wait for dispatch."""
    with app.app_context(), unit_of_work():
        office = make_office()
        cases = [office.case_in(State.TO_DISPATCH) for _ in range(PEOPLE)]
        db.session.flush()
        found = {f"case{n}": case.id for n, case in enumerate(cases)}
        found |= {key: person.id for key, person in office.people.items()}
        found |= {f"unit_{key}": unit.id for key, unit in office.units.items()}
        found["cause"] = office.cause.id
    yield found
    with app.app_context():
        db.session.remove()


def at_once(app: Flask, work: Callable[[int], Any], people: int = PEOPLE) -> list[Any]:
    """Let so many threads do `work(n)` at the same moment, each in a unit of work of its own."""
    start = threading.Barrier(people)

    def one(n: int) -> Any:
        with app.app_context():
            start.wait(timeout=30)
            try:
                with unit_of_work():
                    return work(n)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(people) as pool:
        return [done.result() for done in [pool.submit(one, n) for n in range(people)]]


def person(ids: dict[str, int], key: str) -> Account:
    return db.session.get_one(Account, ids[key])


def issue(ids: dict[str, int], case: Case, unit: str = "unit_land") -> list[Slip]:
    return dispatch.dispatch(
        case, lead_unit_id=ids[unit], content="请核查", limit_class=LimitClass.ONE_DAY,
        by=person(ids, "clerk"), now=DISPATCHED,
    )  # fmt: skip


def issue_twice(ids: dict[str, int]) -> None:
    with unit_of_work():
        case = lock_case(ids["case0"])
        issue(ids, case)
        issue(ids, case)


def reassign_and_fall(ids: dict[str, int]) -> None:
    with unit_of_work():
        returns.reassign(
            lock_case(ids["case0"]), lead_unit_id=ids["unit_build"], by=person(ids, "clerk"),
            now=RESOLVED,
        )  # fmt: skip
        assert slip_numbers() == [1, 2]
        raise ZeroDivisionError


def slip_numbers() -> list[int]:
    return sorted(db.session.execute(select(Slip.slip_no)).scalars())


def test_eight_dispatches_at_once_are_numbered_one_to_eight(
    app: Flask, ids: dict[str, int]
) -> None:
    """The cases are the same person's, so each is linked to the one before (重复反映)."""

    def work(n: int) -> int:
        (slip,) = issue(ids, lock_case(ids[f"case{n}"]))
        return slip.slip_no

    assert sorted(at_once(app, work)) == list(range(1, PEOPLE + 1))
    with app.app_context():
        assert slip_numbers() == list(range(1, PEOPLE + 1))


def test_eight_registrations_at_once_are_numbered_too(app: Flask, ids: dict[str, int]) -> None:
    """The day's series does not exist yet: eight people open it together."""

    def work(n: int) -> str:
        by = person(ids, "officer")
        case = intake.register(
            site_id=1, facts=INTAKE, by=by, now=REGISTERED + dt.timedelta(days=1)
        )
        return intake.submit(case, by=by, now=SUBMITTED + dt.timedelta(days=1)).ledger_no or ""

    first = PEOPLE + 1  # the waiting cases have the numbers before
    assert sorted(at_once(app, work)) == [f"2026-{n:04d}" for n in range(first, first + PEOPLE)]


def test_eight_people_on_one_case_issue_one_slip(app: Flask, ids: dict[str, int]) -> None:
    def work(n: int) -> str:
        case = lock_case(ids["case0"], seen_version=seen)
        return issue(ids, case)[0].no

    with app.app_context():
        seen = db.session.get_one(Case, ids["case0"]).version
        db.session.remove()
    codes: list[Code] = []

    def tried(n: int) -> None:
        try:
            work(n)
        except Refusal as refused:
            codes.append(refused.code)
            db.session.rollback()

    at_once(app, tried)
    assert codes == [Code.STALE] * (PEOPLE - 1)
    with app.app_context():
        assert slip_numbers() == [1]


def test_a_refused_move_gives_its_numbers_back(app: Flask, ids: dict[str, int]) -> None:
    """The refusal comes late: the slip and its number exist already when a co-unit is refused."""
    with app.app_context():
        before = everything()
        with pytest.raises(Refusal):
            issue_twice(ids)
        assert everything() == before
        assert db.session.execute(select(Counter).where(Counter.series == "slip")).all() == []
        with unit_of_work():
            issue(ids, lock_case(ids["case1"]))
        assert slip_numbers() == [1]


def test_the_second_form_on_a_case_is_stale(app: Flask, ids: dict[str, int]) -> None:
    with app.app_context():
        seen = db.session.get_one(Case, ids["case0"]).version
        with unit_of_work():
            issue(ids, lock_case(ids["case0"], seen_version=seen))
        after = everything()
        with pytest.raises(Refusal) as refused, unit_of_work():
            dispatch.return_draft(
                lock_case(ids["case0"], seen_version=seen), reason="x",
                by=person(ids, "clerk"), now=DISPATCHED,
            )  # fmt: skip
        assert refused.value.code is Code.STALE
        assert everything() == after


def test_a_case_that_changed_since_it_was_shown_is_stale(app: Flask, ids: dict[str, int]) -> None:
    with app.app_context():
        with unit_of_work():
            issue(ids, lock_case(ids["case0"]))
        shown = db.session.get_one(Case, ids["case0"])
        seen = shown.version
        change_elsewhere(app, ids)
        assert shown.state is State.TO_SIGN  # still the old picture
        with unit_of_work():
            assert stale(ids, seen)


@pytest.mark.postgresql_only
def test_a_case_read_in_this_very_transaction_is_read_again(
    app: Flask, ids: dict[str, int]
) -> None:
    """SQLite lets nobody write in between; PostgreSQL does."""
    with app.app_context():
        with unit_of_work():
            issue(ids, lock_case(ids["case0"]))
        with unit_of_work():
            seen = db.session.get_one(Case, ids["case0"]).version
            change_elsewhere(app, ids)
            assert stale(ids, seen)


def stale(ids: dict[str, int], seen: int) -> bool:
    with pytest.raises(Refusal) as refused:
        lock_case(ids["case0"], seen_version=seen)
    return refused.value.code is Code.STALE


@pytest.mark.postgresql_only
def test_calendar_waits_for_a_move_that_reckons_with_the_old_days(
    app: Flask, ids: dict[str, int]
) -> None:
    """A slip issued while somebody closes its due day is due a day later all the same."""
    with app.app_context():
        with unit_of_work():
            lock_case(ids["case0"])
            issue(ids, db.session.get_one(Case, ids["case0"]))
            closing = threading.Thread(target=close_due_day, args=[app, ids])
            closing.start()
            closing.join(timeout=0.5)
            assert closing.is_alive()
        closing.join(timeout=30)
        assert db.session.get_one(Case, ids["case0"]).due_at == DUE_1 + dt.timedelta(days=1)


def close_due_day(app: Flask, ids: dict[str, int]) -> None:
    with app.app_context(), unit_of_work():
        set_override(
            site_id=1, day=DUE_1.date(), kind=DayKind.CLOSED, notice_no="办〔2026〕1号",
            by=person(ids, "sys_admin"), now=DISPATCHED,
        )  # fmt: skip


def change_elsewhere(app: Flask, ids: dict[str, int]) -> None:
    """Sign the slip of case0 in another thread's session, committed."""

    def work() -> None:
        with app.app_context(), unit_of_work():
            handling.sign(lock_case(ids["case0"]), by=person(ids, "land_head"), now=SIGNED)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=30)


@pytest.mark.parametrize("is_locked", [True, False])
def test_two_moves_on_one_picture_do_not_both_count(
    app: Flask, ids: dict[str, int], is_locked: bool
) -> None:
    """Without a lock the version column still refuses the second flush, child rows alone or not."""
    with app.app_context(), unit_of_work():
        issue(ids, lock_case(ids["case0"]))
        handling.sign(lock_case(ids["case0"]), by=person(ids, "land_head"), now=SIGNED)
    both_have_read = threading.Barrier(2)

    def work() -> str:
        with app.app_context():
            try:
                contact(ids, both_have_read, is_locked=is_locked)
            except (Refusal, StaleDataError, DBAPIError) as error:  # SQLite: an old snapshot
                return type(error).__name__
            finally:
                db.session.remove()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = [done.result() for done in [pool.submit(work) for _ in range(2)]]
    assert outcomes.count("done") == 1, outcomes
    with app.app_context():
        contacts = select(CaseEvent).where(CaseEvent.action == "contact")
        assert len(db.session.execute(contacts).all()) == 1


def contact(ids: dict[str, int], both_have_read: threading.Barrier, *, is_locked: bool) -> None:
    """Read the case, wait until the other one has read it too, then write and commit."""
    case = db.session.get_one(Case, ids["case0"])
    seen = case.version
    both_have_read.wait(timeout=30)
    if is_locked:
        case = lock_case(case.id, seen_version=seen)
    handling.contact(
        case, contacted_at=RESOLVED, mode=ContactMode.PHONE, note="已联系",
        by=person(ids, "land_head"), now=RESOLVED,
    )  # fmt: skip
    db.session.commit()


def test_the_timeline_is_written_once_and_for_all(app: Flask, ids: dict[str, int]) -> None:
    with app.app_context():
        for change in (lambda e: setattr(e, "summary", "别的"), db.session.delete):
            event = db.session.execute(select(CaseEvent).limit(1)).scalar_one()
            change(event)
            with pytest.raises(EventIsImmutable):
                db.session.flush()
            db.session.rollback()


def test_a_whole_return_is_there_or_nothing_of_it(app: Flask, ids: dict[str, int]) -> None:
    """A fault in the middle of a move: the voided slip is back, the number unused."""
    with app.app_context():
        with unit_of_work():
            case = lock_case(ids["case0"])
            issue(ids, case)
            returns.request_return(
                case, reason="非我单位职责", suggest_unit_id=ids["unit_build"],
                by=person(ids, "land_head"), now=SIGNED,
            )  # fmt: skip
        before = everything()
        with pytest.raises(ZeroDivisionError):
            reassign_and_fall(ids)
        assert everything() == before
        with unit_of_work():
            closing.withdraw(
                lock_case(ids["case0"]), reason="x", proof="x", by=person(ids, "clerk"),
                now=RESOLVED,
            )  # fmt: skip
        assert slip_numbers() == [1]
