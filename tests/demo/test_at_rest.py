"""At rest: nobody who holds the files of a played office can read a telephone number in them."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import scoped_session

from app.extensions import db
from app.models import Case, Reception, Rejection

Session = scoped_session[Any]


@pytest.fixture
def numbers(office: Session) -> set[str]:
    """Return every number that the office wrote down."""
    kinds = (Case, Reception, Rejection)
    found = {phone for kind in kinds for phone in office.scalars(select(kind.phone)) if phone}
    assert len(found) > 20
    return found


@pytest.mark.sqlite_only
def test_no_number_stands_in_the_file_or_its_log(demo_app: Flask, numbers: set[str]) -> None:
    path = Path(db.engine.url.database or "")
    db.session.rollback()
    files = [path, Path(f"{path}-wal")]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    assert "反映窗口".encode() in content  # it is the office's own file
    assert not [number for number in numbers if _in(number, content)]


@pytest.mark.postgresql_only
def test_no_number_stands_in_any_row(demo_app: Flask, numbers: set[str]) -> None:
    rows: list[str] = []
    for table in db.metadata.sorted_tables:
        rows += db.session.scalars(text(f'SELECT t::text FROM "{table.name}" AS t'))  # noqa: S608
    content = "\n".join(rows).encode()
    assert "反映窗口".encode() in content
    assert not [number for number in numbers if _in(number, content)]


def _in(number: str, content: bytes) -> bool:
    return any(number.encode(code) in content for code in ("utf-8", "utf-16-le", "utf-16-be"))
