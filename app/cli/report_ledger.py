"""`flask --app run report ledger`: a year's 问题台账 as a workbook, without anybody's screen."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import and_

from app.cli.report_options import fail, instant, office_at, site_of, unit_of
from app.domain.states import OFFICE_ROLES
from app.exporting import Order, site_names, write_workbook
from app.extensions import db
from app.models import Case
from app.reports.case_lists import of_unit, of_year
from app.reports.ledger_cells import Reader
from app.reports.ledger_rows import Contents, contents, later_extensions
from app.reports.period import Condition

CANNOT_WRITE = "不能写入 {path}（{reason}）。"
DONE = "已写入 {path}：{rows}件。"


@click.command("ledger")
@click.option("--year", type=click.IntRange(2000, 2099), required=True, metavar="年度",
              help="台账年度，如2026。")  # fmt: skip
@click.option("--output", required=True, type=click.Path(dir_okay=False), metavar="文件",
              help="写入的xlsx文件。")  # fmt: skip
@click.option("--site", metavar="名称", help="服务场所名称或编号，不写为全部。")
@click.option("--unit", metavar="名称", help="窗口（科室）名称或编号，不写为全部。")
@click.option("--now", "asked_at", metavar="时间", help="以此时的记录为准，不写为现在。")
@click.option("--full", "is_full", is_flag=True, help="姓名、电话完整显示，不写为隐去。")
@with_appcontext
def ledger_command(
    year: int, output: str, site: str | None, unit: str | None, asked_at: str | None, is_full: bool
) -> None:
    """生成某年的问题台账（xlsx），按台账编号排列，姓名、电话隐去。"""
    undone = later_extensions(db.session.connection(), instant(asked_at)) if asked_at else {}
    with office_at(asked_at) as now:
        condition = _wanted(year, site, unit)
        reader = Reader(OFFICE_ROLES, is_full)
        order = Order(condition, reader, now, names=site_names(), undone=undone)
        found = contents(db.session.connection(), condition)
        found = found if found.ids else Contents(found.ids, (f"{year}", f"{year}"), frozenset())
        _write(Path(output), order, found)
    click.echo(DONE.format(path=output, rows=len(found.ids)))


def _wanted(year: int, site: str | None, unit: str | None) -> Condition:
    place = site_of(site)
    its_unit = unit_of(unit, place)
    parts = [of_year(f"{year}")]
    if place is not None:
        parts.append(Case.site_id == place.id)
    if its_unit is not None:
        parts.append(of_unit(its_unit.id))
    return and_(*parts)


def _write(target: Path, order: Order, found: Contents) -> None:
    """Write the file whole or not at all; what was there before stays if it fails."""
    aside = target.with_name(f".{target.name}.part")
    try:
        write_workbook(str(aside), order, found, db.session.connection())
        aside.replace(target)
    except OSError as error:
        raise fail(CANNOT_WRITE.format(path=target, reason=error.strerror or error)) from None
    finally:
        aside.unlink(missing_ok=True)
