"""`flask --app run import …`: the import page's checks and writing, by command."""

import sys
from pathlib import Path

import click
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm.exc import NoResultFound

from app.actions.import_rows import Judged, Verdict
from app.actions.importing import apply, note_upload
from app.clock import now
from app.domain.import_faults import BadImport
from app.domain.import_kinds import TITLES, ImportKind, Outcome
from app.domain.import_table import table_of
from app.domain.refusals import Refusal
from app.extensions import db
from app.files import StoredFile
from app.import_desk import judge_file
from app.models import Account, Site
from app.sheet_reader import read_sheets
from app.unit_of_work import unit_of_work
from app.views.import_words import fault_words, problem_words

NO_PERSON = "没有用户名为“{name}”的启用账号。"
NO_SITE = "没有名为“{name}”的服务场所；有多个服务场所时须用 --site 指明。"
ON_PAGE = "用户账号请在“导入”页面导入：初始密码只在那里发放。"
COUNTS = "{kind}：新增{new}行，更新{changed}行，不变{same}行，错误{bad}行。"
WROTE = "已全部导入。"
NOT_WRITTEN = "没有写入任何内容。"
NOT_STORED = StoredFile("", 0, "")


@click.command("import", help="导入：逐行校验xlsx或csv文件，全部正确时一次写入。")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", "username", required=True, help="以谁的名义导入：用户名，须有页面上的权限。")
@click.option("--site", "site_name", default="", help="服务场所名称；只有一个时不用写。")
@click.option("--dry-run", is_flag=True, help="只校验，不写入。")
def commands(kind: str, file: Path, username: str, site_name: str, dry_run: bool) -> None:
    """导入一个文件；有一行有误，全部不写入，退出码为1。"""
    wanted = ImportKind(kind)
    with force_locale("zh"):
        try:
            judged = _run(wanted, file, username, site_name, dry_run)
        except (BadImport, Refusal) as error:
            sys.exit(fault_words(error))
        click.echo(_summary(wanted, judged))
        for verdict in judged.verdicts:
            for line in _lines(verdict):
                click.echo(line)
        click.echo(NOT_WRITTEN if dry_run or not judged.is_clean else WROTE)
    sys.exit(0 if judged.is_clean else 1)


def _run(kind: ImportKind, file: Path, username: str, site_name: str, dry_run: bool) -> Judged:
    by, site_id = _person(username), _site(site_name)
    judged = judge_file(file, name=file.name, kind=kind, site_id=site_id, by=by, now=now())
    if dry_run or not judged.is_clean:
        return judged
    if kind is ImportKind.ACCOUNTS:
        sys.exit(ON_PAGE)
    table = table_of(read_sheets(file, name=file.name), kind)
    with unit_of_work():
        by = _person(username)
        run = note_upload(
            kind, judged, file_name=file.name, upload=NOT_STORED, verdicts=NOT_STORED,
            site_id=site_id, by=by, now=now(),
        )  # fmt: skip
        apply(run, table, hashes=(), by=by, now=now())
    return judged


def _person(username: str) -> Account:
    query = select(Account).where(Account.username == username, Account.active.is_(True))
    try:
        return db.session.execute(query).scalar_one()
    except NoResultFound:
        sys.exit(NO_PERSON.format(name=username))


def _site(name: str) -> int:
    query = select(Site).where(Site.is_active.is_(True))
    found = db.session.scalars(query.where(Site.name == name) if name else query).all()
    return found[0].id if len(found) == 1 else sys.exit(NO_SITE.format(name=name))


def _summary(kind: ImportKind, judged: Judged) -> str:
    return COUNTS.format(
        kind=TITLES[kind], new=judged.count(Outcome.NEW), changed=judged.count(Outcome.CHANGED),
        same=judged.count(Outcome.SAME), bad=judged.count(Outcome.BAD),
    )  # fmt: skip


def _lines(verdict: Verdict) -> list[str]:
    """Return what is wrong with a row, a line a cell."""
    place = f"{verdict.sheet} 第{verdict.number}行"
    return [
        f"{place} {p.letter}列“{p.head}” {p.value or '（空）'}：{problem_words(p)}"
        if p.head else f"{place} {problem_words(p)}"
        for p in verdict.problems
    ]  # fmt: skip
