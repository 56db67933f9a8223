"""Forms of the office: own words for errors, and FAB's generated forms made usable."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_appbuilder.forms import DynamicForm, FieldConverter, GeneralModelConverter
from flask_appbuilder.validators import Unique
from flask_babel import get_domain
from flask_babel import lazy_gettext as _l
from flask_wtf.i18n import translations as wtforms_translations
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DecimalField,
    FloatField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.fab.fields import (
    OfficeDateField,
    OfficeDateTimeField,
    OfficeTimeField,
    Paragraph,
    RowSelectField,
    RowTickField,
    Text,
)
from app.fab.form_tag import key_tag
from app.typed import seen

TAKEN = _l("There is one of this name already.")
# Whole numbers typed into generated forms are ranks; the databases overflow far above this.
MOST = 9999


class OfficeTranslations:
    """The catalogue's words first, then WTForms' own."""

    def gettext(self, text: str) -> str:
        """Return the sentence in the person's language."""
        own = get_domain().get_translations().ugettext(text)
        return own if own != text else wtforms_translations.gettext(text)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the plural sentence: Chinese has one form, and the catalogue keys it by it."""
        own = get_domain().get_translations().ugettext(plural)
        return own if own != plural else wtforms_translations.ngettext(singular, plural, n)


class OfficeForm(DynamicForm):
    """The base of every form; `form.problems` holds what belongs to no single field."""

    class Meta(DynamicForm.Meta):
        """Messages through the application's catalogue."""

        def get_translations(self, form: Any) -> OfficeTranslations:
            """Return the words for built-in validators."""
            return OfficeTranslations()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent without what nobody sees; passwords and files stay."""
            sent = super().wrap_formdata(form, formdata)
            if sent is None:
                return None
            pairs = sent.items(multi=True)
            return MultiDict((name, _seen(form, name, value)) for name, value in pairs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: list[str] = []
        if self.is_submitted():
            self._fill_absent()

    def _fill_absent(self) -> None:
        """Take a text that was not sent at all for an empty one, as if its box had been left so."""
        for field in self:
            if type(field) in (StringField, TextAreaField) and field.data is None:
                field.data = ""

    def hidden_tag(self, *fields: Any) -> Markup:
        """Return the hidden fields, and the key by which the form counts once."""
        return super().hidden_tag(*fields) + key_tag()

    def add_problem(self, text: str, field: str | None = None) -> None:
        """Put a sentence beside its field, or at the head of the form."""
        if field and field in self:
            self[field].errors = [*self[field].errors, text]
        else:
            self.problems.append(text)


def _seen(form: Any, name: str, value: Any) -> Any:
    field = form._fields.get(name)
    if not isinstance(value, str) or isinstance(field, PasswordField):
        return value
    return seen(value, lines=field is None or isinstance(field, TextAreaField))


class OfficeFieldConverter(FieldConverter):
    """Columns to fields with native inputs; a check box is never compulsory."""

    conversion_table = (
        ("is_text", TextAreaField, Paragraph),
        ("is_string", StringField, Text),
        ("is_boolean", BooleanField, None),
        ("is_integer", IntegerField, Text),
        ("is_numeric", DecimalField, Text),
        ("is_float", FloatField, Text),
        ("is_date", OfficeDateField, None),
        ("is_datetime", OfficeDateTimeField, None),
        ("is_time", OfficeTimeField, None),
    )


class OfficeConverter(GeneralModelConverter):
    """FAB's form generator with an empty first choice and rows narrowed by `narrow`."""

    def __init__(
        self, datamodel: Any, narrow: Mapping[str, Callable[[Any], Any]] | None = None
    ) -> None:
        super().__init__(datamodel)
        self.narrow = narrow or {}

    def _get_related_query_func(self, col_name: str, filter_rel_fields: Any) -> Callable[[], Any]:
        step = self.narrow.get(col_name)
        if step is None:
            return super()._get_related_query_func(col_name, filter_rel_fields)
        related = self.datamodel.get_related_interface(col_name)
        return lambda: related.apply_order_by(
            step(related.session.query(related.obj)), "", "asc"
        ).all()

    def _convert_many_to_one(
        self,
        col_name: str,
        label: Any,
        description: Any,
        lst_validators: list[Any],
        filter_rel_fields: Any,
        form_props: dict[str, Any],
    ) -> dict[str, Any]:
        required = not self.datamodel.is_nullable(col_name)
        form_props[col_name] = RowSelectField(
            label,
            description=description,
            query_func=self._get_related_query_func(col_name, filter_rel_fields),
            get_pk_func=self._get_related_pk_func(col_name),
            validators=[*lst_validators, DataRequired() if required else Optional()],
        )
        return form_props

    def _convert_many_to_many(
        self,
        col_name: str,
        label: Any,
        description: Any,
        lst_validators: list[Any],
        filter_rel_fields: Any,
        form_props: dict[str, Any],
    ) -> dict[str, Any]:
        form_props[col_name] = RowTickField(
            label,
            description=description,
            query_func=self._get_related_query_func(col_name, filter_rel_fields),
            get_pk_func=self._get_related_pk_func(col_name),
            validators=list(lst_validators),
        )
        return form_props

    def _convert_simple(
        self,
        col_name: str,
        label: Any,
        description: Any,
        lst_validators: list[Any],
        form_props: dict[str, Any],
    ) -> dict[str, Any]:
        if self.datamodel.is_enum(col_name):
            raise ValueError(f"{col_name}: give enums a ChoiceField in *_form_extra_fields")
        # A new list: FAB appends to the view's own, so two forms would double their validators.
        validators = [*lst_validators, *self._column_validators(col_name)]
        form_props[col_name] = OfficeFieldConverter(
            self.datamodel,
            col_name,
            label,
            description,
            validators,
            default=self.datamodel.get_col_default(col_name),
        ).convert()
        return form_props

    def _column_validators(self, col_name: str) -> list[Any]:
        checks: list[Any] = []
        longest = self.datamodel.get_max_length(col_name)
        if longest != -1:
            checks.append(Length(max=longest))
        if self.datamodel.is_integer(col_name):
            checks.append(NumberRange(0, MOST))
        # A text whose default is "" may stay empty, though its column is NOT NULL.
        if self.datamodel.is_nullable(col_name) or self.datamodel.get_col_default(col_name) == "":
            checks.append(Optional())
        elif not self.datamodel.is_boolean(col_name):
            # A NOT NULL boolean would otherwise have to be ticked.
            checks.append(InputRequired())
        if self.datamodel.is_unique(col_name):
            checks.append(Unique(self.datamodel, col_name, message=TAKEN))
        return checks

    def create_form(self, *args: Any, **kwargs: Any) -> type[OfficeForm]:
        """Return a form class on OfficeForm with the generated fields."""
        made = super().create_form(*args, **kwargs)
        fields = {name: part for name, part in vars(made).items() if hasattr(part, "field_class")}
        return type("GeneratedForm", (OfficeForm,), fields)
