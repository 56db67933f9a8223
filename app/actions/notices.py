"""站内消息 written in the transaction that caused them; no personal data, no narrative."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app.actions.people import accounts_with, approving_leader
from app.domain.states import ComplaintAbout, Role
from app.extensions import db
from app.models import Account, Case, Notice


def tell(
    accounts: Iterable[Account | None],
    *,
    text: str,
    kind: str,
    now: dt.datetime,
    case: Case | None = None,
) -> None:
    """Write one notice to each person, once, however often he is named."""
    people = {a.id: a for a in accounts if a is not None}
    db.session.add_all(
        Notice(
            recipient_id=a, case_id=case.id if case else None, kind=kind, text=text, created_at=now
        )
        for a in people
    )


def section_of(case: Case, now: dt.datetime) -> list[Account | None]:
    """Return 督办考核科 of the case's site; on a complaint about it, who stands in (D-22)."""
    if case.complaint_about is ComplaintAbout.SECTION:
        return leader_today(case, now)
    return [*accounts_with(Role.SUPERVISOR, site_id=case.site_id)]


def unit_people(case: Case, unit_id: int | None) -> list[Account]:
    """Return who reads a unit's mail: heads, and handlers unless the case is confidential."""
    if unit_id is None:
        return []
    heads = accounts_with(Role.UNIT_HEAD, site_id=case.site_id, unit_id=unit_id)
    if case.is_confidential:
        return heads
    return heads + accounts_with(Role.UNIT_HANDLER, site_id=case.site_id, unit_id=unit_id)


def leader_today(case: Case, now: dt.datetime) -> list[Account | None]:
    """Return today's signing leader of the case's site."""
    about = case.complaint_about
    return [approving_leader(site_id=case.site_id, day=now.date(), about=about)]


def name_of(case: Case) -> str:
    """Return how a notice names a case: number and item, never the reporter."""
    return f"{case.ledger_no or ''}“{case.item_name}”"


def mark_read(*, by: Account, now: dt.datetime, notice_ids: Sequence[int] | None = None) -> int:
    """Mark a person's own unread notices as read, all unless some are named; return how many."""
    query = select(Notice).where(Notice.recipient_id == by.id, Notice.read_at.is_(None))
    if notice_ids is not None:
        query = query.where(Notice.id.in_(notice_ids))
    unread = db.session.execute(query).scalars().all()
    for notice in unread:
        notice.read_at = now
    return len(unread)
