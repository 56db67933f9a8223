"""What a refused or failed save says to the person; nothing of the database leaks."""

from dataclasses import dataclass
from functools import singledispatch

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.disk import is_full

NO_ROOM = _l(
    "Not saved: there is no room left on the server's disk. Your text is kept below: tell your"
    " administrator, and save again later."
)


@dataclass(frozen=True)
class Problem:
    """A sentence for the person and, if it belongs to one, the form field it stands beside."""

    text: str
    field: str | None = None


class FormRefused(Exception):
    """Raised by a view's hooks to refuse a save; the form comes back filled in."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(str(text))
        self.problem = Problem(text, field)


class EditConflict(Exception):
    """Someone else saved the row after this person's form was opened."""


@singledispatch
def explain(error: BaseException) -> Problem | None:
    """Return what to tell the person, or None when the error is not theirs to know.

    Layers above register their own refusals: `@explain.register`.
    """
    return None


@explain.register
def _(error: FormRefused) -> Problem:
    return error.problem


@explain.register(EditConflict)
@explain.register(StaleDataError)
def _(error: Exception) -> Problem:
    return Problem(
        _l(
            "Someone else changed this record after you opened it. Your text is kept below and"
            " not saved yet: check it and save again."
        )
    )


@explain.register
def _(error: IntegrityError) -> Problem:
    return Problem(
        _l("Not saved: it repeats an existing record or refers to one that does not exist.")
    )


@explain.register
def _(error: OSError) -> Problem | None:
    return Problem(NO_ROOM) if is_full(error) else None


@explain.register
def _(error: DBAPIError) -> Problem | None:
    if is_full(error):
        return Problem(NO_ROOM)
    if isinstance(error.orig, UnicodeError | OverflowError | ValueError):
        return Problem(_l("Not saved: a value cannot be stored. Check what you typed."))
    return None
