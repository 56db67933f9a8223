"""附件: scans of signed papers join the record they belong to, and are made void, never deleted."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.actions.moves import note_event
from app.actions.people import roles_of
from app.actions.reveals import look_at_scan
from app.domain.attachable import WITH_REPORTER, Adder, PaperKind, may_attach
from app.domain.file_kinds import FileKind
from app.domain.refusals import Code, Refusal
from app.domain.states import State, SupervisionKind
from app.domain.words import word
from app.extensions import db
from app.models import Account, Attachment, Case, Rejection, Unit

ATTACHED, VOIDED = "上传附件", "作废附件"


@dataclass(frozen=True)
class Slot:
    """A record that a scan may belong to, and what tells it from others of its kind."""

    paper: PaperKind
    record_id: int | None = None
    unit_id: int | None = None
    detail: str = ""

    @property
    def key(self) -> str:
        """Return how a form names it."""
        return f"{self.paper}-{self.record_id or 0}"

    @property
    def title(self) -> str:
        """Return the paper as the record names it: 事项交办单 NO 0012（不动产登记窗口）."""
        return f"{word(self.paper)}{self.detail}"


@dataclass(frozen=True)
class BroughtFile:
    """What was found out about a file that lies on the shelf."""

    kind: FileKind
    name: str
    file_size: int
    sha256: str
    stored_name: str
    pages: int | None


def slots(case: Case) -> list[Slot]:
    """Return every record of a case that a scan may belong to, in the order of the folder."""
    if not case.ledger_no:
        return [*_rejections(case), Slot(PaperKind.OTHER)] if _is_rejected(case) else []
    found = [Slot(PaperKind.LEDGER)]
    for paper, records in _RECORDS.items():
        rows = sorted(records(case), key=lambda row: row.id)
        found += [_slot(paper, row, n, len(rows)) for n, row in enumerate(rows, 1)]
    if case.finished_at is not None:
        found.append(Slot(PaperKind.LETTER, unit_id=case.lead_unit_id))
    return [*found, *_rejections(case), Slot(PaperKind.OTHER)]


def open_slots(case: Case, by: Account) -> list[Slot]:
    """Return those this person may add a scan to now; what a unit adds beside them is its own."""
    who = Adder(roles_of(by), by.unit_id, case.state)
    found = [
        Slot(slot.paper, unit_id=by.unit_id) if slot.paper is PaperKind.OTHER else slot
        for slot in slots(case)
    ]
    return [slot for slot in found if may_attach(slot.paper, slot.unit_id, who)]


def attach(
    case: Case,
    *,
    slot_key: str,
    file: BroughtFile,
    by: Account,
    now: dt.datetime,
    note: str = "",
    shows_reporter: bool = False,
    form_key: str = "",
) -> Attachment:
    """Add a scan to a record of the case (locked by the caller); the timeline says so.

    Returns the one that is there already when the same form is sent again. Raises Refusal when
    the person may not, the record is not one of the case, or the same file is there already.
    """
    slot = _chosen(case, slot_key, by)
    twin = _twin(case, slot, file.sha256)
    if twin is not None and form_key and twin.form_key == form_key:
        return twin
    if twin is not None:
        raise Refusal(Code.FILE_ATTACHED, field="file", name=twin.name, at=twin.attached_at)
    row = Attachment(
        case_id=case.id, paper=slot.paper, record_id=slot.record_id, unit_id=slot.unit_id,
        shows_reporter=shows_reporter or slot.paper in WITH_REPORTER, **vars(file),
        note=note.strip(), form_key=form_key, attached_at=now, attached_by_id=by.id,
        by_unit_id=by.unit_id,
    )  # fmt: skip
    db.session.add(row)
    # Without the file's name, which may name the reporter.
    note_event(case, by=by, now=now, label=ATTACHED, summary=_said(slot.title, file))
    return row


def void_attachment(
    case: Case, row: Attachment, *, reason: str, by: Account, now: dt.datetime
) -> None:
    """Take back what was attached by mistake; file and row stay, the reason beside them (D-37)."""
    if row.is_void:
        raise Refusal(Code.ALREADY_DONE)
    if not may_void(case, row, by):
        raise Refusal(Code.ROLE_MISSING)
    if not reason.strip():
        raise Refusal(Code.FIELDS_MISSING, fields=["reason"])
    row.voided_at, row.voided_by_id, row.void_reason = now, by.id, reason.strip()
    said = f"{word(row.paper)}的附件作废，原因：{row.void_reason}"
    note_event(case, by=by, now=now, label=VOIDED, summary=said)


def may_void(case: Case, row: Attachment, by: Account) -> bool:
    """Return whether somebody may make it void: the office any, a unit what it added itself."""
    who = Adder(roles_of(by), by.unit_id, case.state)
    return not row.is_void and may_attach(row.paper, row.by_unit_id, who)


def look_at_reporter(case: Case, row: Attachment, *, by: Account, now: dt.datetime) -> None:
    """Leave in the timeline that a scan with the reporter's data was looked at (§4.2).

    Raises the Refusal of 查看完整号码 for whoever may not read the number either.
    """
    look_at_scan(case, paper=word(row.paper), by=by, now=now)


def _chosen(case: Case, key: str, by: Account) -> Slot:
    slot = next((s for s in open_slots(case, by) if s.key == key), None)
    if slot is not None:
        return slot
    if any(s.key == key for s in slots(case)):
        raise Refusal(Code.ROLE_MISSING, field="slot")
    raise Refusal(Code.FIELD_INVALID, field="slot")


def _twin(case: Case, slot: Slot, sha256: str) -> Attachment | None:
    """Return the same file on the same record, of the same unit: others may not know of it."""
    query = select(Attachment).where(
        Attachment.case_id == case.id,
        Attachment.paper == slot.paper,
        Attachment.record_id == slot.record_id,
        Attachment.unit_id == slot.unit_id,
        Attachment.sha256 == sha256,
        Attachment.voided_at.is_(None),
    )
    return db.session.execute(query).scalars().first()


def _said(title: str, file: BroughtFile) -> str:
    pages = f"，{file.pages}页" if file.pages else ""
    return f"{title}的扫描件（{file.kind.upper()}{pages}）"


# -- the records of a case -------------------------------------------------------------------------


def _of(kind: SupervisionKind) -> Callable[[Case], list[Any]]:
    return lambda case: [row for row in case.supervisions if row.kind is kind]


# In the order of the folder (§3.5).
_RECORDS: dict[PaperKind, Callable[[Case], Iterable[Any]]] = {
    PaperKind.SLIP: lambda case: case.slips,
    PaperKind.EXPLANATION: lambda case: case.explanations,
    PaperKind.EXTENSION: lambda case: case.extensions,
    PaperKind.REVIEW: lambda case: case.group_reviews,
    PaperKind.EVALUATION: lambda case: case.evaluations,
    PaperKind.CALLBACK: lambda case: case.callbacks,
    PaperKind.RETURN: lambda case: case.return_requests,
    PaperKind.NOTICE: _of(SupervisionKind.NOTICE),
    PaperKind.INTERVIEW: _of(SupervisionKind.INTERVIEW),
    PaperKind.BAD_REVIEW: lambda case: [e for e in case.evaluations if e.eval_level.is_bad],
}
# Records of a unit are its own; the others are the office's.
_OWNED = {PaperKind.SLIP, PaperKind.EXPLANATION, PaperKind.EXTENSION, PaperKind.RETURN,
          PaperKind.NOTICE, PaperKind.INTERVIEW}  # fmt: skip


def _slot(paper: PaperKind, row: Any, number: int, of: int) -> Slot:
    unit: Unit | None = row.unit if paper in _OWNED else None
    said = f" NO {row.no}" if paper is PaperKind.SLIP else f" 第{number}份" if of > 1 else ""
    detail = f"{said}（{unit.name}）" if unit else said
    return Slot(paper, row.id, unit.id if unit else None, detail)


def _is_rejected(case: Case) -> bool:
    return case.state is State.REJECTED


def _rejections(case: Case) -> list[Slot]:
    if not _is_rejected(case):
        return []
    query = select(Rejection.id).where(Rejection.case_id == case.id).order_by(Rejection.id)
    return [Slot(PaperKind.REJECTION, key) for key in db.session.execute(query).scalars()]
