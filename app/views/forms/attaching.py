"""The forms of 附件: a scan with the record it belongs to, and why one is made void."""

import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField

from app.actions.attachments import Slot
from app.domain.attachable import WITH_REPORTER, PaperKind
from app.domain.file_kinds import FileKind
from app.domain.refusals import Code, Refusal
from app.fab.fields import FilePicker
from app.views.field_words import FIELDS
from app.views.forms.parts import LateChoice, MoveForm, text, tidy
from app.views.labels import label

# Kinds and extensions: each browser understands some of them. A photo taken by a phone is a JPEG.
ACCEPTED = ",".join(
    (*(f".{kind}" for kind in FileKind), ".jpeg", *(k.media_type for k in FileKind))
)
PHOTOS = f"{FileKind.JPG.media_type},{FileKind.PNG.media_type}"
LONGEST_NOTE = 200


class AttachForm(MoveForm):
    """上传附件: which record, which file (or a photo taken now), a note."""

    slot = LateChoice(FIELDS["slot"], coerce=str)
    file = FileField(FIELDS["file"], widget=FilePicker(), render_kw={"accept": ACCEPTED})
    photo = FileField(
        FIELDS["photo"], widget=FilePicker(), render_kw={"accept": PHOTOS, "capture": "environment"}
    )
    remark = text("remark", LONGEST_NOTE)
    shows_reporter = BooleanField(_l("Name or phone of the reporter can be read on it"))
    form_key = HiddenField(filters=[lambda key: tidy(key)[:40]])

    def offer_slots(self, slots: list[Slot], most_bytes: int) -> None:
        """Offer the records; the browser says at once that a file is too large."""
        self.slot.fill((slot.key, label(slot.paper) + slot.detail) for slot in slots)
        for field in (self.file, self.photo):
            field.render_kw = {**field.render_kw, "data-most-bytes": str(most_bytes)}
        if not self.form_key.data:
            self.form_key.data = secrets.token_hex(16)
        self.mark_required(("slot", "file"))

    @property
    def always_named(self) -> str:
        """Return the papers that show the reporter in any case, as the page tells them."""
        return "、".join(label(paper) for paper in PaperKind if paper in WITH_REPORTER)

    def upload(self) -> FileStorage:
        """Return the one file that was sent; raises Refusal for none and for two."""
        sent = [found for found in (self.file.data, self.photo.data) if found]
        if len(sent) != 1:
            raise Refusal(Code.FILE_ONE if sent else Code.FILE_MISSING, field="file")
        return sent[0]

    def values(self) -> dict[str, Any]:
        """Return what the action is told beside the file."""
        return {
            "slot_key": self.slot.data, "note": self.remark.data,
            "shows_reporter": self.shows_reporter.data, "form_key": self.form_key.data,
        }  # fmt: skip


class VoidForm(MoveForm):
    """作废附件: the reason."""

    reason = text("reason", LONGEST_NOTE)
