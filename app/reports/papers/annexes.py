"""The plan's own two papers: 问题台账 (annex 3) and 事项交办单 (annex 4)."""

from app.actions.facts import current_result, live_slips
from app.domain.due_words import full_time
from app.domain.states import EvalLevel, SlipKind
from app.models import Case, Result, Slip
from app.reports.paper_text import fit
from app.reports.papers.parts import Paper, annex_pages, confirmed

LEDGER_MM, SHORT_MM, SLIP_MM = 124, 46, 114  # the cells' widths less their padding
SUBJECT_MM = 24  # 受理事项 and 反映人 may take four lines before they go to the 附页
LIMITS = {0: "立即办理", 1: "一般事项1个工作日", 3: "复杂事项3个工作日"}


def ledger(case: Case, *, reporter: str, phone: str) -> Paper:
    """Return 问题台账 of a case; reporter and phone as this reader may see them."""
    result = current_result(case)
    cells = {
        "受理事项": fit(case.item_name, width_mm=SHORT_MM, height_mm=SUBJECT_MM),
        "接办窗口（科室）": fit(_units(case), width_mm=SHORT_MM, height_mm=SUBJECT_MM),
        "反映人": fit(reporter, width_mm=SHORT_MM, height_mm=SUBJECT_MM),
        "联系电话": fit(phone, width_mm=SHORT_MM, height_mm=12),
        "“办不成事”事项情况": fit(case.narrative, width_mm=LEDGER_MM, height_mm=66),
        "办理结果": fit(_result_text(result), width_mm=LEDGER_MM, height_mm=40),
        "备注": fit(case.remark, width_mm=LEDGER_MM, height_mm=18),
    }
    face = {
        "case": case,
        "cells": cells,
        "is_finished": result is not None,
        "satisfied": _satisfied(case, result),
        "unit_signed": _unit_signed(result),
        "leader_signed": confirmed(case.confirmed_by, case.confirmed_at),
    }
    rests = [(label, cell.rest) for label, cell in cells.items()]
    return Paper("ledger", "问题台账", case.ledger_no or "", face, annex_pages(rests))


def slip(row: Slip, *, only_stub: bool = False) -> Paper:
    """Return 事项交办单 with both halves, or its 存根 alone for the folder."""
    limit = f"办理时限：{LIMITS[row.limit_class.days]}，请于{full_time(row.due_at)}前办结并回复。"
    cells = {
        "接办窗口（科室）": fit(row.unit.name, width_mm=SLIP_MM, height_mm=12),
        "交办事项": fit(row.subject, width_mm=SLIP_MM, height_mm=12),
        # The limit takes two lines at most and is never what goes to the 附页.
        "交办内容": fit(row.content, width_mm=SLIP_MM, height_mm=36 - 12),
        "备注": fit(_slip_remark(row), width_mm=SLIP_MM, height_mm=11),
    }
    at = row.issued_at
    face = {
        "slip": row,
        "cells": cells,
        "limit": limit,
        "issued": f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分",
        "signed": confirmed(row.signed_by, row.signed_at).replace("确认", "签收"),
        "only_stub": only_stub,
    }
    rests = [(label, cell.rest) for label, cell in cells.items()]
    return Paper("slip", "事项交办单", f"NO {row.no}", face, annex_pages(rests))


def _units(case: Case) -> str:
    """Return the units joined by 、, the 主办 first (R59)."""
    slips = sorted(live_slips(case), key=lambda s: s.slip_kind is not SlipKind.LEAD)
    return "、".join(s.unit.name for s in slips) or str(case.lead_unit or "")


def _result_text(result: Result | None) -> str:
    return "" if result is None else f"{result.handling_note}\n答复：{result.reply_text}"


def _satisfied(case: Case, result: Result | None) -> bool | None:
    """Return 满意 or 不满意 with this result, None while nobody has rated it."""
    if result is None:
        return None
    rated = (e.eval_level for e in case.evaluations if e.round_no == result.round_no)
    level = next(rated, None)
    return None if level is None else not EvalLevel(level).is_bad


def _unit_signed(result: Result | None) -> str:
    """Return who signed for the unit; 当场办结 names the person who did the work (T4)."""
    if result is None:
        return ""
    if result.unit_person:
        return f"{result.unit_person} {result.submitted_at:%Y-%m-%d %H:%M}"
    return confirmed(result.submitted_by, result.submitted_at)


def _slip_remark(row: Slip) -> str:
    parts = (
        "协办" if row.slip_kind is SlipKind.CO else "",
        f"作废：{row.void_reason}" if row.is_void else "",
        row.remark,
    )
    return "；".join(part for part in parts if part)
