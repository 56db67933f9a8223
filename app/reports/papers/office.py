"""The papers of supervision, the leaders' visits and the desk (§3.5)."""

import datetime as dt
from dataclasses import dataclass

from app.actions.facts import live_slips
from app.domain.states import SuperviseGround, SupervisionKind
from app.domain.words import word
from app.models import Account, Case, LeaderVisit, Rejection, Supervision
from app.reports.papers.parts import (
    INK_LINE,
    Cell,
    Form,
    Subject,
    blank,
    choice,
    confirmed,
    day,
    instant,
    name,
    own,
    row,
)

# 督办事由 in the order of the paper.
GROUNDS = [
    word(ground)
    for ground in (
        SuperviseGround.OVERDUE,
        SuperviseGround.SHIRKING,
        SuperviseGround.SLOW,
        SuperviseGround.NO_RESPONSIBILITY,
        SuperviseGround.DISSATISFIED,
    )
]
BOTH_SIGN = "约谈人签字：　　　　年　月　日　被约谈人签字：　　　　年　月　日"


def _of(case: Case, kind: SupervisionKind) -> list[Supervision]:
    return sorted((s for s in case.supervisions if s.kind is kind), key=lambda s: s.id)


def _matter(measure: Supervision) -> str:
    case = measure.case
    return f"{case.ledger_no or ''} {case.item_name}".strip() if case is not None else ""


def _slip_no(measure: Supervision) -> str:
    """Return the NO of the slip that the unit holds in the case."""
    slips = live_slips(measure.case) if measure.case is not None else []
    return "、".join(f"NO {s.no}" for s in slips if s.unit_id == measure.unit_id)


def _ground(subject: Subject) -> str:
    return word(subject.record.ground)


NOTICE = Form(
    "notice",
    "督办通知单",
    number=lambda s: s.record.series_no,
    has_number=True,
    rows=(
        row(12, own("被督办窗口\n（科室）", lambda m: m.unit.name)),
        row(14, own("督办事项", _matter)),
        row(10, own("交办单NO", _slip_no)),
        row(15, choice("督办事由", GROUNDS, _ground)),
        row(28, own("督办要求", lambda m: m.requirement)),
        row(12, own("反馈时限", lambda m: instant(m.feedback_due_at))),
        row(40, own("签发人\n（带班领导/\n督办考核科）", lambda _m: "", ink=INK_LINE,
                    confirmed=lambda s: confirmed(s.record.issued_by, s.record.issued_at))),
        row(16, blank("签收人、时间", ink=INK_LINE)),
        row(26, own("反馈情况", lambda m: m.feedback,
                    confirmed=lambda s: confirmed(s.record.feedback_by, s.record.feedback_at))),
        row(26, own("销号意见", lambda m: m.close_note, ink=INK_LINE,
                    confirmed=lambda s: confirmed(s.record.closed_by, s.record.closed_at))),
    ),
    records=lambda case: _of(case, SupervisionKind.NOTICE),
)  # fmt: skip


def _about(measure: Supervision) -> str:
    matter = _matter(measure)
    return f"{word(measure.ground)}{f'（{matter}）' if matter else ''}"


def _summoned(measure: Supervision) -> str:
    return "，".join(part for part in (measure.interviewee, measure.unit.name) if part)


def _put_right(measure: Supervision) -> str:
    due = measure.feedback_due_at
    return f"应于{instant(due)}前反馈整改情况" if due else ""


INTERVIEW = Form(
    "interview",
    "约谈记录",
    rows=(
        row(14, own("时间", lambda m: instant(m.issued_at)), own("地点", lambda m: m.place)),
        row(12, own("约谈人", lambda m: name(m.issued_by))),
        row(16, own("被约谈人\n（姓名、单位、\n职务）", _summoned)),
        row(12, own("记录人", lambda m: m.recorder)),
        row(18, own("约谈事由\n（关联案件）", _about)),
        row(44, own("约谈内容/\n提醒意见", lambda m: m.requirement)),
        row(38, own("被约谈人表态", lambda m: m.statement)),
        row(22, own("整改要求\n及时限", _put_right)),
        row(24, blank("双方签字", ink=BOTH_SIGN)),
    ),
    records=lambda case: _of(case, SupervisionKind.INTERVIEW),
)

OF_MEASURE = {SupervisionKind.NOTICE: NOTICE, SupervisionKind.INTERVIEW: INTERVIEW}


@dataclass(frozen=True)
class VisitDay:
    """A leader's two half-days at the window; `case_words` names the cases the reader may know."""

    on: dt.date
    leader: Account
    is_substitute: bool
    am: LeaderVisit | None
    pm: LeaderVisit | None
    case_words: str = ""


def _clock(visit: LeaderVisit | None, field: str) -> str:
    at = getattr(visit, field, None)
    return f"{at.hour}时{at.minute:02d}分" if at else ""


def _problems(visited: VisitDay) -> str:
    """Return what was found in both half-days, each under its name when both found something."""
    halves = (("上午", visited.am), ("下午", visited.pm))
    found = [(half, visit.problems) for half, visit in halves if visit and visit.problems]
    return "\n".join(f"{half}：{text}" if len(found) > 1 else text for half, text in found)


VISIT = Form(
    "visit",
    "带班日志",
    rows=(
        row(12, own("日期", lambda v: day(v.on)),
            own("带班领导\n（替班）",
                lambda v: f"{v.leader.name}{'（替班）' if v.is_substitute else ''}")),
        row(12, own("上午\n到岗时间", lambda v: _clock(v.am, "arrived_at")),
            own("上午\n离开", lambda v: _clock(v.am, "left_at"))),
        row(24, own("上午\n巡查情况", lambda v: v.am.seen if v.am else "")),
        row(24, own("上午\n现场解决", lambda v: v.am.solved if v.am else "")),
        row(12, own("下午\n到岗时间", lambda v: _clock(v.pm, "arrived_at")),
            own("下午\n离开", lambda v: _clock(v.pm, "left_at"))),
        row(24, own("下午\n巡查情况", lambda v: v.pm.seen if v.pm else "")),
        row(24, own("下午\n现场解决", lambda v: v.pm.solved if v.pm else "")),
        row(22, own("协调解决事项\n（关联案件）", lambda v: v.case_words)),
        row(30, own("发现问题\n及处理", _problems)),
        row(18, blank("签字", ink=INK_LINE)),
    ),
)  # fmt: skip


def _understood(subject: Subject) -> str:
    was = subject.record.is_understood
    return "" if was is None else ("理解" if was else "不理解")


def _explainer(subject: Subject) -> str:
    entry: Rejection = subject.record
    at = entry.informed_at or entry.rejected_at
    if entry.informed_by:
        return f"解释人：{entry.informed_by} {at:%Y-%m-%d %H:%M}"
    return ""


REJECTION = Form(
    "rejection",
    "不予受理解释登记表",
    rows=(
        row(12, own("编号", lambda r: r.rejection_no), own("日期", lambda r: day(r.rejected_at))),
        row(14, Cell("反映人", lambda s: s.reporter), Cell("电话\n（可不填）", lambda s: s.phone)),
        row(16, own("反映事项", lambda r: r.item_name)),
        row(14, own("不予受理原因", lambda r: r.ground.name)),
        row(30, own("依据\n（名称、条款）", lambda r: r.legal_basis)),
        row(50, own("解释内容", lambda r: r.explain_text)),
        row(30, own("引导去向\n（单位、地址、\n电话）", lambda r: r.referred_to)),
        row(14, choice("反映人意见", ("理解", "不理解"), _understood)),
        row(20, own("值班人员", lambda r: name(r.officer), ink=INK_LINE, confirmed=_explainer)),
    ),
)
