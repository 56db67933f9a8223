"""Every table is audited, or stands on an explained list: a new one cannot be forgotten."""

import ast

import pytest
from flask import Flask
from flask_appbuilder import Model

from app.domain.audit import AuditAction, AuditResult
from app.models.audited import AUDITED, IN_EVENTS, UNAUDITED
from app.views.audit_words import ACTIONS, FACTS, OBJECTS, RESULTS
from config import ROOT
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


# Statements past the listener that fills the log, and why the log misses nothing by them. One
# over a bare table is written here as `table`.
PAST_THE_LISTENER = {
    ("app/actions/access.py", "update", "LoginSession"): "whoever ends them is an entry",
    ("app/actions/access.py", "update", "ApiToken"): "a revoked token is an entry",
    ("app/actions/alarms.py", "update", "table"): "when a case is looked at next is no deed",
    ("app/actions/audit.py", "insert", "AuditEntry"): "the log itself",
    ("app/actions/audit.py", "update", "AuditHead"): "the log itself",
    ("app/actions/composing.py", "update", "Notice"): "what came of a notice is no deed",
    ("app/actions/exports.py", "update", "ExportRequest"): "how far it is; its end is a record's",
    ("app/actions/ladder.py", "insert", "record"): "each row it returns is noted",
    ("app/actions/notices.py", "insert", "Notice"): "told by a deed that is an entry",
    ("app/actions/notices.py", "update", "Notice"): "reading one is nobody's concern",
    ("app/actions/outbox.py", "update", "Notice"): "what came of a notice is no deed",
    ("app/actions/printing.py", "update", "Slip"): "a print is an entry",
    ("app/actions/restores.py", "update", "JobState"): "a restoring is an entry",
    ("app/actions/restores.py", "update", "LoginSession"): "a restoring is an entry",
    ("app/actions/restores.py", "update", "Outgoing"): "a restoring is an entry",
    ("app/actions/retention.py", "update", "table"): "a masking is an entry",
    ("app/actions/sealing.py", "update", "DataKey"): "a change of the key is an entry",
    ("app/actions/sealing.py", "update", "table"): "a change of the key is an entry",
    ("app/actions/watch.py", "update", "Case"): "when a case is looked at next is no deed",
    ("app/audit_log/files.py", "delete", "AuditEntry"): "an archiving is an entry",
    ("app/jobs/heartbeat.py", "delete", "Runner"): "heartbeats",
    ("app/web/form_keys.py", "delete", "FormKey"): "what the form did is an entry",
    ("app/web/form_keys.py", "insert", "FormKey"): "what the form did is an entry",
    ("app/web/form_keys.py", "update", "FormKey"): "what the form did is an entry",
    ("app/reports/past.py", "insert", "new"): "tables laid over the real ones for a question",
    ("app/backup/copy_postgresql.py", "insert", "table"): "into the copy, which is no office yet",
}


def test_no_statement_goes_past_the_log_without_a_reason() -> None:
    found = {
        (str(path.relative_to(ROOT)), call.func.id, _over(call.args[0]))
        for path in (ROOT / "app").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("insert", "update", "delete")
        and call.args
    }
    assert found == set(PAST_THE_LISTENER)


def _over(table: ast.expr) -> str:
    return table.id if isinstance(table, ast.Name) else ast.unparse(table).partition("(")[0]
