"""The standard words of the office's lists, which an office may change afterwards."""

from app.domain.states import DictKind

Word = tuple[str, str, str]  # name, name of the upper level, detail

_CAUSES = {
    "材料类": "材料不全 材料不一致 要求不明确 未一次性告知 证明难",
    "政策类": "政策不明确 政策调整 历史遗留 依法不能办",
    "系统类": "系统故障 数据不通 信息不符 停机维护 设备故障 适老化不足",
    "流程类": "多部门 职责边界不清 环节过多 超时限 需与上级沟通",
    "人员类": "服务态度 业务不熟 慢作为 不作为",
    "申请人自身原因": "",
    "建议类": "",
}
_GROUNDS = (
    "法律法规限制 上级文件明确规定 非中心职责 涉法涉诉 信访程序 行政复议、仲裁 纪检监察"
    " 已办结重复反映 其他"
)
_REFERRALS = (
    "县人民法院诉讼服务中心 县信访局 县司法局行政复议窗口 县劳动人事争议仲裁院"
    " 县纪委监委信访室 县市场监督管理局（12315平台） 县自然资源和规划局 属地镇街便民服务中心"
)
_BAD_REASONS = "服务态度差 未一次性告知 多次跑腿 超过承诺时限 推诿扯皮 问题未解决 答复不清楚 其他"
_BASES = {
    "《关于加快推进政务服务标准化规范化便利化的指导意见》": "国务院",
    "《山东省优化营商环境条例》": "山东省人民代表大会常务委员会",
    "《全国年节及纪念日放假办法》": "国务院；节假日安排每年由国务院办公厅通知",
}


def _flat(words: str) -> list[Word]:
    return [(name, "", "") for name in words.split()]


STANDARD_WORDS: dict[DictKind, list[Word]] = {
    DictKind.CAUSE: [
        word
        for upper, lower in _CAUSES.items()
        for word in [(upper, "", ""), *((name, upper, "") for name in lower.split())]
    ],
    DictKind.GROUND: _flat(_GROUNDS),
    DictKind.REFERRAL: _flat(_REFERRALS),
    DictKind.BAD_REASON: _flat(_BAD_REASONS),
    DictKind.BASIS: [(name, "", detail) for name, detail in _BASES.items()],
}
