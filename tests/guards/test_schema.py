"""The migrations make exactly the tables the models describe, and can be taken back."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text

from app.actions import corrections, intake
from app.actions.sealing import SEALED
from app.domain.states import State
from app.extensions import db
from app.models.keyring import ring
from app.unit_of_work import unit_of_work
from app.web.server import is_migrated
from tests.databases import make_app, make_backend
from tests.factories import NAME, PHONE, SUBMITTED, Office, make_office


def test_models_and_migrations_agree(app: Flask, session: object) -> None:
    context = MigrationContext.configure(db.session.connection(), opts={"compare_type": True})
    assert compare_metadata(context, db.metadata) == []


def test_every_constraint_has_a_name(session: object) -> None:
    nameless = [
        f"{table.name}: {constraint!r}"
        for table in db.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert not nameless


@pytest.mark.sqlite_only
def test_migrations_go_down_to_nothing_and_up_again(tmp_path: Path, backend_name: str) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'updown.db'}", tmp_path)
    with app.app_context():
        upgrade()
        assert is_migrated(app)
        tables = inspect(db.engine).get_table_names()
        downgrade(revision="base")
        assert not is_migrated(app)
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        upgrade()
        assert inspect(db.engine).get_table_names() == tables
        db.engine.dispose()


def numbers() -> dict[str, list[Any]]:
    """Return every number with its marks as the application reads them."""
    db.session.rollback()
    found: dict[str, list[Any]] = {}
    for model, names in SEALED.items():
        columns = [*names, *(("phone_mark", "phone_tail_mark") if "phone" in names else ())]
        query = select(model.id, *(getattr(model, name) for name in columns)).order_by(model.id)
        found[model.__tablename__] = [tuple(row) for row in db.session.execute(query)]
    return found


def test_numbers_are_sealed_going_up_and_plain_going_down(
    backend_name: str, tmp_path: Path
) -> None:
    """0013 over filled rows, both ways."""
    backend = make_backend(backend_name, tmp_path)
    with backend.app.app_context():
        with unit_of_work():
            _fill(make_office())
        before = numbers()
        assert [len(rows) for rows in before.values()] == [4, 5, 1, 2]
        db.session.remove()
        downgrade(revision="0012")
        with db.engine.connect() as connection:
            plain = connection.execute(text("SELECT phone, phone_tail FROM cases ORDER BY id"))
            assert [tuple(row) for row in plain] == PLAIN
            old = text("SELECT old_value, new_value FROM corrections ORDER BY id")
            assert [tuple(row) for row in connection.execute(old)] == CORRECTED
        upgrade()
        with db.engine.connect() as connection:
            stored = connection.execute(text("SELECT phone FROM cases WHERE phone <> ''")).scalars()
            assert all(value.startswith(ring().active.prefix) for value in stored)
            keys = connection.execute(text("SELECT key_id FROM data_keys")).scalars()
            assert list(keys) == [ring().active.id]
        assert numbers() == before
        assert is_migrated(backend.app)
        db.session.remove()
        db.engine.dispose()
    backend.close()


PLAIN = [("16000000077", "0077"), (PHONE, PHONE[-4:]), ("", ""), ("160****0006", "0006")]
CORRECTED = [("慢病备案", "慢病登记"), (PHONE, "16000000077")]


def _fill(office: Office) -> None:
    """Fill every sealed column: a number put right, none, one that was masked for good."""
    first = office.submit(office.draft())
    for field, new in (("item_name", "慢病登记"), ("phone", "16000000077")):
        corrections.correct(
            first, field=field, new_value=new, reason="错", by=office.clerk, now=SUBMITTED
        )
    office.case_in(State.REJECTED)
    office.draft(phone="")
    masked = office.draft()
    masked.reporter_name, masked.phone = "郁*篱", "160****0006"
    intake.answer(
        site_id=office.site.id, question="问社保", answer_text="已答复", reporter_name=NAME,
        phone=PHONE, by=office.officer, now=SUBMITTED,
    )  # fmt: skip
