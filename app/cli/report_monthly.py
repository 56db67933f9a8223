"""`flask --app run report monthly`: 月度通报 as docx or xlsx, without anybody's screen."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.report_options import fail, office_at, site_of
from app.reports.monthly.docx import monthly_docx
from app.reports.monthly.figures import gather, month_named
from app.reports.monthly.xlsx import monthly_xlsx

WRITERS = {".docx": monthly_docx, ".xlsx": monthly_xlsx}
BAD_MONTH = "--month {month}：应写作2026-10，且不晚于{now}。"
BAD_ENDING = "输出文件应为 .docx 或 .xlsx：{path}。"
EXISTS = "文件已存在：{path}。如需覆盖，请加 --force。"
UNWRITABLE = "无法写入 {path}：{reason}。"
DONE = "已写入 {path}。"


@click.command("monthly")
@click.option("--month", required=True, metavar="月份", help="月份，如2026-10。")
@click.option("--output", required=True, metavar="文件", help="输出文件，.docx 或 .xlsx。")
@click.option("--site", metavar="名称", help="服务场所名称或编号，不写为全部。")
@click.option("--now", "asked_at", metavar="时间", help="以此时的记录为准，不写为现在。")
@click.option("--force", is_flag=True, help="覆盖已有的文件。")
@with_appcontext
def monthly_command(
    month: str, output: str, site: str | None, asked_at: str | None, force: bool
) -> None:
    """生成月度通报：docx 供修改后印发，xlsx 含图表。"""
    path = Path(output)
    if path.suffix.lower() not in WRITERS:
        raise fail(BAD_ENDING.format(path=path))
    if path.exists() and not force:
        raise fail(EXISTS.format(path=path))
    with office_at(asked_at) as now:
        try:
            period = month_named(month, now=now)
        except ValueError:
            raise fail(BAD_MONTH.format(month=month, now=f"{now:%Y-%m}")) from None
        content = WRITERS[path.suffix.lower()](gather(site=site_of(site), period=period))
    _write(path, content)
    click.echo(DONE.format(path=path))


def _write(path: Path, content: bytes) -> None:
    """Write it aside first: whoever opens the file never sees half of it."""
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        raise fail(UNWRITABLE.format(path=path, reason=error.strerror)) from None
    finally:
        aside.unlink(missing_ok=True)
