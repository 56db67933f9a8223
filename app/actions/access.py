"""登录: passwords tried and changed, accounts locked and unlocked, log-ins begun and ended."""

import datetime as dt
import hashlib
from typing import cast

from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.orm import contains_eager
from werkzeug.security import check_password_hash

from app.actions import audit
from app.actions.office import load_rules, rule_or_default
from app.actions.openings import open_now
from app.actions.people import roles_of
from app.domain.api_tokens import TokenEnd, TokenKind
from app.domain.audit import AuditAction, AuditResult
from app.domain.networks import is_inside
from app.domain.passwords import Attempts, SessionEnd, check_password, is_expired
from app.domain.refusals import Code, Refusal
from app.domain.states import ADMIN_ROLES, Role
from app.extensions import db
from app.models import Account, ApiToken, LoginSession, OldPassword, Setting

NO_SUCH_ACCOUNT = "（不存在的账号）"


def note_attempt(
    account_id: int, *, is_right: bool, now: dt.datetime, address: str = ""
) -> Account | None:
    """Record a log-in with a right or wrong password; return who is let in, if anybody.

    Nobody is while the account is locked or switched off, and no administrator from elsewhere; the
    row is read under its lock, so that many guesses at once are counted one by one.
    """
    query = select(Account).where(Account.id == account_id).with_for_update()
    account = db.session.execute(query.execution_options(populate_existing=True)).scalar_one()
    attempts = Attempts(account.fail_login_count or 0, account.locked_until)
    if attempts.is_locked(now) or not account.active or _ends_at(account, now) <= now:
        return None
    if not is_right:
        attempts = attempts.failed(rules=load_rules(), now=now)
        account.fail_login_count, account.locked_until = attempts.failures, attempts.locked_until
        if attempts.is_locked(now):
            audit.note(AuditAction.LOCKED, about=_about(account))
        return None
    if not _may_be_at(address, account, load_rules().admin_networks):
        return None
    account.fail_login_count, account.locked_until = 0, None
    account.login_count = (account.login_count or 0) + 1
    account.last_login = now.astimezone().replace(tzinfo=None)  # FAB's column: the server's clock
    return account


def _ends_at(account: Account, now: dt.datetime) -> dt.datetime:
    """Return when a log-in of this account ends at the latest; 应急账号 has its hours."""
    if Role.EMERGENCY in roles_of(account):
        row = open_now(now)
        return row.until_at if row else now
    return now + dt.timedelta(hours=load_rules().session_hours)


def is_shut_out(account: Account, now: dt.datetime) -> bool:
    """Return whether no password helps this account now."""
    return not account.active or Attempts(0, account.locked_until).is_locked(now)


def tried_name(typed: str, *, is_known: bool) -> str:
    """Return the user name of a failed log-in as the log keeps it.

    What is nobody's name is not kept: people type their password there.
    """
    typed = typed.strip()[:64]
    return typed if is_known or not typed else NO_SUCH_ACCOUNT


def unlock(account: Account, *, by: Account, now: dt.datetime) -> None:
    """Let a locked account try again at once; 安全管理员 only."""
    if not {Role.SEC_ADMIN, Role.EMERGENCY} & roles_of(by):
        raise Refusal(Code.ROLE_MISSING)
    if not Attempts(0, account.locked_until).is_locked(now):
        raise Refusal(Code.ALREADY_DONE)
    account.fail_login_count, account.locked_until = 0, None
    audit.note(AuditAction.UNLOCKED, about=_about(account))


def _about(account: Account) -> tuple[str, object, str]:
    return "account", account.id, account.username


# -- log-ins -----------------------------------------------------------------------------------


def digest_of(token: str) -> str:
    """Return what the database keeps of a browser's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(
    account: Account,
    *,
    token: str,
    address: str,
    browser: str,
    by_password: bool,
    now: dt.datetime,
) -> LoginSession:
    """Return a new log-in of this account under a token nobody had before."""
    rules = load_rules()
    is_old = account.must_change_password or is_expired(
        account.password_set_at, rules=rules, now=now
    )
    row = LoginSession(
        token_hash=digest_of(token), account_id=account.id, address=address[:60],
        browser=browser[:200], needs_password=by_password and is_old, began_at=now,
        expires_at=_ends_at(account, now),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def session_of(
    account_id: int, *, token: str, seen_at: dt.datetime, address: str, now: dt.datetime
) -> LoginSession | None:
    """Return the log-in of this token if it still stands; one statement.

    It does not when the browser was last seen too long ago, or sits where its administrator may
    not.
    """
    query = (
        select(LoginSession, _set("idle_minutes"), _set("admin_networks"))
        .join(LoginSession.account)
        .where(
            LoginSession.token_hash == digest_of(token),
            LoginSession.account_id == account_id,
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > now,
            Account.active.is_(True),
        )
        .options(contains_eager(LoginSession.account))
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    row, minutes, allowed = found
    idle = dt.timedelta(minutes=rule_or_default("idle_minutes", minutes))
    if now - seen_at >= idle or not _may_be_at(address, row.account, allowed or ""):
        return None
    return cast(LoginSession, row)


def _set(name: str) -> ScalarSelect[str]:
    return select(Setting.text).where(Setting.name == name).scalar_subquery()


def _may_be_at(address: str, account: Account, allowed: str) -> bool:
    """Return whether this person may sit there; only 三员 are held to the list of addresses.

    应急账号 is not: the list itself may be what must be mended.
    """
    return not allowed or not ADMIN_ROLES & roles_of(account) or is_inside(address, allowed)


def end_sessions(account: Account, *, why: SessionEnd, now: dt.datetime) -> None:
    """End every log-in of this account, in whatever browser, and its tokens.

    Logging out ends only those tokens that a log-in made: the others serve programs.
    """
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.account_id == account.id, LoginSession.ended_at.is_(None))
        .values(ended_at=now, ended_why=why)
        .execution_options(synchronize_session=False)
    )
    kinds = [TokenKind.LOGIN] if why is SessionEnd.LOGOUT else list(TokenKind)
    db.session.execute(
        update(ApiToken)
        .where(ApiToken.account_id == account.id, ApiToken.ended_at.is_(None))
        .where(ApiToken.token_kind.in_(kinds))
        .values(ended_at=now, ended_why=TokenEnd(why.value))
        .execution_options(synchronize_session=False)
    )


# -- passwords ---------------------------------------------------------------------------------


def check_new_password(
    password: str, *, account: Account | None, username: str, phone: str
) -> None:
    """Refuse a password that is too simple, tells whose it is, or was had before.

    `account` is None for somebody who has none yet.
    """
    rules = load_rules()
    check_password(password, rules=rules, username=username, phone=phone)
    if account is None or rules.password_history == 0:
        return
    before = (
        select(OldPassword.password_hash)
        .where(OldPassword.account_id == account.id)
        .order_by(OldPassword.id.desc())
        .limit(rules.password_history - 1)
    )
    for old in (account.password, *db.session.scalars(before)):
        if old and check_password_hash(old, password):
            raise Refusal(Code.PASSWORD_USED, field="password", count=rules.password_history)


def change_own_password(
    account: Account, *, old: str, password: str, password_hash: str, now: dt.datetime
) -> None:
    """Change one's own password; refuses without the old one. Every log-in ends."""
    if not account.password or not check_password_hash(account.password, old):
        raise Refusal(Code.PASSWORD_WRONG, field="old_password")
    _replace(account, password, password_hash, now)
    account.must_change_password = False
    audit.note(AuditAction.PASSWORD_CHANGED, about=_about(account))
    end_sessions(account, why=SessionEnd.PASSWORD, now=now)


def note_wrong_old_password(account_id: int, *, now: dt.datetime) -> None:
    """Count a wrong old password as a wrong log-in; who is locked by it is logged out.

    Whoever sits at a computer left alone must not try passwords without end.
    """
    note_attempt(account_id, is_right=False, now=now)
    account = db.session.get_one(Account, account_id)
    audit.note(AuditAction.PASSWORD_CHANGED, about=_about(account), result=AuditResult.REFUSED)
    if is_shut_out(account, now):
        end_sessions(account, why=SessionEnd.LOCKED, now=now)


def reset_password(
    account: Account, *, password: str, password_hash: str, by: Account, now: dt.datetime
) -> None:
    """Give somebody else a password for one log-in; every log-in of theirs ends.

    A lock stays: it is 安全管理员 who lifts it.
    """
    if account.id == by.id:
        raise Refusal(Code.OWN_PASSWORD, field="password")
    _replace(account, password, password_hash, now)
    account.must_change_password = True
    audit.note(AuditAction.PASSWORD_RESET, about=_about(account))
    end_sessions(account, why=SessionEnd.RESET, now=now)


def _replace(account: Account, password: str, password_hash: str, now: dt.datetime) -> None:
    check_new_password(
        password, account=account, username=account.username, phone=account.phone or ""
    )
    if account.password:
        old = OldPassword(account_id=account.id, password_hash=account.password, replaced_at=now)
        db.session.add(old)
    account.password, account.password_set_at = password_hash, now
    db.session.flush()
