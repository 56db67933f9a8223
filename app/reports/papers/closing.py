"""The papers after 办结: 回访记录, 服务评价表, 差评核实整改单, 办结告知单 (§3.5, §5.6)."""

from app.actions.facts import current_result
from app.domain.states import CallOutcome, EvalLevel, ResultStatus, SolvedLevel, State, Verdict
from app.domain.words import word
from app.models import Callback, Case, Evaluation, Result
from app.reports.paper_text import Fitted, fit
from app.reports.papers.parts import (
    INK_LINE,
    Form,
    Paper,
    Subject,
    about,
    annex_pages,
    blank,
    choice,
    confirmed,
    day,
    instant,
    own,
    row,
)
from app.reports.papers.titles import title_lines

CLOSED = (State.TO_EVALUATE, State.ARCHIVED)
YES_NO = ("是", "否")
LEVELS = [word(level) for level in EvalLevel]
SIGN_TWICE = "督办考核科签字：　　　　年　月　日\n带班领导签字：　　　　年　月　日"


def _caller(subject: Subject) -> str:
    return confirmed(subject.record.by, subject.record.called_at) if subject.record else ""


def _outcome(subject: Subject) -> str:
    return word(subject.record.outcome) if subject.record else ""


def _contacted(subject: Subject) -> str:
    was = subject.record.unit_made_contact if subject.record else None
    return "" if was is None else YES_NO[not was]


def _solved(subject: Subject) -> str:
    level = subject.record.solved_level if subject.record else None
    return word(level) if level else ""


def _level(subject: Subject) -> str:
    return word(subject.record.eval_level) if subject.record else ""


def _heard_level(subject: Subject) -> str:
    """Return the rating of the call's round, if the person who called wrote it down that day."""
    call: Callback | None = subject.record
    if call is None or call.outcome is not CallOutcome.REACHED:
        return ""
    return next(
        (
            word(e.eval_level)
            for e in call.case.evaluations
            if e.round_no == call.round_no and e.evaluated_at.date() == call.called_at.date()
        ),
        "",
    )


CALLBACK = Form(
    "callback",
    "回访记录",
    rows=(
        row(22, about("编号", lambda c: c.ledger_no or ""),
            own("回访人", lambda _c: "", ink=INK_LINE, confirmed=_caller)),
        row(12, own("次数", lambda c: f"第{c.attempt_no}次"),
            own("时间", lambda c: instant(c.called_at))),
        row(14, own("方式", lambda c: word(c.mode)),
            choice("结果", [word(o) for o in CallOutcome], _outcome)),
        row(14, choice("是否\n联系过您", YES_NO, _contacted),
            choice("问题\n是否解决", [word(s) for s in SolvedLevel], _solved)),
        row(14, choice("满意度", LEVELS, _heard_level)),
        row(60, own("意见", lambda c: c.opinion)),
        row(50, own("处理", lambda c: c.follow_up)),
    ),
    records=lambda case: sorted(case.callbacks, key=lambda c: c.id),
    is_wanted=lambda case: case.state is State.TO_EVALUATE,
)  # fmt: skip

EVALUATION = Form(
    "evaluation",
    "服务评价表",
    rows=(
        row(16, about("事项名称", lambda c: c.item_name)),
        row(18, choice("等级\n（五选一）", LEVELS, _level)),
        row(50, own("不满意原因", lambda e: e.reasons)),
        row(60, own("意见建议", lambda e: e.opinion)),
        row(18, blank("签名\n（可不签）")),
        row(12, own("日期", lambda e: day(e.evaluated_at))),
    ),
    records=lambda case: sorted(case.evaluations, key=lambda e: e.round_no),
    is_wanted=lambda case: case.state is State.TO_EVALUATE,
)


def _rated(evaluation: Evaluation) -> str:
    parts = (word(evaluation.eval_level), evaluation.reasons, evaluation.opinion)
    return "；".join(part for part in parts if part)


def _next_result(evaluation: Evaluation) -> Result | None:
    """Return the latest result of the redo that followed the rating."""
    later = [
        r
        for r in evaluation.case.results
        if r.round_no == evaluation.round_no + 1 and r.status is not ResultStatus.SENT_BACK
    ]
    return max(later, key=lambda r: r.id, default=None)


def _measures(evaluation: Evaluation) -> str:
    result = _next_result(evaluation)
    return result.improvement if result else ""


def _redone(evaluation: Evaluation) -> str:
    result = _next_result(evaluation)
    return f"{word(result.result_type)}。{result.handling_note}" if result else ""


def _rated_again(evaluation: Evaluation) -> str:
    again = (e for e in evaluation.case.evaluations if e.round_no == evaluation.round_no + 1)
    return next((_rated(e) for e in again), "")


def _verdict(subject: Subject) -> str:
    verdict = subject.record.verdict if subject.record else None
    return word(verdict) if verdict else ""


def _reviewers(subject: Subject) -> str:
    if subject.record is None:
        return ""
    row_: Evaluation = subject.record
    both = (
        confirmed(row_.verified_by, row_.verified_at),
        confirmed(row_.approved_by, row_.approved_at),
    )
    return "　".join(part for part in both if part)


BAD_REVIEW = Form(
    "bad_review",
    "差评核实整改单",
    rows=(
        row(32, own("评价内容", _rated)),
        row(34, own("核实情况", lambda e: e.verify_note)),
        row(12, choice("结论", [word(v) for v in Verdict], _verdict)),
        row(34, own("整改措施", _measures)),
        row(12, own("整改时限", lambda e: f"{instant(e.redo_due_at)}前" if e.redo_due_at else "")),
        row(34, own("结果", _redone)),
        row(14, own("再次评价", _rated_again)),
        row(38, own("审核人", lambda _e: "", ink=SIGN_TWICE, confirmed=_reviewers)),
    ),
    records=lambda case: [
        e for e in sorted(case.evaluations, key=lambda e: e.round_no) if e.eval_level.is_bad
    ],
)


def finished_letter(case: Case, *, reporter: str) -> Paper:
    """Return 办结告知单: to the reporter, in the words of §5.6, with what was answered."""
    result = current_result(case)
    body = "" if result is None else f"{word(result.result_type)}。{result.reply_text}"
    said: Fitted = fit(body, width_mm=140, height_mm=70)
    until = f"请于{day(case.eval_until)}前" if case.eval_until else "请"
    asked = "填写《服务评价表》或致电本窗口"
    face = {
        "office": case.site.head,
        "title": title_lines(case.site.head, "办结告知单", points=18),
        "reporter": reporter,
        "item": case.item_name,
        "ledger_no": case.ledger_no or "",
        "said": said,
        "unit": result.unit.name if result is not None else "",
        "ask": f"{until}对我们的服务作出评价，{asked}。",
        "phone": case.site.phone,
        "day": day(case.finished_at),
    }
    annex = annex_pages([("办理结果", said.rest)])
    return Paper("letter", "办结告知单", case.ledger_no or "", face, annex)


def is_told(case: Case) -> bool:
    """Return whether there is something to tell the reporter: signed off, and a result."""
    return case.state in CLOSED and current_result(case) is not None
