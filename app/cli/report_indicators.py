"""`flask --app run report indicators`: the indicators of a period, as JSON or as a table."""

import json

import click
from flask.cli import with_appcontext

from app.cli.report_options import day, fail, office_at, site_of, unit_of
from app.domain.indicators import CATALOGUE, GROUPS, Value, median_shown, shown
from app.reports.indicators import values
from app.reports.period import between
from app.reports.scope import Scope

WRONG_ORDER = "起始日期{first}晚于截止日期{last}。"
# Beside the table of domain/2.3: they are printed when --all asks for them.
MORE = ("bad_return_rate", "reassign_rate", "ext_expired_cnt", "notice_cnt", "interview_cnt",
        "circular_cnt")  # fmt: skip
IDS = tuple(key for key in CATALOGUE if key not in MORE)


@click.command("indicators")
@click.option(
    "--from", "first", required=True, metavar="日期", help="起始日期（含），如2026-10-01。"
)
@click.option("--to", "last", required=True, metavar="日期", help="截止日期（含），如2026-10-31。")
@click.option("--site", metavar="名称", help="服务场所名称或编号，不写为全部。")
@click.option("--unit", metavar="名称", help="窗口（科室）名称或编号，不写为全部。")
@click.option("--now", "asked_at", metavar="时间", help="以此时的记录为准，不写为现在。")
@click.option(
    "--all", "is_all", is_flag=True, help="加上分项：不当退回、改派、督办、约谈、通报等。"
)
@click.option("--json", "is_json", is_flag=True, help="输出JSON。")
@with_appcontext
def indicators_command(
    first: str,
    last: str,
    site: str | None,
    unit: str | None,
    asked_at: str | None,
    is_all: bool,
    is_json: bool,
) -> None:
    """统计各项指标的分子n和分母d。

    计数指标没有分母，d为null；平均数的n为合计（平均办理时长为分钟，其余为工作日）。
    指明窗口（科室）时，不按窗口（科室）统计的指标（接待、不予受理、带班）n、d均为null。
    """
    start, end = day(first, "--from"), day(last, "--to")
    if start > end:
        raise fail(WRONG_ORDER.format(first=first, last=last))
    with office_at(asked_at) as now:
        place = site_of(site)
        its_unit = unit_of(unit, place)
        scope = Scope(place.id if place else None, its_unit.id if its_unit else None)
        wanted = tuple(CATALOGUE) if is_all else IDS
        found = values(wanted, period=between(start, end, now=now), scope=scope)
    click.echo(as_json(wanted, found) if is_json else "\n".join(as_lines(wanted, found)))


def as_json(wanted: tuple[str, ...], found: dict[str, Value]) -> str:
    """Return one object: id → n and d."""
    pairs = {key: found.get(key) for key in wanted}
    return json.dumps(
        {key: {"n": value and value.n, "d": value and value.d} for key, value in pairs.items()}
    )


def as_lines(wanted: tuple[str, ...], found: dict[str, Value]) -> list[str]:
    """Return a line an indicator, under the headings of 综合统计."""
    lines = []
    for theme, group in GROUPS:
        lines += [theme] if any(d.id in wanted for d in group) else []
        for definition in group:
            if definition.id not in wanted:
                continue
            value = found.get(definition.id)
            name = definition.name + "　" * (10 - len(definition.name))
            if value is None:
                lines.append(f"  {name}—（不按窗口（科室）统计）")
                continue
            of = "" if value.d is None else f"　{value.n}/{value.d}"
            median = median_shown(definition, value)
            middle = f"　中位数{median}" if median else ""
            lines.append(f"  {name}{shown(definition, value)}{of}{middle}")
    return lines
