"""Passwords: one's own, and somebody else's for one log-in."""

from typing import Any

from flask import g, request
from flask_babel import gettext as _

from app.actions.access import change_own_password, note_wrong_old_password, reset_password
from app.actions.office import load_rules
from app.clock import now
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.fab import accounts as fab
from app.fab.accounts import hashed
from app.models import Account
from app.unit_of_work import unit_of_work
from app.web import login


def password_hint() -> str:
    """Return what a password must be made of, in the office's own numbers."""
    rules = load_rules()
    return _(
        "At least %(length)s characters of %(kinds)s kinds: capitals, small letters, digits,"
        " signs; not your user name or phone, and none of the last %(count)s.",
        length=rules.password_length, kinds=rules.password_kinds, count=rules.password_history,
    )  # fmt: skip


class OwnPasswordView(fab.OwnPasswordView):
    """One's own password; every other browser is logged out."""

    def form_get(self, form: Any) -> None:
        """Say what it must be made of."""
        form.password.description = password_hint()

    def form_post(self, form: Any) -> None:
        """Change it; this browser stays logged in, under a new token."""
        super().form_post(form)
        account = db.session.get(Account, g.user.id)
        form.password.description = password_hint()
        change_own_password(
            account, old=form.old_password.data, password=form.password.data,
            password_hash=hashed(form.password.data), now=now(),
        )  # fmt: skip
        login.begin_anew(account)

    def refused(self, error: Exception) -> None:
        """Count a wrong old password like a wrong log-in."""
        if isinstance(error, Refusal) and error.code is Code.PASSWORD_WRONG:
            with unit_of_work():
                note_wrong_old_password(g.user.id, now=now())


class PasswordView(fab.PasswordView):
    """Somebody else's password, good for one log-in."""

    def form_get(self, form: Any) -> None:
        """Say what it must be made of."""
        form.password.description = password_hint()

    def form_post(self, form: Any) -> None:
        """Set it; the person is logged out everywhere and chooses another at the next log-in."""
        super().form_post(form)
        account = self._account()
        form.password.description = password_hint()
        reset_password(
            account, password=form.password.data, password_hash=hashed(form.password.data),
            by=g.user, now=now(),
        )  # fmt: skip

    def _account(self) -> Account:
        return self.appbuilder.sm.user_view.fetch(request.args.get("pk", ""))

    def _page(self, form: Any) -> Any:
        """Show the form over the person's name; 404 for somebody out of reach."""
        return self.render_template(
            self.form_template,
            title=f"{self.form_title}：{self._account().name}",
            form=form,
            submit_label=self.submit_label,
            back_url=self.done_url(),
        )
