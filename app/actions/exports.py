"""导出: asking for a file, writing it under a lease, fetching it, and what takes it away again.

The record is the log of who took which cases with full names and phones; it is never deleted.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from itertools import pairwise
from uuid import uuid4

from sqlalchemy import or_, select, update

from app.actions.people import roles_of
from app.actions.visibility import REVEALING, sight_of
from app.domain.exports import UNFINISHED, ExportStatus
from app.domain.refusals import Code, Refusal
from app.domain.states import ADMIN_ROLES, OFFICE_ROLES, UNIT_ROLES, Role
from app.extensions import db
from app.models import Account, ExportRequest

MAY_EXPORT = OFFICE_ROLES | UNIT_ROLES | {Role.COUNTY_VIEWER}
LEASE = dt.timedelta(minutes=1)  # renewed with every chunk that is written
# A file that killed its writer so often would kill the next one too.
MOST_ATTEMPTS = 3
# Two clicks in one breath mean one file, also when the first is written already.
ONE_BREATH = dt.timedelta(seconds=5)
MOST_LISTED = 50

NO_RIGHT = "申请人的账号、角色或所属窗口已变更，无权导出。"
INTERRUPTED = "多次生成均被中断，请缩小范围后重新导出，或联系系统管理员。"


def may_export(by: Account, *, is_full: bool) -> bool:
    """Return whether this account takes lists out of the system, with full phones if asked."""
    roles = roles_of(by)
    if not by.active or roles & ADMIN_ROLES or not roles & MAY_EXPORT:
        return False
    return not is_full or bool(roles & frozenset().union(*REVEALING.values()))


def sight_text(by: Account) -> str:
    """Return in short what decides which cases the person sees and how; equal means the same."""
    site, unit, roles = sight_of(by)
    names = ",".join(sorted(roles)) if isinstance(roles, frozenset) else ""
    return hashlib.sha256(f"{site}:{unit}:{names}".encode()).hexdigest()


def ask(
    *, listing: str, query: str, is_full: bool, rows: int, at_once: bool, by: Account,
    now: dt.datetime,
) -> tuple[ExportRequest, bool]:  # fmt: skip
    """Return the person's export of a list and whether it is a new one.

    What the same person has asked already and waits for is not begun again. `at_once`: the asker
    writes it himself, and holds its lease. Raises Refusal(ROLE_MISSING, EXPORT_EMPTY).
    """
    if not may_export(by, is_full=is_full):
        raise Refusal(Code.ROLE_MISSING)
    if not rows:
        raise Refusal(Code.EXPORT_EMPTY)
    # Two requests of one person queue up here, so that the second one sees the first one's row.
    db.session.get(Account, by.id, with_for_update=True)
    known = _same(listing, query, is_full, by, now)
    if known is not None:
        return known, False
    row = ExportRequest(
        listing=listing, query=query, is_full=is_full, by_id=by.id, asked_at=now,
        rows_total=rows, status=ExportStatus.QUEUED,
    )  # fmt: skip
    if at_once:
        _take(row, now)
    db.session.add(row)
    db.session.flush()
    return row, True


def _same(
    listing: str, query: str, is_full: bool, by: Account, now: dt.datetime
) -> ExportRequest | None:
    fresh = ExportRequest.asked_at.between(now - ONE_BREATH, now)
    wanted = (
        select(ExportRequest)
        .where(
            ExportRequest.by_id == by.id,
            ExportRequest.listing == listing,
            ExportRequest.query == query,
            ExportRequest.is_full.is_(is_full),
            or_(
                ExportRequest.status.in_(UNFINISHED),
                (ExportRequest.status == ExportStatus.DONE) & fresh,
            ),
        )
        .order_by(ExportRequest.id.desc())
        .limit(1)
    )
    return db.session.scalar(wanted)


def claim(*, now: dt.datetime) -> ExportRequest | None:
    """Take the export that waits longest, or one whose writer died; None if there is none."""
    free = or_(
        ExportRequest.status == ExportStatus.QUEUED,
        (ExportRequest.status == ExportStatus.RUNNING)
        # One further ahead than a lease was written by a clock put back since.
        & ~ExportRequest.leased_until.between(now, now + 2 * LEASE),
    )
    query = select(ExportRequest).where(free).order_by(ExportRequest.id).limit(1)
    row = db.session.scalar(query.with_for_update(skip_locked=True, of=ExportRequest))
    if row is None:
        return None
    if row.attempts >= MOST_ATTEMPTS:
        _end(row, ExportStatus.FAILED, now, error=INTERRUPTED)
        return row
    _take(row, now)
    db.session.flush()
    return row


def _take(row: ExportRequest, now: dt.datetime) -> None:
    row.status, row.lease, row.leased_until = ExportStatus.RUNNING, uuid4().hex, now + LEASE
    row.attempts = (row.attempts or 0) + 1
    row.started_at, row.rows_done, row.error = now, 0, ""


def report_progress(
    *, export_id: int, lease: str, rows_done: int, rows_total: int, now: dt.datetime
) -> bool:
    """Write how far it is and hold it for longer; False if it was cancelled or taken over."""
    held = update(ExportRequest).where(
        ExportRequest.id == export_id,
        ExportRequest.lease == lease,
        ExportRequest.status == ExportStatus.RUNNING,
    )
    values = {"rows_done": rows_done, "rows_total": rows_total, "leased_until": now + LEASE}
    return bool(db.session.execute(held.values(**values)).rowcount)


def held(export_id: int, *, lease: str) -> ExportRequest | None:
    """Return the export, locked, while it is still written under this lease."""
    row = db.session.get(ExportRequest, export_id, with_for_update=True, populate_existing=True)
    if row is None or row.lease != lease or row.status is not ExportStatus.RUNNING:
        return None
    return row


def finish(
    row: ExportRequest, *, title: str, stored_name: str, size: int, sha256: str,
    ids: Sequence[int], sight: str, now: dt.datetime,
) -> None:  # fmt: skip
    """Write down the file, and, where it tells full phones, of which cases."""
    row.title, row.stored_name, row.size, row.sha256 = title, stored_name, size, sha256
    row.rows_done = row.rows_total = len(ids)
    row.case_ids = ranges(ids) if row.is_full else ""
    row.sight = sight
    _end(row, ExportStatus.DONE, now)


def fail(row: ExportRequest, *, reason: str, now: dt.datetime) -> None:
    """Write down in Chinese why there is no file."""
    _end(row, ExportStatus.FAILED, now, error=reason)


def cancel(export_id: int, *, by: Account, now: dt.datetime) -> None:
    """Give it up; whoever writes it stops at his next chunk. Refusal(ALREADY_DONE)."""
    row = own_export(export_id, by=by, is_locked=True)
    if row.status not in UNFINISHED:
        raise Refusal(Code.ALREADY_DONE)
    _end(row, ExportStatus.CANCELLED, now)


def remove(export_id: int, *, by: Account, now: dt.datetime) -> str:
    """Take an export off the person's page; return the name of the file to take away, or ''."""
    row = own_export(export_id, by=by, is_locked=True)
    if row.status in UNFINISHED:
        raise Refusal(Code.EXPORT_NOT_READY)
    return _let_go(row, ExportStatus.REMOVED, now)


def expire(*, keep_days: int, now: dt.datetime) -> list[str]:
    """Let go of the files older than so many days; return their names on disk."""
    query = select(ExportRequest).where(
        ExportRequest.status == ExportStatus.DONE,
        ExportRequest.finished_at < now - dt.timedelta(days=keep_days),
    )
    rows = list(db.session.scalars(query.with_for_update(skip_locked=True, of=ExportRequest)))
    return [_let_go(row, ExportStatus.EXPIRED, row.finished_at or now) for row in rows]


def release_full(*, now: dt.datetime) -> list[str]:
    """Let go of every file with full names and numbers; return their names on disk.

    Something in one of them may just have been masked for good.
    """
    query = select(ExportRequest).where(
        ExportRequest.status == ExportStatus.DONE, ExportRequest.is_full.is_(True)
    )
    rows = list(db.session.scalars(query.with_for_update(of=ExportRequest)))
    return [_let_go(row, ExportStatus.EXPIRED, now) for row in rows]


def file_of(export_id: int, *, by: Account) -> ExportRequest:
    """Return a finished export to its asker.

    Raises Refusal: NOT_FOUND for anybody else's, EXPORT_NOT_READY without a file, and
    EXPORT_SIGHT_CHANGED for somebody who would not be given the same file today.
    """
    row = own_export(export_id, by=by)
    if row.status is not ExportStatus.DONE:
        raise Refusal(Code.EXPORT_NOT_READY)
    if not may_export(by, is_full=row.is_full) or row.sight != sight_text(by):
        raise Refusal(Code.EXPORT_SIGHT_CHANGED)
    return row


def own_export(export_id: int, *, by: Account, is_locked: bool = False) -> ExportRequest:
    """Return an export of this person; Refusal(NOT_FOUND) for all others."""
    row = db.session.get(
        ExportRequest, export_id, with_for_update=is_locked or None, populate_existing=is_locked
    )
    if row is None or row.by_id != by.id or row.status is ExportStatus.REMOVED:
        raise Refusal(Code.NOT_FOUND)
    return row


def own_exports(by: Account) -> list[ExportRequest]:
    """Return the person's latest exports, the newest first."""
    query = select(ExportRequest).where(
        ExportRequest.by_id == by.id, ExportRequest.status != ExportStatus.REMOVED
    )
    return list(db.session.scalars(query.order_by(ExportRequest.id.desc()).limit(MOST_LISTED)))


def ranges(ids: Sequence[int]) -> str:
    """Return keys in short: 1-500,507."""
    ordered = sorted(set(ids))
    if not ordered:
        return ""
    starts = [ordered[0], *(b for a, b in pairwise(ordered) if b != a + 1)]
    ends = [*(a for a, b in pairwise(ordered) if b != a + 1), ordered[-1]]
    return ",".join(
        f"{start}-{end}" if end > start else f"{start}"
        for start, end in zip(starts, ends, strict=True)
    )


def _let_go(row: ExportRequest, status: ExportStatus, now: dt.datetime) -> str:
    name, row.stored_name = row.stored_name, ""
    _end(row, status, row.finished_at or now)
    return name


def _end(row: ExportRequest, status: ExportStatus, now: dt.datetime, *, error: str = "") -> None:
    row.status, row.error, row.leased_until = status, error[:200], None
    row.finished_at = now
