"""问题台账 as a workbook (domain/3 §3.2), as it may leave by mail.

Names and phones are masked and the person's own words stay in the system: a mail is read anywhere.
"""

import datetime as dt
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from app.actions.facts import lead_slip, live_slips
from app.actions.templates import item_of
from app.domain.masking import masked_name, masked_phone
from app.domain.states import SlipKind, State
from app.domain.words import word
from app.domain.workdays import office_time
from app.models import Case

IN_THE_SYSTEM = "（见系统）"
HEAD_ROWS = 3
SHEET = "问题台账"


@dataclass(frozen=True)
class Column:
    """One column: its head, width in characters, how it is shown, what stands in it."""

    head: str
    width: int
    look: str
    value: Callable[[Case], Any]


def _units(case: Case) -> str:
    """Return the units, 主办 first (R59)."""
    slips = sorted(live_slips(case), key=lambda slip: slip.slip_kind is not SlipKind.LEAD)
    names = dict.fromkeys(slip.unit.name for slip in slips)
    return "、".join(names) or (case.lead_unit.name if case.lead_unit else "")


def _slip_no(case: Case) -> str:
    slip = lead_slip(case)
    return slip.no if slip else ""


def _is_in_time(case: Case) -> str:
    """Return 是 or 否 by the first finish (domain/2.3); blank while nobody can say."""
    due, finished = case.first_due_at, case.first_finished_at
    if case.round_no == 1 and finished is None and case.state is State.TO_CONFIRM:
        finished = case.finished_at
    if due is None or finished is None:
        return ""
    return "否" if case.is_extended_late or finished > due else "是"


def _reporter(case: Case) -> str:
    if case.is_confidential:
        return "（保密）"
    return (
        case.reporter if case.is_anonymous else masked_name(case.company_name or case.reporter_name)
    )


def _phone(case: Case) -> str:
    return "" if case.is_confidential or case.is_anonymous else masked_phone(case.phone)


def _remark(case: Case) -> str:
    """Return what became of it beside the result (R66)."""
    parts = (
        (case.is_ledger_void, "编号已作废"),
        (case.state in (State.WITHDRAWN, State.MERGED), word(case.state)),
        (case.ext_total > 0, f"延期{case.ext_total}个工作日"),
        (case.escalated_at is not None, "提交领导小组研究"),
        (case.round_no > 1, f"重办（第{case.round_no}轮）"),
        (case.is_due_provisional, "应办结时间暂算"),
    )
    return "；".join(text for holds, text in parts if holds)


def _word(member: Any) -> str:
    return word(member) if member is not None else ""


def _achieved(case: Case) -> str:
    return "" if case.is_achieved is None else ("是" if case.is_achieved else "否")


# A is the running number, which no case knows.
COLUMNS: tuple[Column, ...] = (
    Column("台账编号", 11, "text", lambda case: case.ledger_no or ""),
    Column("登记日期", 11, "date", lambda case: case.registered_at),
    Column("值班人员", 9, "text", lambda case: case.registered_by.name),
    Column("反映人", 10, "text", _reporter),
    Column("联系电话", 14, "text", _phone),
    Column("受理类别", 12, "wrap", lambda case: _word(case.category)),
    Column("受理事项", 18, "wrap", item_of),
    Column("“办不成事”事项情况", 40, "wrap", lambda _case: IN_THE_SYSTEM),
    Column("接办窗口（科室）", 16, "wrap", _units),
    Column("交办单号", 10, "text", _slip_no),
    Column("交办时间", 16, "time", lambda case: case.dispatched_at),
    Column("办理时限", 12, "text", lambda case: _word(case.limit_class)),
    Column("应办结时间", 16, "time", lambda case: case.due_at),
    Column("延期（工作日）", 8, "number", lambda case: case.ext_total or ""),
    Column("办结时间", 16, "time", lambda case: case.finished_at),
    Column("是否按时", 8, "text", _is_in_time),
    Column("办理结果", 40, "wrap", lambda case: _word(case.result_type)),
    Column("是否办成", 8, "text", _achieved),
    Column("是否满意（评价等级）", 12, "text", lambda case: _word(case.eval_level)),
    Column("带班领导", 9, "text", lambda case: case.confirmed_by.name if case.confirmed_by else ""),
    Column("备注", 20, "wrap", _remark),
)
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"},
    "head": {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1},
    "text": {"valign": "top", "border": 1},
    "number": {"valign": "top", "border": 1},
    "wrap": {"valign": "top", "border": 1, "text_wrap": True},
    "date": {"valign": "top", "border": 1, "num_format": "yyyy-mm-dd"},
    "time": {"valign": "top", "border": 1, "num_format": "yyyy-mm-dd hh:mm"},
    "plain": {},
}
# What a clerk typed must never become a formula or a link.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def ledger_xlsx(cases: Iterable[Case], *, title: str, note: str) -> bytes:
    """Return the workbook of these cases in their order; `note` stands under the title."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
    sheet = book.add_worksheet(SHEET)
    _lay_out(sheet)
    sheet.merge_range(0, 0, 0, len(COLUMNS), title, formats["title"])
    sheet.write_string(1, 0, note, formats["plain"])
    sheet.write_string(2, 0, "序号", formats["head"])
    for place, column in enumerate(COLUMNS, 1):
        sheet.write_string(2, place, column.head, formats["head"])
    for number, case in enumerate(cases, 1):
        row = HEAD_ROWS + number - 1
        sheet.write_number(row, 0, number, formats["number"])
        for place, column in enumerate(COLUMNS, 1):
            _write(sheet, row, place, column.value(case), formats[column.look])
    book.close()
    return target.getvalue()


def _lay_out(sheet: Any) -> None:
    """A4 across, one page wide, the head on every page and always in sight."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, HEAD_ROWS - 1)
    sheet.freeze_panes(HEAD_ROWS, 0)
    sheet.set_column(0, 0, 5)
    for place, column in enumerate(COLUMNS, 1):
        sheet.set_column(place, place, column.width)


def _write(sheet: Any, row: int, place: int, value: Any, look: Any) -> None:
    if isinstance(value, dt.datetime):
        sheet.write_datetime(row, place, office_time(value).replace(tzinfo=None), look)
    elif isinstance(value, int):
        sheet.write_number(row, place, value, look)
    elif value:
        sheet.write_string(row, place, value, look)
    else:
        sheet.write_blank(row, place, None, look)
