"""FAB's OAuth log-in with the office's page, its words for every failure, and no token kept."""

import logging
from typing import Any

import requests
from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from flask import abort, flash, g, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthOAuthView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_login import login_user

log = logging.getLogger(__name__)
SECONDS = 10  # a provider that does not answer must not hold the server's threads
NEXT = "sso_next"


class TimedSession(OAuth2Session):
    """Authlib's session, which otherwise waits for ever."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """Send it; whoever takes longer is down."""
        kwargs.setdefault("timeout", SECONDS)
        return super().request(method, url, *args, **kwargs)


class TimedApp(FlaskOAuth2App):
    """Authlib's client over it."""

    client_cls = TimedSession


class OfficeOAuthView(AuthOAuthView):
    """Where people come in by the provider; `local` is for the sealed account alone."""

    login_template = "appbuilder/general/security/login_oauth.html"
    local_template = "appbuilder/general/security/login_db.html"

    @expose("/login/")
    @expose("/login/<provider>")
    @no_cache
    def login(self, provider: str | None = None) -> Any:
        """Show the page with the provider's button, or go to the provider."""
        if g.user is not None and g.user.is_authenticated:
            return redirect(self._get_safe_next_url())
        if provider is None:
            return self.render_template(self.login_template, title=self.title)
        remote = self.appbuilder.sm.oauth_remotes.get(provider) or abort(404)
        session[NEXT] = request.args.get("next", "")
        back = url_for(f"{self.endpoint}.oauth_authorized", provider=provider, _external=True)
        try:
            return remote.authorize_redirect(back)
        except (requests.RequestException, OAuthError, ValueError, RuntimeError) as error:
            return self._failed(error)

    @expose("/oauth-authorized/<provider>")
    @no_cache
    def oauth_authorized(self, provider: str) -> Any:
        """Take the code that the provider sent along, and let in whom it speaks of."""
        sm = self.appbuilder.sm
        remote = sm.oauth_remotes.get(provider) or abort(404)
        try:
            token = remote.authorize_access_token()
            found = sm.oauth_user_info(provider, token)
        except Exception as error:  # whatever a foreign server may send
            return self._failed(error)
        user = sm.auth_user_oauth(found)
        if user is None:
            flash(sm.refusal_words(), "warning")
            return redirect(self.appbuilder.get_url_for_login)
        wanted = session.pop(NEXT, "")
        login_user(user, remember=False)
        return redirect(get_safe_redirect(wanted))

    @expose("/login/local", methods=["GET", "POST"])
    @no_cache
    def local(self) -> Any:
        """Take the password of the sealed account while it is open."""
        if g.user is not None and g.user.is_authenticated:
            return redirect(self._get_safe_next_url())
        form = LoginForm_db()
        if form.validate_on_submit():
            user = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
            if user is not None:
                login_user(user, remember=False)
                return redirect(self.appbuilder.get_url_for_index)
            flash(self.appbuilder.sm.refusal_words(), "warning")
        return self.render_template(self.local_template, title=self.title, form=form)

    @expose("/logout/", methods=["POST"])
    @no_cache
    def logout(self) -> Any:
        """End the session and show the log-in page."""
        self.appbuilder.sm.log_out()
        flash(_("You are logged out."), "info")
        return redirect(self.appbuilder.get_url_for_login)

    def _failed(self, error: Exception) -> Any:
        log.warning("single sign-on: %r", error)
        if isinstance(error, MismatchingStateError):
            words = _("The log-in took too long or came from another page. Log in again.")
        elif isinstance(error, OAuthError) and error.error == "access_denied":
            words = _("The log-in was refused by the single sign-on.")
        elif isinstance(error, requests.RequestException):
            words = _("The single sign-on does not answer now. Try again later.")
        else:
            words = _("The single sign-on sent an answer that cannot be used.")
        self.appbuilder.sm.note_failure("", words)
        flash(words, "warning")
        return redirect(self.appbuilder.get_url_for_login)
