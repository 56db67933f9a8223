"""The search box of the lists: what is typed goes in the form's body, sealed into the address."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from flask_appbuilder import AppBuilder
from flask_login import current_user

from app.fab.form_tag import CSRF_TOKEN, FORM_KEY
from app.reports.case_lists import SEARCH
from app.reports.searched import sealed_words
from app.views.work_list import WHICH, WorkList

bp = Blueprint("search", __name__)


@bp.post("/search")
def find() -> Any:
    """Go to the list with its filters and the words, which nobody reads out of the address."""
    if not current_user.is_authenticated:
        return redirect(url_for("OfficeAuthView.login"))
    lists = {v.endpoint for v in current_app.appbuilder.baseviews if isinstance(v, WorkList)}
    name = request.form.get(WHICH, "")
    if name not in lists:
        abort(400)
    kept = {
        key: value
        for key, value in request.form.items()
        if value and key not in (CSRF_TOKEN, FORM_KEY, WHICH, SEARCH)
    }
    words = sealed_words(request.form.get(SEARCH, ""), account_id=g.user.id)
    query = urlencode(kept | ({SEARCH: words} if words else {}))
    return redirect(url_for(f"{name}.list") + (f"?{query}" if query else ""))


def register(_appbuilder: AppBuilder) -> None:
    """Add the address beside FAB's views: each list asks for its own permission."""
    current_app.register_blueprint(bp)
