"""The sentences of 月度通报: right at nought, at one, and where there is nothing to divide by."""

from collections.abc import Sequence

from app.domain.due_words import full_time
from app.domain.indicators import CATALOGUE, NOTHING, Value, shown
from app.reports.monthly.figures import Monthly
from app.reports.monthly.problems import KINDS, Problem

# What a month had none of, where an indicator has nothing to divide by.
NONE_OF = {
    "oos_rate": "反映事项",
    "repeat_rate": "受理事项",
    "same_day_rate": "应转办的交办单",
    "sign_rate": "开出的交办单",
    "response_rate": "应联系反映人的事项",
    "return_rate": "开出的交办单",
    "bad_return_rate": "退回申请",
    "reassign_rate": "开出的交办单",
    "finish_rate": "应办结事项",
    "ontime_rate": "应办结事项",
    "ontime_noext_rate": "原时限到期事项",
    "overdue_rate": "应办结事项",
    "ext_rate": "交办事项",
    "ext_avg": "延期事项",
    "escal_rate": "交办事项",
    "avg_hours": "办结的交办事项",
    "total_days": "答复事项",
    "achieved_rate": "办结事项",
    "solved_rate": "有效评价",
    "satisfy_rate": "有效评价",
    "eval_rate": "办结事项",
    "bad_rate": "有效评价",
    "bad_fix_rate": "到期的差评整改",
    "callback_rate": "应回访事项",
    "redo_rate": "办结事项",
    "duty_rate": "应带班的半天",
}
MOST_NAMED = 5


def told(month: Monthly, key: str) -> str:
    """Return 按时办结率为91.67%（11/12）, or why there is no value."""
    definition, value = CATALOGUE[key], month.values[key]
    if value.d == 0:
        return f"{definition.name}为“{NOTHING}”（本月无{NONE_OF[key]}）"
    of = "" if value.d is None else f"（{_pair(definition.divisor, value)}）"
    return f"{definition.name}为{shown(definition, value)}{of}"


def _pair(divisor: int, value: Value) -> str:
    return f"{value.n}分钟/{value.d}件" if divisor > 1 else f"{value.n}/{value.d}"


def change(now: Value, before: Value, noun: str = "件") -> str:
    """Return 上月5件，增加2件 of a count."""
    more = now.n - before.n
    words = "与上月持平" if more == 0 else f"{'增加' if more > 0 else '减少'}{abs(more)}{noun}"
    return f"上月{before.n}{noun}，{words}"


def until(month: Monthly) -> str:
    """Return as of when a month that is still running was counted."""
    if not month.is_running:
        return ""
    return f"（本月尚未结束，数据截至{full_time(month.period.now)}）"


def opening(month: Monthly) -> str:
    """Return how many came, how many were accepted and how many were not."""
    v, b = month.values, month.before
    came = (
        f"接待咨询{v['consult_cnt'].n}人次（{change(v['consult_cnt'], b['consult_cnt'], '人次')}）"
    )
    taken = (
        f"受理反映事项{v['accept_cnt'].n}件（{change(v['accept_cnt'], b['accept_cnt'])}）"
        if v["accept_cnt"].n
        else f"未受理反映事项（{change(v['accept_cnt'], b['accept_cnt'])}）"
    )
    refused = f"不予受理{v['oos_cnt'].n}件（{change(v['oos_cnt'], b['oos_cnt'])}）"
    return (
        f"{month.month_word}{until(month)}，“办不成事”反映窗口{came}；{taken}；"
        f"{refused}，{told(month, 'oos_rate')}；{told(month, 'repeat_rate')}。"
    )


def listed(found: Sequence[tuple[str, int]], most: int = 99) -> str:
    """Return 窗口现场8件、电话2件; the rest together where there are more than `most`."""
    named = [f"{name}{n}件" for name, n in found[:most]]
    rest = found[most:]
    if rest:
        named.append(f"其他{len(rest)}项共{sum(n for _name, n in rest)}件")
    return "、".join(named)


def makeup(month: Monthly) -> list[str]:
    """Return what was accepted by category, source, item and cause, a sentence each."""
    found = [
        ("按受理类别分", month.categories, "本月无受理事项"),
        ("按来源分", month.sources, ""),
        ("反映较多的事项", month.items, ""),
        ("办结事项按原因分", month.causes, "本月无办结事项"),
    ]
    return [
        f"{head}：{listed(rows, MOST_NAMED if '事项' in head else 99)}。" if rows else f"{none}。"
        for head, rows, none in found
        if rows or none
    ]


THEMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("转办签收情况", ("same_day_rate", "sign_rate", "response_rate", "return_rate",
                 "bad_return_rate", "reassign_rate")),
    ("办理时限情况", ("finish_rate", "ontime_rate", "ontime_noext_rate", "overdue_rate", "ext_rate",
                 "ext_avg", "escal_rate", "avg_hours", "total_days")),
    ("办理结果和评价情况", ("achieved_rate", "solved_rate", "satisfy_rate", "eval_rate", "bad_rate",
                    "bad_fix_rate", "callback_rate", "redo_rate")),
)  # fmt: skip


def theme(month: Monthly, keys: Sequence[str]) -> str:
    """Return the indicators of a theme in one sentence."""
    return f"{'；'.join(told(month, key) for key in keys)}。"


def supervised(month: Monthly) -> str:
    """Return how often somebody was told to do better, and who was on duty."""
    v = month.values
    counts = "、".join(
        f"{CATALOGUE[key].name}{v[key].n}次"
        for key in ("notice_cnt", "interview_cnt", "circular_cnt")
    )
    total = v["supervise_cnt"].n
    measures = f"督办、约谈、通报共{total}次（{counts}）" if total else "未开展督办、约谈、通报"
    return f"{measures}；{told(month, 'duty_rate')}。"


def problem_heads(month: Monthly) -> list[tuple[str, list[Problem]]]:
    """Return the kinds of problems that the month had, each with its lines."""
    found = [(kind, [p for p in month.problems if p.kind == kind]) for kind in KINDS]
    return [(f"{kind}{len(rows)}件", rows) for kind, rows in found if rows]


def problem_line(problem: Problem) -> str:
    """Return one line: 某窗口：某事项，应于……办结。"""
    return f"{problem.unit}：{problem.item}，{problem.ground}。"


def change_cell(key: str, now: Value, before: Value) -> str:
    """Return the change against last month: +2, or percentage points of a rate."""
    if now.d is None:
        return f"{now.n - before.n:+}" if now.n != before.n else "0"
    if now.exact is None or before.exact is None:
        return NOTHING
    definition = CATALOGUE[key]
    factor = 100 if definition.divisor == 1 and definition.unit == "" else 1
    more = float((now.exact - before.exact) * factor / definition.divisor)
    sign = "+" if more > 0 else ""
    return f"{sign}{more:.2f}{'个百分点' if factor == 100 else definition.unit}"
