"""The window's own Chinese word for every member of the closed sets in `states`.

The record (timeline, slips, ledger) is written in these words whatever language a page is shown in.
"""

import enum

from app.domain.attachable import PaperKind
from app.domain.exports import ExportStatus
from app.domain.notice_kinds import NoticeKind, NoticeStatus, OutgoingStatus, Timing
from app.domain.states import (
    Action,
    ApplyMode,
    CallOutcome,
    Category,
    ComplaintAbout,
    ComplexGround,
    ConductType,
    ContactMode,
    DecisionType,
    DictKind,
    DueBasis,
    EvalChannel,
    EvalLevel,
    Half,
    ItemKind,
    LimitClass,
    NumberKind,
    ReceptionOutcome,
    ReporterType,
    RequestStatus,
    ResultStatus,
    ResultType,
    RevealReason,
    Role,
    ScoreKind,
    SlipKind,
    SolvedLevel,
    Source,
    State,
    StuckStage,
    SuggestionType,
    SuperviseGround,
    SupervisionKind,
    UnitKind,
    Verdict,
)

_TEXT: dict[type[enum.StrEnum], str] = {
    State: "登记中 待交办 待签收 办理中 领导小组研究 待审签 已办结（待评价） 重办中 已归档"
    " 不予受理 已撤回 已并案",
    Action: "登记 不予受理 提交督办考核科 当场办结 退回补正 改不予受理 交办 作废交办单 增加协办"
    " 签收 协办签收 协办回复 申请退回 同意改派 同意退回（另行交办） 不同意退回 指定主办"
    " 联系反映人 填写问题处理说明 申请调整时限类别 调整时限类别 申请延期 签署延期意见 同意延期"
    " 不同意延期 提交领导小组 录入研究决定 确认研究决定 提交办结 退回补办 确认办结 回访 登记评价"
    " 到期未评价归档 已阅评价 差评核实 审批核实结论 多轮差评处理 重办 撤回 并案 督办 更正"
    " 标记典型案例 查看完整号码",
    Role: "值班人员 督办考核科 窗口（科室）经办人 窗口（科室）负责人 带班领导 领导小组组长"
    " 领导小组成员 查询统计（只读） 系统管理员 安全管理员 审计员 系统自动",
    LimitClass: "立即办理 1个工作日 3个工作日",
    DueBasis: "规定时限 延期 领导小组决定 重办",
    ComplexGround: "需与上级沟通请示 涉及多部门 流程复杂",
    Source: "窗口现场 电话 线上 带班领导现场 12345转来 镇街转来",
    ReporterType: "企业 群众 其他组织",
    Category: "未成功受理/审批 多次来中心未解决 服务态度、慢作为、不作为 建议意见",
    ItemKind: "依申请政务服务事项 便民服务事项",
    ApplyMode: "线上 线下",
    StuckStage: "未成功受理 未成功审批",
    ConductType: "服务态度差 慢作为 不作为 其他",
    SuggestionType: "建议 意见",
    ComplaintAbout: "窗口（科室） 督办考核科 局领导",
    UnitKind: "进驻窗口 职能科室 分中心 镇街便民服务中心",
    SlipKind: "主办 协办",
    ResultType: "已解决 妥善答复 依法不能办理（已解释） 反映不属实",
    ContactMode: "电话 当面 书面 短信 公示",
    RevealReason: "联系反映人办理 电话回访 核对登记信息 检查、审计需要 其他 打印纸质表单 查阅附件",
    DecisionType: "限期办理 协调解决 报上级 依法终结答复",
    EvalLevel: "非常满意 满意 基本满意 不满意 非常不满意",
    SolvedLevel: "已解决 部分解决 未解决",
    EvalChannel: "现场平板 二维码 电话回访 纸质",
    Verdict: "属实 误评 不合理",
    CallOutcome: "接通 未接 拒访",
    SupervisionKind: "催办 督办通知单 约谈 通报 移送",
    SuperviseGround: "超时限 不担当不作为 推诿扯皮 推进缓慢 群众不满意",
    Half: "上午 下午",
    ReceptionOutcome: "咨询已答复 不予受理 当场办结 已受理 登记中 草稿已删除",
    RequestStatus: "待批 同意 不同意 已失效",
    ResultStatus: "待审签 已退回补办 已确认",
    ScoreKind: "红牌 未当日签收 不当退回 差评属实 差评整改不到位 督办 约谈 通报 办成典型案例",
    PaperKind: "问题台账 事项交办单 问题处理说明 延期审批表 退回/改派审批单 集体研究记录"
    " 督办通知单 约谈记录 办结告知单（答复） 服务评价表 回访记录 差评核实整改单"
    " 不予受理解释登记表 其他材料",
    NumberKind: "台账编号 交办单号 不予受理编号 接待编号 督办通知单号",
    NoticeKind: "待交办即将到期 未按时交办 交办单未签收 尚未填写问题处理说明 延期事项提醒 黄牌 红牌"
    " 督办通知单待下发 建议约谈提醒 领导小组研究事项待议 评价期满待回访 差评核实超时"
    " 待交办 退回补正 待签收 交办单作废 申请退回 不同意退回 同意退回 指定主办 协办已回复"
    " 申请调整时限类别 时限类别已调整 申请延期 批准延期 不同意延期 提交领导小组 研究决定待确认"
    " 研究决定 待审签 退回补办 确认办结 服务评价 差评结论待审批 差评须重新核实 重办 督办 撤回"
    " 节假日安排尚未导入 排班有空缺 查看号码次数异常 待办摘要 超期汇总 周报 月报",
    NoticeStatus: "已通知 待发送 已发送 未发送",
    Timing: "立即发送 上班时间发送",
    OutgoingStatus: "待发送 已发送 发送失败 未发送",
    ExportStatus: "排队中 正在生成 已生成 未生成 已取消 已过期清理 已删除",
    DictKind: "原因分类 不予受理原因 引导去向 不满意原因 制度依据",
}

# Keyed by class too: members of two StrEnums with one value are equal and would overwrite another.
WORDS: dict[tuple[type[enum.StrEnum], str], str] = {
    (kind, member.value): word
    for kind, text in _TEXT.items()
    for member, word in zip(kind, text.split(" "), strict=True)
}
"""(class, value) → Chinese; `zip(strict=True)` fails at import when a set and its words differ."""


def word(member: enum.StrEnum) -> str:
    """Return the Chinese word of a member of any closed set."""
    return WORDS[type(member), member.value]
