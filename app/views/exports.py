"""我的导出: how far each file is, fetching it, giving it up; only the person who asked sees it."""

from typing import Any
from urllib.parse import parse_qsl

from flask import abort, current_app, flash, g, redirect, send_file, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.actions import audit
from app.actions.exports import cancel, file_of, own_export, own_exports, remove
from app.audit_log import deeds
from app.domain.audit import AuditAction
from app.domain.exports import UNFINISHED, ExportStatus
from app.domain.refusals import Code, Refusal
from app.exporting import SMALL, file_name
from app.files import Shelf, exports_shelf
from app.models import ExportRequest
from app.reports.case_lists import SEARCH
from app.reports.searched import words_of
from app.unit_of_work import unit_of_work
from app.views.case_exports import export_list
from app.views.case_list import CaseList
from app.views.labels import label
from app.views.messages import sentence
from app.views.moment import moment

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOOKS = {
    ExportStatus.QUEUED: "info",
    ExportStatus.RUNNING: "info",
    ExportStatus.DONE: "done",
    ExportStatus.FAILED: "red",
}


class ExportView(BaseView):
    """Every export of the person, the newest first."""

    route_base = "/exports"
    default_view = "page"
    title = _l("My exports")

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> Any:
        """Show them; while one is being written the page looks again by itself."""
        lists = self._lists()
        rows = own_exports(g.user)
        return self.render_template(
            "work/exports.html",
            rows=[(row, _list_name(lists, row), _words(lists, row)) for row in rows],
            is_waiting=any(row.status in UNFINISHED for row in rows),
            looks=LOOKS,
            word=label,
            size=size_words,
            small=SMALL,
            keep_days=moment().rules.export_keep_days,
        )

    @expose("/download/<int:export_id>", methods=["GET"])
    @has_access
    def download(self, export_id: int) -> Any:
        """Hand the file over to whoever asked for it, if he would be given the same today."""
        try:
            row = file_of(export_id, by=g.user)
            path = _shelf().path(row.stored_name)
        except Refusal as refusal:
            return _refused(refusal)
        except FileNotFoundError:
            return _refused(Refusal(Code.EXPORT_NOT_READY))
        deeds.taken(
            AuditAction.DOWNLOADED, about=("export_requests", row.id, row.title),
            rows=row.rows_total, is_full=row.is_full, sha256=row.sha256,
        )  # fmt: skip
        answer = send_file(path, XLSX, as_attachment=True, download_name=file_name(row))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/cancel/<int:export_id>", methods=["POST"])
    @has_access
    @permission_name("change")
    def cancel(self, export_id: int) -> Any:
        """Give up an export that is not finished."""
        try:
            with unit_of_work():
                cancel(export_id, by=g.user, now=clock.now())
        except Refusal as refusal:
            return _refused(refusal)
        flash(_("The export was cancelled."), "success")
        return redirect(url_for("ExportView.page"))

    @expose("/remove/<int:export_id>", methods=["POST"])
    @has_access
    @permission_name("change")
    def remove(self, export_id: int) -> Any:
        """Take a file away before its time."""
        try:
            with unit_of_work():
                stored = remove(export_id, by=g.user, now=clock.now())
        except Refusal as refusal:
            return _refused(refusal)
        _shelf().remove(stored)
        flash(_("The file was deleted."), "success")
        return redirect(url_for("ExportView.page"))

    @expose("/again/<int:export_id>", methods=["POST"])
    @has_access
    @permission_name("change")
    def again(self, export_id: int) -> Any:
        """Ask for the same once more, with the rights of today."""
        try:
            row = own_export(export_id, by=g.user)
        except Refusal as refusal:
            return _refused(refusal)
        listing, query, is_full = row.listing, row.query, row.is_full
        view = self._lists().get(listing) or abort(404)
        if not view.may("can_export_full" if is_full else "can_export"):
            abort(403)
        back = url_for("ExportView.page")
        return export_list(listing, dict(parse_qsl(query)), back, is_full=is_full)

    def _lists(self) -> dict[str, CaseList]:
        views = self.appbuilder.baseviews
        return {view.listing: view for view in views if isinstance(view, CaseList)}


def _shelf() -> Shelf:
    return exports_shelf(current_app.config["SETTINGS"])


def _refused(refusal: Refusal) -> Any:
    audit.refused(refusal)
    if refusal.code is Code.NOT_FOUND:
        abort(404)
    flash(sentence(refusal), "warning")
    return redirect(url_for("ExportView.page"))


def _list_name(lists: dict[str, CaseList], row: ExportRequest) -> str:
    return str(lists[row.listing].title) if row.listing in lists else ""


def _words(lists: dict[str, CaseList], row: ExportRequest) -> str:
    """Return the filter in words: 全部；2026年；检索“慢病”."""
    view, chosen = lists.get(row.listing), dict(parse_qsl(row.query))
    if view is None:
        return ""
    words = [str(tab.label) for tab in view.tabs if tab.key == chosen.get("quick")]
    for chooser in view.selects:
        if chooser.key in chosen:
            words.append(str(dict(chooser.offered()).get(chosen[chooser.key], "")))
    searched = words_of(chosen.get(SEARCH, ""), account_id=row.by_id)
    if searched:
        words.append(_("search “%(words)s”", words=searched))
    return "；".join(filter(None, words))


def size_words(size: int) -> str:
    """Return how large a file is, as people say it."""
    if size < 1 << 20:
        return _("%(n)s KB", n=max(1, round(size / 1024)))
    return _("%(n)s MB", n=f"{size / (1 << 20):.1f}")


def register(appbuilder: AppBuilder) -> None:
    """Add the page."""
    appbuilder.add_view_no_menu(ExportView)
