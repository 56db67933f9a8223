"""What a person can be told: the news of a move, and the stages that a clock crosses."""

import enum
from dataclasses import dataclass


class NoticeKind(enum.StrEnum):
    """Every kind of notice; the office may change the words of each (消息模板)."""

    # What the clock crossed (domain/2.2)
    DISPATCH_SOON = "dispatch_soon"
    DISPATCH_LATE = "dispatch_late"
    UNSIGNED = "unsigned"
    EXPLANATION_MISSING = "explanation_missing"
    REMINDER = "reminder"
    YELLOW = "yellow"
    RED = "red"
    MEASURE_DRAFTED = "measure_drafted"
    INTERVIEW_ADVISED = "interview_advised"
    GROUP_WAITING = "group_waiting"
    EVALUATION_OVER = "evaluation_over"
    VERIFY_LATE = "verify_late"
    # What somebody did
    TO_DISPATCH = "to_dispatch"
    RETURNED = "returned"
    TO_SIGN = "to_sign"
    VOID = "void"
    RETURN_ASKED = "return_asked"
    RETURN_REFUSED = "return_refused"
    RELEASED = "released"
    ASSIGNED = "assigned"
    CO_REPLY = "co_reply"
    ASK_CLASS = "ask_class"
    CLASS_CHANGED = "class_changed"
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    GROUP_REVIEW = "group_review"
    TO_CONFIRM_DECISION = "to_confirm_decision"
    DECIDED = "decided"
    TO_CONFIRM = "to_confirm"
    SENT_BACK = "sent_back"
    CONFIRMED = "confirmed"
    EVALUATED = "evaluated"
    VERDICT_ASKED = "verdict_asked"
    VERDICT_REFUSED = "verdict_refused"
    REDO = "redo"
    SUPERVISED = "supervised"
    WITHDRAWN = "withdrawn"
    # What the office itself lacks
    CALENDAR_MISSING = "calendar_missing"
    ROSTER_HOLE = "roster_hole"
    # What the administrators must know
    MANY_REVEALS = "many_reveals"
    # Summaries
    DIGEST = "digest"
    OVERDUE_SUMMARY = "overdue_summary"
    WEEKLY_FIGURES = "weekly_figures"
    MONTHLY_FIGURES = "monthly_figures"


class Timing(enum.StrEnum):
    """When a message leaves the house; 站内消息 is there at once, whatever is chosen."""

    AT_ONCE = "at_once"  # 立即发送
    IN_HOURS = "in_hours"  # 上班时间发送


class NoticeStatus(enum.StrEnum):
    """What became of one notice on one channel."""

    TOLD = "told"  # 站内消息: written is told
    WAITING = "waiting"  # for its time, or for the next message to the person
    SENT_ON = "sent_on"  # it is in an outgoing message
    SUPPRESSED = "suppressed"  # it was no longer true when its time came


class OutgoingStatus(enum.StrEnum):
    """What became of one outgoing message."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Template:
    """The words of one kind; placeholders stand in braces, see `message_text.PLACEHOLDERS`.

    `is_mailed`: it also leaves by e-mail (and by the other channels that are switched on).
    """

    subject: str
    text: str
    is_mailed: bool = True
    timing: Timing = Timing.IN_HOURS


# Crossed by the clock alone; a test holds the scan against this list.
STAGES = frozenset(
    {
        NoticeKind.DISPATCH_SOON,
        NoticeKind.DISPATCH_LATE,
        NoticeKind.UNSIGNED,
        NoticeKind.EXPLANATION_MISSING,
        NoticeKind.REMINDER,
        NoticeKind.YELLOW,
        NoticeKind.RED,
        NoticeKind.MEASURE_DRAFTED,
        NoticeKind.INTERVIEW_ADVISED,
        NoticeKind.GROUP_WAITING,
        NoticeKind.EVALUATION_OVER,
        NoticeKind.VERIFY_LATE,
    }
)
# Told before something is due: an instant outside office hours is brought forward.
WARNINGS = frozenset({NoticeKind.DISPATCH_SOON, NoticeKind.REMINDER, NoticeKind.YELLOW})
# One message that gathers others, or is made for one person by a job.
SUMMARIES = frozenset(
    {
        NoticeKind.DIGEST,
        NoticeKind.OVERDUE_SUMMARY,
        NoticeKind.WEEKLY_FIGURES,
        NoticeKind.MONTHLY_FIGURES,
    }
)

# “您单位有1件……待签收”：§5.6, without personal data. {消息} is what the move itself says.
_STAGE_WORDS: dict[NoticeKind, Template] = {
    NoticeKind.DISPATCH_SOON: Template(
        "待交办即将到期：{编号}", "{编号}“{事项}”应于{应交办时间}前交办，请抓紧办理。"
    ),
    NoticeKind.DISPATCH_LATE: Template(
        "未按时交办：{编号}", "{编号}“{事项}”应于{应交办时间}前交办，现已超过，请立即交办。"
    ),
    NoticeKind.UNSIGNED: Template(
        "交办单未签收：{编号}",
        "{编号}“{事项}”的交办单尚未签收，应于{应办结时间}前办结，请尽快签收。",
    ),
    NoticeKind.EXPLANATION_MISSING: Template(
        "尚未填写问题处理说明：{编号}",
        "{编号}“{事项}”属复杂事项，尚未填写《问题处理说明》，应于{应办结时间}前办结。",
    ),
    NoticeKind.REMINDER: Template(
        "延期事项提醒：{编号}", "{编号}“{事项}”延期后应于{应办结时间}前办结，请合理安排。"
    ),
    NoticeKind.YELLOW: Template(
        "黄牌：{编号}即将到期", "{编号}“{事项}”（{承办窗口}）应于{应办结时间}前办结，即将到期。"
    ),
    NoticeKind.RED: Template(
        "红牌：{编号}已超过应办结时间",
        "{编号}“{事项}”（{承办窗口}）应于{应办结时间}前办结，现已超过，请立即办理。",
    ),
    NoticeKind.MEASURE_DRAFTED: Template(
        "督办通知单待下发：{编号}",
        "{编号}“{事项}”（{承办窗口}）催办后仍未办结，已拟好督办通知单，请核对后下发。",
    ),
    NoticeKind.INTERVIEW_ADVISED: Template(
        "建议约谈提醒：{承办窗口}",
        "{承办窗口}承办的{编号}“{事项}”超期严重或本月多次超期，建议约谈提醒。",
    ),
    NoticeKind.GROUP_WAITING: Template(
        "领导小组研究事项待议：{编号}",
        "{编号}“{事项}”提交领导小组研究已超过{研究时限}个工作日，请尽快研究。",
    ),
    NoticeKind.EVALUATION_OVER: Template(
        "待回访：{编号}", "{编号}“{事项}”评价期已满，尚无评价，请电话回访。"
    ),
    NoticeKind.VERIFY_LATE: Template(
        "差评核实已超时：{编号}", "{编号}“{事项}”的差评应于{核实时限}前核实，现已超过，请立即核实。"
    ),
}
_NEWS = Template("{编号}{名称}", "{消息}")
_QUIET = Template("{编号}{名称}", "{消息}", is_mailed=False)
# Good to know, but nothing to do: read at the next log-in, not in the mailbox.
_READ_LATER = frozenset(
    {
        NoticeKind.CO_REPLY,
        NoticeKind.CONFIRMED,
        NoticeKind.CLASS_CHANGED,
        NoticeKind.RELEASED,
    }
)
_OFFICE_WORDS: dict[NoticeKind, Template] = {
    NoticeKind.CALENDAR_MISSING: Template("节假日安排尚未导入", "{消息}"),
    NoticeKind.ROSTER_HOLE: Template("排班有空缺", "{消息}"),
    NoticeKind.MANY_REVEALS: Template("查看完整号码次数异常", "{消息}"),
    NoticeKind.DIGEST: Template("“办不成事”反映窗口：待办{件数}件", "{消息}"),
    NoticeKind.OVERDUE_SUMMARY: Template("超期事项汇总：{件数}件", "{消息}"),
    NoticeKind.WEEKLY_FIGURES: Template("“办不成事”反映窗口{期间}周报", "{消息}"),
    NoticeKind.MONTHLY_FIGURES: Template("“办不成事”反映窗口{期间}月报", "{消息}"),
}

DEFAULT_TEMPLATES: dict[NoticeKind, Template] = {
    kind: _STAGE_WORDS.get(kind)
    or _OFFICE_WORDS.get(kind)
    or (_QUIET if kind in _READ_LATER else _NEWS)
    for kind in NoticeKind
}
