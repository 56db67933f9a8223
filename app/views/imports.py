"""导入: download a template, upload it, read every row's verdict, then import all or nothing."""

import json
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from io import BytesIO
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, send_file, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.const import AUTH_DB
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.actions import importing
from app.actions.import_rows import Judged
from app.actions.importing import PlanChanged, kinds_for, lock_run, note_upload, note_verdicts
from app.audit_log import deeds
from app.clock import now
from app.domain.audit import AuditAction
from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import TITLES, ImportKind, Outcome, RunStatus
from app.domain.refusals import Refusal
from app.extensions import db
from app.fab.accounts import hashed
from app.fab.lists import Pages
from app.files import NotWhole, Shelf, TooLarge, imports_shelf, pieces
from app.import_desk import Secrets, apply_file, judge_file, sweep, verdicts_json
from app.models import ImportRun, Site
from app.reports.import_template import template_xlsx
from app.sheet_reader import MOST_BYTES
from app.unit_of_work import unit_of_work
from app.views.case_record import BIGGEST_KEY
from app.views.import_words import (
    KIND_WORDS,
    OUTCOME_WORDS,
    STATUS_WORDS,
    fault_words,
    problem_words,
)
from app.views.messages import sentence
from app.views.records import sites

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 100  # verdicts at a time
RUNS = 20  # uploads listed
# Where the records are found afterwards.
LISTS: dict[ImportKind, str] = {
    ImportKind.UNITS: "UnitView.list",
    ImportKind.ACCOUNTS: "AccountAdminView.list",
    ImportKind.ROLES: "AccountAdminView.list",
    ImportKind.GROUP: "GroupMemberView.list",
    ImportKind.LEADERS: "LeaderRosterView.month",
    ImportKind.SHIFTS: "DutyWeekView.week",
    ImportKind.HOURS: "TimetableView.list",
    ImportKind.DAYS: "WorkCalendarView.year",
    ImportKind.LEDGER: "CaseView.list",
}


class ImportView(BaseView):
    """What may be imported is what may be changed by hand; each person sees their own uploads."""

    route_base = "/imports"
    default_view = "page"
    title = _l("Import")

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> Any:
        """Show the kinds this person may import, and the last uploads."""
        return self._start()

    def _start(self, problem: str = "", kind: ImportKind | None = None) -> Any:
        query = (
            select(ImportRun)
            .where(ImportRun.by_id == g.user.id)
            .order_by(ImportRun.uploaded_at.desc(), ImportRun.id.desc())
            .limit(RUNS)
        )
        return self.render_template(
            "imports/start.html",
            kinds=[(each, *KIND_WORDS[each]) for each in kinds_for(g.user)],
            runs=list(db.session.scalars(query)),
            kind_words=KIND_WORDS,
            status_words=STATUS_WORDS,
            sites=[site for site in sites() if site.is_active],
            problem=problem,
            refused_kind=kind,
            most_mb=MOST_BYTES // (1024 * 1024),
        )

    @expose("/template/<kind>", methods=["GET"])
    @has_access
    @permission_name("page")
    def template(self, kind: str) -> Any:
        """Hand out the empty workbook of a kind."""
        wanted = _kind(kind)
        return _download(template_xlsx(wanted), _("%(kind)s import template",
                         kind=TITLES[wanted]) + ".xlsx")  # fmt: skip

    @expose("/upload/<kind>", methods=["POST"])
    @has_access
    @permission_name("change")
    def upload(self, kind: str) -> Any:
        """Judge a file row by row; nothing is written but its record."""
        wanted, site = _kind(kind), _site()
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return self._refused(wanted, _("Choose a file first."))
        shelf, name = _shelf(), sent.filename.replace("\\", "/").rpartition("/")[2]
        sweep(shelf, known=_known_files, now=now())
        try:
            with closing(sent), shelf.adding(pieces(sent.stream), limit=MOST_BYTES) as stored:
                judged = judge_file(
                    shelf.path(stored.name), name=name, kind=wanted, site_id=site.id,
                    by=g.user, now=now(),
                )  # fmt: skip
                run_id = _note(shelf, judged, stored, name, wanted, site)
        except TooLarge:
            fault = BadImport(Fault.TOO_LARGE, most=MOST_BYTES // (1024 * 1024))
            return self._refused(wanted, fault_words(fault))
        except (BadImport, Refusal) as error:
            return self._refused(wanted, fault_words(error))
        return redirect(url_for("ImportView.run", run_id=run_id))

    def _refused(self, kind: ImportKind, words: str) -> Any:
        return self._start(words, kind), HTTPStatus.UNPROCESSABLE_ENTITY

    @expose("/run/<int:run_id>", methods=["GET"])
    @has_access
    @permission_name("page")
    def run(self, run_id: int) -> Any:
        """Show the verdict on every row, a page at a time, the bad ones alone if asked."""
        run = _own(run_id)
        content = _verdicts(run)
        rows, shown = content.get("rows", []), request.args.get("show", "")
        if shown in set(Outcome):
            rows = [row for row in rows if row["outcome"] == shown]
        pages = _pages(len(rows))
        return self.render_template(
            "imports/run.html",
            run=run, rows=rows[pages.page * PAGE : (pages.page + 1) * PAGE], pages=pages,
            shown=shown, ignored=content.get("ignored", []), tabs=_tabs(run),
            kind_word=KIND_WORDS[run.kind][0], outcome_words=OUTCOME_WORDS,
            status_word=STATUS_WORDS[run.status], list_url=url_for(LISTS[run.kind]),
            has_verdicts=bool(content),
        )  # fmt: skip

    @expose("/apply/<int:run_id>", methods=["POST"])
    @has_access
    @permission_name("change")
    def apply(self, run_id: int) -> Any:
        """Import every row of the file, once; or show what has changed since the dry run."""
        run, shelf = _own(run_id), _shelf()
        back = redirect(url_for("ImportView.run", run_id=run_id))
        if run.status is not RunStatus.WAITING:
            flash(_("This file has been dealt with already."), "info")
            return back
        secret = _secrets(run)
        try:
            shelf.open_whole(run.stored_name, run.sha256).close()
            with unit_of_work():
                run = lock_run(run_id, by=g.user)
                path, kept = shelf.path(run.stored_name), run.stored_name
                apply_file(run, path, secret=secret, shelf=shelf, by=g.user, now=now())
                run.stored_name = ""
        except NotWhole:
            flash(_("The uploaded file is gone. Upload it again."), "danger")
        except PlanChanged as changed:
            _show_anew(shelf, run_id, changed.judged)
        except (BadImport, Refusal) as error:
            flash(fault_words(error), "danger")
        else:
            shelf.remove(kept)
            flash(_("All rows have been imported."), "success")
        return back

    @expose("/drop/<int:run_id>", methods=["POST"])
    @has_access
    @permission_name("change")
    def drop(self, run_id: int) -> Any:
        """Give an upload up; its file goes at once."""
        _own(run_id)
        try:
            with unit_of_work():
                run = lock_run(run_id, by=g.user)
                importing.drop(run, by=g.user, now=now())
                names, run.stored_name, run.verdicts_name = _names(run), "", ""
        except Refusal as refusal:
            flash(sentence(refusal), "info")
            return redirect(url_for("ImportView.run", run_id=run_id))
        for name in names:
            _shelf().remove(name)
        flash(_("The upload was given up. Nothing was imported."), "success")
        return redirect(url_for("ImportView.page"))

    @expose("/passwords/<int:run_id>", methods=["POST"])
    @has_access
    @permission_name("change")
    def passwords(self, run_id: int) -> Any:
        """Hand out the initial passwords, once."""
        _own(run_id)
        with unit_of_work():
            run = db.session.get_one(ImportRun, run_id, with_for_update=True)
            name, run.secrets_name = run.secrets_name, ""
        try:
            path = _shelf().path(name)
        except FileNotFoundError:
            flash(_("The initial passwords have been downloaded already. Set a new password in the"
                    " list of accounts for whoever has none."), "warning")  # fmt: skip
            return redirect(url_for("ImportView.run", run_id=run_id))
        content = path.read_bytes()
        _shelf().remove(name)
        deeds.taken(AuditAction.DOWNLOADED, about=("import_runs", run_id, _("Initial passwords")))
        return _download(content, _("Initial passwords") + ".xlsx")


def _secrets(run: ImportRun) -> Secrets:
    """Return what new accounts log in with; under single sign-on nobody has a password here."""
    count = run.rows_new if run.kind is ImportKind.ACCOUNTS else 0
    if current_app.config["AUTH_TYPE"] != AUTH_DB:
        return Secrets.without(count)
    return Secrets.of(count, hashed)


def _shelf() -> Shelf:
    return imports_shelf(current_app.config["SETTINGS"])


def _known_files() -> list[str]:
    """Return the names of the files some record still needs."""
    rows = db.session.execute(
        select(ImportRun.stored_name, ImportRun.verdicts_name, ImportRun.secrets_name)
    )
    return [name for row in rows for name in row if name]


def _kind(text: str) -> ImportKind:
    """Return the kind in the address; 404 for none, 403 for one this person may not import."""
    if text not in set(ImportKind):
        abort(404)
    kind = ImportKind(text)
    return kind if kind in kinds_for(g.user) else abort(403)


def _site() -> Site:
    """Return the site of the form, else the person's first one; 404 for another's."""
    offered = {str(site.id): site for site in sites() if site.is_active}
    wanted = request.form.get("site", "") or next(iter(offered), "")
    return offered.get(wanted) or abort(404)


def _own(run_id: int) -> ImportRun:
    """Return one's own upload of a kind one may still import; 404 for any other."""
    run = db.session.get(ImportRun, run_id) if run_id <= BIGGEST_KEY else None
    if run is None or run.by_id != g.user.id or run.kind not in kinds_for(g.user):
        abort(404)
    return run


def _note(
    shelf: Shelf, judged: Judged, stored: Any, name: str, kind: ImportKind, site: Site
) -> int:
    with shelf.adding([verdicts_json(judged, problem_words)]) as verdicts, unit_of_work():
        run = note_upload(
            kind, judged, file_name=name, upload=stored, verdicts=verdicts,
            site_id=site.id, by=g.user, now=now(),
        )  # fmt: skip
        return int(run.id)


def _show_anew(shelf: Shelf, run_id: int, judged: Judged) -> None:
    """Keep the new verdicts for the person to read; nothing of the import was written."""
    with shelf.adding([verdicts_json(judged, problem_words)]) as verdicts, unit_of_work():
        run = lock_run(run_id, by=g.user)
        former = run.verdicts_name
        note_verdicts(run, judged, verdicts=verdicts)
    shelf.remove(former)
    flash(_("Records have changed since the check: nothing was imported. Read the verdicts again."),
          "warning")  # fmt: skip


def _verdicts(run: ImportRun) -> dict[str, Any]:
    """Return the stored verdicts; nothing once they were swept."""
    try:
        content: dict[str, Any] = json.loads(_shelf().path(run.verdicts_name).read_bytes())
    except FileNotFoundError:
        return {}
    return content


def _names(run: ImportRun) -> list[str]:
    return [name for name in (run.stored_name, run.verdicts_name) if name]


def _tabs(run: ImportRun) -> list[tuple[str, Any, int]]:
    counts: dict[Outcome, Callable[[], int]] = {
        Outcome.BAD: lambda: run.rows_bad,
        Outcome.NEW: lambda: run.rows_new,
        Outcome.CHANGED: lambda: run.rows_changed,
        Outcome.SAME: lambda: run.rows_same,
        Outcome.LEFT_OUT: lambda: run.rows_left_out,
    }
    tabs = [(each.value, OUTCOME_WORDS[each][1], count()) for each, count in counts.items()]
    return [("", _l("All"), sum(n for _value, _word, n in tabs)), *tabs]


def _pages(count: int) -> Pages:
    last = max(0, (count - 1) // PAGE)
    page = request.args.get("page_rows", default=0, type=int)
    return Pages("rows", min(max(page, 0), last), PAGE, count)


def _download(content: bytes, name: str) -> Any:
    answer = send_file(BytesIO(content), XLSX, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def register(appbuilder: AppBuilder) -> None:
    """Add the page."""
    appbuilder.add_view_no_menu(ImportView)
