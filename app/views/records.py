"""Reference data on screen: lists and forms whose changes go through actions.org."""

from typing import Any

from flask import flash, g, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.actions import org
from app.clock import now
from app.extensions import db
from app.fab.lists import ChoiceFilter, ListPanel
from app.fab.views import SafeModelView
from app.models import Site

USED = _l("It is in use and cannot be deleted. Switch it off instead.")


class RecordView(SafeModelView):
    """A screen of reference data; scoped to the person's site where the record has one."""

    page_size = 50
    delete_blocked_message = USED

    def scope(self, query: Any) -> Any:
        """Return the records of the person's own site, or of all for whoever has none."""
        model = self.datamodel.obj
        site = Site.id if model is Site else getattr(model, "site_id", None)
        if site is None or g.user.site_id is None:
            return query
        return query.filter(site == g.user.site_id)

    def _panel(self) -> ListPanel:
        """Leave out a select with nothing to choose, such as the only site."""
        panel = super()._panel()
        panel.selects = [select for select in panel.selects if len(select[1]) > 1]
        return panel

    def _preset(self, form: Any, columns: list[str]) -> list[str]:
        """Choose the site where there is only one."""
        hidden = super()._preset(form, columns)
        if "site" in columns and form.site.data is None and len(own := sites()) == 1:
            form.site.data = own[0]
        return hidden

    def create(self, form: Any) -> Any:
        """Save a new record."""
        return self.save(self.datamodel.obj(), form)

    def update(self, item: Any, form: Any) -> None:
        """Save a changed one."""
        self.save(item, form)

    def save(self, record: Any, form: Any) -> Any:
        """Hand the form's values to the action."""
        return org.save(record, self.values(form), by=g.user, now=now())

    def values(self, form: Any) -> dict[str, Any]:
        """Return what was filled in, by attribute of the record."""
        return {field.name: field.data for field in form if hasattr(self.datamodel.obj, field.name)}

    def remove(self, item: Any) -> None:
        """Delete through the action."""
        org.remove(item, by=g.user, now=now())

    def leave(self) -> Any:
        """Go back to the list, saying what a change of the calendar did to open cases."""
        tell_recomputed()
        return redirect(self.list_url())

    post_add_redirect = post_edit_redirect = post_delete_redirect = leave

    def row_class(self, item: Any) -> str:
        """Grey out what is switched off."""
        return "" if getattr(item, "is_active", True) else "is-muted"


def tell_recomputed() -> None:
    """Say once how many open cases a change of the calendar has moved."""
    count = g.pop("recomputed", None)
    if count is not None:
        flash(_("The due times of %(n)s open cases were computed anew.", n=count), "info")


def own_sites(query: Any) -> Any:
    """Narrow a select of sites to those this person may choose."""
    query = query.filter(Site.is_active.is_(True))
    return query if g.user.site_id is None else query.filter(Site.id == g.user.site_id)


def sites() -> list[Site]:
    """Return the sites of this person, in their order."""
    query = select(Site).order_by(Site.sort_order, Site.id)
    if g.user.site_id is not None:
        query = query.where(Site.id == g.user.site_id)
    return list(db.session.scalars(query))


def site_filter(column: Any) -> ChoiceFilter:
    """Return a select of sites above a list of records that have one."""
    return ChoiceFilter(
        "site",
        _l("Site"),
        lambda: [(site.id, site.name) for site in sites()],
        lambda query, value: query.filter(column == int(value)),
    )


def in_use_filters(model: Any) -> list[Any]:
    """Return the tabs 启用 and 全部 for records that are switched off, not deleted."""
    return [
        ("active", _l("In use"), lambda query, user, now: query.filter(model.is_active)),
        ("all", _l("All"), lambda query, user, now: query),
    ]
