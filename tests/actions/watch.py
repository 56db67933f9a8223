"""Watching a move: its one row in the timeline, who was told, and that a refusal left no trace."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.refusals import Code, Refusal
from app.domain.states import Action, State
from app.extensions import db
from app.models import Account, Case, CaseEvent, Notice
from tests.factories import NAME, NARRATIVE, PHONE, Office
from tests.rows import all_rows

OF_THE_SCREENS = ("ab_permission", "ab_view", "ab_register", "ab_group")


def everything() -> dict[str, list[str]]:
    """Return every row of every table of the office as text."""
    return all_rows(lambda name: not name.startswith(OF_THE_SCREENS))


@contextmanager
def refused(code: Code, **facts: Any) -> Iterator[None]:
    """Expect a refusal; undone as the edge undoes it, no table is different from before."""
    before = everything()
    savepoint = db.session.begin_nested()
    with pytest.raises(Refusal) as caught:
        yield
    savepoint.rollback()
    assert (caught.value.code, caught.value.facts) == (code, caught.value.facts | facts)
    assert everything() == before


class Told:
    """Who was told during a move, by their short names in the office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.last = max(db.session.execute(select(Notice.id)).scalars(), default=0)
        self.notices: list[Notice] = []

    def read(self) -> None:
        """Read what was written since; no notice speaks of the reporter."""
        rows = select(Notice).where(Notice.id > self.last).order_by(Notice.id)
        self.notices = list(db.session.execute(rows).scalars())
        for notice in self.notices:
            assert NAME not in notice.text
            assert PHONE not in notice.text
            assert NARRATIVE[:10] not in notice.text

    @property
    def people(self) -> set[str]:
        """Return the short names of everybody told."""
        names = {account.id: key for key, account in self.office.people.items()}
        return {names[n.recipient_id] for n in self.notices}


@contextmanager
def one_move(
    office: Office,
    case: Case,
    action: Action | None,
    *,
    by: Account,
    now: dt.datetime,
    old: State,
    new: State | None = None,
) -> Iterator[Told]:
    """Expect exactly one row in the case's timeline with these facts; yields who was told."""
    assert case.state is old
    count, version, told = case.event_count, case.version, Told(office)
    yield told
    db.session.flush()
    told.read()
    rows = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
    events = list(db.session.execute(rows).scalars())
    assert len(events) == case.event_count == count + 1
    event = events[-1]
    assert (event.action, event.old_state, event.new_state) == (action, old, new or old)
    assert (event.by_id, event.by_unit_id, event.at) == (by.id, by.unit_id, now)
    assert event.summary
    assert (case.state, case.version > version) == (new or old, True)
