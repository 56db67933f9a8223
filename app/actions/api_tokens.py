"""接口令牌: made, recognised, used and revoked; every one of these but the use stands in the log.

Of the use the log keeps one entry a token and day: what was done with it stands there by itself.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable

from sqlalchemy import func, select, true
from sqlalchemy.orm import contains_eager, joinedload

from app.actions import audit
from app.actions.office import load_rules
from app.actions.people import roles_of
from app.domain import api_tokens as rule
from app.domain.api_tokens import LOGIN_MINUTES, MOST_TOKENS, ApiScope, TokenEnd, TokenKind
from app.domain.audit import AuditAction, AuditResult
from app.domain.passwords import is_expired
from app.domain.refusals import Code, Refusal
from app.domain.states import Role
from app.extensions import db
from app.models import Account, ApiToken

# How old the time of the last use may be before it is written anew: reading stays reading.
USE_NOTED = dt.timedelta(minutes=10)


def digest_of(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def needs_password(account: Account, *, now: dt.datetime) -> bool:
    """Return whether nothing opens to this account but the form for a new password."""
    old = is_expired(account.password_set_at, rules=load_rules(), now=now)
    return bool(account.password) and (account.must_change_password or old)


def issue_token(
    account: Account,
    *,
    token: str,
    name: str,
    scopes: Iterable[ApiScope],
    days: int,
    now: dt.datetime,
) -> ApiToken:
    """Return a person's new token under a name; refuses a nameless one and one that opens nothing.

    What the scopes may be is asked by whoever offers them, and again at every request.
    """
    empty = [field for field, value in (("name", name), ("scopes", list(scopes))) if not value]
    if empty:
        raise Refusal(Code.FIELDS_MISSING, fields=empty)
    until = rule.expires_at(days, rules=load_rules(), now=now)
    live = select(func.count(ApiToken.id)).where(
        ApiToken.account_id == account.id, ApiToken.ended_at.is_(None), ApiToken.expires_at > now
    )
    if db.session.execute(live).scalar_one() >= MOST_TOKENS:
        raise Refusal(Code.TOO_MANY_TOKENS, most=MOST_TOKENS)
    return _add(account, token, TokenKind.PERSONAL, name, scopes, until, now)


def log_in_token(
    account: Account, *, token: str, scopes: Iterable[ApiScope], now: dt.datetime
) -> ApiToken:
    """Return the token of somebody who gave name and password over the interface."""
    if needs_password(account, now=now):
        raise Refusal(Code.PASSWORD_DUE)
    if not scopes:
        raise Refusal(Code.ROLE_MISSING)
    until = now + dt.timedelta(minutes=LOGIN_MINUTES)
    return _add(account, token, TokenKind.LOGIN, "", scopes, until, now)


def _add(
    account: Account,
    token: str,
    kind: TokenKind,
    name: str,
    scopes: Iterable[ApiScope],
    until: dt.datetime,
    now: dt.datetime,
) -> ApiToken:
    row = ApiToken(
        token_hash=digest_of(token), account_id=account.id, token_kind=kind, name=name,
        scope_text=" ".join(sorted(scopes)), issued_at=now, expires_at=until,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    after = {"scopes": row.scope_text, "expires_at": until.isoformat(timespec="minutes")}
    audit.note(AuditAction.TOKEN_ISSUED, about=_about(row, account), after=after)
    return row


def _about(row: ApiToken, account: Account) -> tuple[str, object, str]:
    name = f"{row.name}（{account.username}）" if row.name else account.username
    return "api_tokens", row.id, name


def token_of(token: str, *, now: dt.datetime) -> ApiToken | None:
    """Return the token if it still opens anything, with its person; one statement."""
    query = (
        select(ApiToken)
        .join(ApiToken.account)
        .where(
            ApiToken.token_hash == digest_of(token),
            ApiToken.ended_at.is_(None),
            ApiToken.expires_at > now,
            Account.active.is_(True),
        )
        .options(contains_eager(ApiToken.account))
    )
    return db.session.execute(query).scalar_one_or_none()


def note_refused(token: str, *, by: audit.Doer) -> None:
    """Note that somebody showed a token that opens nothing (any more)."""
    query = select(ApiToken).where(ApiToken.token_hash == digest_of(token))
    row = db.session.execute(query.options(joinedload(ApiToken.account))).scalar_one_or_none()
    about = _about(row, row.account) if row else ("api_tokens", "", "")
    audit.note(AuditAction.TOKEN_REFUSED, about=about, result=AuditResult.REFUSED, by=by)


def is_use_due(row: ApiToken, *, now: dt.datetime) -> bool:
    """Return whether this use is to be written down."""
    return row.last_used_at is None or now - row.last_used_at >= USE_NOTED


def note_use(token_id: int, *, address: str, now: dt.datetime) -> None:
    """Write down when and from where a token was last used."""
    row = db.session.get(ApiToken, token_id, with_for_update=True)
    if row is None or not is_use_due(row, now=now):
        return
    if row.last_used_at is None or row.last_used_at.date() != now.date():
        audit.note(AuditAction.TOKEN_USED, about=_about(row, row.account))
    row.last_used_at, row.last_address = now, address[:60]


def tokens_of(account: Account, *, now: dt.datetime) -> list[ApiToken]:
    """Return somebody's own tokens, those that still open something first, then the newest."""
    query = select(ApiToken).where(
        ApiToken.account_id == account.id, ApiToken.token_kind == TokenKind.PERSONAL
    )
    rows = list(db.session.execute(query.order_by(ApiToken.id.desc()).limit(200)).scalars())
    return sorted(rows, key=lambda row: not row.is_live(now))


def live_tokens(*, by: Account, now: dt.datetime) -> list[ApiToken]:
    """Return every token of everybody in `by`'s office that still opens something, newest first."""
    query = (
        select(ApiToken)
        .join(ApiToken.account)
        .where(ApiToken.ended_at.is_(None), ApiToken.expires_at > now)
        .where(true() if by.site_id is None else Account.site_id == by.site_id)
        .options(contains_eager(ApiToken.account).joinedload(Account.unit))
        .order_by(ApiToken.id.desc())
    )
    return list(db.session.execute(query).scalars())


def revoke_token(token_id: int, *, by: Account, now: dt.datetime) -> ApiToken:
    """End a token of one's own, or as 安全管理员 one of the office; to all others there is none."""
    row = db.session.get(ApiToken, token_id, with_for_update=True)
    is_own = row is not None and row.account_id == by.id
    if row is None or not (is_own or _looks_after(by, row.account)):
        raise Refusal(Code.NOT_FOUND)
    if row.ended_at is not None:
        raise Refusal(Code.ALREADY_DONE)
    row.ended_at, row.ended_why = now, TokenEnd.REVOKED if is_own else TokenEnd.WITHDRAWN
    audit.note(AuditAction.TOKEN_REVOKED, about=_about(row, row.account))
    return row


def _looks_after(by: Account, account: Account) -> bool:
    return Role.SEC_ADMIN in roles_of(by) and by.site_id in (None, account.site_id)
