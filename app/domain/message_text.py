"""Templates of notices: named placeholders and nothing else, so that no template can break."""

import re
from collections.abc import Mapping
from string import Formatter

from app.domain.notice_kinds import SUMMARIES, NoticeKind
from app.domain.refusals import Code, Refusal

# Placeholder → what it gives; no personal data and no narrative is among them (domain/4 §4.4).
PLACEHOLDERS: dict[str, str] = {
    "编号": "台账编号",
    "事项": "受理事项",
    "名称": "消息名称",
    "承办窗口": "主办窗口（科室）",
    "应交办时间": "应交办时间",
    "应办结时间": "应办结时间",
    "核实时限": "差评应核实时间",
    "研究时限": "领导小组研究的工作日数",
    "状态": "当前状态",
    "服务场所": "服务场所",
    "消息": "系统拟好的一句话",
}
# Only summaries know these.
SUMMARY_PLACEHOLDERS: dict[str, str] = {
    "件数": "事项件数",
    "期间": "统计期间",
    "消息": "系统拟好的内容",
    "服务场所": "服务场所",
    "名称": "消息名称",
}
LONGEST_SUBJECT, LONGEST_TEXT = 80, 400
# No letter carries them, and PostgreSQL does not store the first.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def placeholders_of(kind: NoticeKind) -> Mapping[str, str]:
    """Return the placeholders a template of this kind may use, each with its meaning."""
    return SUMMARY_PLACEHOLDERS if kind in SUMMARIES else PLACEHOLDERS


def check_template(kind: NoticeKind, *, subject: str, text: str) -> None:
    """Refuse a template that is empty, too long, of broken braces or with an unknown placeholder.

    Raises Refusal(TEMPLATE_BROKEN) with the field and what stands wrong in it.
    """
    for field, value, longest in (
        ("subject", subject, LONGEST_SUBJECT),
        ("text", text, LONGEST_TEXT),
    ):
        if not value.strip():
            raise Refusal(Code.FIELDS_MISSING, fields=[field])
        if len(value) > longest or _CONTROL.search(value):
            raise Refusal(Code.FIELD_INVALID, field=field)
        for name in _names(value, field):
            if name not in placeholders_of(kind):
                raise Refusal(Code.TEMPLATE_BROKEN, field=field, part=f"{{{name}}}")
    if "\n" in subject or "\r" in subject:
        raise Refusal(Code.FIELD_INVALID, field="subject")


def _names(value: str, field: str) -> list[str]:
    """Return the placeholders of a text; refuses broken braces and formatting codes."""
    try:
        parts = list(Formatter().parse(value))
    except ValueError:
        raise Refusal(Code.TEMPLATE_BROKEN, field=field, part=_lonely_brace(value)) from None
    for _before, name, spec, conversion in parts:
        if spec or conversion:
            raise Refusal(Code.TEMPLATE_BROKEN, field=field, part=f"{{{name}}}")
    return [name for _before, name, _spec, _conversion in parts if name is not None]


def _lonely_brace(value: str) -> str:
    """Return the words around the brace that has no partner."""
    rest = re.sub(r"\{[^{}]*\}", "", value)
    found = re.search(r".{0,6}[{}].{0,6}", rest)
    return found.group() if found else value[:12]


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with its placeholders filled; an unknown value leaves an empty place.

    A template that was broken outside the office's own page is returned as it stands: a message
    with braces in it is better than none.
    """
    try:
        _names(template, "text")
    except Refusal:
        return template
    # Not str.format: {编号.__class__} would look into the value.
    parts = Formatter().parse(template)
    return "".join(text + values.get(name or "", "") for text, name, _spec, _conversion in parts)


# 电话、证件号码, also written in groups: 139 0000 0000, 0539-1234567.
_LONG_NUMBER = re.compile(r"\d(?:[\s\-－—]?\d){6,}[Xx]?")


def public_item(item_name: str, names: tuple[str, ...] = ()) -> str:
    """Return an item as a message may carry it: no name of a person in it, no long number."""
    for name in filter(None, names):
        item_name = item_name.replace(name, "某某")
    return _LONG_NUMBER.sub("…", item_name)
