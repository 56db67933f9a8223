"""`flask --app run backup …`: make a whole checked copy, check one, restore an office from one."""

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app.actions import audit
from app.audit_log.words import sentence
from app.backup import seal
from app.backup.archive import Manifest
from app.backup.copies import strange_keys
from app.backup.create import (
    Made,
    alarms_of,
    create_backup,
    folder_of,
    note_checked,
    note_made,
    prefix_of,
    verify_backup,
    write_backup,
)
from app.backup.problems import BackupError, Tell
from app.backup.restore import Report, look_into, restore
from app.clock import now
from app.disk import reason_of
from app.extensions import db
from app.fab.formats import datetime_zh
from app.reports.backup_files import Backup, last_backup
from app.unit_of_work import unit_of_work
from app.web.server import is_migrated
from config import Settings

DONE = "已备份并校验：{path}（{size} 字节；{counts}）"
COUNTS = "{tables} 个表 {rows} 行，附件 {files} 个，审计日志 {seq} 条，日志归档 {past} 个"
ALARM = "备份已生成，但须查明处理：{words}"
THERE = "同一时刻的备份已经生成。"
WHOLE = "备份完好：{path}"
HELD = "{at}由 {program} 版生成，结构 {schema}；{counts}。"
LOST = "注意：备份时已有 {count} 个附件的文件丢失或内容已改变，备份中没有。"
LOG_LOST = "注意：备份时已有 {count} 个审计日志归档缺失或内容已改变，备份中没有。"
LOG_FAULTS = "注意：备份时审计日志已有 {count} 处不符，原样保存在备份中："
GUARDS_LOST = "注意：备份时已缺少或改动过的防改动触发器：{names}。"
GUARDS_BACK = "恢复时已重新建立防改动触发器：{names}。"
LOG_MORE = "……"
OTHER_KEY = """\
注意：其中的手机号码是用另一个数据密钥（编号{keys}）加密的，用这里的密钥读不出来；
恢复时须放回备份当时的数据密钥。"""
OLD = "注意：这是未加密钥的旧备份，只能证明没有损坏，不能证明没有被改过。"
SINGLE = "旧版的数据库备份，只有数据库，不含附件。"
ASK = "将把以上备份恢复到 {place}，继续吗？"
STOPPED = "没有恢复，未作任何改动。"
SECRETS = "备份中没有密钥：会话密钥、数据密钥须另行保管，恢复到新机器时一并放回。"
RESTORED = """\
恢复完成，{tables} 个表行数全部一致；附件 {files} 个逐个核对。
审计日志逐条核对，连同本次恢复共 {entries} 条，库外链头 {anchors} 个、日志归档 {past} 个相符。
角色与权限已同步（改动 {roles} 处）；原有登录全部失效，须重新登录。
发件已暂停：备份之后原系统可能已发出的消息，本系统并不知道。系统管理员登录后在“健康”页放行。"""
SAME, OTHER = "一致", "不符"
WHICH = "没有写明恢复哪一份备份。现有的备份见“健康”页，或 instance/backups。"
NONE_YET = "还没有备份：{folder}"
UNFINISHED = "上次恢复没有完成，已重新进行。"
UPGRADED = "备份的结构是 {old}，已升级到 {new}。"
LATER_LOG = "审计日志归档中有晚于备份的：原文件留作 {paths}。"
LATER = "库外链头中有晚于备份的：备份之后的记录没有恢复，原文件留作 {path}。"
# No backup at all ends with 1, a word that is none of the command's with 2.
MADE_WITH_ALARMS = 3
OPERATOR = "命令行（{user}）"
Answer = TypeVar("Answer")

commands = AppGroup("backup", help="备份、校验与恢复。")


@commands.command(
    "create",
    help="生成并校验备份，写到指定的新文件，不写文件名的放在 instance/backups。"
    "没有生成的退出码为1；已生成但附件或日志原先就有缺失、改动的，退出码为3。",
)
@click.argument("path", required=False, type=click.Path(path_type=Path, dir_okay=False))
def create(path: Path | None) -> None:
    """Write a checked backup to PATH, which must not exist, or to instance/backups."""
    settings = current_app.config["SETTINGS"]

    def make() -> Made | None:
        if path is None:
            return create_backup(settings, now=now(), tell=progress())
        at = now()
        manifest = write_backup(path, settings, now=at, tell=progress())
        return Made(Backup(path, at, path.stat().st_size), manifest, tuple(alarms_of(manifest)))

    made = _told(make)
    if made is None:
        click.echo(THERE)
        return
    _note(lambda: note_made(made))
    backup, manifest = made.backup, made.manifest
    click.echo(DONE.format(path=backup.path, size=backup.size, counts=_counts(manifest)))
    if made.alarms:
        click.echo(ALARM.format(words="；".join(made.alarms)), err=True)
        raise SystemExit(MADE_WITH_ALARMS)


OLD_SEAL = click.option("--old-seal", is_flag=True, help="接受未加密钥的旧备份（确知来历时）。")


@commands.command(
    "verify",
    help="把备份文件读到底；有损坏的退出码为1。不写文件名的校验最近一份，"
    "只写文件名的也在 instance/backups 中查找。",
)
@click.argument("path", required=False, type=click.Path(path_type=Path))
@OLD_SEAL
def verify(path: Path | None, old_seal: bool) -> None:
    """Read the backup PATH to its end, or the newest; the exit code is 1 when it is damaged."""
    settings = current_app.config["SETTINGS"]
    path = _found(path or _newest(settings), settings)
    try:
        manifest = verify_backup(path, settings, tell=progress(), is_old_taken=old_seal)
    except BackupError as error:
        reason = str(error)
        _note(lambda: note_checked(path, reason))
        raise click.ClickException(reason) from error
    _note(lambda: note_checked(path, ""))
    click.echo(WHOLE.format(path=path))
    click.echo(_described(manifest) if manifest else SINGLE)
    if manifest and seal.is_old(path):
        click.echo(OLD)
    if manifest and (strange := strange_keys(manifest)):
        click.echo(OTHER_KEY.format(keys="、".join(strange)))


@commands.command(
    "restore",
    help="把备份恢复到空的环境，并证明完整。只写文件名的也在 instance/backups 中查找。",
)
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="不再询问")
@OLD_SEAL
def restore_command(path: Path | None, yes: bool, old_seal: bool) -> None:
    """Restore the office from the backup PATH into an empty place, and prove that it is whole."""
    settings = current_app.config["SETTINGS"]
    if path is None:
        raise click.ClickException(WHICH)
    path = _found(path, settings)
    manifest = _told(lambda: look_into(path, settings, tell=progress(), is_old_taken=old_seal))
    click.echo(_described(manifest))
    if seal.is_old(path):
        click.echo(OLD)
    place = db.engine.url.render_as_string(hide_password=True)
    if not yes and not click.confirm(ASK.format(place=place)):
        raise click.ClickException(STOPPED)
    with _as_operator():
        report = _told(
            lambda: restore(path, settings, now=now(), tell=progress(), is_old_taken=old_seal)
        )
    _show(report)


def _newest(settings: Settings) -> Path:
    newest = last_backup(folder_of(settings), prefix_of(settings))
    if newest is None:
        raise click.ClickException(NONE_YET.format(folder=folder_of(settings)))
    return newest.path


def _found(path: Path, settings: Settings) -> Path:
    """Return where a backup lies: a bare name, as the health page tells it, among the backups."""
    kept = folder_of(settings) / path
    return kept if path.name == str(path) and not path.exists() and kept.exists() else path


def _show(report: Report) -> None:
    click.echo(f"{'表':<30}{'备份':>10}{'恢复':>10}")
    for name, (expected, found) in report.counts.items():
        click.echo(
            f"{name:<31}{expected:>12}{found:>12}  {'一致' if expected == found else '不符'}"
        )
    if report.was_unfinished:
        click.echo(UNFINISHED)
    if report.upgraded_to:
        old = report.manifest.facts.schema
        click.echo(UPGRADED.format(old=old, new=report.upgraded_to))
    if report.later_anchors:
        click.echo(LATER.format(path=report.later_anchors))
    if report.later_log:
        click.echo(LATER_LOG.format(paths="、".join(map(str, report.later_log))))
    for words in _lost(report.manifest):
        click.echo(words)
    if report.guards:
        click.echo(GUARDS_BACK.format(names="、".join(report.guards)))
    click.echo(
        RESTORED.format(
            tables=len(report.counts), files=report.files, entries=report.entries,
            anchors=report.anchors, past=report.past_log, roles=report.roles_changed,
        )
    )  # fmt: skip
    click.echo(SECRETS)


def _described(manifest: Manifest) -> str:
    words = HELD.format(
        at=datetime_zh(manifest.made_at), program=manifest.program,
        schema=manifest.facts.schema, counts=_counts(manifest),
    )  # fmt: skip
    return "\n".join([words, *_lost(manifest)])


def _lost(manifest: Manifest) -> list[str]:
    """Return what was lost or broken before it was made."""
    found = ((LOST, manifest.lost_attachments), (LOG_LOST, manifest.lost_log))
    told = [words.format(count=len(names)) for words, names in found if names]
    if names := manifest.lost_guards:
        told.append(GUARDS_LOST.format(names="、".join(names)))
    log = manifest.log_faults
    if log.count:
        told.append(LOG_FAULTS.format(count=log.count))
        told += [f"  {sentence(fault)}" for fault in log.first]
        told += [f"  {LOG_MORE}"] if log.count > len(log.first) else []
    return told


def _counts(manifest: Manifest) -> str:
    tables = manifest.facts.tables
    return COUNTS.format(
        tables=len(tables), rows=sum(tables.values()), files=len(manifest.attachments),
        seq=manifest.facts.audit_seq, past=len(manifest.past_log),
    )  # fmt: skip


def _told(work: Callable[[], Answer]) -> Answer:
    """Do the work; what stops it is told in the office's words, with exit code 1."""
    try:
        return work()
    except (BackupError, OSError) as error:
        raise click.ClickException(reason_of(error)) from error


@contextmanager
def _as_operator() -> Iterator[None]:
    """Let what is done stand in the log under whoever has the machine's account."""
    who = audit.Doer(name=OPERATOR.format(user=getpass.getuser()))
    token = audit.doer.set(lambda: who)
    try:
        yield
    finally:
        audit.doer.reset(token)


def _note(work: Callable[[], None]) -> None:
    """Leave an entry in the log, if there is an office here: a file may be checked alone."""
    try:
        if not is_migrated(current_app._get_current_object()):  # type: ignore[attr-defined]
            return
        with _as_operator(), unit_of_work():
            work()
    except SQLAlchemyError:
        db.session.rollback()


def progress() -> Tell:
    """Return what tells a person at a terminal how far it is; a log file is left alone."""
    if not sys.stderr.isatty():
        return lambda _what, _done, _total: None
    last = [""]

    def tell(what: str, done: int, total: int) -> None:
        line = f"{what} {100 * done // max(total, 1)}%"
        if line != last[0]:
            last[0] = line
            click.echo(f"\r{line:<30}" + ("\n" if done >= total else ""), nl=False, err=True)

    return tell
