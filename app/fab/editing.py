"""Add, edit and delete: one unit of work each, versions checked, typed text never lost."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, request
from flask_appbuilder.widgets import FormWidget
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from app.fab.filters import relation_presets
from app.fab.formats import display
from app.fab.problems import EditConflict, explain
from app.unit_of_work import unit_of_work

VERSION = "_version"


class OfficeFormWidget(FormWidget):
    """A form with label, help and error beside each field."""

    template = "appbuilder/general/widgets/form.html"


class Editing:
    """Mixin: the saving half of a view. Hooks run inside the unit of work and may raise
    FormRefused (or any error known to `explain`): the form comes back filled in."""

    add_widget = OfficeFormWidget
    edit_widget = OfficeFormWidget
    add_row_message = _l("Saved.")
    edit_row_message = _l("Saved.")
    delete_row_message = _l("Deleted.")
    delete_blocked_message = _l("Other records refer to this one: it cannot be deleted.")

    def create(self, form: Any) -> Any:
        """Make the new row from a valid form; override to call an action instead."""
        item = self.datamodel.obj()
        session = self.datamodel.session
        with session.no_autoflush:  # a half-filled row must not be flushed by a hook's query
            form.populate_obj(item)
            self.pre_add(item)
        session.add(item)
        session.flush()
        self.post_add(item)
        return item

    def update(self, item: Any, form: Any) -> None:
        """Write a valid form into the row; override to call an action instead."""
        with self.datamodel.session.no_autoflush:
            form.populate_obj(item)
            self.pre_update(item)
        self.datamodel.session.flush()
        self.post_update(item)

    def remove(self, item: Any) -> None:
        """Delete the row; override to call an action instead."""
        self.pre_delete(item)
        self.datamodel.session.delete(item)
        self.datamodel.session.flush()
        self.post_delete(item)

    def _add(self) -> dict[str, Any] | None:
        form = self.add_form.refresh()
        hidden = self._preset(form, self.add_columns)
        if request.method == "POST" and form.validate():
            self.process_form(form, True)
            if self._saved(form, lambda: self.create(form)):
                flash(self.add_row_message, "success")
                return None
        return self._get_add_widget(form=form, exclude_cols=hidden)

    def _edit(self, pk: Any) -> dict[str, Any] | None:
        item = self.fetch(pk)
        if not self.action_allowed("edit", item):
            abort(409)
        form = self.edit_form.refresh(obj=item)
        form._id = self.datamodel.get_pk_value(item)  # FAB's Unique skips the row itself
        if request.method != "POST":
            self.prefill_form(form, pk)
        elif form.validate():
            self.process_form(form, False)
            if self._saved(form, lambda: self._update_if_unchanged(pk, form)):
                flash(self.edit_row_message, "success")
                return None
        return self._edit_page(pk, form)

    def _edit_page(self, pk: Any, form: Any) -> dict[str, Any]:
        item = self.fetch(pk)  # again: a refused save has rolled back
        widgets = self._get_edit_widget(form=form)
        widgets["edit"].template_args["hidden"] = {VERSION: self._version(item)}
        return self._get_related_views_widgets(item, widgets=widgets)

    def _update_if_unchanged(self, pk: Any, form: Any) -> None:
        item = self.fetch(pk)
        column = self._version_column()
        if column is not None:
            posted = request.form.get(VERSION, "")
            if posted != self._version(item):
                self._show_stored(item, form)
                raise EditConflict
            # The flush then compares with what this person saw, not with what is stored now.
            set_committed_value(item, column, int(posted))
        self.update(item, form)

    def _version_column(self) -> str | None:
        mapper = inspect(self.datamodel.obj)
        column = mapper.version_id_col
        return None if column is None else mapper.get_property_by_column(column).key

    def _version(self, item: Any) -> str:
        column = self._version_column()
        return "" if column is None else str(getattr(item, column))

    def _show_stored(self, item: Any, form: Any) -> None:
        for field in form:
            if field.name in self.edit_columns and hasattr(item, field.name):
                stored = getattr(item, field.name)
                if stored != field.data:
                    text = _("Stored now: %(value)s", value=display(stored))
                    form.add_problem(text, field.name)

    def _saved(self, form: Any, save: Callable[[], Any]) -> bool:
        """Run the save as one unit; on a refusal put the reason into the form."""
        try:
            with unit_of_work():
                save()
        except Exception as error:
            problem = explain(error)
            if problem is None:
                raise
            form.add_problem(str(problem.text), problem.field)
            return False
        return True

    def _delete(self, pk: Any) -> None:
        if not self.action_allowed("delete", self.fetch(pk)):
            abort(409)
        try:
            with unit_of_work():
                self.remove(self.fetch(pk))
        except IntegrityError:
            flash(self.delete_blocked_message, "danger")
        except Exception as error:
            problem = explain(error)
            if problem is None:
                raise
            flash(str(problem.text), "danger")
        else:
            flash(self.delete_row_message, "success")

    def _preset(self, form: Any, columns: list[str]) -> list[str]:
        """Fill relations given in the address, only with rows the form itself offers."""
        presets = relation_presets(columns, self.datamodel)
        for column, pk in presets.items():
            offered = dict(form[column]._get_object_list())
            form[column].data = offered[pk] if pk in offered else abort(404)
        return list(presets)
