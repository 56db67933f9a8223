"""The papers of work: 问题处理说明, 延期审批表, 退回/改派审批单, 集体研究记录 (§3.5)."""

import datetime as dt
from typing import Any

from app.actions.facts import lead_slip
from app.actions.people import group_members, roles_of
from app.domain.due_words import full_time
from app.domain.states import ComplexGround, LimitClass, RequestStatus, Role, State
from app.domain.words import word
from app.models import Case, Extension, GroupReview, ReturnRequest
from app.reports.papers.parts import (
    INK_LINE,
    Cell,
    Form,
    Subject,
    Value,
    about,
    boxes,
    choice,
    confirmed,
    day,
    instant,
    name,
    own,
    row,
)

WORKING = (State.HANDLING, State.REDO)
AGREE = ("同意", "不同意")
MOST_DAYS = 7  # 方案三（三）：延期最多不超过7个工作日


def numbers(case: Case) -> str:
    """Return 台账编号 and NO, as every paper of the case names it."""
    slip = lead_slip(case)
    return f"{case.ledger_no or ''}{f'／NO {slip.no}' if slip else ''}"


def unit_of(subject: Subject) -> str:
    """Return the unit of the record, else the one that leads the case."""
    unit = getattr(subject.record, "unit", None) or getattr(subject.case, "lead_unit", None)
    return unit.name if unit is not None else ""


def _in_order(rows: Any) -> list[Any]:
    return sorted(rows, key=lambda r: r.id)


def _grounds(subject: Subject) -> str:
    kept = subject.case.complex_grounds if subject.case is not None else ""
    return "、".join(word(ComplexGround(g)) for g in kept.split(",") if g)


def _by(label: str, person: str, at: str, *roles: Role) -> Cell:
    """Return a cell for the signature of whoever did it, as far as one of the roles is theirs."""

    def who(subject: Subject) -> str:
        account = getattr(subject.record, person, None)
        if account is None or (roles and not roles_of(account) & set(roles)):
            return ""
        return confirmed(account, getattr(subject.record, at))

    return Cell(label, ink=INK_LINE, confirmed=who)


EXPLANATION = Form(
    "explanation",
    "问题处理说明",
    subtitle="（办理情况说明）",
    rows=(
        row(12, about("台账编号/\n交办单号", numbers), Cell("承办窗口\n（科室）", unit_of)),
        row(12, about("反映事项", lambda c: c.item_name)),
        row(10, choice("复杂情形", [word(g) for g in ComplexGround], _grounds)),
        row(26, own("基本情况", lambda e: e.basic_facts)),
        row(26, own("核查经过", lambda e: e.verification)),
        row(26, own("政策依据\n（名称、文号、\n条款）", lambda e: e.policy_basis)),
        row(26, own("难点及原因", lambda e: e.difficulty)),
        row(26, own("处理意见/\n拟办措施", lambda e: e.proposal)),
        row(
            12,
            own("需协调单位", lambda e: e.units_needed),
            own("预计办结时间", lambda e: day(e.expected_on) if e.expected_on else ""),
        ),
        row(
            20,
            _by("经办人", "written_by", "written_at", Role.UNIT_HANDLER),
            _by("负责人", "written_by", "written_at", Role.UNIT_HEAD),
        ),
        row(10, own("日期", lambda e: day(e.written_at))),
    ),
    records=lambda case: _in_order(case.explanations),
    is_wanted=lambda case: case.state in WORKING and case.limit_class is LimitClass.THREE_DAYS,
)


def _total(extension: Extension) -> int:
    """Return the working days granted before, with those asked for here."""
    earlier = sum(
        e.days_granted or 0
        for e in extension.case.extensions
        if e.status is RequestStatus.AGREED and e.id < extension.id
    )
    return earlier + extension.days_asked


def _days(subject: Subject) -> str:
    row_ = subject.record
    if row_ is None:
        return f"＿＿个工作日（累计＿＿，最多{MOST_DAYS}）"
    granted = (
        f"；批准{row_.days_granted}个" if row_.days_granted not in (None, row_.days_asked) else ""
    )
    return f"{row_.days_asked}个工作日（累计{_total(row_)}，最多{MOST_DAYS}）{granted}"


def _verdict(subject: Subject) -> str:
    """Return 同意 or 不同意 once decided; a lapsed application was decided by nobody."""
    status = getattr(subject.record, "status", None)
    return word(status) if status in (RequestStatus.AGREED, RequestStatus.REFUSED) else ""


def _opinion(subject: Subject) -> str:
    return getattr(subject.record, "opinion", "")


def _signed_choice(cell: Cell, person: str, at: str) -> Cell:
    """Return the cell of boxes with the signature of who decided."""
    signature = _by(cell.label, person, at)
    return Cell(cell.label, cell.value, INK_LINE, signature.confirmed, is_choice=True)


def _former_due(subject: Subject) -> dt.datetime | None:
    if subject.record is not None:
        return subject.record.former_due_at
    return subject.case.due_at if subject.case is not None else None


EXTENSION = Form(
    "extension",
    "延期审批表",
    rows=(
        row(12, about("编号", numbers), Cell("承办窗口\n（科室）", unit_of)),
        row(12, about("反映事项", lambda c: c.item_name)),
        row(
            12,
            about("原办理时限", lambda c: word(c.limit_class) if c.limit_class else ""),
            Cell("原应办结时间", lambda s: instant(_former_due(s))),
        ),
        row(26, own("已开展工作", lambda e: e.work_done)),
        row(26, own("申请延期理由", lambda e: e.reason)),
        row(14, Cell("申请延期", _days),
            own("延期后\n应办结时间", lambda e: instant(e.new_due_at or e.asked_due_at))),
        row(14, own("是否已告知\n反映人\n（时间、方式）", lambda e: e.reporter_told)),
        row(22, _by("承办负责人\n意见", "applied_by", "applied_at")),
        row(22, own("督办考核科\n意见", lambda e: e.section_opinion, ink=INK_LINE)),
        row(30, _signed_choice(choice("带班领导\n审批意见", AGREE, _verdict, of=_opinion),
                               "decided_by", "decided_at")),
        row(10, own("日期", lambda e: day(e.decided_at))),
    ),
    records=lambda case: _in_order(case.extensions),
    is_wanted=lambda case: case.state in WORKING,
)  # fmt: skip


def _by_leader(request: ReturnRequest) -> bool:
    """Return whether a leader decided, and not the section."""
    return request.decided_by is not None and Role.SUPERVISOR not in roles_of(request.decided_by)


def _assigned(request: ReturnRequest) -> str:
    """Return the name of the unit that the decision named."""
    known = [*(s.unit for s in request.case.slips), request.case.lead_unit, request.suggest_unit]
    return next((u.name for u in known if u and u.id == request.assigned_unit_id), "")


def _section_decision(subject: Subject) -> str:
    request = subject.record
    decided = request is not None and not _by_leader(request)
    agreed = decided and request.status is RequestStatus.AGREED
    to = (agreed and _assigned(request)) or "＿＿＿＿＿＿"
    chosen = _verdict(subject) if decided else ""
    boxes_ = boxes(("同意", "不同意"), chosen).replace("同意", f"同意改派至{to}", 1)
    return f"{boxes_}\n{request.opinion if decided else ''}".strip()


def _leader_decision(subject: Subject) -> str:
    request = subject.record
    if request is None or not _by_leader(request):
        return ""
    return f"指定{_assigned(request)}主办。{request.opinion}"


def _slip_no(subject: Subject) -> str:
    slip = subject.record.slip if subject.record else subject.case and lead_slip(subject.case)
    return f"NO {slip.no}" if slip else ""


def _decider(label: str, value: Value, *, is_leader: bool) -> Cell:
    def who(subject: Subject) -> str:
        request = subject.record
        if request is None or _by_leader(request) is not is_leader:
            return ""
        return confirmed(request.decided_by, request.decided_at)

    return Cell(label, value, INK_LINE, who, is_choice=not is_leader)


RETURN = Form(
    "return",
    "退回/改派审批单",
    rows=(
        row(12, Cell("交办单NO", _slip_no), Cell("退回单位", unit_of)),
        row(54, own("退回理由\n及依据", lambda r: r.reason)),
        row(12, own("建议承办单位", lambda r: name(r.suggest_unit))),
        row(50, _decider("督办考核科\n意见", _section_decision, is_leader=False)),
        row(50, _decider("（争议）\n带班领导\n指定意见", _leader_decision, is_leader=True)),
        row(12, own("时间", lambda r: instant(r.decided_at))),
    ),
    records=lambda case: _in_order(case.return_requests),
    is_wanted=lambda case: case.state in (State.TO_SIGN, *WORKING),
)


def _present(review: GroupReview) -> str:
    """Return who was there, who was not, who sat in."""
    if review.met_at is None:
        return "出席：\n缺席：\n列席："
    there = {member.id for member in review.attendees}
    group = group_members(site_id=review.case.site_id, day=review.met_at.date())
    away = "、".join(m.account.name for m in group if m.id not in there)
    came = "、".join(m.account.name for m in review.attendees)
    return f"出席：{came}\n缺席：{away or '无'}\n列席：{review.observers or '无'}"


def _decision(review: GroupReview) -> str:
    """Return 处理意见, 牵头, 配合 and 时限 as far as they were decided."""
    if review.decision_type is None:
        return "处理意见：\n牵头：\n配合：\n时限："
    due = f"{full_time(review.new_due_at)}前" if review.new_due_at else "无"
    return (
        f"处理意见：{word(review.decision_type)}。{review.decision}\n"
        f"牵头：{name(review.lead_unit)}\n配合：{review.co_units or '无'}\n时限：{due}"
    )


def _matter(review: GroupReview) -> str:
    case = review.case
    lead = f"（承办：{case.lead_unit.name}）" if case.lead_unit else ""
    reason = f"\n提请理由：{review.reason}" if review.reason else ""
    return f"{case.ledger_no or ''} {case.item_name}{lead}{reason}"


GROUP_REVIEW = Form(
    "review",
    "领导小组集体研究记录",
    rows=(
        row(12, own("时间", lambda r: instant(r.met_at)), own("地点", lambda r: r.place)),
        row(10, own("主持人", lambda r: name(r.chair.account) if r.chair else "")),
        row(24, own("出席、缺席、\n列席", _present)),
        row(20, own("研究事项\n（案件清单）", _matter)),
        row(38, own("承办单位汇报", lambda r: r.unit_report)),
        row(38, own("讨论意见", lambda r: r.discussion)),
        row(48, own("研究决定\n（处理意见、\n牵头、配合、\n时限）", _decision)),
        row(
            20,
            _by("记录人", "recorded_by", "recorded_at"),
            _by("主持人签字", "confirmed_by", "confirmed_at"),
        ),
    ),
    records=lambda case: _in_order(case.group_reviews),
)
