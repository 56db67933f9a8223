"""What the tests of attachments share: a case in hand, its empty folder, the form sent."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.domain.states import State
from app.extensions import db
from app.models import Attachment, Case
from tests.client import OfficeClient
from tests.factories import Office, at

NOON = at("2026-10-12 11:00")
FORM = "//form[contains(@class, 'attach-form')]"


@pytest.fixture
def noon(freeze: Callable[..., None]) -> None:
    freeze(NOON)


@pytest.fixture
def case(hall: Office) -> Case:
    """Return a case in the hands of 不动产登记窗口."""
    found = hall.case_in(State.HANDLING)
    db.session.commit()
    return found


@pytest.fixture
def folder(app: Flask) -> Path:
    """Return where the files lie, empty."""
    path = app.config["SETTINGS"].instance / "attachments"
    path.mkdir(exist_ok=True)
    for name in os.listdir(path):
        (path / name).unlink()
    return path


def slip_key(case: Case) -> str:
    return f"slip-{case.slips[0].id}"


def send(
    browser: OfficeClient, case_id: int, content: bytes = b"", name: str = "扫描.pdf", **fields: Any
) -> Any:
    """Fill the form on the case page and send it with a file."""
    page = browser.page(f"/case/{case_id}")
    values = dict(page.xpath(FORM)[0].form_values()) | fields
    if content or name:
        values["file"] = sent_file(content, name)
    # Written here: the client's own writer leaves a large request open.
    boundary, body = encode_multipart(values)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return browser.post(f"/case/{case_id}/attachments", data=body, content_type=kind)


def sent_file(content: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(content), name, content_type="application/octet-stream")


def row() -> Attachment:
    return db.session.execute(select(Attachment).order_by(Attachment.id.desc())).scalars().first()


def text(response: Any) -> str:
    return " ".join(html.fromstring(response.text).text_content().split())
