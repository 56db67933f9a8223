"""The comparison itself: it finds nothing in a whole office, and whatever is taken out of one."""

import pytest
from sqlalchemy import text

from app.extensions import db
from app.unit_of_work import unit_of_work
from tests.busy import fill
from tests.factories import make_office
from tests.faults.ledger import half_done
from tests.tampering import unguarded


@pytest.fixture
def office(session: object) -> None:
    """Fill an office with a case of every kind, as the edges would: sealed into the log."""
    with unit_of_work():
        fill(make_office())


HALVES = {
    "no notice": "DELETE FROM notices WHERE kind = 'to_confirm'",
    "no slip": "DELETE FROM slips WHERE id = (SELECT max(id) FROM slips)",
    "counter behind": "UPDATE counters SET last_no = last_no - 1 WHERE series = 'slip'",
    "another state": "UPDATE cases SET state = 'archived' WHERE state = 'to_sign'",
    "a number lost": "UPDATE cases SET ledger_no = NULL WHERE state = 'handling'",
    "an event uncounted": "UPDATE cases SET event_count = event_count - 1 WHERE state = 'handling'",
    "an event unsealed": (
        "INSERT INTO case_events (case_id, label, new_state, round_no, at, by_id, summary, reason,"
        " facts) SELECT case_id, '', new_state, round_no, at, by_id, '', '', '{}'"
        " FROM case_events WHERE id = (SELECT max(id) FROM case_events)"
    ),
}


def test_whole_office_is_whole(office: None) -> None:
    assert half_done() == []


@pytest.mark.sqlite_only
def test_halves_are_found(office: None) -> None:
    for name, statement in HALVES.items():
        db.session.execute(text("PRAGMA defer_foreign_keys = ON"))
        with unguarded(db.session.connection()):
            db.session.execute(text(statement))
        assert half_done() != [], name
        db.session.rollback()
