"""附件: scans of signed papers come in, go out as files only, and are made void with a reason."""

import logging
import mmap
from http import HTTPStatus
from typing import Any

from flask import abort, current_app, flash, g, redirect, send_file, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.actions.attachments import BroughtFile, attach, look_at_reporter, void_attachment
from app.actions.moves import lock_case
from app.actions.visibility import visible_attachments
from app.audit_log import deeds
from app.clock import now
from app.domain.audit import AuditAction
from app.domain.file_kinds import FileKind, recognise
from app.domain.file_names import page_count, shown_name
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.files import NotWhole, Shelf, StoredFile, attachments_shelf, pieces
from app.models import Attachment
from app.unit_of_work import unit_of_work
from app.views.attachment_panel import form_for, is_recorded, may_download, panel_of
from app.views.case_record import BIGGEST_KEY, CaseUnseen, seen_case, whole_case
from app.views.forms.attaching import AttachForm, VoidForm
from app.views.labels import label
from app.views.moves import STATUS, put_problems, refusal_of
from app.views.scene import Scene

log = logging.getLogger(__name__)
# The answer is a file and nothing else: no script in it, no page around it.
ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
GONE = HTTPStatus.GONE


class AttachmentView(BaseView):
    """The attachments of one case, through the case's door."""

    route_base = "/case"
    default_view = "page"
    extra_args = {"label": label}  # noqa: RUF012 (FAB's own way)

    @expose("/<int:case_id>/attachments", methods=["GET"])
    @has_access
    @permission_name("list")
    def page(self, case_id: int) -> Any:
        """Show the list and the form."""
        return self._page(_scene(case_id))

    @expose("/<int:case_id>/attachments", methods=["POST"])
    @has_access
    @permission_name("attach")
    def add(self, case_id: int) -> Any:
        """Keep the file with its record, or show the form again with the reason."""
        form = form_for(_scene(case_id), is_sent=True) or abort(403)
        if not form.validate():
            return self._page(_scene(case_id), form), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            paper = _keep(case_id, form)
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            put_problems(form, refusal)
            status = STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)
            return self._page(_scene(case_id), form), status
        flash(_("Attached to: %(paper)s.", paper=paper), "success")
        return redirect(_home(case_id))

    @expose("/<int:case_id>/attachments/<int:row_id>", methods=["GET"])
    @has_access
    @permission_name("download")
    def file(self, case_id: int, row_id: int) -> Any:
        """Send the file; one that shows the reporter is fetched by POST, which is recorded."""
        row = seen_scan(case_id, row_id)
        if not may_download(_scene(case_id), row):
            abort(404)
        if is_recorded(row.case, row):
            abort(405, valid_methods=["POST"])
        return self._send(row)

    @expose("/<int:case_id>/attachments/<int:row_id>", methods=["POST"])
    @has_access
    @permission_name("download")
    def recorded_file(self, case_id: int, row_id: int) -> Any:
        """Send the file and leave in the timeline that the reporter's data were looked at."""
        row = seen_scan(case_id, row_id)
        if not may_download(_scene(case_id), row):
            abort(404)
        return self._send(row)

    @expose("/<int:case_id>/attachments/<int:row_id>/void", methods=["GET"])
    @has_access
    @permission_name("void")
    def void(self, case_id: int, row_id: int) -> Any:
        """Ask for the reason."""
        return self._void_page(seen_scan(case_id, row_id), VoidForm(formdata=None))

    @expose("/<int:case_id>/attachments/<int:row_id>/void", methods=["POST"])
    @has_access
    @permission_name("void")
    def make_void(self, case_id: int, row_id: int) -> Any:
        """Make it void."""
        form, row = VoidForm(), seen_scan(case_id, row_id)
        if not form.validate():
            return self._void_page(row, form), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            with unit_of_work():
                row = seen_scan(case_id, row_id)
                void_attachment(lock_case(case_id), row, **form.values(), by=g.user, now=now())
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            put_problems(form, refusal)
            status = STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)
            return self._void_page(seen_scan(case_id, row_id), form), status
        flash(_("The attachment is void; it stays in the list with the reason."), "success")
        return redirect(_home(case_id))

    def _page(self, scene: Scene, form: AttachForm | None = None) -> str:
        return self.render_template(
            "case/attachments.html", title=_("Attachments"), case=scene.case,
            scans=panel_of(scene, form),
        )  # fmt: skip

    def _void_page(self, row: Attachment, form: VoidForm) -> str:
        form.mark_required(("reason",))
        return self.render_template(
            "case/void_attachment.html", title=_("Make the attachment void"), row=row, form=form,
            back=_home(row.case_id),
        )  # fmt: skip

    def _send(self, row: Attachment) -> Any:
        try:
            file = _shelf().open_whole(row.stored_name, row.sha256)
        except NotWhole:
            return _not_whole(row)
        try:
            _record_the_look(row)
        except BaseException:
            file.close()
            raise
        deeds.taken(
            AuditAction.DOWNLOADED, about=("attachments", row.id, label(row.paper)),
            case_id=row.case_id, sha256=row.sha256,
        )  # fmt: skip
        answer = send_file(
            file, mimetype=row.kind.media_type, as_attachment=True, download_name=row.name,
            conditional=False, etag=False,
        )  # fmt: skip
        answer.content_length = row.file_size
        answer.headers["Content-Security-Policy"] = ALONE
        return answer


def seen_scan(case_id: int, row_id: int) -> Attachment:
    """Return an attachment of the case that this person may know of; raises CaseUnseen."""
    if max(case_id, row_id) > BIGGEST_KEY:
        raise CaseUnseen
    query = select(Attachment).where(
        Attachment.id == row_id, Attachment.case_id == case_id, visible_attachments(g.user)
    )
    found = db.session.execute(query.execution_options(populate_existing=True))
    row = found.scalar_one_or_none()
    if row is None:
        raise CaseUnseen
    return row


def _keep(case_id: int, form: AttachForm) -> str:
    """Store the file and its record, both or neither; return the word of the paper."""
    upload, most = form.upload(), current_app.config["SETTINGS"].max_upload_mb
    if upload.stream.seek(0, 2) > most * 1024 * 1024:
        raise Refusal(Code.FILE_TOO_LARGE, field="file", most=most)
    kind = recognise(upload.stream)
    shelf = _shelf()
    with shelf.adding(pieces(upload.stream)) as stored:
        brought = _brought(shelf, stored, kind, upload.filename or "")
        with unit_of_work():
            seen_case(case_id, g.user)
            row = attach(lock_case(case_id), file=brought, **form.values(), by=g.user, now=now())
            is_there = row.stored_name != stored.name
            paper = label(row.paper)
    if is_there:  # the same form came twice
        shelf.remove(stored.name)
    return paper


def _brought(shelf: Shelf, stored: StoredFile, kind: FileKind, name: str) -> BroughtFile:
    with (
        shelf.path(stored.name).open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        pages = page_count(content, kind)
    return BroughtFile(kind, shown_name(name, kind), stored.size, stored.sha256, stored.name, pages)


def _record_the_look(row: Attachment) -> None:
    if not is_recorded(row.case, row):
        return
    try:
        with unit_of_work():
            found = seen_scan(row.case_id, row.id)
            look_at_reporter(lock_case(row.case_id), found, by=g.user, now=now())
    except Refusal:
        abort(404)


def _not_whole(row: Attachment) -> tuple[str, int]:
    """Say that the file is not what was stored, to the person and in the log; never send it."""
    log.error("attachment %s (%s) is missing or changed", row.id, row.stored_name)
    page = current_app.jinja_env.get_template("error.html")
    advice = _(
        "The file is missing or was changed since it was attached, so it is not given out. Tell"
        " your administrator the number of the attachment: %(number)s.", number=row.id,
    )  # fmt: skip
    title = _("The attachment is damaged")
    return page.render(title=title, advice=advice, code=GONE.value, back=_home(row.case_id)), GONE


def _scene(case_id: int) -> Scene:
    case = whole_case(case_id, g.user)
    return Scene(case.site_id, g.user, now(), case)


def _home(case_id: int) -> str:
    return url_for("CasePage.show", case_id=case_id, _anchor="attachments")


def _shelf() -> Shelf:
    return attachments_shelf(current_app.config["SETTINGS"])


def register(appbuilder: AppBuilder) -> None:
    """Add the pages; the case page leads there."""
    appbuilder.add_view_no_menu(AttachmentView)
