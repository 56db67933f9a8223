"""A case that has every paper there is, with texts of any length, and the words of the forms."""

from dataclasses import dataclass

from app.actions import evaluation, extensions, group, handling, leaders, returns, supervision
from app.domain.states import (
    CallOutcome,
    ContactMode,
    EvalChannel,
    EvalLevel,
    LimitClass,
    ResultType,
    SolvedLevel,
    SuperviseGround,
    SupervisionKind,
)
from app.models import Case, LeaderVisit, Rejection, Supervision
from tests.factories import Office, at, make_office

SENTENCE = "申请人线上提交材料后两次被退回，窗口答复与系统提示不一致，须由牵头单位核实后统一口径。"

# §3.5, in print order; the words on the paper, spaces and line ends left out.
FORMS: dict[str, list[str]] = {
    "explanation": [
        "台账编号/交办单号", "承办窗口（科室）", "反映事项", "复杂情形", "基本情况", "核查经过",
        "政策依据（名称、文号、条款）", "难点及原因", "处理意见/拟办措施", "需协调单位",
        "预计办结时间", "经办人", "负责人", "日期",
    ],
    "extension": [
        "编号", "承办窗口（科室）", "反映事项", "原办理时限", "原应办结时间", "已开展工作",
        "申请延期理由", "申请延期", "延期后应办结时间", "是否已告知反映人（时间、方式）",
        "承办负责人意见", "督办考核科意见", "带班领导审批意见", "日期",
    ],
    "return": [
        "交办单NO", "退回单位", "退回理由及依据", "建议承办单位", "督办考核科意见",
        "（争议）带班领导指定意见", "时间",
    ],
    "notice": [
        "被督办窗口（科室）", "督办事项", "交办单NO", "督办事由", "督办要求", "反馈时限",
        "签发人（带班领导/督办考核科）", "签收人、时间", "反馈情况", "销号意见",
    ],
    "interview": [
        "时间", "地点", "约谈人", "被约谈人（姓名、单位、职务）", "记录人",
        "约谈事由（关联案件）", "约谈内容/提醒意见", "被约谈人表态", "整改要求及时限", "双方签字",
    ],
    "review": [
        "时间", "地点", "主持人", "出席、缺席、列席", "研究事项（案件清单）", "承办单位汇报",
        "讨论意见", "研究决定（处理意见、牵头、配合、时限）", "记录人", "主持人签字",
    ],
    "visit": [
        "日期", "带班领导（替班）", "上午到岗时间", "上午离开", "上午巡查情况", "上午现场解决",
        "下午到岗时间", "下午离开", "下午巡查情况", "下午现场解决", "协调解决事项（关联案件）",
        "发现问题及处理", "签字",
    ],
    "rejection": [
        "编号", "日期", "反映人", "电话（可不填）", "反映事项", "不予受理原因",
        "依据（名称、条款）", "解释内容", "引导去向（单位、地址、电话）", "反映人意见", "值班人员",
    ],
    "callback": [
        "编号", "回访人", "次数", "时间", "方式", "结果", "是否联系过您", "问题是否解决", "满意度",
        "意见", "处理",
    ],
    "evaluation": [
        "事项名称", "等级（五选一）", "不满意原因", "意见建议", "签名（可不签）", "日期",
    ],
    "bad_review": [
        "评价内容", "核实情况", "结论", "整改措施", "整改时限", "结果", "再次评价", "审核人",
    ],
}  # fmt: skip
TITLES = {
    "explanation": "问题处理说明",
    "extension": "延期审批表",
    "return": "退回/改派审批单",
    "notice": "督办通知单",
    "interview": "约谈记录",
    "review": "领导小组集体研究记录",
    "visit": "带班日志",
    "rejection": "不予受理解释登记表",
    "callback": "回访记录",
    "evaluation": "服务评价表",
    "bad_review": "差评核实整改单",
}


@dataclass
class Paperwork:
    """An office with one case through all hands, and what stands beside it."""

    office: Office
    case: Case
    notice: Supervision
    interview: Supervision
    visit: LeaderVisit
    rejection: Rejection

    def paths(self) -> dict[str, str]:
        """Return the address of every print page by the key of its paper."""
        beside = {
            "visit": f"/print/visit/{self.visit.id}",
            "rejection": f"/print/rejection/{self.rejection.id}",
        }
        of_case = {
            key: f"/print/case/{self.case.id}/{key}" for key in (*FORMS, "letter")
            if key not in beside
        }  # fmt: skip
        return beside | of_case | {
            "ledger": f"/print/ledger/{self.case.id}",
            "slips": f"/print/slips/{self.case.id}",
            "folder": f"/print/folder/{self.case.id}",
        }  # fmt: skip


def make_paperwork(
    *,
    words: int = 60,
    name: str = "郁东篱",
    firm: str = "",
    item: str = "慢病备案",
    mark: str = "",
) -> Paperwork:
    """Return it all, every text `words` characters long and ending with `mark`."""
    office = make_office()
    text = (SENTENCE * (words // len(SENTENCE) + 1))[:words] + mark
    case = office.submit(
        office.draft(narrative=text, item_name=item, reporter_name=name, company_name=firm)
    )
    _to_the_group(office, case, text)
    _to_the_second_rating(office, case, text)
    notice, interview = _supervise(office, case, text)
    return Paperwork(
        office, case, notice, interview, _visit(office, case, text), _refuse(office, name, text)
    )


def _to_the_group(office: Office, case: Case, text: str) -> None:
    """Hand over, dispute, explain, extend twice, decide."""
    office.dispatch(case, lead="tax", co=("build",), limit=LimitClass.THREE_DAYS)
    returns.request_return(
        case, reason=text, suggest_unit_id=office.units["land"].id, by=office.tax_head,
        now=at("2026-10-12 10:00"),
    )  # fmt: skip
    returns.reassign(
        case, lead_unit_id=office.units["land"].id, opinion="同意改派", by=office.clerk,
        now=at("2026-10-12 10:30"),
    )  # fmt: skip
    handling.sign(case, by=office.land_head, now=at("2026-10-12 10:40"))
    handling.explain(
        case, basic_facts=text, verification=text, policy_basis=text, difficulty=text,
        proposal=text, by=office.land_handler, now=at("2026-10-12 11:00"),
    )  # fmt: skip
    extensions.apply_extension(
        case, days=3, reason=text, work_done=text, reporter_told="10月14日电话告知",
        by=office.land_head, now=at("2026-10-14 10:00"),
    )  # fmt: skip
    extensions.comment_extension(
        case, opinion="情况属实，建议同意", by=office.clerk, now=at("2026-10-14 10:30")
    )
    extensions.approve_extension(
        case, days=2, opinion="同意，抓紧协调", by=office.leader, now=at("2026-10-14 11:00")
    )
    group.escalate(case, by=office.leader, now=at("2026-10-19 10:00"), reason="涉及多家单位")
    office.decide(
        case, met=at("2026-10-20 09:00"), due=at("2026-10-23 17:00"), place="三楼会议室",
        unit_report=text, discussion=text, decision=text, co_units="工程建设科", observers="司法局",
    )  # fmt: skip
    group.confirm_decision(case, by=office.chief, now=at("2026-10-20 11:00"))


def _to_the_second_rating(office: Office, case: Case, text: str) -> None:
    """Finish, call, be rated badly, redo, be rated well."""
    office.resolve(
        case, now=at("2026-10-21 10:00"), handling_note=text, reply_text=text,
        reply_mode=ContactMode.PHONE, result_type=ResultType.SOLVED,
    )  # fmt: skip
    office.confirm(case, now=at("2026-10-21 15:00"))
    evaluation.call_back(
        case, outcome=CallOutcome.REACHED, called_at=at("2026-10-22 09:00"),
        unit_made_contact=True, solved=SolvedLevel.PARTLY, opinion=text, follow_up=text,
        mode=ContactMode.MESSAGE, by=office.officer, now=at("2026-10-22 09:10"),
    )  # fmt: skip
    evaluation.evaluate(
        case, level=EvalLevel.BAD, solved=SolvedLevel.PARTLY, channel=EvalChannel.CALL,
        opinion=text, by=office.officer, now=at("2026-10-22 09:20"),
    )  # fmt: skip
    office.verify(case, now=at("2026-10-22 15:00"))
    office.resolve(
        case, now=at("2026-10-23 10:00"), handling_note=text, reply_text=text, improvement=text
    )
    office.confirm(case, now=at("2026-10-23 15:00"))
    office.rate(case, now=at("2026-10-26 09:00"))


def _supervise(office: Office, case: Case, text: str) -> tuple[Supervision, Supervision]:
    notice = supervision.supervise(
        case, kind=SupervisionKind.NOTICE, ground=SuperviseGround.SHIRKING, requirement=text,
        feedback_due_at=at("2026-10-28 17:00"), by=office.clerk, now=at("2026-10-26 10:00"),
    )  # fmt: skip
    supervision.give_feedback(
        notice, feedback=text, by=office.land_head, now=at("2026-10-27 09:00")
    )
    supervision.close_supervision(
        notice, note="已整改", by=office.clerk, now=at("2026-10-27 16:00")
    )
    interview = supervision.supervise(
        case, kind=SupervisionKind.INTERVIEW, ground=SuperviseGround.SLOW, requirement=text,
        interviewee="陆行简 负责人", place="小会议室", statement=text, recorder="纪录员甲",
        by=office.clerk, now=at("2026-10-27 10:00"),
    )  # fmt: skip
    return notice, interview


def _visit(office: Office, case: Case, text: str) -> LeaderVisit:
    visits = [
        leaders.check_in(
            site_id=office.site.id,
            seen=text,
            solved=text,
            case_id=case.id,
            by=office.leader,
            now=at(f"2026-10-27 {hour}:30"),
        )
        for hour in ("09", "15")
    ]
    for visit, now in zip(visits, ("2026-10-27 11:00", "2026-10-27 16:00"), strict=True):
        leaders.write_log(
            visit, seen=text, solved=text, problems=text, by=office.leader, now=at(now)
        )
    return visits[0]


def _refuse(office: Office, name: str, text: str) -> Rejection:
    from app.actions import intake

    draft = office.draft(reporter_name=name, now=at("2026-10-27 16:00"))
    return intake.reject(
        draft, ground=office.ground.id, legal_basis=text, explain_text=text,
        referred_to=text, by=office.officer, now=at("2026-10-27 16:10"),
    )  # fmt: skip
