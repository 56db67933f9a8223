"""Row and bulk actions: POST only, fetched through the scope, rechecked before they run."""

from typing import Any
from urllib.parse import urlsplit

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.fab.lists import Button

MOST_AT_ONCE = 100


class ScopedActions:
    """Mixin: FAB fetches the rows of its actions without base filters; this one never does."""

    def action_allowed(self, name: str, item: Any) -> bool:
        """Say whether the action `name` (also "edit", "delete") is open for the row now."""
        return True

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        """Run a row action on one row of the person's scope."""
        chosen, items = self._checked(name, [pk])
        if not chosen.single:
            abort(404)
        return chosen.func(items[0])

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """Run a bulk action on the ticked rows: all of them or none."""
        pks = request.form.getlist("rowid")
        if not 0 < len(pks) <= MOST_AT_ONCE:
            abort(400)
        chosen, items = self._checked(request.form.get("action", ""), pks)
        if not chosen.multiple:
            abort(404)
        return chosen.func(items)

    def _checked(self, name: str, pks: list[str]) -> tuple[Any, list[Any]]:
        chosen = self.actions.get(name) or abort(404)
        if not self.may_act(name):
            abort(403)
        items = [self.fetch(pk) for pk in dict.fromkeys(pks)]
        if not all(self.action_allowed(name, item) for item in items):
            abort(409)
        return chosen, items

    def may_act(self, name: str) -> bool:
        """Say whether this person has the permission of the action."""
        permission = self.get_action_permission_name(name)
        return permission in self.base_permissions and self.appbuilder.sm.has_access(
            permission, self.class_permission_name
        )

    def action_buttons(self, item: Any) -> list[Button]:
        """Return a button for each row action open for this row and person."""
        pk = self.datamodel.get_pk_value(item)
        return [
            Button(
                label=_(str(action.text)),
                href=url_for(f"{self.endpoint}.action", name=action.name, pk=pk),
                method="post",
                kind="primary",
                confirm=action.confirmation or "",
                icon=(action.icon or "").removeprefix("fa-"),
            )
            for action in self.actions.values()
            if action.single
            and self.may_act(action.name)
            and self.action_allowed(action.name, item)
        ]

    def after_action(self) -> Any:
        """Go back to the page of this server whose button was pressed, else to the list."""
        came_from = urlsplit(request.referrer or "")
        if came_from.netloc == request.host and came_from.path.startswith("/"):
            query = f"?{came_from.query}" if came_from.query else ""
            return redirect(came_from.path + query)
        return redirect(self.list_url())

    def bulk_actions(self) -> list[Any]:
        """Return the actions on several rows this person may use."""
        return [
            action
            for action in self.actions.values()
            if action.multiple and self.may_act(action.name)
        ]
