"""The words of the summaries that leave by mail: nobody's page, so in the office's own language."""

import datetime as dt

from app.domain.deadlines import Card
from app.domain.due_words import full_time
from app.domain.states import State
from app.models import Case
from app.reports.standing import Standing

WAITING_WORDS: dict[str, str] = {
    "drafts": "未提交草稿",
    "to_rate": "待登记评价",
    "to_call": "待回访",
    "to_archive": "待归档",
    "to_dispatch": "待交办",
    "returns": "退回待审",
    "class_asked": "时限调整待定",
    "to_check": "待审签核对",
    "bad_ratings": "差评待核实",
    "to_review": "领导小组待研究",
    "extensions": "延期待批",
    "sign_offs": "待签字办结",
    "disputes": "待指定主办",
    "verdicts": "核实结论待审批",
    "after_redo": "多轮差评待决定",
    "decisions": "研究决定待确认",
    "to_sign": "待签收",
    "handling": "办理中",
    "redo": "退回补办、重办",
}
FIGURE_WORDS: dict[str, str] = {
    "accepted": "受理量",
    "same_day": "当日转办率",
    "on_time": "按时办结率",
    "achieved": "办成率",
    "satisfied": "满意率",
}
HOLE_WORDS: dict[str, str] = {"leader": "带班领导", "am": "上午值班", "pm": "下午值班"}
CARD_WORDS: dict[Card, str] = {Card.RED: "【红牌】", Card.YELLOW: "【黄牌】", Card.NONE: ""}
_WEEKDAYS = "一二三四五六日"


def day_words(day: dt.date) -> str:
    """Return 2026年10月13日（周二）."""
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def due_words(case: Case, stand: Standing) -> str:
    """Return until when the next step is due and what is left of it; empty where nothing is."""
    if stand.days_in_review is not None:
        return f"已研究{stand.days_in_review}个工作日"
    if case.state is State.TO_EVALUATE:
        return _after_closing(case)
    if stand.due_at is None:
        return ""
    step = "交办" if case.state is State.TO_DISPATCH else "办结"
    parts = [f"应于{full_time(stand.due_at)}前{step}", _left_words(stand)]
    return "，".join(filter(None, parts))


def _after_closing(case: Case) -> str:
    if case.verify_due_at:
        return f"应于{full_time(case.verify_due_at)}前核实"
    return f"评价期至{full_time(case.eval_until)}" if case.eval_until else ""


def _left_words(stand: Standing) -> str:
    """Return the countdown of domain/5.3; a result waiting for its signature has none."""
    if stand.is_overdue and not stand.remaining:
        return "已超期"
    if stand.remaining is None:
        return ""
    span = f"{_span_words(abs(stand.remaining))}（工作时间）"
    return f"已超期{span}" if stand.remaining < 0 else f"剩余{span}"


def _span_words(seconds: int) -> str:
    hours, minutes = divmod(-(-seconds // 60), 60)
    if hours and minutes:
        return f"{hours}小时{minutes}分"
    return f"{hours}小时" if hours else f"{minutes}分"


def tally(pairs: list[tuple[str, int]]) -> str:
    """Return 待交办2件、待签收1件, leaving out what is none."""
    return "、".join(f"{name}{n}件" for name, n in pairs if n)
