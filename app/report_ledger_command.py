"""`flask --app run report ledger`: a year's 问题台账 as a workbook, without anybody's screen."""

import datetime as dt
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import and_, select

from app import clock
from app.clock import OFFICE_ZONE
from app.database import snapshot
from app.domain.states import OFFICE_ROLES
from app.exporting import Order, site_names, write_workbook
from app.extensions import db
from app.models import Case, Site, Unit
from app.reports.case_lists import of_unit, of_year
from app.reports.ledger_cells import Reader
from app.reports.ledger_rows import Contents, contents
from app.reports.period import Condition

NO_SITE = "没有服务场所“{name}”。"
NO_UNIT = "没有窗口（科室）“{name}”。"
BAD_TIME = "时间应写作2026-10-31T17:00（北京时间）。"
DONE = "已写入 {path}：{rows}件。"


@click.command("ledger")
@click.option("--year", type=click.IntRange(2000, 2099), required=True, help="台账年度。")
@click.option("--output", required=True, type=click.Path(dir_okay=False), help="xlsx 文件。")
@click.option("--site", help="服务场所名称，不写为全部。")
@click.option("--unit", help="窗口（科室）名称，不写为全部。")
@click.option("--now", "as_of", help="以此时为准，不写为现在。")
@click.option("--full", is_flag=True, help="姓名、电话完整显示；不写为隐去。")
@with_appcontext
def ledger_command(
    year: int, output: str, site: str | None, unit: str | None, as_of: str | None, full: bool
) -> None:
    """生成某年的问题台账（xlsx），姓名、电话隐去。"""
    now = _instant(as_of)
    order = Order(_wanted(year, site, unit), Reader(OFFICE_ROLES, full), now, names=site_names())
    db.session.rollback()
    target = Path(output)
    aside = target.with_name(f".{target.name}.part")
    try:
        with snapshot(db.engine) as connection:
            found = contents(connection, order.condition, now=now)
            found = found if found.ids else Contents(found.ids, (f"{year}", f"{year}"), frozenset())
            write_workbook(str(aside), order, found, connection)
        aside.replace(target)
    except OSError as error:
        raise click.ClickException(f"{target}：{error.strerror}") from None
    finally:
        aside.unlink(missing_ok=True)
    click.echo(DONE.format(path=target, rows=len(found.ids)))


def _instant(text: str | None) -> dt.datetime:
    """Return the time given, of the office where it names no zone."""
    if text is None:
        return clock.now()
    try:
        given = dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(BAD_TIME, param_hint="--now") from None
    return given.astimezone(OFFICE_ZONE) if given.tzinfo else given.replace(tzinfo=OFFICE_ZONE)


def _wanted(year: int, site: str | None, unit: str | None) -> Condition:
    parts = [of_year(f"{year}")]
    if site:
        parts.append(Case.site_id == _site_id(site))
    if unit:
        parts.append(_of_units(unit))
    return and_(*parts)


def _site_id(name: str) -> int:
    found = db.session.scalar(select(Site.id).where(Site.name == name))
    if found is None:
        raise click.BadParameter(NO_SITE.format(name=name), param_hint="--site")
    return found


def _of_units(name: str) -> Condition:
    """Return the cases of the unit of that name: two sites may have one each."""
    keys = list(db.session.scalars(select(Unit.id).where(Unit.name == name)))
    if not keys:
        raise click.BadParameter(NO_UNIT.format(name=name), param_hint="--unit")
    condition = of_unit(keys[0])
    for key in keys[1:]:
        condition = condition | of_unit(key)
    return condition
