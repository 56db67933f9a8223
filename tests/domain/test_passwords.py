"""Strong enough is 8 characters of three kinds."""

import pytest

from app.domain.passwords import is_strong


@pytest.mark.parametrize(
    "password", ["Abcdef12", "abcd-1234", "ABCD-1234", "口令Ab1-xyz", "Aa1-Aa1-"]
)
def test_three_kinds_are_strong(password: str) -> None:
    assert is_strong(password)


@pytest.mark.parametrize(
    "password", ["", "Abc-123", "abcdefgh1", "ABCDEFGH", "12345678", "abcd1234"]
)
def test_short_or_simple_is_weak(password: str) -> None:
    assert not is_strong(password)
