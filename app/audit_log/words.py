"""What is wrong with the 审计日志, in the office's words."""

from app.actions.audit import Fault
from app.domain.audit import Tampering

WORDS = {
    Tampering.EDITED: "第{seq}条内容被改动",
    Tampering.MISSING: "第{seq}条缺失",
    Tampering.OUT_OF_ORDER: "第{seq}条与前一条不衔接",
    Tampering.CUT: "日志末尾与记录的链头（第{seq}条）不符",
    Tampering.ANCHOR: "第{seq}条与库外留存的链头不符",
    Tampering.ANCHOR_LOST: "链头文件缺少第{note}条（日志第{seq}条记有留存）",
    Tampering.ANCHOR_FILE: "链头文件有误：第{note}行",
    Tampering.ARCHIVE: "归档文件缺失或被改动：{note}（至第{seq}条）",
    Tampering.GUARD: "防改动触发器缺失、停用或被改动：{note}",
    Tampering.EVENT_EDITED: "事项记录{note}被改动（日志第{seq}条）",
    Tampering.EVENT_MISSING: "事项记录{note}缺失（日志第{seq}条）",
    Tampering.EVENT_ADDED: "事项记录{note}不在日志中",
}


def sentence(fault: Fault) -> str:
    """Return what a person reads of one fault."""
    return WORDS[fault.what].format(seq=fault.seq, note=fault.note)
