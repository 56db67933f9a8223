"""`flask --app run emergency …`: the sealed account is opened and shut on the server alone."""

import secrets
from typing import Any

import click
from flask.cli import AppGroup

from app.actions import emergency
from app.actions.openings import open_now
from app.actions.people import EMERGENCY_USERNAME
from app.actions.setup import ensure_emergency_account
from app.clock import now
from app.domain.refusals import Code, Refusal
from app.fab.accounts import hashed
from app.unit_of_work import unit_of_work

WORDS = {
    Code.FIELDS_MISSING: "请写明事由。",
    Code.FIELD_INVALID: f"时长为1至{emergency.MOST_HOURS}小时。",
    Code.ALREADY_DONE: "已是这个状态，未作改动。",
}
OPENED = """\
应急账号已启用，至 {until:%Y-%m-%d %H:%M} 止，到时自动失效。
用户名：{name}
口令（只显示这一次）：{password}
启用、登录和每次操作均已通知系统管理员、安全管理员和审计员，并记入审计日志。
用完请立即封存：flask --app run emergency seal"""
OPEN = "应急账号启用中，至 {until:%Y-%m-%d %H:%M} 止。事由：{reason}"

commands = AppGroup("emergency", help="应急账号的启用与封存。")


@commands.command("unseal", help="启用应急账号若干小时；口令只显示一次。")
@click.option("--reason", prompt="事由", help="为什么启用；记入审计日志并通知三员")
@click.option("--hours", type=int, default=2, show_default=True, help="启用几小时")
def unseal(reason: str, hours: int) -> None:
    """Open the account for some hours; prints its password once."""
    password = secrets.token_urlsafe(15)
    row = _done(emergency.unseal, reason=reason, hours=hours, password_hash=hashed(password))
    click.echo(OPENED.format(until=row.until_at, name=EMERGENCY_USERNAME, password=password))


@commands.command("seal", help="立即封存，其登录随即失效。")
def seal() -> None:
    """Shut it at once; its log-ins end."""
    _done(emergency.seal_up)
    click.echo("应急账号已封存。")


@commands.command("status", help="显示是否启用；启用时退出码为1。")
def status() -> None:
    """Say whether it is open; the exit code is 1 when it is."""
    row = open_now(now())
    if row is not None:
        raise click.ClickException(OPEN.format(until=row.until_at, reason=row.reason))
    click.echo("应急账号处于封存状态。")


def _done(action: Any, **facts: Any) -> Any:
    try:
        with unit_of_work():
            ensure_emergency_account()
            return action(**facts, now=now())
    except Refusal as refusal:
        raise click.ClickException(WORDS[refusal.code]) from refusal
