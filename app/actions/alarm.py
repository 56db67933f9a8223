"""The alarm of 应急账号: whatever it does, 三员 hear of it in the same transaction.

A log of the unit of work, asked before the 审计日志 is chained: no deed without its alarm.
"""

import datetime as dt
import secrets

from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import select

from app.actions import audit
from app.actions.notices import tell_office
from app.domain.audit import AuditAction
from app.domain.notice_kinds import NoticeKind
from app.domain.states import ADMIN_ROLES, Role
from app.domain.words import word
from app.extensions import db
from app.models import Account, Site
from app.models.roles import ROLE_NAMES

LOGGED_IN = "应急账号于{at:%Y-%m-%d %H:%M}自{address}登录。请立即核实，详见审计日志。"
ACTED = "应急账号于{at:%Y-%m-%d %H:%M}自{address}操作：{what}。请立即核实，详见审计日志。"
MOST_NAMED = 3


def seal(now: dt.datetime) -> None:
    """Raise the alarm if anything noted in this transaction was done by the emergency account."""
    db.session.flush()
    deeds = [fact for fact in audit.notes(db.session()) if _is_its_own(fact)]
    if not deeds:
        return
    address = deeds[0]["address"] or "服务器"
    if any(deed["action"] == AuditAction.LOGIN for deed in deeds):
        raise_alarm(LOGGED_IN.format(at=now, address=address), now=now)
        return
    names = list(dict.fromkeys(str(deed["object_name"] or deed["action"]) for deed in deeds))
    what = "、".join(names[:MOST_NAMED]) + ("等" if len(names) > MOST_NAMED else "")
    raise_alarm(ACTED.format(at=now, address=address, what=what), now=now)


def forget() -> None:
    """Keep nothing: the notes are the audit log's."""


def refused(_error: BaseException) -> None:
    """Say nothing of what came to nothing: the audit log does."""


def _is_its_own(fact: dict[str, str | int | None]) -> bool:
    return str(fact["roles"]) == word(Role.EMERGENCY)


def raise_alarm(text: str, *, now: dt.datetime) -> None:
    """Tell every 系统管理员, 安全管理员 and 审计员; at once, and by mail where there is one."""
    site_id = db.session.execute(select(Site.id).order_by(Site.id).limit(1)).scalar_one_or_none()
    if site_id is None:
        return
    names = [ROLE_NAMES[role] for role in ADMIN_ROLES]
    people = select(Account).where(
        Account.active.is_(True), Account.roles.any(RoleRecord.name.in_(names))
    )
    tell_office(
        db.session.execute(people).scalars(), about=f"emergency:{secrets.token_hex(8)}", text=text,
        kind=NoticeKind.EMERGENCY, round_no=0, site_id=site_id, now=now,
    )  # fmt: skip
