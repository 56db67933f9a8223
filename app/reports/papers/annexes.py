"""The plan's own two papers: 问题台账 (annex 3) and 事项交办单 (annex 4)."""

from app.actions.facts import current_result, live_slips
from app.domain.due_words import full_time
from app.domain.masking import without_reporter
from app.domain.rules import Rules
from app.domain.states import EvalLevel, SlipKind
from app.models import Case, Result, Slip
from app.reports.paper_text import fit, millimetres
from app.reports.papers.parts import PADDING_MM, Paper, annex_pages, confirmed, grown, pixels
from app.reports.papers.titles import slip_title, title_lines

LEDGER_MM, SHORT_MM, SLIP_MM = 124, 46, 114  # the cells' widths less their padding
LIMITS = {0: "立即办理", 1: "一般事项1个工作日", 3: "复杂事项3个工作日"}
# The rows of annex 3 (§3.2) that may grow: their least height, and what they share of the room that
# little text leaves.
LEAST_MM = {"受理事项": 16.0, "反映人": 12.0, "备注": 18.0, "办理结果": 45.0,
            "“办不成事”事项情况": 60.0}  # fmt: skip
SHARES = {"办理结果": 0.4, "“办不成事”事项情况": 0.6}
SIGN_MM = 20
USUAL_MM = 184  # all rows, when there is little to say
MOST_MM = 202  # what the sheet holds below a title of two lines; each more takes TITLE_LINE_MM
TITLE_LINE_MM = 10.5
BOXES_MM = 8  # the line of □已办结 and what is left below it
CONTENT_MM, CONTENT_LEAST_MM = 38.0, 20.0  # of a slip
SUBJECT_LEAST_MM, REMARK_MM = 12.0, 10.0
LIMIT_MM = 12.6  # the limit takes two lines at most and is never what goes to the 附页
SUBJECT_MM = 24  # 受理事项 and 反映人 may take four lines before they go to the 附页


def ledger(case: Case, *, reporter: str, phone: str, rules: Rules) -> Paper:
    """Return 问题台账 of a case; reporter and phone as this reader may see them."""
    result = current_result(case)
    title = title_lines(case.site.head, "问题台账", points=22)
    texts = {
        "受理事项": case.item_name,
        "接办窗口（科室）": _units(case),
        "反映人": reporter,
        "联系电话": phone,
        "“办不成事”事项情况": case.narrative,
        "办理结果": _result_text(result),
        "备注": case.remark,
    }
    heights = _heights(texts, room=MOST_MM - SIGN_MM - TITLE_LINE_MM * (len(title) - 2))
    cells = {
        label: fit(text, width_mm=_width(label), height_mm=_text_mm(label, heights[_row(label)]))
        for label, text in texts.items()
    }
    face = {
        "case": case,
        "title": title,
        "mark": "附件3" if rules.annex_marks else "",
        "cells": cells,
        "heights": {label: pixels(height) for label, height in heights.items()},
        "is_finished": result is not None,
        "satisfied": _satisfied(case, result),
        "unit_signed": _unit_signed(result),
        "leader_signed": confirmed(case.confirmed_by, case.confirmed_at),
    }
    rests = [(label, cell.rest) for label, cell in cells.items()]
    return Paper("ledger", "问题台账", case.ledger_no or "", face, annex_pages(rests))


def _heights(texts: dict[str, str], *, room: float) -> dict[str, float]:
    """Return the rows' heights: as on the plan, taller while the sheet has room for the text."""
    needs = [
        max(_needed(label, text) for label, text in texts.items() if _row(label) == name)
        for name in LEAST_MM
    ]
    heights = grown(list(LEAST_MM.values()), needs, room=room)
    left = max(0.0, USUAL_MM - SIGN_MM - sum(heights))
    return {
        name: height + left * SHARES.get(name, 0.0)
        for name, height in zip(LEAST_MM, heights, strict=True)
    }


def _row(label: str) -> str:
    """Return the row a cell stands in, by the words of its first cell."""
    return {"接办窗口（科室）": "受理事项", "联系电话": "反映人"}.get(label, label)


def _width(label: str) -> int:
    return SHORT_MM if _row(label) in ("受理事项", "反映人") else LEDGER_MM


def _beside_mm(label: str) -> float:
    """Return what a cell needs beside its text."""
    return PADDING_MM + (BOXES_MM if label == "办理结果" else 0)


def _text_mm(label: str, height: float) -> float:
    return height - _beside_mm(label)


def _needed(label: str, text: str) -> float:
    needed = millimetres(text, width_mm=_width(label)) + _beside_mm(label) + 0.1
    return min(needed, SUBJECT_MM + PADDING_MM) if _width(label) == SHORT_MM else needed


def slip(row: Slip, *, rules: Rules, only_stub: bool = False) -> Paper:
    """Return 事项交办单 with both halves, or its 存根 alone for the folder.

    It says what it said when it was issued, however its limit was moved later, and nothing by
    which the reporter could be told (§3.3).
    """
    limit = f"{LIMITS[row.issued_class.days]}，请于{full_time(row.issued_due_at)}前办结并回复。"
    number = f"{row.year_no}-{row.no}" if rules.slip_no_with_year else row.no
    second = "交办联" if rules.second_half_title == "handover" else "存根"
    content, remark = discreet(row.content, row.case), discreet(_slip_remark(row), row.case)
    subject = discreet(row.subject, row.case)
    content_mm, subject_mm, remark_mm = _slip_heights(content, subject, remark)
    cells = {
        "接办窗口（科室）": fit(row.unit.name, width_mm=SLIP_MM, height_mm=12),
        "交办事项": fit(subject, width_mm=SLIP_MM, height_mm=subject_mm - PADDING_MM),
        "交办内容": fit(content, width_mm=SLIP_MM, height_mm=content_mm - PADDING_MM - LIMIT_MM),
        "备注": fit(remark, width_mm=SLIP_MM, height_mm=remark_mm - PADDING_MM),
    }
    at = row.issued_at
    face = {
        "slip": row,
        "title": slip_title(row.site.head),
        "mark": "附件4" if rules.annex_marks else "",
        "heights": {
            "交办内容": pixels(content_mm),
            "交办事项": pixels(subject_mm),
            "备注": pixels(remark_mm),
        },  # fmt: skip
        "halves": [("存根", "第一联 督办考核科留存"), (second, "第二联 接办窗口（科室）留存")],
        "number": number,
        "cells": cells,
        "limit": f"办理时限：{limit}",
        "moved": _moved(row),
        "issued": f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分",
        "signed": confirmed(row.signed_by, row.signed_at).replace("确认", "签收"),
        "only_stub": only_stub,
    }
    rests = [(label, cell.rest) for label, cell in cells.items()]
    return Paper("slip", "事项交办单", f"NO {number}", face, annex_pages(rests))


def _slip_heights(content: str, subject: str, remark: str) -> tuple[float, float, float]:
    """Return the heights of 交办内容, 交办事项 and 备注, which take what the first leaves."""
    needed = millimetres(content, width_mm=SLIP_MM) + LIMIT_MM + PADDING_MM
    least = [max(CONTENT_LEAST_MM, min(needed, CONTENT_MM)), SUBJECT_LEAST_MM, REMARK_MM]
    needs = [millimetres(text, width_mm=SLIP_MM) + PADDING_MM + 0.1 for text in (subject, remark)]
    room = CONTENT_MM + SUBJECT_LEAST_MM + REMARK_MM
    _content, subject_mm, remark_mm = grown(least, [0.0, *needs], room=room)
    return room - subject_mm - remark_mm, subject_mm, remark_mm


def discreet(text: str, case: Case) -> str:
    """Return a text without the name, firm and phone of the case's reporter."""
    return without_reporter(
        text, name=case.reporter_name, company=case.company_name, phone=case.phone
    )


def _moved(row: Slip) -> str:
    """Return the due time in force where it is no longer that of the slip; stands outside it."""
    is_same = row.due_at == row.issued_due_at or row.is_void
    return "" if is_same else f"现应办结时间：{full_time(row.due_at)}"


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
