"""查看完整号码: with a reason, in the timeline and the 审计日志; unusually many are told (§4.2)."""

import datetime as dt

from sqlalchemy import func, select

from app.actions.moves import close_move, open_move
from app.actions.notices import tell_office
from app.actions.office import load_rules
from app.actions.people import accounts_with
from app.domain.masking import without_reporter
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import Action, RevealReason, Role
from app.domain.words import word
from app.extensions import db
from app.models import Account, Case, CaseEvent

# Who is told of somebody that looks at unusually many.
WATCHERS = (Role.AUDITOR, Role.SEC_ADMIN)


def reveal_phone(
    case: Case, *, why: RevealReason | None, detail: str = "", by: Account, now: dt.datetime
) -> str:
    """Return the full number; who looked, and for what reason, is written down first."""
    _look(case, why, detail, "查看反映人完整号码", by=by, now=now)
    return case.phone


def look_at_scan(case: Case, *, paper: str, by: Account, now: dt.datetime) -> None:
    """Write down that a scan with the reporter's data was looked at, by the rule of the number."""
    _look(case, RevealReason.SCAN, "", f"下载含反映人信息的附件：{paper}", by=by, now=now)


def _look(
    case: Case,
    why: RevealReason | None,
    detail: str,
    summary: str,
    *,
    by: Account,
    now: dt.datetime,
) -> None:
    move = open_move(case, Action.REVEAL_PHONE, by=by, now=now)
    if case.masked_at is not None:
        raise Refusal(Code.DATA_MASKED)
    if why is None:
        raise Refusal(Code.FIELDS_MISSING, fields=["reveal_reason"])
    detail = without_reporter(
        detail.strip(), name=case.reporter_name, company=case.company_name, phone=case.phone
    )[:200]
    if why is RevealReason.OTHER and not detail:
        raise Refusal(Code.FIELDS_MISSING, fields=["reveal_detail"])
    reason = f"{word(why)}：{detail}" if detail else word(why)
    close_move(move, summary, reason=reason)
    _warn(case, by, now)


def _warn(case: Case, by: Account, now: dt.datetime) -> None:
    """Tell the watchers, once a day and person, when the day's looks reach the office's mark."""
    most = load_rules().reveals_a_day
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    looks = select(func.count()).where(
        CaseEvent.action == Action.REVEAL_PHONE, CaseEvent.by_id == by.id, CaseEvent.at >= midnight
    )
    if (db.session.scalar(looks) or 0) < most:
        return
    people = [p for role in WATCHERS for p in accounts_with(role, site_id=case.site_id)]
    tell_office(
        people, about=f"reveals:{by.id}", kind=NoticeKind.MANY_REVEALS, site_id=case.site_id,
        text=f"{by.name}（{by.username}）今日查看反映人完整号码已达{most}次，请核实。",
        round_no=now.date().toordinal(), now=now,
    )  # fmt: skip
