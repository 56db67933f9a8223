"""Form fields and widgets that need no outside script: dates, selects, suggestions."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from flask_appbuilder.fields import QuerySelectField, QuerySelectMultipleField
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from wtforms import (
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.widgets import (
    FileInput,
    PasswordInput,
    Select,
    TextArea,
    TextInput,
)

from app.fab.formats import local
from app.fab.moments import read_date, read_moment, read_time

CHOOSE = _l("Please choose")


class _FormControl:
    """Mixin: Bootstrap's class on the input, and no placeholder that repeats the label."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs["class"] = f"form-control {kwargs.get('class', '')}".strip()
        return super().__call__(field, **kwargs)


class Text(_FormControl, TextInput):
    """One line of text."""


class Password(_FormControl, PasswordInput):
    """A password, never shown again."""


class Picker(Text):
    """A date or time that can be typed, or picked from our own calendar (picker.js).

    Not the browser's picker: that speaks the browser's language and its 12-hour clock.
    """

    def __init__(self, kind: str, example: str) -> None:
        super().__init__()
        self.kind = kind
        self.example = example

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("autocomplete", "off")
        kwargs.setdefault("placeholder", self.example)
        box = super().__call__(field, **{"data-picker": self.kind, **kwargs})
        if self.kind == "time":
            return box
        button = Markup(
            '<button type="button" class="picker-button" tabindex="-1" aria-label="{}">'
            '<i class="fa fa-calendar" aria-hidden="true"></i></button>'
        ).format(_("Open the calendar"))
        return Markup('<div class="picker-box">{}{}</div>').format(box, button)


class NativeSelect(_FormControl, Select):
    """A plain select."""


class Paragraph(_FormControl, TextArea):
    """Several lines of text."""

    def __init__(self, rows: int = 4) -> None:
        super().__init__()
        self.rows = rows

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("rows", self.rows)
        return super().__call__(field, **kwargs)


class FilePicker(FileInput):
    """A file: the browser's own control speaks the browser's language, not the office's."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        box = super().__call__(field, **kwargs)
        frame = Markup(
            '<div class="file-picker">{}<label class="btn btn-default" for="{}">{}</label>'
            ' <span class="file-chosen" data-none="{none}">{none}</span></div>'
        )
        return frame.format(box, field.id, _("Choose a file"), none=_("No file chosen"))


class Ticks:
    """A list of check boxes (or radio buttons), each with its own label."""

    def __init__(self, kind: str = "checkbox") -> None:
        self.kind = kind

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        role = "radiogroup" if self.kind == "radio" else "group"
        boxes = Markup("").join(
            self._box(field, number, choice) for number, choice in enumerate(field.iter_choices())
        )
        frame = Markup('<div id="{}" role="{}" aria-label="{}" class="tick-list">{}</div>')
        return frame.format(field.id, role, field.label.text, boxes)

    def _box(self, field: Any, number: int, choice: Any) -> Markup:
        value, label, is_checked = choice[0], choice[1], choice[2]
        if value in ("", "__None"):
            return Markup("")
        frame = Markup(
            '<label class="tick"><input type="{}" name="{}" value="{}" id="{}-{}"{}>'
            " <span>{}</span></label>"
        )
        checked = Markup(" checked") if is_checked else ""
        return frame.format(self.kind, field.name, value, field.id, number, checked, label)


class Suggested(Text):
    """A text input with suggestions from a datalist; anything else may be typed too."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        list_id = f"{field.id}-suggestions"
        kwargs.setdefault("list", list_id)
        kwargs.setdefault("autocomplete", "off")
        options = Markup("").join(
            Markup('<option value="{}"></option>').format(escape(text))
            for text in field.suggestions()
        )
        box = super().__call__(field, **kwargs)
        return Markup('{}<datalist id="{}">{}</datalist>').format(box, list_id, options)


class SuggestField(StringField):
    """Text with suggestions; `suggestions` is called at each rendering."""

    widget = Suggested()

    def __init__(
        self, label: Any = None, *args: Any, suggestions: Callable[[], Iterable[str]], **kwargs: Any
    ) -> None:
        super().__init__(label, *args, **kwargs)
        self.suggestions = suggestions


class _MomentField(StringField):
    """The common half of the fields below: what was typed stays when it cannot be read."""

    reader: ClassVar[Callable[[str], Any]]
    wrong: ClassVar[str]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.shown(self.data)

    def shown(self, value: Any) -> str:
        """Return the value as it is typed."""
        raise NotImplementedError

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; an empty field is None."""
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = type(self).reader(valuelist[0])
            except ValueError:
                raise ValueError(self.gettext(self.wrong)) from None


class OfficeDateField(_MomentField):
    """A date."""

    widget = Picker("date", "2026-10-15")
    reader = staticmethod(read_date)
    wrong = "Not a valid date value."

    def shown(self, value: dt.date) -> str:
        """Return 2026-10-15."""
        return value.isoformat()


class OfficeTimeField(_MomentField):
    """A time of day."""

    widget = Picker("time", "09:00")
    reader = staticmethod(read_time)
    wrong = "Not a valid time value."

    def shown(self, value: dt.time) -> str:
        """Return 09:00."""
        return value.strftime("%H:%M")


class OfficeDateTimeField(_MomentField):
    """A moment of the office: shown and read in Asia/Shanghai, always aware in Python."""

    widget = Picker("datetime", "2026-10-15 17:00")
    reader = staticmethod(read_moment)
    wrong = "Not a valid datetime value."

    def shown(self, value: dt.datetime) -> str:
        """Return 2026-10-15 17:00."""
        return local(value).strftime("%Y-%m-%d %H:%M")


def options(pairs: Any) -> list[SelectChoice]:
    """Return (value, label) pairs, or what a function gives, as what WTForms wants."""
    given = pairs() if callable(pairs) else pairs
    return [SelectChoice(value, label) for value, label in given]


class ChoiceField(SelectField):
    """A select over (value, label) pairs with an empty choice first.

    `choices` may be a function, so that lists from the database are fresh; '' becomes None.
    """

    widget = NativeSelect()

    def __init__(
        self, label: Any = None, validators: Any = None, *, choices: Any = (), **kwargs: Any
    ) -> None:
        inner = kwargs.pop("coerce", str)

        def offered() -> list[SelectChoice]:
            return [SelectChoice("", CHOOSE), *options(choices)]

        def coerce(value: Any) -> Any:
            return None if value in ("", None) else inner(value)

        super().__init__(label, validators, choices=offered, coerce=coerce, **kwargs)


class RadioChoiceField(ChoiceField):
    """The same choices as radio buttons, for few and short ones."""

    widget = Ticks("radio")


class TickField(SelectMultipleField):
    """Several of (value, label) pairs, as check boxes."""

    widget = Ticks()

    def __init__(
        self, label: Any = None, validators: Any = None, *, choices: Any = (), **kwargs: Any
    ) -> None:
        # A form sent with nothing in it has nothing ticked.
        kwargs.setdefault("default", list)
        super().__init__(label, validators, choices=lambda: options(choices), **kwargs)


class RowSelectField(QuerySelectField):
    """One row of another table, an empty choice always first, even when required."""

    widget = NativeSelect()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["allow_blank"] = True
        kwargs.setdefault("blank_text", CHOOSE)
        super().__init__(*args, **kwargs)

    def iter_choices(self) -> Iterator[Choice]:
        """Yield FAB's tuples as what WTForms wants by now."""
        return (Choice(*choice) for choice in super().iter_choices())


class RowTickField(QuerySelectMultipleField):
    """Several rows of another table, as check boxes."""

    widget = Ticks()

    def iter_choices(self) -> Iterator[Choice]:
        """Yield FAB's tuples as what WTForms wants by now."""
        return (Choice(*choice) for choice in super().iter_choices())
