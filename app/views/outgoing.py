"""发件箱: what left the house or waits to, with the server's own words, for 系统管理员."""

from typing import Any, ClassVar

from flask import current_app, flash, g
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import or_, select

from app.actions import outbox
from app.actions.channels import MAIL, WEBHOOK
from app.clock import now
from app.domain.notice_kinds import NoticeStatus, OutgoingStatus
from app.domain.refusals import Refusal
from app.fab.formats import NOTHING, datetime_zh
from app.fab.interface import EagerInterface
from app.fab.lists import ChoiceFilter
from app.models import Account, Notice, Outgoing
from app.models.notice import SITE_CHANNEL
from app.reports.message_preview import ABOUT_NO_CASE
from app.unit_of_work import unit_of_work
from app.views.case_rows import note
from app.views.labels import label
from app.views.messages import sentence
from app.views.work_list import WorkList

CHANNEL_WORDS = {MAIL: _l("E-mail"), WEBHOOK: _l("Push to another system")}
LOOKS = {
    OutgoingStatus.QUEUED: "info",
    OutgoingStatus.SENT: "done",
    OutgoingStatus.FAILED: "red",
    OutgoingStatus.SUPPRESSED: "muted",
}
FILE_END = ".eml"  # what the server's reply ends with where there is no server
LABELS = {
    "recipient": _l("Person"),
    "channel": _l("Channel"),
    "subject": _l("Subject"),
    "kind": _l("Kind"),
    "status": _l("State"),
    "created_at": _l("Written"),
    "attempts": _l("Attempts"),
    "next_try_at": _l("Next attempt"),
    "sent_at": _l("Sent at"),
    "reply": _l("Reply or reason"),
    "file": _l("Attachment"),
}


def channel_word(name: str) -> str:
    """Return the word of a channel; one without a word shows its name."""
    return str(CHANNEL_WORDS.get(name, name))


def own_people() -> Any:
    """Return the keys of the people of the administrator's own site."""
    query = select(Account.id)
    return query if g.user.site_id is None else query.where(Account.site_id == g.user.site_id)


def _status(status: OutgoingStatus) -> Any:
    return lambda query, _user, _now: query.filter(Outgoing.status == status)


class OutgoingView(WorkList):
    """Every message with what became of it; a failed one may be sent again."""

    datamodel = EagerInterface(Outgoing)
    route_base = "/outgoing"
    include_route_methods: ClassVar[set[str]] = {"list", "show", "action", "action_post"}
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "resend"]
    list_template = "work/outgoing.html"
    show_template = "work/outgoing_message.html"
    title = _l("Outbox")
    singular = _l("Message")
    list_columns = [
        "subject", "recipient", "channel", "status", "created_at", "reply",
    ]  # fmt: skip
    show_columns: ClassVar[list[str]] = [
        "recipient", "channel", "subject", "kind", "status", "created_at", "attempts",
        "next_try_at", "sent_at", "reply", "file",
    ]  # fmt: skip
    label_columns = LABELS
    order_columns = ["created_at"]
    base_order = ("created_at", "desc")
    eager = ("recipient", "file")
    empty_text = _l("No messages here.")
    search_hint = _l("Person, address or words")
    quick_filters = (
        ("queued", _l("Waiting to be sent"), _status(OutgoingStatus.QUEUED)),
        ("sent", _l("Messages sent"), _status(OutgoingStatus.SENT)),
        ("failed", _l("Failed sending"), _status(OutgoingStatus.FAILED)),
        ("unsent", _l("Not sent"), _status(OutgoingStatus.SUPPRESSED)),
        ("all", _l("All"), lambda query, _user, _now: query),
    )
    choice_filters = (
        ChoiceFilter(
            "channel",
            _l("All channels"),
            lambda: list(CHANNEL_WORDS.items()),
            lambda query, value: query.filter(Outgoing.channel == value),
        ),
    )

    def scope(self, query: Any) -> Any:
        """Return the messages to people of the administrator's own site."""
        return query.filter(Outgoing.recipient_id.in_(own_people()))

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to a person, an address, or words of subject and reply; not of the text."""
        columns = (Outgoing.subject, Outgoing.address, Outgoing.reply)
        like = [column.contains(text, autoescape=True) for column in columns]
        return query.filter(or_(*like, _named(Outgoing.recipient_id, text)))

    def cell(self, item: Any, column: str) -> Any:
        """Return who with his address, what became of it and when, and the text as it went."""
        if column == "recipient":
            return escape(item.recipient.name) + note(item.address)
        if column == "status":
            return status_cell(item)
        if column == "file":
            return item.file.name if item.file else NOTHING
        if column == "next_try_at" and item.status is not OutgoingStatus.QUEUED:
            return NOTHING
        if column == "kind":
            return label(item.kind)
        return channel_word(item.channel) if column == "channel" else super().cell(item, column)

    def row_class(self, item: Any) -> str:
        """Return red for what failed, grey for what was never sent."""
        looks = {OutgoingStatus.FAILED: "is-red", OutgoingStatus.SUPPRESSED: "is-muted"}
        return looks.get(item.status, "")

    def action_allowed(self, name: str, item: Any) -> bool:
        """Say that only what failed is sent again."""
        return name != "resend" or item.status is OutgoingStatus.FAILED

    def bulk_actions(self) -> list[Any]:
        """Return the ticks only where every row may be sent again."""
        return super().bulk_actions() if self._quick_key() == "failed" else []

    @action("resend", _l("Resend"), _l("Send this message again?"), "fa-paper-plane")
    def resend(self, messages: Any) -> Any:
        """Put failed messages back into the queue."""
        rows = messages if isinstance(messages, list) else [messages]
        refused = [words for words in map(_send_again, rows) if words]
        if len(refused) < len(rows):
            flash(_("Queued again: %(n)s messages.", n=len(rows) - len(refused)), "success")
        for words in refused:
            flash(words, "warning")
        return self.after_action()

    def render_template(self, template: str, **kwargs: Any) -> str:
        """Say where the letters lie if there is no mail server; add what never became one."""
        settings = current_app.config["SETTINGS"]
        is_written = not settings.smtp_host
        kwargs["mail_folder"] = f"instance/{settings.mail_folder.name}/" if is_written else ""
        if template == self.show_template:
            kwargs["message"] = message = self.fetch(kwargs["pk"])
            kwargs["is_open"] = message.kind in ABOUT_NO_CASE
        elif self._quick_key() in WaitingNoticeView.shared:
            view = next(v for v in self.appbuilder.baseviews if isinstance(v, WaitingNoticeView))
            kwargs |= {"notices": view._list()["list"], "notices_title": view.list_title}
        return super().render_template(template, **kwargs)


class WaitingNoticeView(WorkList):
    """Single notices that wait for their time, or were no longer true when it came."""

    datamodel = EagerInterface(Notice)
    route_base = "/outgoing-notices"
    class_permission_name = "OutgoingView"
    include_route_methods: ClassVar[set[str]] = {"list"}
    title = _l("Notices that are no message yet")
    list_columns = ["subject", "recipient", "channel", "status", "created_at", "send_at"]
    label_columns = LABELS | {"send_at": _l("Not before")}
    order_columns = ["created_at", "send_at"]
    base_order = ("created_at", "desc")
    eager = ("recipient",)
    empty_text = _l("No single notices here.")
    search_hint = OutgoingView.search_hint
    shared = ("queued", "unsent")  # tabs of the outbox under which this list stands too
    quick_filters = (
        ("queued", _l("Waiting to be sent"),
         lambda query, _user, _now: query.filter(Notice.status == NoticeStatus.WAITING)),
        ("unsent", _l("Not sent"),
         lambda query, _user, _now: query.filter(Notice.status == NoticeStatus.SUPPRESSED)),
    )  # fmt: skip

    def scope(self, query: Any) -> Any:
        """Return what was to leave the house and is in no message."""
        own = Notice.recipient_id.in_(own_people())
        return query.filter(own, Notice.channel != SITE_CHANNEL, Notice.outgoing_id.is_(None))

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to a person, or words of the subject."""
        columns = (Notice.subject,)
        like = [column.contains(text, autoescape=True) for column in columns]
        return query.filter(or_(*like, _named(Notice.recipient_id, text)))

    def cell(self, item: Any, column: str) -> Any:
        """Return who, on which channel, and what became of it with the reason; not the text."""
        if column == "recipient":
            return item.recipient.name
        if column == "status":
            look = "info" if item.status is NoticeStatus.WAITING else "muted"
            return _tag(look, label(item.status)) + note(item.status_note)
        return channel_word(item.channel) if column == "channel" else super().cell(item, column)


def _send_again(message: Outgoing) -> str:
    """Return why a message was not queued again; '' when it was."""
    key, name = message.id, message.recipient.name
    try:
        with unit_of_work():
            outbox.resend(key, by=g.user, now=now())
    except Refusal as refusal:
        return f"{name}：{sentence(refusal)}"
    return ""


def _named(column: Any, text: str) -> Any:
    people = select(Account.id).where(Account.first_name.contains(text, autoescape=True))
    return column.in_(people)


def _tag(look: str, words: str) -> Markup:
    return Markup('<span class="tag tag-{}">{}</span>').format(look, words)


def status_cell(item: Outgoing) -> Markup:
    """Return what became of a message, when, and after how many attempts."""
    look, words, when = LOOKS[item.status], label(item.status), ""
    if item.status is OutgoingStatus.SENT:
        when = datetime_zh(item.sent_at)
        if item.reply.endswith(FILE_END):
            look, words = "info", _("Written to a file")
    if item.status is OutgoingStatus.QUEUED:
        when = _("next attempt %(time)s", time=datetime_zh(item.next_try_at))
    tried = _("%(n)s attempts so far", n=item.attempts) if item.attempts else ""
    return _tag(look, words) + note(when) + note(tried)


def register(appbuilder: AppBuilder) -> None:
    """Add the outbox and the notices that wait for it."""
    appbuilder.add_view_no_menu(OutgoingView)
    appbuilder.add_view_no_menu(WaitingNoticeView)
