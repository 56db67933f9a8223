"""What the tests of the screens share: a committed office."""

from typing import Any

import pytest

from app.extensions import db
from tests.busy import busy, busy_offices, count_statements_of
from tests.factories import Office, make_office

__all__ = ["busy", "busy_offices", "count_statements_of"]


@pytest.fixture
def hall(session: Any) -> Office:
    """Return an office that the browsers see; what a test adds it commits itself."""
    office = make_office()
    db.session.commit()
    return office
