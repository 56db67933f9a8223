"""Notices: written in the transaction that caused them, once a person, kind, round and channel."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from app.actions.calendars import calendar_of
from app.actions.channels import channels_to
from app.actions.office import load_rules
from app.actions.people import accounts_with, approving_leader
from app.actions.templates import item_of, load_templates, render, values_for
from app.domain.notice_kinds import NoticeKind, NoticeStatus, Template, Timing
from app.domain.rules import Rules
from app.domain.stages import sent_at
from app.domain.states import ComplaintAbout, Role
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, Case, Notice
from app.models.notice import SITE_CHANNEL


@dataclass(frozen=True)
class News:
    """One thing to tell: what about, of which kind and round, in which words."""

    about: str
    kind: NoticeKind
    round_no: int
    subject: str
    text: str
    case_id: int | None = None


def tell(
    accounts: Iterable[Account | None],
    *,
    text: str,
    kind: NoticeKind,
    now: dt.datetime,
    case: Case,
    is_linked: bool = True,
) -> None:
    """Tell each person the news of a move once, however often he is named.

    `is_linked` off: who has just lost the case gets no way to it.
    """
    rules = load_rules()
    template = load_templates()[kind]
    words = render(template, values_for(case, kind, rules=rules, message=text))
    news = News(about_case(case.id), kind, case.event_count, *words, case.id if is_linked else None)
    people = _untold(news, accounts)
    calendar = calendar_of(case.site_id)
    write_notices(rows_for(news, people, template, calendar=calendar, rules=rules, now=now))


def tell_office(
    accounts: Iterable[Account | None],
    *,
    about: str,
    text: str,
    kind: NoticeKind,
    round_no: int,
    site_id: int,
    now: dt.datetime,
) -> int:
    """Tell people what the office lacks, once a round; return how many were told now."""
    rules = load_rules()
    template = load_templates()[kind]
    words = render(template, {"消息": text})
    news = News(about, kind, round_no, *words)
    people = _untold(news, accounts)
    calendar = calendar_of(site_id)
    write_notices(rows_for(news, people, template, calendar=calendar, rules=rules, now=now))
    return len(people)


def about_case(case_id: int) -> str:
    """Return what a notice about a case is about."""
    return f"case:{case_id}"


def _untold(news: News, accounts: Iterable[Account | None]) -> list[Account]:
    people = {a.id: a for a in accounts if a is not None}
    told = db.session.execute(
        select(Notice.recipient_id).where(
            Notice.about == news.about, Notice.kind == news.kind, Notice.round_no == news.round_no
        )
    ).scalars()
    for key in set(told):
        people.pop(key, None)
    return list(people.values())


def rows_for(
    news: News,
    people: Iterable[Account],
    template: Template,
    *,
    calendar: WorkCalendar,
    rules: Rules,
    now: dt.datetime,
) -> list[dict[str, Any]]:
    """Return the rows that tell people: 站内消息 to each, and one for each channel that is on."""
    send_at = now if template.timing is Timing.AT_ONCE else sent_at(calendar, now)
    rows = []
    for person in people:
        row: dict[str, Any] = {
            "recipient_id": person.id,
            "about": news.about,
            "case_id": news.case_id,
            "kind": news.kind,
            "round_no": news.round_no,
            "subject": news.subject,
            "text": news.text,
            "created_at": now,
            "channel": SITE_CHANNEL,
            "status": NoticeStatus.TOLD,
            "send_at": None,
        }
        rows.append(row)
        leaving = channels_to(person, rules) if template.is_mailed else []
        waiting = {"status": NoticeStatus.WAITING, "send_at": send_at}
        rows += [row | waiting | {"channel": channel} for channel in leaving]
    return rows


def write_notices(rows: Sequence[dict[str, Any]]) -> None:
    """Write notices in one statement; the database refuses whom it was told already."""
    if rows:
        # An empty send_at stays a column: rows of one shape go in one statement.
        db.session.execute(insert(Notice).execution_options(render_nulls=True), rows)


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
    return f"{case.ledger_no or ''}“{item_of(case)}”"


def mark_read(*, by: Account, now: dt.datetime, notice_ids: Sequence[int] | None = None) -> int:
    """Mark a person's own unread notices as read, all unless some are named; return how many."""
    query = update(Notice).where(
        Notice.recipient_id == by.id, Notice.channel == SITE_CHANNEL, Notice.read_at.is_(None)
    )
    if notice_ids is not None:
        query = query.where(Notice.id.in_(notice_ids))
    return int(db.session.execute(query.values(read_at=now)).rowcount)
