"""`flask --app run attachments …`: is every file what was attached, and what belongs to nobody."""

from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.clock import now
from app.domain.words import word
from app.extensions import db
from app.files import NotWhole, Shelf, attachments_shelf
from app.models import Attachment, Case

BAD = "事项 {case} 附件 {number}（{paper}）：文件丢失或内容已改变"
WHOLE = "附件完好：共 {count} 个。"
DAMAGED = "共 {count} 个附件，{bad} 个丢失或内容已改变。"
STRANGERS = "另有 {count} 个没有登记的文件，可用 attachments sweep 清理。"
SWEPT = "已清理 {count} 个没有登记的文件。"
WOULD_SWEEP = "将清理 {count} 个没有登记的文件（试运行，未清理）。"

commands = AppGroup("attachments", help="附件校验与清理。")


@commands.command("verify", help="逐个读完全部附件并核对散列；有不符的退出码为1。")
def verify() -> None:
    """Read every attachment to its end; the exit code is 1 when one is not what was attached."""
    shelf, count, bad = _shelf(), 0, 0
    query = select(Attachment, Case.ledger_no).join(Attachment.case).order_by(Attachment.id)
    for row, ledger_no in db.session.execute(query):
        count += 1
        try:
            shelf.open_whole(row.stored_name, row.sha256).close()
        except NotWhole:
            bad += 1
            number = ledger_no or row.case_id
            click.echo(BAD.format(case=number, number=row.id, paper=word(row.paper)))
    strangers = len(_strangers(shelf, hours=0))
    if strangers:
        click.echo(STRANGERS.format(count=strangers))
    if bad:
        raise click.ClickException(DAMAGED.format(count=count, bad=bad))
    click.echo(WHOLE.format(count=count))


@commands.command("sweep", help="清理没有记录对应的文件（上传中断留下的）。")
@click.option(
    "--hours", default=24, show_default=True, type=click.IntRange(1), help="至少存在了几小时的。"
)
@click.option("--dry-run", is_flag=True, help="只列出，不删除。")
def sweep(hours: int, dry_run: bool) -> None:
    """Remove files no record knows, older than HOURS: of an upload that was broken off."""
    shelf = _shelf()
    names = _strangers(shelf, hours=hours)
    for name in names:
        click.echo(name)
        if not dry_run:
            shelf.remove(name)
    click.echo((WOULD_SWEEP if dry_run else SWEPT).format(count=len(names)))


def _strangers(shelf: Shelf, *, hours: int) -> list[str]:
    before = now() - timedelta(hours=hours)
    # Files first: what is attached meanwhile is then known.
    found = shelf.strangers((), before=before.timestamp())
    known = set(db.session.execute(select(Attachment.stored_name)).scalars())
    return [name for name in found if name not in known]


def _shelf() -> Shelf:
    return attachments_shelf(current_app.config["SETTINGS"])
