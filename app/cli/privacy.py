"""`flask --app run privacy preview`: what the next run of mask-records makes unreadable."""

import datetime as dt

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.actions.office import load_rules
from app.actions.retention import due_cases, due_visits
from app.clock import now
from app.extensions import db
from app.models import Case, Reception, Rejection

RULES = "保留期限：事项办结后{cases}年，接待登记、不予受理{desk}年（系统参数“个人信息”）。"
LINE = "{when}：事项{cases}件，接待登记{visits}件，不予受理登记{refused}件"
WARNING = "脱敏后姓名、电话不能恢复。"
AHEAD = (("现在到期", 0), ("30天内到期", 30), ("90天内到期", 90))

commands = AppGroup("privacy", help="个人信息的保留期限。")


@commands.command("preview", help="统计现在和近期到期脱敏的条数，不作改动。")
def preview() -> None:
    """Count what is due now and soon; nothing is changed."""
    rules = load_rules()
    click.echo(RULES.format(cases=rules.keep_case_years, desk=rules.keep_desk_years))
    for when, days in AHEAD:
        moment = now() + dt.timedelta(days=days)
        counts = {
            "cases": _count(Case.id, due_cases(moment)),
            "visits": _count(Reception.id, due_visits(Reception, moment)),
            "refused": _count(Rejection.id, due_visits(Rejection, moment)),
        }
        click.echo(LINE.format(when=when, **counts))
    click.echo(WARNING)


def _count(key: object, condition: object) -> int:
    return db.session.scalar(select(func.count(key)).where(condition)) or 0
