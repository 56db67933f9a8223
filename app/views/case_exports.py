"""导出台账 from a list of cases: the same filter, the same eyes, a file instead of a page."""

from typing import Any
from urllib.parse import urlencode

from flask import current_app, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app import clock
from app.actions.exports import ask, may_export
from app.domain.exports import ExportStatus
from app.domain.refusals import Refusal
from app.exporting import SMALL, count_wanted, write_export
from app.fab.lists import Button
from app.files import exports_shelf
from app.models import ExportRequest
from app.reports.case_lists import QUICK, SEARCH
from app.reports.searched import is_sealed
from app.unit_of_work import unit_of_work
from app.views.messages import sentence


class CaseExports:
    """Mixin: the two buttons of a list of cases, and what they do."""

    listing: str

    def page_buttons(self) -> list[Button]:
        """Return 导出台账, and with full phones for whom the workflow lets read them."""
        if not self.may("can_export"):  # type: ignore[attr-defined]
            return []
        found = [self._export_button("export", _("Export the ledger"), "", "file-excel")]
        if self.may("can_export_full") and may_export(g.user, is_full=True):  # type: ignore[attr-defined]
            question = _(
                "The file will hold names and telephone numbers in full. That you took it, and"
                " which matters are in it, is recorded. Go on?"
            )
            label = _("Export with full numbers")
            found.append(self._export_button("export_full", label, question, "file-shield"))
        return found

    def _export_button(self, method: str, label: str, question: str, icon: str) -> Button:
        address = url_for(f"{self.endpoint}.{method}", **self.chosen())  # type: ignore[attr-defined]
        return Button(label, address, "post", "default", question, icon)

    def chosen(self) -> dict[str, str]:
        """Return the arguments of the address that this list accepts, the tab by its name."""
        found = {QUICK: self._quick_key()}  # type: ignore[attr-defined]
        for chooser in self.choice_filters:  # type: ignore[attr-defined]
            value = request.args.get(chooser.key, "")
            if value in dict(chooser.offered()):
                found[chooser.key] = value
        words = self._search_words()  # type: ignore[attr-defined]
        value = request.args.get(SEARCH, "")
        return found | ({SEARCH: value if is_sealed(value) else words} if words else {})

    @expose("/export", methods=["POST"])
    @has_access
    def export(self) -> Any:
        """Write the list as a ledger, phones masked."""
        return export_list(self.listing, self.chosen(), self._back(), is_full=False)

    @expose("/export-full", methods=["POST"])
    @has_access
    def export_full(self) -> Any:
        """Write it with names and phones in full; the record says who took which cases."""
        return export_list(self.listing, self.chosen(), self._back(), is_full=True)

    def _back(self) -> str:
        return url_for(f"{self.endpoint}.list", **self.chosen())  # type: ignore[attr-defined]


def export_list(listing: str, chosen: dict[str, str], back: str, *, is_full: bool) -> Any:
    """Ask for the file; a short one is written at once and comes down, a long one by the job."""
    try:
        row, is_new = _ask(listing, urlencode(chosen), is_full=is_full)
    except Refusal as refusal:
        flash(sentence(refusal), "warning")
        return redirect(back)
    export_id, lease, status = row
    if is_new and lease:
        shelf = exports_shelf(current_app.config["SETTINGS"])
        written = write_export(export_id, lease, shelf=shelf, now=clock.now())
        status = written or ExportStatus.FAILED
    if status is ExportStatus.DONE:
        return redirect(url_for("ExportView.download", export_id=export_id))
    if not is_new:
        flash(_("This export has been asked for already and is under way."), "info")
    elif status is ExportStatus.QUEUED:
        flash(_("The ledger is being written. You may leave this page and come back."), "success")
    return redirect(url_for("ExportView.page"))


def _ask(listing: str, query: str, *, is_full: bool) -> tuple[tuple[int, str, ExportStatus], bool]:
    now = clock.now()
    with unit_of_work():
        rows = count_wanted(listing, query, by=g.user, at=now)
        row, is_new = ask(
            listing=listing, query=query, is_full=is_full, rows=rows, at_once=rows <= SMALL,
            by=g.user, now=now,
        )  # fmt: skip
        return _facts(row), is_new


def _facts(row: ExportRequest) -> tuple[int, str, ExportStatus]:
    return row.id, row.lease, row.status
