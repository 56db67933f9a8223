"""`flask --app run setup`: a real office, opened once; it never sees demo data."""

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect, select

from app.actions.accounts import USERNAME, Person, add_account, set_roles
from app.actions.office import set_rule
from app.actions.people import RESERVED
from app.actions.setup import (
    ensure_dictionaries,
    ensure_emergency_account,
    ensure_system_account,
    open_site,
    role_record,
)
from app.clock import now
from app.domain.passwords import is_strong
from app.domain.states import Role
from app.extensions import db
from app.fab.accounts import hashed
from app.models import Site
from app.role_sync import sync_roles
from app.unit_of_work import unit_of_work

ALREADY = "“{site}”已经安装，本次未作任何改动。升级请运行 flask --app run db upgrade。"
WEAK = "口令太简单：至少8位，含大写字母、小写字母、数字、符号中的三种。"
BAD_USERNAME = "用户名须为2—64位字母、数字、点或短横线。"
TAKEN_USERNAME = "这个用户名由系统自用，请另取一个。"
EMPTY = "不能为空。"
DONE = """\
已安装：{site}（{office}）。
第一位管理员：{name}（用户名 {username}），任系统管理员并兼安全管理员。
三员简化模式已启用；另设安全管理员后，可在“安全策略”中关闭。
工作日历：已导入 2019—2026 年；办公时间暂为 09:00—12:00、13:00—17:00，请在“办公时间”中核对。
应急账号已建立并封存，启用办法见 docs/deploy.md。
启动：BANJIE_ENV=office python run.py；登录后请先建窗口（科室）和用户账号。"""


@click.command("setup", help="安装：建表、角色、字典、服务场所、工作日历和第一位管理员。")
@click.option("--site", envvar="BANJIE_SETUP_SITE", help="服务场所名称")
@click.option("--office", envvar="BANJIE_SETUP_OFFICE", help="主管单位名称")
@click.option("--username", envvar="BANJIE_SETUP_USERNAME", help="第一位管理员的用户名")
@click.option("--name", envvar="BANJIE_SETUP_NAME", help="第一位管理员的姓名")
@click.option("--password", envvar="BANJIE_SETUP_PASSWORD", help="口令；宜用提问或环境变量")
@with_appcontext
def commands(
    site: str | None,
    office: str | None,
    username: str | None,
    name: str | None,
    password: str | None,
) -> None:
    """Open the office: tables, roles, word lists, the site, its calendar, one administrator."""
    _refuse_second_run()
    site = _text(site, "服务场所名称（如：××县政务服务中心）")
    office = _text(office, "主管单位名称（如：××县行政审批服务局）")
    username = _username(_text(username, "第一位管理员的用户名"))
    name = _text(name, "第一位管理员的姓名")
    password = _strong(password or _ask_password())
    upgrade()
    sync_roles()
    _open(site, office, Person(username=username, name=name), password)
    click.echo(DONE.format(site=site, office=office, name=name, username=username))


def _refuse_second_run() -> None:
    if not inspect(db.engine).has_table(Site.__tablename__):
        return
    existing = db.session.scalars(select(Site.name)).first()
    db.session.rollback()
    if existing:
        raise click.ClickException(ALREADY.format(site=existing))


def _text(given: str | None, question: str) -> str:
    text = (given if given is not None else click.prompt(question)).strip()
    if not text:
        raise click.ClickException(f"{question}：{EMPTY}")
    return text


def _username(text: str) -> str:
    if not USERNAME.fullmatch(text):
        raise click.ClickException(BAD_USERNAME)
    if text.lower() in RESERVED:
        raise click.ClickException(TAKEN_USERNAME)
    return text


def _ask_password() -> str:
    return click.prompt("口令", hide_input=True, confirmation_prompt="再输一遍")


def _strong(password: str) -> str:
    if not is_strong(password):
        raise click.ClickException(WEAK)
    return password


def _open(site: str, office: str, person: Person, password: str) -> None:
    """Write everything in one unit: an installation is there or it is not."""
    moment, password_hash = now(), hashed(password)
    with unit_of_work():
        system = ensure_system_account()
        ensure_emergency_account()
        ensure_dictionaries()
        open_site(name=site, office_name=office, by=system, now=moment)
        account = add_account(
            person, password_hash=password_hash, by=system, now=moment, is_password_own=True
        )
        set_rule(name="simplified_admins", text="1", by=system, now=moment)
        records = [role_record(Role.SYS_ADMIN), role_record(Role.SEC_ADMIN)]
        set_roles(account, records=records, by=system, now=moment)
