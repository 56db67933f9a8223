"""Every table is audited, or stands on an explained list: a new one cannot be forgotten."""

import pytest
from flask import Flask
from flask_appbuilder import Model

from app.domain.audit import AuditAction, AuditResult
from app.models.audited import AUDITED, IN_EVENTS, UNAUDITED
from app.views.audit_words import ACTIONS, FACTS, OBJECTS, RESULTS
from tests import deeds_left


def test_every_table_is_audited_or_explained(app: Flask) -> None:
    audited = {model.__tablename__ for model in AUDITED}
    known = audited | set(UNAUDITED) | IN_EVENTS
    assert set(Model.metadata.tables) - known == set()
    assert known - set(Model.metadata.tables) == set()
    assert not audited & (set(UNAUDITED) | IN_EVENTS)
    assert all(reason.strip() for reason in UNAUDITED.values())


def test_everything_that_is_told_has_its_word(app: Flask) -> None:
    told = {
        key for model, keys in AUDITED.items() for key in keys or model.__mapper__.columns.keys()
    }
    assert told - set(FACTS) == set()
    assert {model.__tablename__ for model in AUDITED} - set(OBJECTS) == set()
    assert set(ACTIONS) == set(AuditAction)
    assert set(RESULTS) == set(AuditResult)


class Answer:
    """An answer as the watch sees it."""

    status_code, mimetype, text = 200, "text/plain", ""

    def __init__(self, **headers: str) -> None:
        self.headers = headers


@pytest.mark.parametrize(
    ("tables", "headers", "is_missing"),
    [
        ({"settings"}, {}, True),
        ({"settings", "audit_entries"}, {}, False),
        ({"notices"}, {}, False),
        (set(), {"Content-Disposition": "attachment; filename=a.xlsx"}, True),
        ({"audit_entries"}, {"Content-Disposition": "attachment"}, False),
    ],
)
def test_watch_finds_an_address_that_leaves_nothing(
    tables: set[str], headers: dict[str, str], is_missing: bool
) -> None:
    found = deeds_left.missing(Answer(**headers), tables, "NewView.new")
    assert bool(found) is is_missing
