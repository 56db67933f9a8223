"""What can be imported: the columns of each template, who may import it, and how a run ends.

The heads and examples are the office's own words: they stand in the sheet whatever language the
page is shown in.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.domain import import_values as v
from app.domain.calendar_parts import DayKind
from app.domain.import_values import Raw
from app.domain.states import NEVER_GIVEN, Category, EvalLevel, LimitClass, Role, UnitKind
from app.domain.words import word


class ImportKind(enum.StrEnum):
    """A template: what its rows are."""

    UNITS = "units"
    ACCOUNTS = "accounts"
    ROLES = "roles"
    GROUP = "group"
    LEADERS = "leaders"
    SHIFTS = "shifts"
    HOURS = "hours"
    DAYS = "days"
    LEDGER = "ledger"


class RunStatus(enum.StrEnum):
    """Where an upload stands."""

    WAITING = "waiting"
    APPLIED = "applied"
    DROPPED = "dropped"
    EXPIRED = "expired"


class Outcome(enum.StrEnum):
    """The verdict on one row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    BAD = "bad"
    LEFT_OUT = "left_out"


# 三员分立 and the screens decide: who may edit a thing by hand may import it.
MAY_IMPORT: dict[ImportKind, frozenset[Role]] = {
    ImportKind.UNITS: frozenset({Role.SYS_ADMIN}),
    ImportKind.ACCOUNTS: frozenset({Role.SYS_ADMIN}),
    ImportKind.ROLES: frozenset({Role.SEC_ADMIN}),
    ImportKind.GROUP: frozenset({Role.SYS_ADMIN}),
    ImportKind.LEADERS: frozenset({Role.SYS_ADMIN, Role.SUPERVISOR}),
    ImportKind.SHIFTS: frozenset({Role.SYS_ADMIN, Role.SUPERVISOR}),
    ImportKind.HOURS: frozenset({Role.SYS_ADMIN}),
    ImportKind.DAYS: frozenset({Role.SYS_ADMIN}),
    ImportKind.LEDGER: frozenset({Role.SUPERVISOR}),
}
TITLES: dict[ImportKind, str] = {
    ImportKind.UNITS: "窗口（科室）",
    ImportKind.ACCOUNTS: "用户账号",
    ImportKind.ROLES: "角色授权",
    ImportKind.GROUP: "工作领导小组",
    ImportKind.LEADERS: "领导带班排班",
    ImportKind.SHIFTS: "值班排班",
    ImportKind.HOURS: "办公时间",
    ImportKind.DAYS: "工作日调整",
    ImportKind.LEDGER: "纸质台账补登",
}
RUN_WORDS: dict[RunStatus, str] = {
    RunStatus.WAITING: "待导入",
    RunStatus.APPLIED: "已导入",
    RunStatus.DROPPED: "已放弃",
    RunStatus.EXPIRED: "已过期",
}
# A file is written in one transaction that keeps other writers waiting: seconds, not minutes.
MOST_ROWS = 2_000
# A password costs a tenth of a second, a paper matter nine records.
FEWER_ROWS: dict[ImportKind, int] = {ImportKind.ACCOUNTS: 500, ImportKind.LEDGER: 1_000}
ORDINAL = "序号"
EXAMPLE = "示例"


@dataclass(frozen=True)
class Column:
    """A column: its key, its head as printed, how a cell is read, and an example."""

    key: str
    head: str
    read: Callable[[Raw], Any]
    example: Any = ""
    aliases: tuple[str, ...] = ()
    is_required: bool = False
    width: int = 14
    note: str = ""
    choices: tuple[str, ...] = ()
    look: str = "text"


def _text(most: int, *, lines: bool = False) -> Callable[[Raw], str]:
    return partial(v.text, most=most, lines=lines)


def _of(words: Mapping[str, Any]) -> Any:
    return {"read": partial(v.choice, offered=words), "choices": tuple(words)}


def _words(kind: type[enum.StrEnum], *left_out: enum.StrEnum) -> dict[str, Any]:
    return {word(member): member for member in kind if member not in left_out}


YES_NO: Any = {"read": v.yes_no, "choices": ("是", "否")}
SORT = Column("sort_order", "排序号", v.number, 10, ("排序", "顺序"), width=8, look="number",
              note="按排名先后，小的在前；新增时空白的依次排在最后。")  # fmt: skip
DAY_WORDS = {
    "停办": DayKind.CLOSED, "上班": DayKind.OPENED,
    "仅上午": DayKind.MORNING_ONLY, "仅下午": DayKind.AFTERNOON_ONLY,
}  # fmt: skip
ROLE_WORDS = {word(role): role for role in Role if role not in NEVER_GIVEN}
CATEGORIES = {
    **_words(Category),
    **{str(n): member for n, member in enumerate(Category, 1)},
    "未成功受理": Category.NOT_ACCEPTED, "未成功审批": Category.NOT_ACCEPTED,
    "多次来中心未能解决": Category.MANY_VISITS, "服务态度差": Category.CONDUCT,
    "慢作为": Category.CONDUCT, "不作为": Category.CONDUCT,
    "建议": Category.SUGGESTION, "意见": Category.SUGGESTION,
}  # fmt: skip
LIMITS = {
    **_words(LimitClass), "立即": LimitClass.IMMEDIATE, "1日": LimitClass.ONE_DAY,
    "3日": LimitClass.THREE_DAYS, "一般": LimitClass.ONE_DAY, "复杂": LimitClass.THREE_DAYS,
}  # fmt: skip
LEVELS = {**_words(EvalLevel), "未评价": None}


def _roles(raw: Raw) -> list[Role]:
    return [v.choice(name, ROLE_WORDS) for name in v.names(raw)]


_USERNAME = Column("username", "用户名", _text(64), "zhang.san", ("账号", "登录名"), True, 16,
                   "登录用，字母、数字、点和横线，全系统不重复。")  # fmt: skip
_UNITS = (
    Column("name", "窗口（科室）名称", _text(60), "某某窗口",
           ("名称", "窗口（科室）", "单位名称", "单位", "窗口名称", "科室名称"), True, 26,
           "同一服务场所内不重复；已有的同名窗口（科室）按本行更新。"),
    Column("unit_kind", "单位类型", **_of(_words(UnitKind)), example="进驻窗口",
           aliases=("类型",), is_required=True, width=18),
    Column("location", "位置", _text(60), "一楼A区1号", ("办公地点", "地点"), width=18),
    Column("phone", "电话", v.digits_kept, "0530-0000000", ("联系电话", "办公电话"), width=16),
    SORT,
    Column("handler_may_sign_off", "经办人可办结", **YES_NO, example="否", width=12,
           note="填“是”的，经办人可代负责人提交办结。"),
    Column("is_active", "启用", **YES_NO, example="是", aliases=("是否启用", "状态"), width=8),
)  # fmt: skip
_ACCOUNTS = (
    _USERNAME,
    Column("name", "姓名", _text(60), "张三", is_required=True, width=12),
    Column("unit", "窗口（科室）", _text(60), "某某窗口",
           ("所在窗口（科室）", "单位", "所属单位", "科室"), width=26,
           note="窗口（科室）的经办人和负责人必填，须已在系统中；其他人员空白。"),
    Column("post", "职务", _text(60), "科员", width=14),
    Column("phone", "联系电话", v.digits_kept, "16000000000", ("电话", "手机", "手机号"), width=16),
    Column("email", "电子邮箱", _text(120), "", ("邮箱",), width=22, note="没有的空白。"),
    SORT,
    Column("is_active", "启用", **YES_NO, example="是", aliases=("是否启用", "状态"), width=8),
)  # fmt: skip
_ROLES = (
    _USERNAME,
    Column("name", "姓名", _text(60), "张三", width=12, note="填写的，须与账号的姓名一致。"),
    Column("roles", "角色", _roles, "值班人员、督办考核科", is_required=True, width=36,
           note="多个角色用“、”分开；导入后恰好是这些角色。可填：" + "、".join(ROLE_WORDS) + "。"),
)  # fmt: skip
_GROUP = (
    Column("name", "姓名", _text(60), "张三", is_required=True, width=12,
           note="须已有账号，并有领导小组或带班领导的角色。"),
    Column("username", "用户名", _text(64), "", ("账号",), width=16, note="有同名的人时必填。"),
    Column("post", "领导小组职务", _text(80), "组长", ("职务", "小组职务"), True, 22),
    Column("is_head", "是否组长", **YES_NO, example="是", aliases=("组长",), width=10),
    SORT,
    Column("valid_from", "任期起", v.day, "2026-01-01", ("生效日期", "起始日期"), True, 13,
           look="date"),
    Column("valid_to", "任期止", v.day, "", ("失效日期", "截止日期"), width=13, look="date",
           note="仍在任的空白。"),
)  # fmt: skip
_DATE = Column("day", "日期", v.day, "2026-12-01", is_required=True, width=13, look="date",
               note="今天及以后的日期；已过去的排班不改。")  # fmt: skip
_LEADERS = (
    _DATE,
    Column("leader", "带班领导", _text(60), "张三", ("领导",), True, 14,
           "姓名；有同名的人时填用户名。"),
    Column("substitute", "替班领导", _text(60), "李四", ("替班",), width=14),
    Column("is_leader_away", "带班领导不在岗", **YES_NO, example="否", aliases=("不在岗",),
           width=14, note="填“是”的，由替班领导审签。"),
    Column("remark", "备注", _text(120), "", width=20),
)  # fmt: skip
_SHIFTS = (
    _DATE,
    Column("am", "上午值班人员", v.names, "张三、李四", ("上午",), width=24,
           note="姓名，多人用“、”分开；有同名的人时填用户名。空白的，该半天不变。"),
    Column("pm", "下午值班人员", v.names, "张三", ("下午",), width=24),
)  # fmt: skip
_HOURS = (
    Column("name", "名称", _text(40), "夏季作息", is_required=True, width=16),
    Column("valid_from", "起始日期", v.day, "2027-05-01", ("生效日期",), True, 13, look="date"),
    Column("valid_to", "截止日期", v.day, "", ("失效日期",), width=13, look="date",
           note="长期有效的空白。"),
    Column("weekdays", "适用星期", v.weekdays, "一至日", ("星期",), width=12,
           note="如“一至五”“一、三、五”；空白为一至日。"),
    Column("am_start", "上午上班", v.time_of_day, "9:00", ("上午开始",), width=10,
           note="长期只有半天办公的，另半天的两格空白。"),
    Column("am_end", "上午下班", v.time_of_day, "12:00", ("上午结束",), width=10),
    Column("pm_start", "下午上班", v.time_of_day, "14:00", ("下午开始",), width=10),
    Column("pm_end", "下午下班", v.time_of_day, "18:00", ("下午结束",), width=10),
    Column("ends_previous", "结束此前办公时间", **YES_NO, example="是", width=16,
           note="填“是”的，此前的办公时间到起始日期的前一天为止。"),
)  # fmt: skip
_DAYS = (
    Column("day", "日期", v.day, "2026-12-01", is_required=True, width=13, look="date"),
    Column("kind", "类型", **_of(DAY_WORDS), example="停办", aliases=("日期类型",),
           is_required=True, width=12),
    Column("notice_no", "通知文号", _text(60), "某办发〔2026〕1号", ("文号", "依据文号"), True, 24),
    Column("note", "说明", _text(120), "系统升级", ("备注",), width=24),
)  # fmt: skip
_LEDGER = (
    Column("ledger_no", "台账编号", v.ledger_no, "2025-0012", ("编号",), True, 12,
           "纸质台账上的编号，原样保留，不与系统编号重复。"),
    Column("registered", "登记日期", v.when, "2025-03-03", ("登记时间",), True, 13, look="date"),
    Column("officer", "值班人员", _text(30), "张三", width=10),
    Column("reporter", "反映人", _text(60), "李四", width=14, note="匿名的填“匿名”。"),
    Column("phone", "联系电话", v.phone, "16000000000", ("电话",), width=15),
    Column("category", "受理类别", **_of(CATEGORIES), example="未成功受理/审批", is_required=True,
           aliases=("类别",), width=18),
    Column("item", "受理事项", _text(80), "营业执照变更", ("事项", "事项名称"), True, 22),
    Column("narrative", "“办不成事”事项情况", _text(4000, lines=True), "材料两次被退回。",
           ("事项情况", "情况"), True, 40),
    Column("units", "接办窗口（科室）", v.names, "某某窗口", ("接办窗口", "承办窗口（科室）"),
           width=20, note="主办在前，多个用“、”分开，须已在系统中（停用的也可）。"),
    Column("slips", "交办单号", v.slip_nos, "0012", ("交办单号（NO）", "NO"), width=12,
           note="与接办窗口（科室）依次对应；原样保留。"),
    Column("issued", "交办时间", v.when, "2025-03-03 10:20", width=17, look="time"),
    Column("limit", "办理时限", **_of(LIMITS), example="1个工作日", width=12),
    Column("due", "应办结时间", v.when, "2025-03-04 17:00", width=17, look="time"),
    Column("extended", "延期（工作日）", partial(v.number, most=7), "", ("延期",), width=9,
           look="number"),
    Column("finished", "办结时间", v.when, "2025-03-04 15:30", width=17, look="time",
           note="交办、应办结、办结三个时间都写到时分的，计入时限类指标；否则只计受理量。"),
    Column("on_time", "是否按时", **YES_NO, example="是", width=9),
    Column("result", "办理结果", _text(4000, lines=True), "已核实补录，当日办结。", width=40),
    Column("achieved", "是否办成", **YES_NO, example="是", width=9),
    Column("level", "是否满意（评价等级）", **_of(LEVELS), example="满意",
           aliases=("是否满意", "评价等级"), width=14),
    Column("leader", "带班领导", _text(30), "王五", width=10),
    Column("remark", "备注", _text(1000, lines=True), "", width=20),
)  # fmt: skip
COLUMNS: dict[ImportKind, tuple[Column, ...]] = {
    ImportKind.UNITS: _UNITS,
    ImportKind.ACCOUNTS: _ACCOUNTS,
    ImportKind.ROLES: _ROLES,
    ImportKind.GROUP: _GROUP,
    ImportKind.LEADERS: _LEADERS,
    ImportKind.SHIFTS: _SHIFTS,
    ImportKind.HOURS: _HOURS,
    ImportKind.DAYS: _DAYS,
    ImportKind.LEDGER: _LEDGER,
}
GENERAL_NOTES: tuple[str, ...] = (
    "第一行是表头，请勿改动；带*的列必填。“示例”行不导入，可以删去或照填。",
    "空白单元格：新增时按缺省值，更新时保持原值不变。",
    "日期可写2026-10-09、2026/10/9或2026年10月9日，时间可写2026-10-09 9:05。",
    "先校验、后导入：有一行有误，全部不导入。",
)
KIND_NOTES: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.ACCOUNTS: (
        "新账号没有角色，由安全管理员授权；初始密码由系统生成，导入后可下载一次。",
    ),
    ImportKind.LEDGER: (
        "只补登已经办结的纸质台账，导入后为“已归档”并带“补登”标记，不发送任何提醒。",
        "系统的台账编号、交办单号从补登的最大编号之后继续。",
    ),
}


def most_rows(kind: ImportKind) -> int:
    """Return how many rows one file may bring."""
    return FEWER_ROWS.get(kind, MOST_ROWS)
