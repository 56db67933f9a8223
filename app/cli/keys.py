"""`flask --app run keys …`: make the key of what is encrypted at rest, change it, show it."""

import secrets

import click
from flask import current_app
from flask.cli import AppGroup

from app.actions import audit, sealing
from app.clock import now
from app.domain.audit import AuditAction
from app.keys import write_keys
from app.models.keyring import Key, KeyProblem, ring
from app.unit_of_work import unit_of_work
from config import Settings

MADE = "数据密钥文件：{path}\n请与数据库分开另行备份；密钥一旦丢失，已登记的电话号码再也无法读出。"
FROM_ENVIRONMENT = """\
数据密钥由环境变量 BANJIE_DATA_KEY 给出，本命令不能改写它。请先把新密钥写在最前面：
  BANJIE_DATA_KEY=新密钥,旧密钥
重启系统后再运行本命令。"""
DROP_OTHERS = "全部已用新密钥加密。请从环境变量 BANJIE_DATA_KEY 中去掉旧密钥，并重启系统。"
DONE = "数据密钥已更换为 {key}，重新加密 {rows} 行；旧密钥已从密钥文件中删除。"
KEEP_COPY = "请立即另行备份新的密钥文件：{path}\n更换以前的数据库备份仍须用旧密钥才能读出。"
LINE = "{key}  {use}  {rows} 项"
WRONG = "数据密钥与数据库不符：{error}"

commands = AppGroup("keys", help="数据密钥：反映人电话的加密。")


@commands.command("make", help="为没有数据密钥的单位生成密钥文件。")
def make() -> None:
    """Make the key file of an office that has none; run.py did it before the start."""
    click.echo(MADE.format(path=_settings().data_key_path))


@commands.command("status", help="列出各密钥和各自加密的条数。")
def status() -> None:
    """Show which keys there are, and how much is sealed by each."""
    keys = ring()
    found = {count.key_id: count.rows for count in sealing.counts()}
    for key_id in dict.fromkeys([*(key.id for key in keys.keys), *found]):
        use = "使用中" if key_id == keys.active.id else "旧密钥" if keys.find(key_id) else "缺失！"
        click.echo(LINE.format(key=key_id, use=use, rows=found.get(key_id, 0)))
    if any(keys.find(key_id) is None for key_id in found):
        raise click.ClickException(WRONG.format(error="有数据的密钥不在密钥文件中"))


@commands.command("rotate", help="更换密钥并重新加密，期间照常办公；中断后重新运行即可续做。")
def rotate() -> None:
    """Seal everything by a new key while people work; broken off, it goes on where it was."""
    settings = _settings()
    before = _secrets(settings)
    if settings.data_key and len(before) < 2:
        raise click.ClickException(FROM_ENVIRONMENT)
    _confirm()
    if len(before) < 2:
        before = [secrets.token_urlsafe(48), *before]
        write_keys(settings.data_key_path, before)
    _confirm()
    rows = _reseal()
    with unit_of_work():
        while not sealing.is_resealed():  # somebody began to write before the new key was there
            rows += _reseal_once()
        sealing.retire_others(now=now())
        audit.note(AuditAction.KEY_CHANGED, about=("data_keys", ring().active.id, "数据密钥"))
    if settings.data_key:
        click.echo(DROP_OTHERS)
        return
    write_keys(settings.data_key_path, before[:1])
    click.echo(DONE.format(key=Key.of(before[0]).id, rows=rows))
    click.echo(KEEP_COPY.format(path=settings.data_key_path))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _secrets(settings: Settings) -> list[str]:
    ring()  # the demo makes its key at first use
    return settings.data_keys()


def _confirm() -> None:
    try:
        with unit_of_work():
            sealing.confirm(now=now())
    except KeyProblem as error:
        raise click.ClickException(WRONG.format(error=error)) from error


def _reseal() -> int:
    """Seal all tables anew, a batch a unit of work."""
    rows, place = 0, (0, 0)
    while place is not None:
        with unit_of_work():
            done, place = sealing.reseal_some(after=place)
        rows += done
    return rows


def _reseal_once() -> int:
    rows, place = 0, (0, 0)
    while place is not None:
        done, place = sealing.reseal_some(after=place)
        rows += done
    return rows
