"""附件 of a case as a person may see them: the list, and the form for one more."""

from dataclasses import dataclass

from flask import current_app, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.actions.attachments import may_void, open_slots, slots
from app.actions.visibility import visible_attachments
from app.domain.states import Action
from app.extensions import db
from app.models import Account, Attachment, Case
from app.views.forms.attaching import AttachForm
from app.views.labels import label
from app.views.reporter import sees_reporter
from app.views.scene import Scene

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class ScanRow:
    """One line of the list: `href` downloads it, by POST when the look is recorded."""

    scan: Attachment
    title: str
    size: str
    href: str
    is_recorded: bool
    void_href: str


@dataclass(frozen=True)
class Panel:
    """What the section shows; without a form there is nothing this person may add."""

    rows: list[ScanRow]
    form: AttachForm | None
    most_mb: int

    @property
    def count(self) -> int:
        """Return how many there are that count."""
        return sum(not row.scan.is_void for row in self.rows)


def panel_of(scene: Scene, form: AttachForm | None = None) -> Panel:
    """Return the section for this person, with the form as it was sent or a fresh one."""
    case = case_of(scene)
    titles = {(s.paper, s.record_id): label(s.paper) + s.detail for s in slots(case)}
    rows = [
        ScanRow(
            scan=row,
            title=titles.get((row.paper, row.record_id), label(row.paper)),
            size=size_text(row.file_size),
            href=_address("file", row) if may_download(scene, row) else "",
            is_recorded=is_recorded(case, row),
            void_href=_address("void", row) if may_void(case, row, scene.by) else "",
        )
        for row in seen_scans(case, scene.by)
    ]
    return Panel(rows, form or form_for(scene), current_app.config["SETTINGS"].max_upload_mb)


def form_for(scene: Scene, *, is_sent: bool = False) -> AttachForm | None:
    """Return the form with what this person may add to, or None for nothing."""
    offered = open_slots(case_of(scene), scene.by)
    if not offered:
        return None
    form = AttachForm() if is_sent else AttachForm(formdata=None)
    form.offer_slots(offered, current_app.config["SETTINGS"].max_upload_bytes)
    return form


def seen_scans(case: Case, by: Account) -> list[Attachment]:
    """Return the attachments of a case through the door, in the order they came."""
    query = (
        select(Attachment)
        .where(Attachment.case_id == case.id, visible_attachments(by))
        .options(
            joinedload(Attachment.attached_by).joinedload(Account.unit),
            joinedload(Attachment.voided_by),
        )
        .order_by(Attachment.id)
    )
    return list(db.session.execute(query).scalars())


def is_recorded(case: Case, row: Attachment) -> bool:
    """Return whether a look at it is left in the timeline, as one at the whole number is."""
    return row.shows_reporter and bool(case.phone)


def may_download(scene: Scene, row: Attachment) -> bool:
    """Return whether this person may fetch it: the reporter's data by the rule of the number."""
    case = case_of(scene)
    if not row.shows_reporter:
        return True
    if case.masked_at is not None:  # the archive keeps the paper
        return False
    is_free = not is_recorded(case, row) or Action.REVEAL_PHONE in scene.allowed
    return sees_reporter(case, scene.by) and is_free


def case_of(scene: Scene) -> Case:
    """Return the scene's case."""
    if scene.case is None:
        raise LookupError("attachments need their case")
    return scene.case


def size_text(size: int) -> str:
    """Return 830 KB or 2.4 MB."""
    if size < MEGABYTE:
        return f"{-(-size // 1024)} KB"
    return f"{size / MEGABYTE:.1f} MB"


def _address(method: str, row: Attachment) -> str:
    return url_for(f"AttachmentView.{method}", case_id=row.case_id, row_id=row.id)
