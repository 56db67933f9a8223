"""JSON to the forms of the pages and back: one set of fields, of checks and of words.

A value is checked for its kind here, then goes through the form as if it had been typed.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.fields import Field, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange

from app.clock import OFFICE_ZONE
from app.fab.api import ApiProblem
from app.fab.fields import ChoiceField, OfficeDateField, OfficeDateTimeField, SuggestField
from app.fab.openapi import DAY, KEY, MOMENT, TEXT, TRUTH, Schema, maybe
from app.views.forms.parts import MoveForm, NamedField
from app.views.scene import Scene

Form = type[MoveForm]
Typed = list[str]
VERSION = "version"
SUGGESTED = 300  # characters of a column that suggestions fill
TRUTHS = ["True", "False"]


class Unfit(ValueError):
    """A value of the wrong kind."""


def blank(form: Form) -> MoveForm:
    """Return the form with nothing in it, to read its fields."""
    return form(formdata=None, meta={"csrf": False})


def fields_of(form: MoveForm, names: tuple[str, ...] | None) -> Iterator[Field]:
    """Yield the fields that a body may hold."""
    for field in form:
        if field.name != "csrf_token" and (names is None or field.name in names):
            yield field


# -- described ---------------------------------------------------------------------------------


def schema_of(form: Form, names: tuple[str, ...] | None = None, *, has_version: bool) -> Schema:
    """Return the schema of a body; only the version is always needed: the rules ask for more."""
    found = {
        field.name: maybe(_schema(field)) | {"description": str(field.label.text)}
        for field in fields_of(blank(form), names)
    }
    version = {VERSION: KEY | {"description": _("Version of the case as you read it")}}
    return {
        "type": "object",
        "required": [VERSION] if has_version else [],
        "additionalProperties": False,
        "properties": (version if has_version else {}) | found,
    }


def _schema(field: Field) -> Schema:
    """Return what a field takes."""
    if isinstance(field, NamedField):
        return KEY
    if isinstance(field, BooleanField):
        return TRUTH
    if isinstance(field, SelectMultipleField):
        return {"type": "array", "items": _chosen(field), "uniqueItems": True, "maxItems": 200}
    if isinstance(field, ChoiceField):
        return TRUTH if _values(field) == TRUTHS else _chosen(field)
    if isinstance(field, IntegerField):
        bounds = next(v for v in field.validators if isinstance(v, NumberRange))
        return {"type": "integer", "minimum": bounds.min, "maximum": bounds.max}
    if isinstance(field, OfficeDateTimeField):
        return MOMENT
    return DAY if isinstance(field, OfficeDateField) else TEXT | {"maxLength": _longest(field)}


def _values(field: Field) -> list[str]:
    """Return the values of a closed set; none where the case decides what is offered."""
    choices = field.choices() if callable(field.choices) else field.choices or ()
    return [str(choice.value) for choice in map(_choice, choices) if choice.value not in ("", None)]


def _choice(given: Any) -> Any:
    return given if hasattr(given, "value") else SelectChoice(given[0], given[1])


def _chosen(field: Field) -> Schema:
    known = _values(field)
    if known:
        return TEXT | {"enum": known}
    return KEY if field.coerce("1") == 1 else TEXT | {"maxLength": 60}


def _longest(field: Field) -> int:
    if isinstance(field, SuggestField):
        return SUGGESTED
    return next(v.max for v in field.validators if isinstance(v, Length))


# -- read --------------------------------------------------------------------------------------


def version_of(body: dict[str, Any]) -> int:
    """Return the version the sender has seen; refuses a body without one."""
    version = body.get(VERSION)
    if type(version) is not int or version < 1:
        raise ApiProblem(422, "version_missing", _("The version of the case is missing."),
                         field=VERSION)  # fmt: skip
    return version


def read_form(
    form: Form, body: dict[str, Any], scene: Scene, names: tuple[str, ...] | None = None
) -> MoveForm:
    """Return the form as filled by a body; raises ApiProblem with what does not fit."""
    offered = blank(form)
    offered.offer(scene)
    fields = {field.name: field for field in fields_of(offered, names)}
    typed: MultiDict[str, str] = MultiDict()
    problems = []
    for name, value in body.items():
        try:
            for text in _typed(fields.get(name), value) if name != VERSION else ():
                typed.add(name, text)
        except Unfit as error:
            problems.append((name[:60], str(error)))
    filled = form(formdata=typed, meta={"csrf": False})
    filled.offer(scene)
    if not problems and not filled.validate():
        problems = [(name, str(e)) for name, errors in filled.errors.items() for e in errors]
    if problems:
        raise invalid(problems)
    return filled


def invalid(problems: list[tuple[str, str]]) -> ApiProblem:
    """Return the answer to values that do not fit, the first one at its head."""
    name, message = problems[0]
    return ApiProblem(422, "field_invalid", message, field=name, errors=problems)


def _typed(field: Field | None, value: Any) -> Typed:
    """Return what a person would have typed or chosen for a value; Unfit for another kind."""
    if field is None:
        raise Unfit(_("There is no such field."))
    if value is None:
        return []
    for kinds, read in READERS:
        if isinstance(field, kinds):
            return read(field, value)
    return _text(field, value)


def _plain(value: Any, longest: int) -> str:
    """Return a text that every database takes: lone surrogates are no characters."""
    if not isinstance(value, str) or len(value) > longest:
        raise Unfit(_("A text of at most %(most)s characters.", most=longest))
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Unfit(_("This is no text.")) from None
    return value


def _text(field: Field, value: Any) -> Typed:
    return [_plain(value, _longest(field))]


def _key(_field: Field, value: Any) -> str:
    if type(value) is not int or value < 1:
        raise Unfit(_("A whole number."))
    return str(value)


def _named(field: Field, value: Any) -> Typed:
    """Return the name that belongs to the key, as the page would show it."""
    names = dict(field.pairs)
    if int(_key(field, value)) not in names:
        raise Unfit(field.gettext("Not a valid choice"))
    return [names[value]]


def _truth(field: Field, value: Any) -> Typed:
    """Return a tick; one that is not set is left out, as a page does."""
    if type(value) is not bool:
        raise Unfit(_("True or false."))
    return ["y"] if value else []


def _one(field: Field, value: Any) -> Typed:
    if _values(field) == TRUTHS:
        _truth(field, value)
        return [str(value)]
    if _chosen_by_key(field):
        return [_key(field, value)]
    return [_plain(value, SUGGESTED)]


def _several(field: Field, value: Any) -> Typed:
    if not isinstance(value, list) or len(value) > 200:
        raise Unfit(_("A list."))
    is_key = _chosen_by_key(field)
    texts = [_key(field, one) if is_key else _plain(one, SUGGESTED) for one in value]
    if len(set(texts)) < len(texts):
        raise Unfit(_("One stands there twice."))
    return texts


def _chosen_by_key(field: Field) -> bool:
    try:
        return type(field.coerce("1")) is int
    except ValueError:
        return False


def _number(_field: Field, value: Any) -> Typed:
    if type(value) is not int or abs(value) > 10**9:
        raise Unfit(_("A whole number."))
    return [str(value)]


def _moment(_field: Field, value: Any) -> Typed:
    return [_instant(value).strftime("%Y-%m-%d %H:%M")]


def _instant(value: Any) -> dt.datetime:
    try:
        given = dt.datetime.fromisoformat(_plain(value, 40))
        if given.tzinfo is None or len(value) < 19:
            raise ValueError(value)
        found = given.astimezone(OFFICE_ZONE)
        if found.year < 1900:
            raise ValueError(value)
    except (ValueError, OverflowError):
        raise Unfit(_("A time with its zone, such as 2026-10-15T17:00:00+08:00.")) from None
    return found


def _day(_field: Field, value: Any) -> Typed:
    try:
        text = _plain(value, 10)
        if len(text) != 10 or dt.date.fromisoformat(text).year < 1900:
            raise ValueError(value)
    except ValueError:
        raise Unfit(_("A date such as 2026-10-15.")) from None
    return [text]


READERS: tuple[tuple[Any, Callable[[Field, Any], Typed]], ...] = (
    (NamedField, _named),
    (BooleanField, _truth),
    (SelectMultipleField, _several),
    (ChoiceField, _one),
    (IntegerField, _number),
    (OfficeDateTimeField, _moment),
    (OfficeDateField, _day),
    (TextAreaField, _text),
)
