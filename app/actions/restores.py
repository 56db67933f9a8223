"""恢复: what must not go on in an office that came back from a backup as if nothing had been."""

import datetime as dt

from sqlalchemy import select, update

from app.actions import audit
from app.actions.composing import suppress_waiting
from app.actions.exports import expire
from app.actions.people import roles_of
from app.domain.audit import AuditAction
from app.domain.notice_kinds import OutgoingStatus
from app.domain.passwords import SessionEnd
from app.domain.refusals import Code, Refusal
from app.domain.states import Role
from app.extensions import db
from app.models import Account, JobState, LoginSession, Outgoing, Restore, Runner

ABOUT = "backup"
DROPPED = "恢复前后积压的消息，管理员决定不再发送"
QUIET = {"synchronize_session": False}


def begin_anew(
    *, backup_name: str, backup_seal: str, backed_up_at: dt.datetime, now: dt.datetime
) -> Restore:
    """End what the office before had begun: log-ins, leases, runners, files that are not there.

    No message leaves until somebody has looked: nobody knows here what was sent since.
    """
    ended = {"ended_at": now, "ended_why": SessionEnd.RESTORED}
    waiting = LoginSession.ended_at.is_(None)
    for statement in (
        update(LoginSession).where(waiting).values(**ended),
        update(JobState).values(leased_until=None),
        update(Outgoing).values(lease="", leased_until=None),
    ):
        db.session.execute(statement, execution_options=QUIET)
    db.session.execute(Runner.__table__.delete())
    expire(keep_days=0, now=now)  # exports are no part of a backup: they may be made again
    row = Restore(
        backup_name=backup_name[:120], backup_seal=backup_seal, backed_up_at=backed_up_at,
        restored_at=now,
    )  # fmt: skip
    db.session.add(row)
    after = {"name": backup_name, "made_at": backed_up_at.isoformat(), "sha256": backup_seal}
    audit.note(AuditAction.RESTORED, about=(ABOUT, backup_name[:40], backup_name), after=after)
    return row


def held_restore() -> Restore | None:
    """Return the restore whose messages nobody has released yet."""
    query = select(Restore).where(Restore.released_at.is_(None)).order_by(Restore.id.desc())
    return db.session.execute(query).scalars().first()


def release_messages(*, send_backlog: bool, by: Account, now: dt.datetime) -> None:
    """Let messages leave again; what has been waiting leaves too, or never.

    Raises Refusal(ALREADY_DONE) when nothing is held.
    """
    if Role.SYS_ADMIN not in roles_of(by):
        raise Refusal(Code.ROLE_MISSING)
    query = select(Restore).where(Restore.released_at.is_(None)).with_for_update()
    rows = db.session.execute(query).scalars().all()
    if not rows:
        raise Refusal(Code.ALREADY_DONE)
    for row in rows:
        row.released_at, row.released_by_id, row.is_backlog_sent = now, by.id, send_backlog
    dropped = 0 if send_backlog else _drop_backlog(now)
    name = rows[-1].backup_name
    audit.note(
        AuditAction.MESSAGES_RELEASED, about=(ABOUT, name[:40], name),
        after={"is_backlog_sent": send_backlog, "dropped": dropped},
    )  # fmt: skip


def _drop_backlog(now: dt.datetime) -> int:
    done = db.session.execute(
        update(Outgoing)
        .where(Outgoing.status == OutgoingStatus.QUEUED)
        .values(status=OutgoingStatus.SUPPRESSED, reply=DROPPED, lease="", leased_until=None)
        .execution_options(**QUIET)
    )
    return int(getattr(done, "rowcount", 0)) + suppress_waiting(now=now, note=DROPPED)
