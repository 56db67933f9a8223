"""The indicators of the window: what each is called, what it counts, and how its value reads.

Pure: what is counted in the records stands in app/reports/indicators.py.
"""

import enum
from dataclasses import dataclass
from fractions import Fraction

from app.domain.states import Category
from app.domain.words import word

NOTHING = "—"


class Kind(enum.StrEnum):
    """How n and d become the value."""

    COUNT = "count"  # n alone
    RATE = "rate"  # n of d, in per cent
    AVERAGE = "average"  # n divided by d, in `unit`


class Better(enum.StrEnum):
    """Which end of a ranking is the good one."""

    HIGH = "high"
    LOW = "low"
    NEITHER = ""


@dataclass(frozen=True)
class Definition:
    """An indicator: id, 名称, what n and d are, and what to know when reading it.

    `unit` is the word behind the value and `divisor` what the counted n is divided by for it
    (minutes are shown as hours). One without `by_unit` says nothing of a single unit.
    """

    id: str
    name: str
    n: str
    d: str = ""
    note: str = ""
    kind: Kind = Kind.RATE
    better: Better = Better.NEITHER
    unit: str = ""
    divisor: int = 1
    by_unit: bool = True


@dataclass(frozen=True)
class Value:
    """n of d as counted; the rounding is for the eye alone, `exact` is what is compared.

    n is whole but where 部分解决 weighs half a case: halves are exact in binary.
    """

    n: int | float
    d: int | None = None
    median: int | None = None

    def __add__(self, other: "Value") -> "Value":
        """Return the two counted together; the median of a sum is not known from its parts."""
        d = None if self.d is None else self.d + (other.d or 0)
        return Value(self.n + other.n, d)

    @property
    def exact(self) -> Fraction | None:
        """Return n/d without rounding, n where there is no d, None where d is nought."""
        if self.d is None:
            return Fraction(self.n)
        return Fraction(self.n) / self.d if self.d else None

    @property
    def missed(self) -> int | float | None:
        """Return how many of d are not among n."""
        return None if self.d is None else self.d - self.n


def two_decimals(number: Fraction) -> str:
    """Return a non-negative number with two decimals, halves rounded up."""
    whole, rest = divmod((number * 200 + 1) // 2, 100)
    return f"{whole}.{rest:02d}"


def shown(definition: Definition, value: Value) -> str:
    """Return the value as it is printed: 139, 83.23%, 3.50小时, or — where d is nought."""
    exact = value.exact
    if exact is None:
        return NOTHING
    if definition.kind is Kind.COUNT:
        return str(value.n)
    if definition.kind is Kind.RATE:
        return f"{two_decimals(exact * 100)}%"
    return f"{two_decimals(exact / definition.divisor)}{definition.unit}"


def median_shown(definition: Definition, value: Value) -> str:
    """Return the median in the same unit, empty where there is none."""
    if value.median is None:
        return ""
    return f"{two_decimals(Fraction(value.median, definition.divisor))}{definition.unit}"


_ACCEPTED = "期内登记、有台账编号的反映事项（编号作废、已撤回、已并案的不计）"
_DUE = "应办结时间（含批准的延期）在期内的事项：已办结的，以及到期仍未办结的"
_CLOSED = "期内提交并经确认的办结事项（重办的以最近一次为准）"
_DISPATCHED = "期内首次交办的事项"
_SLIPS = "期内开出的交办单，含已作废（改派）的"
_FIRST = "重办的事项取首次办结时间"
_COUNT, _AVERAGE, _HIGH, _LOW = Kind.COUNT, Kind.AVERAGE, Better.HIGH, Better.LOW
_D = Definition
_CATEGORIES = tuple(
    _D(f"category_{kind.value}", word(kind), f"受理量中受理类别为“{word(kind)}”的", kind=_COUNT)
    for kind in Category
)

GROUPS: tuple[tuple[str, tuple[Definition, ...]], ...] = (
    (
        "受理",
        (
            _D("accept_cnt", "受理量", _ACCEPTED, kind=_COUNT),
            *_CATEGORIES,
            _D("consult_cnt", "接待咨询量", "期内的接待登记", kind=_COUNT, by_unit=False,
               note="约为受理量的15至30倍属正常"),
            _D("oos_cnt", "不予受理量", "期内的不予受理登记", kind=_COUNT, by_unit=False),
            _D("oos_rate", "不予受理率", "不予受理登记", "受理量＋不予受理登记", by_unit=False,
               note="不作为质量指标"),
            _D("repeat_rate", "重复反映率", "标记为重复反映的事项", "受理量", better=_LOW),
        ),
    ),
    (
        "转办签收",
        (
            _D("same_day_rate", "当日转办率", "在应交办时间前开出的交办单",
               "应交办时间在期内的交办单，含改派的", better=_HIGH,
               note="后续增加的协办、研究决定的交办单无应交办时间，不计"),
            _D("sign_rate", "及时签收率", "开出后2个工作小时内签收的交办单", _SLIPS, better=_HIGH,
               note="时限为系统参数“及时签收”"),
            _D("response_rate", "响应率", "交办当日下班前已联系反映人的事项",
               "期内首次交办、反映人留有电话的事项", better=_HIGH,
               note="下班后或非工作日交办的，至下一工作日下班；改派的按新交办单、新单位的联系计"),
            _D("return_rate", "退回率", "窗口（科室）申请退回的交办单", _SLIPS, better=_LOW),
            _D("bad_return_rate", "不当退回率", "未获同意的退回申请", "期内提出的退回申请",
               better=_LOW, note="由申请退回的窗口（科室）负责"),
            _D("reassign_rate", "改派率", "同意退回、改派的交办单", _SLIPS, better=_LOW,
               note="由督办考核科负责"),
        ),
    ),
    (
        "时限",
        (
            _D("finish_rate", "办结率", "已办结的事项", _DUE, better=_HIGH,
               note=f"不论是否按时；{_FIRST}"),
            _D("ontime_rate", "按时办结率", "在应办结时间前办结的事项", _DUE, better=_HIGH,
               note=f"{_FIRST}；逾期申请延期的不算按时；研究期间无时限，暂不计"),
            _D("ontime_noext_rate", "首限办结率", "在原时限内办结的事项",
               "原时限在期内的事项：已办结的，以及原时限届满仍未办结的", better=_HIGH,
               note="延期、提交领导小组的，均按原时限计"),
            _D("overdue_rate", "超期率", "超过应办结时间的事项", _DUE, better=_LOW,
               note="等于1减按时办结率"),
            _D("ext_rate", "延期率", "有批准的延期的事项", _DISPATCHED, better=_LOW),
            _D("ext_avg", "平均延期天数", "批准延期的天数之和", "期内首次交办、有批准的延期的事项",
               kind=_AVERAGE, better=_LOW, unit="个工作日", note="每件累计不超过7个工作日"),
            _D("ext_expired_cnt", "延期届满未办结", "期内因延期届满未办结提交领导小组的事项",
               kind=_COUNT, better=_LOW),
            _D("escal_rate", "提交领导小组率", "提交过领导小组的事项", _DISPATCHED, better=_LOW),
            _D("avg_hours", "平均办理时长", "交办至首次办结的工作时间之和（分钟）",
               "期内首次办结的事项（当场办结的不计）", kind=_AVERAGE, better=_LOW, unit="小时",
               divisor=60, note="改派的自新交办单起算"),
            _D("total_days", "群众等待时长", "登记至首次答复的工作日之和",
               "期内首次答复的事项", kind=_AVERAGE, better=_LOW, unit="个工作日",
               note="登记当日答复的为0"),
        ),
    ),
    (
        "结果评价",
        (
            _D("achieved_rate", "办成率", "结果为已办成的事项", _CLOSED, better=_HIGH),
            _D("solved_rate", "解决率", "反映人认为已解决的事项", "期内办结、有有效评价的事项",
               better=_HIGH, note="取最近一次有效评价；部分解决不计，系统参数可设为计半件"),
            _D("satisfy_rate", "满意率", "非常满意、满意、基本满意的事项",
               "期内办结、有有效评价的事项", better=_HIGH,
               note="取最近一次有效评价；未评价及经批准认定误评、不合理的不计"),
            _D("eval_rate", "参评率", "有评价的事项", _CLOSED, better=_HIGH),
            _D("bad_rate", "差评率", "任何一轮有不满意、非常不满意评价的事项",
               "期内办结、有有效评价的事项", better=_LOW,
               note="经批准认定误评、不合理的不计；尚未核实的计入"),
            _D("bad_fix_rate", "差评整改率", "在整改时限内重新提交办结的差评",
               "整改时限在期内的属实差评：已整改的，以及到期未整改的", better=_HIGH),
            _D("callback_rate", "回访率", "已接通回访，或差评已核实的事项",
               "期内办结、评价期满未评价或有差评的实名事项", better=_HIGH),
            _D("redo_rate", "重办率", "因差评或30日内再次反映而重办的事项", _CLOSED, better=_LOW),
        ),
    ),
    (
        "督办带班",
        (
            _D("supervise_cnt", "督办·约谈·通报", "期内的督办通知单、约谈、通报", kind=_COUNT,
               better=_LOW),
            _D("notice_cnt", "督办通知单", "期内下发的督办通知单", kind=_COUNT, better=_LOW),
            _D("interview_cnt", "约谈", "期内的约谈", kind=_COUNT, better=_LOW),
            _D("circular_cnt", "通报", "期内的通报", kind=_COUNT, better=_LOW),
            _D("duty_rate", "带班到岗率", "有带班领导到岗的半天", "排有带班领导的工作半天",
               better=_HIGH, by_unit=False),
        ),
    ),
)  # fmt: skip

CATALOGUE: dict[str, Definition] = {d.id: d for _theme, group in GROUPS for d in group}
