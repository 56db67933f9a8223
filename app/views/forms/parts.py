"""The parts of the case forms: tidy texts, choices in the office's words, names by suggestion."""

import enum
import re
from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from app.fab.fields import (
    CHOOSE,
    ChoiceField,
    OfficeDateField,
    OfficeDateTimeField,
    Paragraph,
    RadioChoiceField,
    Suggested,
    Text,
    TickField,
)
from app.fab.forms import OfficeForm
from app.views.field_words import FIELDS
from app.views.labels import choices
from app.views.scene import Pair, Scene

MOST_TEXT = 5000
# Whatever a keyboard cannot type: some databases refuse it, no reader misses it.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def tidy(value: str | None) -> str:
    """Return a text without control characters and without blanks at its ends."""
    return _CONTROL.sub("", value or "").replace("\r\n", "\n").strip()


class MoveForm(OfficeForm):
    """The base of the forms: `offer` fills what depends on the case, `values` are the arguments."""

    def offer(self, scene: Scene) -> None:
        """Fill the choices that depend on the case; a form without such has nothing to do."""

    def values(self) -> dict[str, Any]:
        """Return the fields' values under the names of the action's arguments."""
        return {field.name: field.data for field in self if field.name != "csrf_token"}

    def mark_required(self, names: Iterable[str]) -> None:
        """Show the asterisk at the fields that the workflow needs."""
        for name in names:
            if name in self:
                self[name].flags.required = True


class NamedField(StringField):
    """A row chosen by typing a part of its name; `pairs` are offered, `data` is the key."""

    widget = Suggested()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pairs: list[Pair] = []
        self.key: int | None = None

    def process_data(self, value: Any) -> None:
        """Take the key of the row chosen so far."""
        self.data = self.key = value

    def suggestions(self) -> list[str]:
        """Return the names offered."""
        return [name for _key, name in self.pairs]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return dict(self.pairs).get(self.key, "") if self.key is not None else ""

    def pre_validate(self, form: Any) -> None:
        """Turn what was typed into the key: the whole name, or a part that only one has."""
        typed = tidy(self.raw_data[0]) if self.raw_data else ""
        self.data = None
        if not typed:
            return
        whole = [key for key, name in self.pairs if name == typed]
        found = whole or [key for key, name in self.pairs if typed in name]
        if len(found) != 1:
            raise ValidationError(self.gettext("Not a valid choice"))
        self.data = found[0]


class LateChoice(ChoiceField):
    """A select whose choices `offer` gives."""

    def fill(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Offer these, after an empty one."""
        self.choices = [("", CHOOSE), *pairs]


class LateRadios(RadioChoiceField, LateChoice):
    """The same as radio buttons."""


class LateTicks(TickField):
    """Check boxes whose choices `offer` gives."""

    def fill(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Offer these."""
        self.choices = list(pairs)


def text(name: str, longest: int, **kwargs: Any) -> StringField:
    """Return one line of text under the field's word."""
    checks = [Length(max=longest)]
    return StringField(
        FIELDS[name], checks, filters=[tidy], widget=Text(), render_kw={"maxlength": longest},
        **kwargs,
    )  # fmt: skip


def paragraph(name: str, rows: int = 3, label: Any = None, **kwargs: Any) -> TextAreaField:
    """Return several lines of text under the field's word."""
    return TextAreaField(
        label or FIELDS[name], [Length(max=MOST_TEXT)], filters=[tidy], widget=Paragraph(rows),
        **kwargs,
    )  # fmt: skip


def choice(name: str, kind: type[enum.StrEnum], label: Any = None, **kwargs: Any) -> ChoiceField:
    """Return a select over a closed set in the office's words."""
    return ChoiceField(label or FIELDS[name], choices=lambda: choices(kind), coerce=kind, **kwargs)


def radios(name: str, kind: type[enum.StrEnum], **kwargs: Any) -> RadioChoiceField:
    """Return the same as radio buttons."""
    return RadioChoiceField(FIELDS[name], choices=lambda: choices(kind), coerce=kind, **kwargs)


def ticks(name: str, kind: type[enum.StrEnum], **kwargs: Any) -> TickField:
    """Return check boxes over a closed set."""
    return TickField(FIELDS[name], choices=lambda: choices(kind), coerce=kind, **kwargs)


def either(name: str, yes: Any, no: Any, **kwargs: Any) -> RadioChoiceField:
    """Return two radio buttons for a truth value that may also be left open."""
    return RadioChoiceField(
        FIELDS[name], choices=[("True", yes), ("False", no)], coerce=_truth, **kwargs
    )


def _truth(value: Any) -> bool:
    if str(value) not in ("True", "False"):
        raise ValueError(value)
    return str(value) == "True"


def tick(name: str, label: Any = None, **kwargs: Any) -> BooleanField:
    """Return one check box."""
    return BooleanField(label or FIELDS[name], **kwargs)


def named(name: str, **kwargs: Any) -> NamedField:
    """Return a row by its name."""
    return NamedField(FIELDS[name], **kwargs)


def moment(name: str, **kwargs: Any) -> OfficeDateTimeField:
    """Return a moment of the office."""
    return OfficeDateTimeField(FIELDS[name], **kwargs)


def day(name: str, **kwargs: Any) -> OfficeDateField:
    """Return a date."""
    return OfficeDateField(FIELDS[name], **kwargs)


def number(name: str, least: int, most: int) -> IntegerField:
    """Return a small whole number."""
    checks = [Optional(), NumberRange(min=least, max=most)]
    return IntegerField(FIELDS[name], checks, widget=Text(), render_kw={"inputmode": "numeric"})
