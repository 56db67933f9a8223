"""审计日志: who did what, when and from where, for 审计员; nothing here can be changed."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import current_app, request, send_file, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import String, and_, cast, func, or_, select

from app.actions.audit_chain import CASE_EVENT
from app.audit_log import deeds
from app.domain.audit import AuditAction, AuditResult
from app.extensions import db
from app.fab.formats import NOTHING
from app.fab.interface import EagerInterface
from app.fab.lists import Button, ChoiceFilter
from app.files import exports_shelf
from app.models import Account, AuditEntry, Case, CaseEvent
from app.reports.audit_xlsx import write_log
from app.views.audit_words import ACTIONS, OBJECTS, RESULTS, difference
from app.views.case_rows import note
from app.views.job_words import job_label
from app.views.moment import moment
from app.views.work_list import WorkList

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 100_000
CHUNK = 1000
# The columns of the workbook; a longer log is taken month by month.
WRITTEN = (
    "id", "at", "account_name", "roles", "action", "object_type", "object_name", "after",
    "result", "address", "reference", "browser",
)  # fmt: skip
DAY, INSTANT = dt.timedelta(days=1), dt.timedelta(microseconds=1)
MONTHS = 36
SEARCHED_DAYS = "31"  # where no time is chosen
DOOR = (
    AuditAction.LOGIN, AuditAction.LOGIN_FAILED, AuditAction.LOCKED, AuditAction.UNLOCKED,
    AuditAction.LOGOUT, AuditAction.PASSWORD_CHANGED, AuditAction.PASSWORD_RESET,
)  # fmt: skip
SETUP = (
    AuditAction.CREATED, AuditAction.CHANGED, AuditAction.DELETED, AuditAction.IMPORTED,
    AuditAction.COMMAND,
)  # fmt: skip
CASES = (AuditAction.CASE_EVENT, AuditAction.REVEALED, AuditAction.ATTACHED)
OUT = (AuditAction.EXPORTED, AuditAction.DOWNLOADED, AuditAction.PRINTED)
MACHINE = (
    AuditAction.JOB_RUN, AuditAction.BACKED_UP, AuditAction.BACKUP_CHECKED, AuditAction.RESTORED,
    AuditAction.ANCHORED, AuditAction.ARCHIVED, AuditAction.RESENT, AuditAction.MESSAGES_RELEASED,
)  # fmt: skip


class LogInterface(EagerInterface):
    """A table of years: counted as far as anybody leafs."""

    most_counted = 10_000


def _of(*actions: AuditAction) -> Any:
    return lambda query, _user, _now: query.filter(AuditEntry.action.in_(actions))


def _refused(query: Any, _user: object, _now: object) -> Any:
    return query.filter(AuditEntry.result != AuditResult.DONE)


def _periods() -> list[tuple[str, Any]]:
    """Return the last days and the months of three years, as far as the log reaches back."""
    first = db.session.scalar(select(AuditEntry.at).order_by(AuditEntry.id).limit(1))
    month = moment().now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [("1", _("Today")), ("7", _("Last 7 days")), ("30", _("Last 30 days"))]
    for _n in range(MONTHS):
        if first is None or month + 31 * DAY < first:
            break
        found.append((f"{month:%Y-%m}", f"{month.year}年{month.month}月"))
        month = (month - DAY).replace(day=1)
    return found


def _within(query: Any, value: str) -> Any:
    return query.filter(_in_period(value))


def _in_period(value: str) -> Any:
    """Return the condition of the last so many days, or of a month."""
    today = moment().now.replace(hour=0, minute=0, second=0, microsecond=0)
    if "-" not in value:
        return _with_numbers(AuditEntry.at >= today - (int(value) - 1) * DAY)
    start = dt.datetime.strptime(value, "%Y-%m").replace(tzinfo=today.tzinfo)
    end = (start + 31 * DAY).replace(day=1)
    return _with_numbers((AuditEntry.at >= start) & (AuditEntry.at < end))


def _with_numbers(of_it: Any) -> Any:
    """Return a time's condition with its first and last number: newest first, the database would
    otherwise walk the log back from its end to get there.
    """
    # + 0: of the bare number it would look for the least by walking, too.
    number = AuditEntry.id + 0
    first, last = (
        select(each(number)).where(of_it).scalar_subquery() for each in (func.min, func.max)
    )
    return and_(of_it, AuditEntry.id >= first, AuditEntry.id <= last)


def _of_case(number: str) -> Any:
    """Return the condition of what was ever done about the matter of this number, or None."""
    key = db.session.scalar(select(Case.id).where(Case.ledger_no == number))
    if key is None:
        return None
    events = select(cast(CaseEvent.id, String)).where(CaseEvent.case_id == key)
    return or_(
        AuditEntry.object_type.in_(("case", "cases")) & (AuditEntry.object_id == str(key)),
        (AuditEntry.object_type == CASE_EVENT) & AuditEntry.object_id.in_(events),
    )


def _is_period_chosen() -> bool:
    return request.args.get("period", "") in dict(_periods())


def _people() -> list[tuple[str, str]]:
    query = select(Account.id, Account.first_name, Account.username).order_by(Account.username)
    return [(str(key), f"{name}（{user}）") for key, name, user in db.session.execute(query)]


class AuditView(WorkList):
    """The entries, newest first."""

    datamodel = LogInterface(AuditEntry)
    route_base = "/audit"
    include_route_methods: ClassVar[set[str]] = {"list", "show", "take"}
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_take"]
    title = _l("Audit log")
    show_title = _l("Entry of the audit log")
    list_columns = ["id", "at", "account_name", "action", "object_name", "after", "address"]
    show_columns: ClassVar[list[str]] = [
        "id", "at", "account_name", "action", "result", "object_name", "after", "address",
        "reference", "browser", "prev_hash", "hash",
    ]  # fmt: skip
    label_columns = {
        "id": _l("No."),
        "at": _l("Time"),
        "account_name": _l("Done by"),
        "action": _l("Deed"),
        "result": _l("Result of the deed"),
        "object_name": _l("Object"),
        "after": _l("Before and after"),
        "address": _l("From"),
        "reference": _l("Reference number"),
        "browser": _l("Browser or command"),
        "roles": _l("Role"),
        "object_type": _l("Kind"),
        "prev_hash": _l("Digest of the entry before"),
        "hash": _l("Digest"),
    }
    order_columns = ["id"]
    base_order = ("id", "desc")
    empty_text = _l("Nothing is recorded here.")
    search_hint = _l("Number, name or address; last 31 days by default")
    quick_filters = (
        ("all", _l("All"), lambda query, _user, _now: query),
        ("door", _l("Log-ins"), _of(*DOOR)),
        ("setup", _l("Settings and accounts"), _of(*SETUP)),
        ("cases", _l("Matters"), _of(*CASES)),
        ("out", _l("Exports and prints"), _of(*OUT)),
        ("machine", _l("Jobs and backups"), _of(*MACHINE)),
        ("refused", _l("Refused or failed"), _refused),
    )
    choice_filters = (
        ChoiceFilter("period", _l("Any time"), _periods, _within),
        ChoiceFilter(
            "person", _l("Everybody"), _people,
            lambda query, value: query.filter(AuditEntry.account_id == int(value)),
        ),
        ChoiceFilter(
            "action", _l("All deeds"), lambda: list(ACTIONS.items()),
            lambda query, value: query.filter(AuditEntry.action == AuditAction(value)),
        ),
        ChoiceFilter(
            "object", _l("All objects"), lambda: list(OBJECTS.items()),
            lambda query, value: query.filter(AuditEntry.object_type == value),
        ),
    )  # fmt: skip

    def search_text(self, query: Any, text: str) -> Any:
        """Narrow to a person, an object, an address or a request's reference number.

        Words are looked for in one time only: of years, that would read every entry. What was
        done about a matter is found by its number at any time.
        """
        columns = (
            AuditEntry.account_name, AuditEntry.object_name, AuditEntry.address,
            AuditEntry.reference,
        )  # fmt: skip
        found = or_(*(c.contains(text, autoescape=True) for c in columns))
        if not _is_period_chosen():
            found &= _in_period(SEARCHED_DAYS)
        about = _of_case(text)
        return query.filter(found if about is None else or_(found, about))

    def page_buttons(self) -> list[Button]:
        """Return the export of what is shown."""
        if not self.may("can_take"):
            return []
        address = url_for("AuditView.take", **request.args.to_dict())
        question = _("The export is itself an entry of the log. Go on?")
        label = _("Export the audit log")
        return [Button(label, address, "post", "default", question, "file-excel")]

    def cell(self, item: Any, column: str) -> Any:
        """Return words for codes, and what changed as a line for each fact."""
        if column == "account_name":
            return escape(item.account_name or _("Not logged in")) + note(item.roles)
        if column == "action":
            words = ACTIONS[item.action]
            is_done = item.result is AuditResult.DONE
            return words if is_done else escape(words) + note(RESULTS[item.result])
        if column == "result":
            return RESULTS[item.result]
        if column == "object_name":
            return escape(_name(item)) + note(_kind(item))
        if column == "after":
            lines = difference(item.before, item.after)
            return Markup("<br>").join(escape(line) for line in lines) or NOTHING
        if column == "address":
            return escape(item.address) + note(item.reference)
        return super().cell(item, column)

    @expose("/take", methods=["POST"])
    @has_access
    def take(self) -> Any:
        """Write what the list shows into a workbook; that it was taken is an entry too."""
        steps, title = self._panel_steps(), str(self.title)
        with exports_shelf(current_app.config["SETTINGS"]).workplace() as folder:
            path = folder / "log.xlsx"
            head = [str(self.label_columns[name]) for name in WRITTEN]
            count = write_log(path, title, head, _rows(steps))
            content = path.open("rb")  # read to its end after its folder is gone
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        deeds.taken(
            AuditAction.EXPORTED, about=("audit", "", title), rows=count, sha256=digest,
            query=urlencode(self._chosen()),
        )  # fmt: skip
        name = f"{title}（{moment().now:%Y-%m-%d}）.xlsx"
        return send_file(content, XLSX, as_attachment=True, download_name=name)

    def _chosen(self) -> dict[str, str]:
        """Return the filter in words, as the log tells of it."""
        panel = self._panel()
        tab = next(str(label) for _key, label, _href, is_on in panel.tabs if is_on)
        selects = {c.key: str(dict(offered).get(value, "")) for c, offered, value in panel.selects}
        return (
            {"tab": tab}
            | {key: text for key, text in selects.items() if text}
            | ({"q": "…"} if panel.text else {})
        )


def _rows(steps: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield the newest rows of a filtered log, page by page by their numbers."""
    last, left = None, MOST_ROWS
    while left > 0:
        query = db.session.query(*AuditEntry.__table__.columns)
        for step in steps:
            query = step(query)
        if last is not None:
            query = query.filter(AuditEntry.id < last)
        rows = query.order_by(AuditEntry.id.desc()).limit(min(CHUNK, left)).all()
        for row in rows:
            yield _written(row)
        if not rows:
            return
        last, left = rows[-1].id, left - len(rows)


def _written(row: Any) -> list[Any]:
    return [
        row.id, row.at, row.account_name, row.roles, str(ACTIONS[row.action]), _kind(row),
        _name(row), "\n".join(difference(row.before, row.after)),
        str(RESULTS[row.result]), row.address, row.reference, row.browser,
    ]  # fmt: skip


def _name(item: Any) -> str:
    """Return what the object is called; a job by its Chinese name."""
    return job_label(item.object_name or item.object_id)


def _kind(item: Any) -> str:
    return str(OBJECTS.get(item.object_type, item.object_type))


def register(appbuilder: AppBuilder) -> None:
    """Add the log."""
    appbuilder.add_view_no_menu(AuditView)
