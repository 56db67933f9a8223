"""`flask --app run audit …`: hold the 审计日志 against itself and its anchors; anchor it now."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.actions import audit
from app.actions.audit_chain import lost_anchors
from app.actions.office import load_rules
from app.audit_log import guards
from app.audit_log.adopt import adopt
from app.audit_log.anchors import add_anchor, anchor_file, anchors_of
from app.audit_log.files import archive as write_archive
from app.audit_log.files import folder_of, kept, links_of, remove, wrong
from app.audit_log.rights import BadRole, grant, may_tamper, statements
from app.audit_log.words import sentence
from app.clock import now
from app.domain.audit import AuditAction
from app.extensions import db
from app.unit_of_work import unit_of_work

WHOLE = "审计日志完好：共{count}条，库外留存链头{anchors}个。"
NO_ANCHORS = "尚无库外留存的链头：{path}。定时任务每日留存一次，也可运行 audit anchor。"
ANCHORED = "已留存链头：第{seq}条，{path}"
GUARDS = "重新建立防改动触发器"
GUARDS_WHOLE = "防改动触发器齐全，未作改动。"
GUARDS_BACK = "已重新建立：{names}"
ADOPTED = "已补记{count}项系统催办{which}。"
LEFT = "下列事项记录不在日志中，也不是旧版程序漏记的系统催办，须查明来源{which}"
NOTHING = "没有需要归档的日志。"
ARCHIVED = "已归档第{first}至{last}条：{name}"
REMOVED = "已从数据库清理{count}条：均在归档文件中，且超过保存期限{days}天。"
BAD_ROLE = "角色名只能用小写字母、数字和下划线：{role}"
ONLY_POSTGRESQL = "只有PostgreSQL能区分表的所有者与应用账号；SQLite由文件权限和触发器保护。"
GRANTED = "已授权{role}：审计日志和事项记录只能查询和追加。应用请改用该账号连接数据库。"
MAY_TAMPER = "当前账号是表的所有者，能够停用触发器。"
MAY_NOT_TAMPER = "当前账号只能查询和追加审计日志。"
MOST_SHOWN = 50

commands = AppGroup("audit", help="审计日志的核对与链头留存。")


@commands.command("verify", help="通读全部审计日志；与写入时不一致的，退出码为1。")
@click.option("--anchors", type=click.Path(path_type=Path, dir_okay=False), help="链头文件")
@click.option("--archive", type=click.Path(path_type=Path, file_okay=False), help="归档文件夹")
@click.option("--without-files", is_flag=True, help="不核对库外的链头和归档是否齐全（异地副本）。")
def verify(anchors: Path | None, archive: Path | None, without_files: bool) -> None:
    """Read the whole log; the exit code is 1 when anything is not as it was written."""
    settings = current_app.config["SETTINGS"]
    path, folder = anchors or anchor_file(settings), archive or folder_of(settings)
    known, broken = anchors_of(path)
    rows, found = kept(), list(broken)
    if not without_files:
        # A file that is broken lacks them all: said once.
        found += [*([] if broken else lost_anchors(known)), *wrong(folder, rows)]
    with db.engine.connect() as connection:
        found += guards.faults(connection)
    found += audit.verify(anchors=known, archived=links_of(folder, rows))
    for fault in found[:MOST_SHOWN]:
        click.echo(sentence(fault))
    if found:
        raise click.ClickException(f"共{len(found)}处不符。")
    click.echo(WHOLE.format(count=audit.head().seq, anchors=len(known)))
    if not known:
        click.echo(NO_ANCHORS.format(path=path))


@commands.command("anchor", help="把当前链首写到数据库之外。")
def anchor() -> None:
    """Write the head of now outside the database."""
    settings, head = current_app.config["SETTINGS"], audit.head()
    add_anchor(settings, head, now=now())
    with unit_of_work():
        audit.note_anchor(head)
    click.echo(ANCHORED.format(seq=head.seq, path=anchor_file(settings)))


@commands.command("guards", help="重新建立缺失或被改动的防改动触发器；须用表的所有者账号运行。")
def put_guards_back() -> None:
    """Make the triggers anew that keep the log from being changed; the entry says which."""
    with db.engine.begin() as connection:
        names = guards.put_back(connection)
    if not names:
        click.echo(GUARDS_WHOLE)
        return
    with unit_of_work():
        audit.note(AuditAction.COMMAND, about=("command", "", GUARDS), after={"detail": names})
    click.echo(GUARDS_BACK.format(names="、".join(names)))


@commands.command("adopt", help="为旧版程序漏记的系统催办补写日志；已有的记录一概不动。")
def adopt_events() -> None:
    """Add an entry, written now, for each 催办 that an earlier version left without one."""
    settings = current_app.config["SETTINGS"]
    adopted = adopt(links_of(folder_of(settings), kept()))
    click.echo(ADOPTED.format(count=len(adopted.noted), which=_listed(adopted.noted)))
    if adopted.left:
        raise click.ClickException(LEFT.format(which=_listed(adopted.left)))


def _listed(keys: list[int]) -> str:
    return "：" + "、".join(map(str, keys)) if keys else ""


@commands.command("archive", help="把以前各月的记录写成库外归档文件。")
def archive_entries() -> None:
    """Write the entries of past months to a file outside the database."""
    settings = current_app.config["SETTINGS"]
    written = write_archive(settings, now=now())
    if written is None:
        click.echo(NOTHING)
        return
    click.echo(ARCHIVED.format(first=written.first, last=written.last.seq, name=written.file_name))


@commands.command("remove", help="删除已归档且超过保存期限的记录；须用表的所有者账号运行。")
def remove_entries() -> None:
    """Delete what lies in whole archives and is older than the retention; as the tables' owner."""
    gone = remove(current_app.config["SETTINGS"], now=now())
    click.echo(REMOVED.format(count=gone, days=load_rules().audit_days))


@commands.command("grants", help="显示或执行授权语句：程序账号对审计日志只能追加。")
@click.option("--role", default="", help="应用连接数据库所用的角色；不写则只检查当前账号。")
@click.option("--apply", "is_applied", is_flag=True, help="执行；不写则只显示SQL。")
def grants(role: str, is_applied: bool) -> None:
    """Show or run the SQL that lets the application's own account only add to the log."""
    if db.engine.dialect.name != "postgresql":
        raise click.ClickException(ONLY_POSTGRESQL)
    if not role:
        click.echo(MAY_TAMPER if may_tamper() else MAY_NOT_TAMPER)
        return
    try:
        lines = statements(role)
    except BadRole as error:
        raise click.ClickException(BAD_ROLE.format(role=role)) from error
    if is_applied:
        grant(role)
        click.echo(GRANTED.format(role=role))
        return
    for line in lines:
        click.echo(f"{line};")
