"""What every answer tells the browser: load nothing from outside, frame nothing, keep no copy."""

import secrets

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from app.fab.api import is_api

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'nonce-{nonce}'",
        # Bootstrap 3 and Select2 set style attributes.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


# Sent by the scripts of a page when they look something up beside it.
LOOKUP = "X-Lookup"
# Asked every minute by a program that keeps no cookies.
MONITOR = "monitor.healthz"


class SessionInterface(SecureCookieSessionInterface):
    """Sessions whose cookie is Secure over HTTPS, and is renewed by pages and forms alone."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return an empty session to the REST interface, whatever cookie came along."""
        if is_api():
            return self.session_class()
        return super().open_session(app, request)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Return False for the REST interface, styles and look-ups.

        Their answer may come after that to a form sent meanwhile, and would undo its message.
        """
        return not is_api() and not _is_beside_a_page() and super().should_set_cookie(app, session)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the cookie may travel over HTTPS only."""
        return super().get_cookie_secure(app) or request.is_secure


def register(app: Flask) -> None:
    """Send the headers with every answer and give templates `csp_nonce()`."""
    app.session_interface = SessionInterface()
    app.before_request(_renew_session)
    app.after_request(_add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """Return this request's nonce, which FAB's own inline scripts ask for too."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _is_beside_a_page() -> bool:
    return LOOKUP in request.headers or request.endpoint == MONITOR or _is_static()


def _is_static() -> bool:
    endpoint = str(request.endpoint)
    return endpoint in {"static", "office.favicon"} or endpoint.endswith(".static")


def _renew_session() -> None:
    """Make the session end after idle minutes instead of with the browser."""
    session.permanent = True


def _add_headers(response: Response) -> Response:
    # A file that is sent has a policy of its own, which allows nothing.
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    response.headers.update(FIXED)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not _is_static():
        # A shared counter computer: names and phones must not stay in the browser's store.
        response.headers["Cache-Control"] = "no-store"
    return response
