"""An office whose people have addresses, and short ways to what was written and sent."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from app.actions.composing import Composed, compose
from app.domain.notice_kinds import NoticeKind, NoticeStatus
from app.extensions import db
from app.models import Account, Case, Notice, Outgoing
from tests.factories import Office

ADDRESS = "http://banjie.example"
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def give_addresses(office: Office, *keys: str) -> None:
    """Give people a mailbox each: `land_head@banjie.example`."""
    for key in keys:
        office.people[key].email = f"{key}@banjie.example"
    db.session.flush()


def composed(now: dt.datetime) -> Composed:
    """Compose as the job does."""
    db.session.flush()
    done = compose(now=now, address=ADDRESS)
    db.session.expire_all()
    return done


def messages(person: Account | None = None) -> list[Outgoing]:
    """Return every message, or one person's, in order."""
    query = select(Outgoing).order_by(Outgoing.id)
    if person is not None:
        query = query.where(Outgoing.recipient_id == person.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def mails_of(kind: NoticeKind, person: Account) -> list[Notice]:
    """Return a person's notices of a kind on the way by mail."""
    query = select(Notice).where(
        Notice.kind == kind, Notice.recipient_id == person.id, Notice.channel == "mail"
    )
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def waiting(
    person: Account, now: dt.datetime, *, case: Case | None = None, **values: Any
) -> Notice:
    """Return a notice that waits to leave."""
    given = {
        "recipient_id": person.id, "about": f"case:{case.id}" if case else f"test:{now}",
        "case_id": case.id if case else None, "kind": NoticeKind.DECIDED, "round_no": 1,
        "channel": "mail", "subject": "消息", "text": "一条消息。", "created_at": now,
        "send_at": now, "status": NoticeStatus.WAITING,
    }  # fmt: skip
    row = Notice(**(given | values))
    db.session.add(row)
    db.session.flush()
    return row
