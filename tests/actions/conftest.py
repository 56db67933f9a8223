"""What the tests of the actions share: an office that nobody committed."""

import pytest

from tests.factories import Office, make_office


@pytest.fixture
def office(session: object) -> Office:
    """Return an office in the session of this test; it is gone with the test."""
    return make_office()
