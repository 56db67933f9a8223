"""The words of the window as closed sets: states, actions, roles and the choices on the forms."""

import enum


class State(enum.StrEnum):
    """Where a case (反映事项) stands; overlays such as 延期待批 are flags beside it."""

    DRAFT = "draft"  # 登记中
    TO_DISPATCH = "to_dispatch"  # 待交办
    TO_SIGN = "to_sign"  # 待签收
    HANDLING = "handling"  # 办理中
    GROUP_REVIEW = "group_review"  # 领导小组研究
    TO_CONFIRM = "to_confirm"  # 待审签
    TO_EVALUATE = "to_evaluate"  # 已办结（待评价）
    REDO = "redo"  # 重办中
    ARCHIVED = "archived"  # 已归档
    REJECTED = "rejected"  # 不予受理
    WITHDRAWN = "withdrawn"  # 已撤回
    MERGED = "merged"  # 已并案


class Action(enum.StrEnum):
    """What a person or a job does to a case; the button words stand in `views.labels`."""

    REGISTER = "register"  # 登记
    REJECT = "reject"  # 不予受理
    SUBMIT = "submit"  # 提交督办考核科
    RESOLVE_ON_SPOT = "resolve_on_spot"  # 当场办结
    RETURN_DRAFT = "return_draft"  # 退回补正
    REJECT_LATE = "reject_late"  # 改不予受理
    DISPATCH = "dispatch"  # 交办
    VOID_SLIPS = "void_slips"  # 作废
    ADD_CO_UNIT = "add_co_unit"  # 增加协办
    SIGN = "sign"  # 签收
    SIGN_CO = "sign_co"  # 协办签收
    CO_REPLY = "co_reply"  # 协办回复
    REQUEST_RETURN = "request_return"  # 申请退回
    REASSIGN = "reassign"  # 同意改派
    RELEASE = "release"  # 同意退回，另行交办
    REFUSE_RETURN = "refuse_return"  # 不同意退回
    ASSIGN_LEAD = "assign_lead"  # 指定主办
    CONTACT = "contact"  # 联系反映人
    EXPLAIN = "explain"  # 填写问题处理说明
    ASK_CLASS = "ask_class"  # 申请调整时限类别
    CHANGE_CLASS = "change_class"  # 调整时限类别
    APPLY_EXTENSION = "apply_extension"  # 申请延期
    COMMENT_EXTENSION = "comment_extension"  # 督办考核科意见
    APPROVE_EXTENSION = "approve_extension"  # 同意延期
    REFUSE_EXTENSION = "refuse_extension"  # 不同意
    ESCALATE = "escalate"  # 提交领导小组
    RECORD_DECISION = "record_decision"  # 录入研究决定
    CONFIRM_DECISION = "confirm_decision"  # 组长确认决定
    RESOLVE = "resolve"  # 提交办结
    SEND_BACK = "send_back"  # 退回补办
    CONFIRM = "confirm"  # 确认办结
    CALL_BACK = "call_back"  # 回访
    EVALUATE = "evaluate"  # 登记评价
    CLOSE_UNRATED = "close_unrated"  # 到期未评价归档
    READ_EVALUATION = "read_evaluation"  # 已阅评价
    VERIFY = "verify"  # 差评核实
    APPROVE_VERDICT = "approve_verdict"  # 审批核实结论
    DECIDE_AFTER_REDO = "decide_after_redo"  # 多轮差评，领导决定
    REOPEN = "reopen"  # 重办
    WITHDRAW = "withdraw"  # 撤回
    MERGE = "merge"  # 并案
    SUPERVISE = "supervise"  # 催办、督办、约谈、通报、移送
    CORRECT = "correct"  # 更正
    MARK_TYPICAL = "mark_typical"  # 标记典型案例、共性问题
    REVEAL_PHONE = "reveal_phone"  # 查看完整号码


class Role(enum.StrEnum):
    """Who somebody is; the domain/5.4 names are the roles' names in FAB's screens."""

    DUTY_OFFICER = "duty_officer"
    SUPERVISOR = "supervisor"
    UNIT_HANDLER = "unit_handler"
    UNIT_HEAD = "unit_head"
    DUTY_LEADER = "duty_leader"
    GROUP_HEAD = "group_head"
    GROUP_MEMBER = "group_member"
    COUNTY_VIEWER = "county_viewer"
    SYS_ADMIN = "sys_admin"
    SEC_ADMIN = "sec_admin"
    AUDITOR = "auditor"
    SYSTEM = "system"  # a job, under its named system account


ADMIN_ROLES = frozenset({Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDITOR})
UNIT_ROLES = frozenset({Role.UNIT_HANDLER, Role.UNIT_HEAD})
OFFICE_ROLES = frozenset(
    {Role.DUTY_OFFICER, Role.SUPERVISOR, Role.DUTY_LEADER, Role.GROUP_HEAD, Role.GROUP_MEMBER}
)


class LimitClass(enum.StrEnum):
    """办理时限 (R24–R26)."""

    IMMEDIATE = "immediate"
    ONE_DAY = "one_day"
    THREE_DAYS = "three_days"

    @property
    def days(self) -> int:
        """Working days of the class; 0 is 立即."""
        return {"immediate": 0, "one_day": 1, "three_days": 3}[self.value]

    @classmethod
    def of_days(cls, days: int) -> "LimitClass":
        """Return the class of 0, 1 or 3 days; KeyError otherwise."""
        return {0: cls.IMMEDIATE, 1: cls.ONE_DAY, 3: cls.THREE_DAYS}[days]


class DueBasis(enum.StrEnum):
    """What the current due time follows from; a recomputation needs to know."""

    LIMIT = "limit"
    EXTENSION = "extension"
    GROUP = "group"
    REDO = "redo"


class ComplexGround(enum.StrEnum):
    """The three alternative grounds of the 3-day class (R26)."""

    ASK_SUPERIOR = "ask_superior"  # 需与上级沟通请示
    MANY_UNITS = "many_units"  # 涉及多部门
    COMPLEX_FLOW = "complex_flow"  # 流程复杂


class Source(enum.StrEnum):
    """来源渠道."""

    WINDOW = "window"
    PHONE = "phone"
    ONLINE = "online"
    LEADER = "leader"
    HOTLINE = "hotline"
    TOWN = "town"


class ReporterType(enum.StrEnum):
    """反映人类型 (R03)."""

    ENTERPRISE = "enterprise"
    PERSON = "person"
    ORGANISATION = "organisation"


class Category(enum.StrEnum):
    """受理类别 (R07–R10); the number is the plan's order."""

    NOT_ACCEPTED = "1"
    MANY_VISITS = "2"
    CONDUCT = "3"
    SUGGESTION = "4"


class ItemKind(enum.StrEnum):
    """事项类型 (R06)."""

    APPLICATION = "application"  # 依申请政务服务事项
    CONVENIENCE = "convenience"  # 便民服务事项


class ApplyMode(enum.StrEnum):
    """申请方式."""

    ONLINE = "online"
    OFFLINE = "offline"


class StuckStage(enum.StrEnum):
    """受阻环节."""

    ACCEPTANCE = "acceptance"
    APPROVAL = "approval"


class ConductType(enum.StrEnum):
    """作风问题类型 (R09)."""

    RUDE = "rude"  # 服务态度差
    SLOW = "slow"  # 慢作为
    IDLE = "idle"  # 不作为
    OTHER = "other"


class SuggestionType(enum.StrEnum):
    """建议 / 意见 (R10)."""

    SUGGESTION = "suggestion"
    OPINION = "opinion"


class ComplaintAbout(enum.StrEnum):
    """Whom a conduct complaint is about, which decides who dispatches it (D-22)."""

    UNIT = "unit"
    SECTION = "section"  # 督办考核科
    LEADER = "leader"  # 局领导


class UnitKind(enum.StrEnum):
    """单位类型."""

    WINDOW = "window"  # 进驻窗口
    SECTION = "section"  # 职能科室
    CENTRE = "centre"  # 分中心
    TOWN = "town"  # 镇街便民服务中心


class SlipKind(enum.StrEnum):
    """主办 or 协办 (R21, D-13)."""

    LEAD = "lead"
    CO = "co"


class ResultType(enum.StrEnum):
    """办理结果."""

    SOLVED = "solved"  # 已解决
    ANSWERED = "answered"  # 妥善答复
    UNLAWFUL = "unlawful"  # 依法不能办理（已解释）
    UNFOUNDED = "unfounded"  # 反映不属实


class ContactMode(enum.StrEnum):
    """How somebody was reached or answered (答复方式, 联系方式)."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    WRITTEN = "written"
    MESSAGE = "message"
    NOTICE_BOARD = "notice_board"  # 公示答复, for anonymous reports


class RevealReason(enum.StrEnum):
    """Why somebody looks at a full number (§4.2); papers and scans give theirs by themselves."""

    CONTACT = "contact"
    CALL_BACK = "call_back"
    CHECK = "check"
    INSPECTION = "inspection"
    OTHER = "other"  # with words of one's own
    PAPER = "paper"
    SCAN = "scan"


class DecisionType(enum.StrEnum):
    """What the leading group may decide (D-12)."""

    TIME_LIMIT = "time_limit"  # 限期办理
    COORDINATE = "coordinate"  # 协调解决
    REPORT_UP = "report_up"  # 报上级
    FINAL_ANSWER = "final_answer"  # 依法终结答复


class EvalLevel(enum.StrEnum):
    """评价等级, five to one star (国办发〔2019〕51号)."""

    VERY_GOOD = "5"
    GOOD = "4"
    FAIR = "3"
    BAD = "2"
    VERY_BAD = "1"

    @property
    def is_bad(self) -> bool:
        """不满意 and 非常不满意 are bad reviews."""
        return self in (EvalLevel.BAD, EvalLevel.VERY_BAD)


class SolvedLevel(enum.StrEnum):
    """问题是否解决, in the reporter's own words."""

    SOLVED = "solved"
    PARTLY = "partly"
    UNSOLVED = "unsolved"


class EvalChannel(enum.StrEnum):
    """评价方式."""

    TABLET = "tablet"
    QR = "qr"
    CALL = "call"
    PAPER = "paper"


class Verdict(enum.StrEnum):
    """核实结论 of a bad review (D-26)."""

    JUSTIFIED = "justified"  # 属实
    MISTAKEN = "mistaken"  # 误评
    UNREASONABLE = "unreasonable"  # 不合理


class CallOutcome(enum.StrEnum):
    """回访结果."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"


class SupervisionKind(enum.StrEnum):
    """The measures of R36, R49, R50 in their order of weight."""

    URGE = "urge"  # 催办
    NOTICE = "notice"  # 督办通知单
    INTERVIEW = "interview"  # 约谈
    CIRCULAR = "circular"  # 通报
    TRANSFER = "transfer"  # 移送


class SuperviseGround(enum.StrEnum):
    """督办事由 (R48)."""

    OVERDUE = "overdue"
    NO_RESPONSIBILITY = "no_responsibility"  # 不担当不作为
    SHIRKING = "shirking"  # 推诿扯皮
    SLOW = "slow"  # 推进缓慢
    DISSATISFIED = "dissatisfied"  # 群众不满意


class Half(enum.StrEnum):
    """上午 or 下午 of a day; the split is 12:00 (R34)."""

    AM = "am"
    PM = "pm"


class ReceptionOutcome(enum.StrEnum):
    """How a 接待登记 ends (R13)."""

    ANSWERED = "answered"  # 咨询已答复
    REJECTED = "rejected"
    ON_SPOT = "on_spot"
    ACCEPTED = "accepted"
    DRAFT = "draft"
    DELETED = "deleted"  # the draft was thrown away the same day (D-37)


class RequestStatus(enum.StrEnum):
    """Where an application (延期, 退回) stands."""

    PENDING = "pending"
    AGREED = "agreed"
    REFUSED = "refused"
    LAPSED = "lapsed"  # overtaken: the case left the state it was asked in


class ResultStatus(enum.StrEnum):
    """Where a submitted result stands."""

    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    CONFIRMED = "confirmed"


class ScoreKind(enum.StrEnum):
    """What 量化考核 counts (R45, domain/2.3), in the order of its columns."""

    RED = "red"
    UNSIGNED = "unsigned"  # 未当日签收
    BAD_RETURN = "bad_return"  # 不当退回
    BAD_RATING = "bad_rating"  # 差评属实
    BAD_FIX = "bad_fix"  # 差评整改不到位
    NOTICE = "notice"  # 督办通知单
    INTERVIEW = "interview"
    CIRCULAR = "circular"
    TYPICAL = "typical"  # 办成典型案例


class NumberKind(enum.StrEnum):
    """The number series, one counter per site and year each (domain/3 §3.4)."""

    LEDGER = "ledger"
    SLIP = "slip"
    REJECTION = "rejection"
    RECEPTION = "reception"
    SUPERVISION = "supervision"


class DictKind(enum.StrEnum):
    """What a word of the office's own lists (数据字典) is for."""

    CAUSE = "cause"  # 原因分类, two levels
    GROUND = "ground"  # 不予受理原因 (R12)
    REFERRAL = "referral"  # 引导去向
    BAD_REASON = "bad_reason"  # 不满意原因
    BASIS = "basis"  # 制度依据 (R02)
