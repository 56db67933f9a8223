"""`flask --app run audit …`: hold the 审计日志 against itself and its anchors; anchor it now."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.actions import audit
from app.anchors import AnchorError, add_anchor, anchor_file, read_anchors
from app.clock import now
from app.domain.audit import Tampering

WORDS = {
    Tampering.EDITED: "第{seq}条内容被改动",
    Tampering.MISSING: "第{seq}条缺失",
    Tampering.OUT_OF_ORDER: "第{seq}条与前一条不衔接",
    Tampering.CUT: "日志末尾与记录的链头（第{seq}条）不符",
    Tampering.ANCHOR: "第{seq}条与库外留存的链头不符",
    Tampering.EVENT_EDITED: "事项记录{note}被改动（日志第{seq}条）",
    Tampering.EVENT_MISSING: "事项记录{note}缺失（日志第{seq}条）",
    Tampering.EVENT_ADDED: "事项记录{note}不在日志中",
}
WHOLE = "审计日志完好：共{count}条，库外留存链头{anchors}个。"
NO_ANCHORS = "尚无库外留存的链头：{path}。定时任务每日留存一次，也可运行 audit anchor。"
BAD_FILE = "链头文件有误：{place}"
ANCHORED = "已留存链头：第{seq}条，{path}"
MOST_SHOWN = 50

commands = AppGroup("audit", help="审计日志的核对与链头留存。")


@commands.command("verify")
@click.option("--anchors", type=click.Path(path_type=Path, dir_okay=False), help="链头文件")
def verify(anchors: Path | None) -> None:
    """Read the whole log; the exit code is 1 when anything is not as it was written."""
    path = anchors or anchor_file(current_app.config["SETTINGS"])
    try:
        known = read_anchors(path)
    except AnchorError as error:
        raise click.ClickException(BAD_FILE.format(place=error)) from error
    found = audit.verify(anchors=known)
    for fault in found[:MOST_SHOWN]:
        click.echo(WORDS[fault.what].format(seq=fault.seq, note=fault.note))
    if found:
        raise click.ClickException(f"共{len(found)}处不符。")
    click.echo(WHOLE.format(count=audit.head().seq, anchors=len(known)))
    if not known:
        click.echo(NO_ANCHORS.format(path=path))


@commands.command("anchor")
def anchor() -> None:
    """Write the head of now outside the database."""
    settings, head = current_app.config["SETTINGS"], audit.head()
    add_anchor(settings, head, now=now())
    click.echo(ANCHORED.format(seq=head.seq, path=anchor_file(settings)))
