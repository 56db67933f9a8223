"""From an uploaded file to its verdicts and back: what the import page and the command share."""

import datetime as dt
import io
import json
import secrets
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from app.actions.import_rows import Judged, Verdict
from app.actions.importing import apply, stale_files, try_out, writes_on_trial
from app.domain.import_kinds import ImportKind
from app.domain.import_table import Problem, table_of
from app.domain.passwords import is_strong
from app.files import Shelf
from app.models import Account, ImportRun
from app.reports.ledger_xlsx import plain
from app.sheet_reader import read_sheets
from app.unit_of_work import trial, unit_of_work

# Nobody takes a letter for a digit when it is copied from paper.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghjkmnpqrstuvwxyz", "23456789"
PASSWORD_LENGTH = 12
SHEET_HEADS = ("用户名", "姓名", "窗口（科室）", "初始密码")
SHEET_NOTE = "初始密码只能下载这一次，请当面或密封交给本人，首次登录后由本人在“我的账号”中修改。"
DAY_SECONDS = 24 * 60 * 60
Tell = Callable[[Problem], str]


@dataclass(frozen=True)
class Secrets:
    """Initial passwords and what is stored of them, made before anything is locked."""

    passwords: tuple[str, ...]
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, count: int, hashed: Callable[[str], str]) -> "Secrets":
        """Return so many new ones."""
        passwords = tuple(new_password() for _each in range(count))
        return cls(passwords, tuple(hashed(password) for password in passwords))

    @classmethod
    def without(cls, count: int) -> "Secrets":
        """Return none: so many accounts that single sign-on alone lets in."""
        return cls((), ("",) * count)


def new_password() -> str:
    """Return a password that nobody has ever had."""
    while True:
        password = "".join(secrets.choice("".join(LETTERS)) for _each in range(PASSWORD_LENGTH))
        if is_strong(password):
            return password


def judge_file(
    path: Path, *, name: str, kind: ImportKind, site_id: int, by: Account, now: dt.datetime
) -> Judged:
    """Return the verdict on every row; nothing is written. Raises BadImport or Refusal."""
    table = table_of(read_sheets(path, name=name), kind)
    with trial() if writes_on_trial(kind) else nullcontext():
        return try_out(kind, table, site_id=site_id, by=by, now=now)


def apply_file(
    run: ImportRun, path: Path, *, secret: Secrets, shelf: Shelf, by: Account, now: dt.datetime
) -> Judged:
    """Write the file of a locked run inside the unit of work; keep the initial passwords."""
    table = table_of(read_sheets(path, name=run.file_name), run.kind)
    judged = apply(run, table, hashes=secret.hashes, by=by, now=now)
    if judged.created and secret.passwords:
        people = zip(judged.created, secret.passwords, strict=True)
        run.secrets_name = shelf.add([password_sheet(people)]).name
    return judged


def password_sheet(people: Iterable[tuple[Account, str]]) -> bytes:
    """Return the workbook of initial passwords, to be handed out."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet, bold = book.add_worksheet("初始密码"), book.add_format({"bold": True, "border": 1})
    cell = book.add_format({"border": 1, "num_format": "@"})
    sheet.set_column(0, 3, 22)
    sheet.write_string(0, 0, SHEET_NOTE)
    for place, head in enumerate(SHEET_HEADS):
        sheet.write_string(1, place, head, bold)
    for row, (account, password) in enumerate(people, 2):
        unit = account.unit.name if account.unit else ""
        names = map(plain, (account.username, account.name, unit))
        for place, words in enumerate((*names, password)):
            sheet.write_string(row, place, words, cell)
    book.close()
    return target.getvalue()


def verdicts_json(judged: Judged, tell: Tell) -> bytes:
    """Return the verdicts as they wait for their reader, every reason in words."""
    rows = [_row(verdict, tell) for verdict in judged.verdicts]
    content = {"rows": rows, "ignored": judged.ignored}
    return json.dumps(content, ensure_ascii=False).encode()


def _row(verdict: Verdict, tell: Tell) -> dict[str, Any]:
    return {
        "sheet": verdict.sheet, "number": verdict.number, "outcome": verdict.outcome.value,
        "title": verdict.title,
        "changes": [(c.head, c.before, c.after) for c in verdict.changes],
        "problems": [(p.letter, p.head, p.value, tell(p)) for p in verdict.problems],
    }  # fmt: skip


def sweep(shelf: Shelf, *, known: Callable[[], Iterable[str]], now: dt.datetime) -> int:
    """Take away what has waited for more than a day, and what no record knows; return how many."""
    with unit_of_work():
        names = stale_files(now=now)
    names += shelf.strangers(set(known()), before=now.timestamp() - DAY_SECONDS)
    for name in names:
        shelf.remove(name)
    return len(names)
