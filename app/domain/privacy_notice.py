"""告知 (PIPL art. 17, 35): who, what for, which kinds, how long, passed on to whom, whom to ask."""

import re
from collections.abc import Mapping
from string import Formatter

from app.domain.message_text import fill

# Placeholder → what it gives.
PLACEHOLDERS: dict[str, str] = {
    "单位": "主管单位名称",
    "办结保存": "办结后保存的年数",
    "接待保存": "咨询和不予受理的保存年数",
    "提出方式": "向值班人员提出，场所有电话的加上“或拨打……”",
}
DEFAULT = """\
为办理您反映的事项，本窗口（{单位}）登记您的姓名和联系电话，企业另登记名称，仅用于办理、答复和回访，并转给承办单位；保密件不转。
上述信息在办结后保存{办结保存}年，咨询和不予受理的保存{接待保存}年，到期永久脱敏。
查询、更正本人信息，请{提出方式}。"""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def tidy(text: str) -> str:
    """Return the words as they are kept, a paragraph a line; ValueError for what is no notice."""
    names = {name for _before, name, _spec, _how in Formatter().parse(text) if name is not None}
    if not names <= set(PLACEHOLDERS) or _CONTROL.search(text):
        raise ValueError(text)
    return "\n".join(filter(None, (line.strip() for line in text.splitlines())))


def paragraphs(text: str, values: Mapping[str, str]) -> list[str]:
    """Return the notice as it is read out and printed."""
    return fill(text, values).splitlines()
