"""A page with one form of its own: shown, checked, saved as one unit, or shown again."""

from typing import Any

from flask import flash, redirect
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import SimpleFormView
from flask_babel import lazy_gettext as _l

from app.fab.problems import explain
from app.unit_of_work import unit_of_work


class SafeFormView(SimpleFormView):
    """SimpleFormView without FAB's page history; `form_post` runs inside the unit of work."""

    form_template = "office/form.html"
    submit_label: Any = _l("Save")
    message: Any = _l("Saved.")

    @expose("/form", methods=["GET"])
    @has_access
    def this_form_get(self) -> Any:
        """Show the form."""
        form = self.form.refresh()
        self.form_get(form)
        return self._page(form)

    @expose("/form", methods=["POST"])
    @has_access
    def this_form_post(self) -> Any:
        """Save a valid form, or show it again with what was typed."""
        form = self.form.refresh()
        if not form.validate():
            return self._page(form)
        try:
            with unit_of_work():
                self.form_post(form)
        except Exception as error:
            problem = explain(error)
            if problem is None:
                raise
            self.refused(error)
            form.add_problem(str(problem.text), problem.field)
            return self._page(form)
        flash(self.message, "success")
        return redirect(self.done_url())

    def refused(self, error: Exception) -> None:
        """Hear why nothing was saved, after all was taken back."""

    def done_url(self) -> str:
        """Return where a person goes after saving."""
        return self.appbuilder.get_url_for_index

    def _page(self, form: Any) -> Any:
        return self.render_template(
            self.form_template,
            title=self.form_title,
            form=form,
            submit_label=self.submit_label,
            back_url=self.done_url(),
        )
