"""What a template would say: on a case of the office, with nothing a message does not carry."""

from sqlalchemy import select

from app.actions.notices import name_of
from app.actions.templates import render, values_for
from app.domain.message_text import placeholders_of
from app.domain.notice_kinds import SUMMARIES, NoticeKind, Template
from app.domain.rules import Rules
from app.domain.words import word
from app.extensions import db
from app.models import Account, Case

# What the office itself lacks concerns no case.
ABOUT_NO_CASE = frozenset(
    {NoticeKind.CALENDAR_MISSING, NoticeKind.ROSTER_HOLE, NoticeKind.MANY_REVEALS}
)


def case_to_show(by: Account, ledger_no: str = "") -> Case | None:
    """Return the case of this number at the person's site, without one the latest; or None.

    Confidential ones and complaints about people are left out: whoever words the messages sees no
    cases (domain/5.4).
    """
    query = select(Case).where(
        Case.ledger_no.is_not(None), Case.is_confidential.is_(False), Case.complaint_about.is_(None)
    )
    if by.site_id is not None:
        query = query.where(Case.site_id == by.site_id)
    if ledger_no:
        query = query.where(Case.ledger_no == ledger_no)
    return db.session.execute(query.order_by(Case.id.desc()).limit(1)).scalar_one_or_none()


def preview(
    kind: NoticeKind, template: Template, case: Case | None, *, rules: Rules
) -> tuple[str, str]:
    """Return subject and text as they would go out; an office without cases reads meanings."""
    return render(template, _values(kind, case, rules))


def _values(kind: NoticeKind, case: Case | None, rules: Rules) -> dict[str, str]:
    if case is None or kind in ABOUT_NO_CASE:
        meanings = {name: f"〔{text}〕" for name, text in placeholders_of(kind).items()}
        # These are told with their own sentence only.
        return {"消息": meanings["消息"]} if kind in ABOUT_NO_CASE else meanings
    said = f"{name_of(case)}：{word(case.state)}"
    values = values_for(case, kind, rules=rules, message=said)
    if kind in SUMMARIES:
        month = f"{case.registered_at.year}年{case.registered_at.month}月"
        values |= {"件数": "1", "期间": month}
    return values
