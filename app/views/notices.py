"""站内消息: the bell, what a person was told, and the read marks."""

from typing import Any, ClassVar

from flask import current_app, flash, g, redirect, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.actions import action
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import escape
from sqlalchemy import func, or_, select

from app import clock
from app.actions.notices import mark_read
from app.actions.visibility import visible
from app.domain.notice_kinds import STAGES, NoticeKind
from app.extensions import db
from app.fab import theme
from app.fab.interface import EagerInterface
from app.fab.lists import Button
from app.models import Case, Notice
from app.models.notice import SITE_CHANNEL
from app.unit_of_work import unit_of_work
from app.views.case_rows import note
from app.views.labels import label
from app.views.work_list import WorkList

MEASURES = frozenset(
    {NoticeKind.MEASURE_DRAFTED, NoticeKind.INTERVIEW_ADVISED, NoticeKind.SUPERVISED}
)


def _of(kinds: frozenset[NoticeKind]) -> Any:
    return lambda query, _user, _now: query.filter(Notice.kind.in_(sorted(kinds)))


class NoticeView(WorkList):
    """What was told to the person; nobody sees another one's."""

    datamodel = EagerInterface(Notice)
    route_base = "/notices"
    include_route_methods: ClassVar[set[str]] = {"list", "action", "action_post", "read_all"}
    base_permissions: ClassVar[list[str]] = ["can_list", "can_read_all", "read", "open"]
    permission_labels: ClassVar[dict[str, Any]] = {"can_read_all": _l("Mark all as read")}
    title = _l("Notices")
    list_columns = ["created_at", "kind", "text", "read_at"]
    label_columns = {
        "created_at": _l("Sent"),
        "kind": _l("Kind"),
        "text": _l("Notice"),
        "read_at": _l("Read"),
    }
    order_columns = ["created_at"]
    base_order = ("created_at", "desc")
    empty_text = _l("No notices.")
    quick_filters = (
        ("unread", _l("Unread"), lambda query, _user, _now: query.filter(Notice.read_at.is_(None))),
        ("all", _l("All"), lambda query, _user, _now: query),
        ("reminders", _l("Reminders"), _of(STAGES - MEASURES)),
        ("measures", _l("Measures"), _of(MEASURES)),
        ("news", _l("News of a matter"), _of(frozenset(NoticeKind) - STAGES - MEASURES)),
    )
    search_hint = _l("Words")

    def scope(self, query: Any) -> Any:
        """Return the person's own notices."""
        return query.filter(Notice.recipient_id == g.user.id, Notice.channel == SITE_CHANNEL)

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to words of the notice."""
        like = [c.contains(text, autoescape=True) for c in (Notice.subject, Notice.text)]
        return query.filter(or_(*like))

    def cell(self, item: Any, column: str) -> Any:
        """Return the kind's word, and the subject with the text below it."""
        if column == "kind":
            return label(item.kind)
        if column == "text" and item.subject:
            return escape(item.subject) + note(item.text)
        return super().cell(item, column)

    def row_class(self, item: Any) -> str:
        """Return bold for what was not read."""
        return "" if item.read_at else "is-unread"

    def row_buttons(self, item: Any) -> list[Button]:
        """Return the way to the case, or the read mark where there is none."""
        wanted = "open" if item.case_id else "read"
        if wanted == "read" and item.read_at:
            return []
        return [b for b in self.action_buttons(item) if b.href == self._address(wanted, item)]

    def _address(self, name: str, item: Any) -> str:
        return url_for(f"{self.endpoint}.action", name=name, pk=item.id)

    def page_buttons(self) -> list[Button]:
        """Return the mark for all of them."""
        if not unread_count():
            return []
        address = url_for(f"{self.endpoint}.read_all")
        return [Button(_("Mark all as read"), address, "post", icon="check-double")]

    @action("open", _l("Open the case"), "", "fa-arrow-right", multiple=False)
    def open(self, notice: Any) -> Any:
        """Mark the notice as read and go to its case, if the person still sees it."""
        case_id = notice.case_id
        _mark([notice.id])
        query = visible(g.user).where(Case.id == case_id).with_only_columns(Case.id)
        if db.session.execute(query).first() is None:
            flash(_("The case is no longer in your hands."), "warning")
            return redirect(self.list_url())
        return redirect(url_for("CasePage.show", case_id=case_id, back=self.list_url()))

    @action("read", _l("Mark notices as read"), "", "fa-check")
    def read(self, notices: Any) -> Any:
        """Mark notices as read."""
        rows = notices if isinstance(notices, list) else [notices]
        _mark([row.id for row in rows])
        return self.after_action()

    @expose("/read-all", methods=["POST"])
    @has_access
    def read_all(self) -> Any:
        """Mark all of the person's notices as read."""
        with unit_of_work():
            mark_read(by=g.user, now=clock.now())
        return redirect(self.list_url())


def _mark(keys: list[int]) -> None:
    with unit_of_work():
        mark_read(by=g.user, now=clock.now(), notice_ids=keys)


def unread_count() -> int:
    """Return how many notices the person has not read."""
    if "office_unread" not in g:
        query = select(func.count(Notice.id)).where(
            Notice.recipient_id == g.user.id,
            Notice.channel == SITE_CHANNEL,
            Notice.read_at.is_(None),
        )
        g.office_unread = int(db.session.execute(query).scalar_one())
    return g.office_unread


def register(appbuilder: AppBuilder) -> None:
    """Add the notices and put their number on the bell."""
    appbuilder.add_view_no_menu(NoticeView)
    theme.provide(current_app, unread=unread_count, bell_url=lambda: url_for("NoticeView.list"))
