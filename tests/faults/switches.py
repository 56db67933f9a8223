"""Guards of the product, switched off inside a started process: each is a mistake to be found."""

import os
import random
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from app.actions import audit, moves, numbers, people
from app.extensions import db
from app.models import Counter

EARLY: dict[str, Callable[[], None]] = {}
LATE: dict[str, Callable[[Flask], None]] = {}


def switch_off_early(names: list[str]) -> None:
    """Switch off what must be off before the application is made."""
    for name in names:
        if name in EARLY:
            EARLY[name]()
        elif name not in LATE:
            raise LookupError(name)


def switch_off(app: Flask, names: list[str]) -> None:
    """Switch off the others, in the application's context."""
    for name in names:
        if name in LATE:
            LATE[name](app)


def _early(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    return lambda work: EARLY.setdefault(name, work)


def _late(name: str) -> Callable[[Callable[[Flask], None]], Callable[[Flask], None]]:
    return lambda work: LATE.setdefault(name, work)


@_early("fork")
def _share_connections() -> None:
    """Let workers go on with the connections that were open before the fork."""
    os.register_at_fork = lambda **_hooks: None


@_late("transaction")
def _commit_each_statement(_app: Flask) -> None:
    """Commit before each statement what the one before it did."""
    is_nested = False

    def before(_conn: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal is_nested
        word = statement.split(maxsplit=1)[0].upper()
        if word in ("SAVEPOINT", "RELEASE", "ROLLBACK"):
            is_nested = word == "SAVEPOINT"
        elif not is_nested and word in ("INSERT", "UPDATE", "DELETE") and "audit_" not in statement:
            _commit(cursor)  # the chain stays whole, or nobody could go on

    event.listen(db.engine, "before_cursor_execute", before)


def _commit(cursor: Any) -> None:
    connection = cursor.connection
    connection.commit()
    if type(connection).__module__.startswith("sqlite3"):
        cursor.execute("BEGIN IMMEDIATE")


@_late("version")
def _forget_versions(_app: Flask) -> None:
    """Let every form through, however old the case was that it showed."""
    from app.views import intake
    from app.views import moves as screens

    real = moves.lock_case

    def lock(case_id: int, **_seen: Any) -> Any:
        return real(case_id)

    screens.lock_case = intake.lock_case = lock
    screens._before_reading = lambda scene, verb: None


@_late("numbers")
def _draw_apart(_app: Flask) -> None:
    """Draw numbers in a transaction of their own, as a sequence does."""

    def apart(site_id: int, series: Any, period: str) -> Any:
        with Session(db.engine) as session, session.begin():
            query = select(Counter).where(
                Counter.site_id == site_id, Counter.series == series.value,
                Counter.period == period,
            )  # fmt: skip
            row = session.scalar(query.with_for_update())
            if row is None:
                row = Counter(site_id=site_id, series=series.value, period=period, last_no=0)
                session.add(row)
                session.flush()
            row.last_no += 1
            return SimpleNamespace(last_no=row.last_no - 1)

    numbers._counter = apart


@_late("seal")
def _seal_afterwards(_app: Flask) -> None:
    """Commit the deed first, and chain it in a second transaction."""
    real = audit.seal

    def late(now: Any) -> None:
        db.session.flush()
        db.session.commit()
        time.sleep(random.random() * 0.5)
        real(now)

    audit.seal = late


@_late("claims")
def _take_all(_app: Flask) -> None:
    """Let every runner take whatever it sees."""
    from tests.jobs.runner_process import switch_claims_off

    switch_claims_off()


@_late("rhythm")
def _believe_every_plan(_app: Flask) -> None:
    """Believe a next run however far ahead a clock that was wrong has put it."""
    from app.jobs import scheduler

    scheduler._is_due = lambda job, now, next_run_at, schedule: next_run_at <= now


@_late("roles")
def _remember_roles(_app: Flask) -> None:
    """Let people keep the roles they had when they were seen first."""
    known: dict[int, Any] = {}
    real = people.roles_of
    people.roles_of = lambda account: known.setdefault(account.id, real(account))


@_late("calendar")
def _hold_no_calendar(_app: Flask) -> None:
    """Let moves reckon with days that are being changed; who read them takes his time."""
    from app.actions import alarms

    real = moves.calendar_of

    def calendar_of(site_id: int) -> Any:
        found = real(site_id)
        time.sleep(1)
        return found

    moves.hold_calendar = alarms.hold_calendar = lambda: None
    moves.calendar_of = calendar_of


# -- slow and falling ----------------------------------------------------------------------------


def make_slow(app: Flask) -> None:
    """Take time between two statements of a move, and between its commit and the reply."""
    inner = app.wsgi_app

    def slow(environ: dict[str, Any], start_response: Any) -> Any:
        answer = inner(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            time.sleep(random.random() * 0.06)
        return answer

    app.wsgi_app = slow  # type: ignore[method-assign]
    event.listen(Session, "after_flush", lambda *_: time.sleep(random.random() * 0.01))


def make_fall(engine: Engine, share: float) -> None:
    """Let some transactions fall over just before their commit."""

    def fall(_conn: Any) -> None:
        if random.random() < share:
            raise OSError("fallen over on purpose")

    event.listen(engine, "commit", fall)
