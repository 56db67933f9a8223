"""The words a new office starts with in its dictionaries; each may be changed on the screens."""

CAUSE = "cause"
REJECTION_GROUND = "rejection_ground"
REFERRAL = "referral"
BAD_REASON = "bad_reason"
BASIS = "basis"

# domain/2.2: two levels; the papers write 上级—名称.
CAUSES: dict[str, tuple[str, ...]] = {
    "材料类": ("材料不全", "材料不一致", "未一次性告知"),
    "政策类": ("政策不明确", "政策调整", "历史遗留", "依法不能办"),
    "系统类": ("系统故障", "数据不通", "信息不符"),
    "流程类": ("多部门推诿", "职责边界不清", "环节过多", "超时限"),
    "人员类": ("服务态度", "业务不熟", "慢作为", "不作为"),
    "申请人自身原因": (),
    "建议类": (),
}

# R12: the first two are the plan's own, the rest is other places' practice.
REJECTION_GROUNDS = (
    "法律法规限制",
    "上级文件明确规定",
    "非中心职责",
    "涉法涉诉",
    "信访程序",
    "行政复议·仲裁",
    "纪检监察",
    "已办结重复反映",
    "其他",
)

REFERRALS: dict[str, str] = {
    "12345政务服务便民热线": "非中心职责的咨询、投诉、建议",
    "12315平台": "消费纠纷",
    "县人民法院诉讼服务中心": "涉法涉诉事项",
    "县司法局行政复议窗口": "不服行政行为，申请行政复议",
    "县信访局": "信访事项",
    "县劳动人事争议仲裁院": "劳动人事争议",
    "县纪检监察机关": "反映公职人员违纪违法",
}

BAD_REASONS = (
    "服务态度差",
    "未一次性告知",
    "多次跑腿",
    "超过承诺时限",
    "推诿扯皮",
    "问题未解决",
    "答复不清楚",
    "其他",
)

# R02: shown as 制度依据.
BASES = (
    "国务院《关于加快推进政务服务标准化规范化便利化的指导意见》",
    "《山东省优化营商环境条例》",
)
