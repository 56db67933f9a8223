"""Templates of notices: what is refused, what is filled, and what never gets into a message."""

import pytest

from app.domain.message_text import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    PLACEHOLDERS,
    SUMMARY_PLACEHOLDERS,
    check_template,
    fill,
    placeholders_of,
    public_item,
)
from app.domain.notice_kinds import DEFAULT_TEMPLATES, SUMMARIES, NoticeKind
from app.domain.refusals import Code, Refusal

VALUES = {"编号": "2026-0012", "事项": "慢病备案", "消息": "{编号}"}


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_words_by_default_are_good(kind: NoticeKind) -> None:
    template = DEFAULT_TEMPLATES[kind]
    check_template(kind, subject=template.subject, text=template.text)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_placeholder_offered_may_be_used(kind: NoticeKind) -> None:
    names = placeholders_of(kind)
    assert names == (SUMMARY_PLACEHOLDERS if kind in SUMMARIES else PLACEHOLDERS)
    for name in names:
        check_template(kind, subject="提醒", text=f"请办理{{{name}}}。")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("请办理{编号", "请办理{编号"),
        ("请办理编号}。", "请办理编号}。"),
        ("{编号}}请办理", "}请办理"),
        ("{{编号}请办理", "{请办理"),
        ("{反映人}", "{反映人}"),
        ("{}", "{}"),
        ("{0}", "{0}"),
        ("{ 编号 }", "{ 编号 }"),
        ("{编号.__class__}", "{编号.__class__}"),
        ("{编号[0]}", "{编号[0]}"),
        ("{编号!r}", "{编号}"),
        ("{编号:>99999999}", "{编号}"),
        ("{编号:{事项}}", "{编号}"),
    ],
)
@pytest.mark.parametrize("field", ["subject", "text"])
def test_broken_template_is_refused_and_named(field: str, text: str, part: str) -> None:
    words = {"subject": "提醒", "text": "请办理"} | {field: text}
    with pytest.raises(Refusal) as caught:
        check_template(NoticeKind.RED, **words)
    assert caught.value.code is Code.TEMPLATE_BROKEN
    assert caught.value.facts == {"field": field, "part": part}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("subject", "", Code.FIELDS_MISSING),
        ("subject", " \n", Code.FIELDS_MISSING),
        ("text", "　", Code.FIELDS_MISSING),
        ("subject", "长" * (LONGEST_SUBJECT + 1), Code.FIELD_INVALID),
        ("text", "长" * (LONGEST_TEXT + 1), Code.FIELD_INVALID),
        ("subject", "提醒\r\nBcc: someone@example.org", Code.FIELD_INVALID),
        ("subject", "提醒\n二", Code.FIELD_INVALID),
        ("text", "零\x00字符", Code.FIELD_INVALID),
        ("subject", "铃\x07", Code.FIELD_INVALID),
    ],
)
def test_empty_long_or_of_two_lines_is_refused(field: str, value: str, code: Code) -> None:
    words = {"subject": "提醒", "text": "请办理\n谢谢"} | {field: value}
    with pytest.raises(Refusal) as caught:
        check_template(NoticeKind.RED, **words)
    assert caught.value.code is code


def test_the_longest_is_just_allowed() -> None:
    check_template(NoticeKind.RED, subject="长" * LONGEST_SUBJECT, text="长" * LONGEST_TEXT)


def test_placeholders_of_a_case_are_none_of_a_summary() -> None:
    with pytest.raises(Refusal):
        check_template(NoticeKind.DIGEST, subject="待办", text="{编号}")
    with pytest.raises(Refusal):
        check_template(NoticeKind.RED, subject="待办", text="{件数}")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{编号}“{事项}”", "2026-0012“慢病备案”"),
        ("{消息}", "{编号}"),  # a value is not a template
        ("{{编号}}{编号}", "{编号}2026-0012"),
        ("没有", "没有"),
        ("{承办窗口}无", "无"),
        # Written past the office's own page:
        ("{编号", "{编号"),
        ("{编号!r}", "{编号!r}"),
        ("{编号.__class__}{编号}", "2026-0012"),
        ("{}{0}{编号}", "2026-0012"),
    ],
)
def test_fill_never_breaks(template: str, words: str) -> None:
    assert fill(template, VALUES) == words


@pytest.mark.parametrize(
    ("item", "names", "shown"),
    [
        ("慢病备案", ("郁东篱", ""), "慢病备案"),
        ("郁东篱慢病备案", ("郁东篱",), "某某慢病备案"),
        ("张三与郁东篱的房产", ("郁东篱", "张三"), "某某与某某的房产"),
        ("联系16000000006", (), "联系…"),
        ("联系160-0000-0006", (), "联系…"),
        ("联系160 0000 0006", (), "联系…"),
        ("联系0539-4211234", (), "联系…"),
        ("证号37132619900101001X办理", (), "证号…办理"),
        ("证号１６０００００００００６", (), "证号…"),
        ("2026年第131号", (), "2026年第131号"),
        ("鲁政发123456", (), "鲁政发123456"),
    ],
)
def test_item_carries_no_person_and_no_number(
    item: str, names: tuple[str, ...], shown: str
) -> None:
    assert public_item(item, names) == shown


def test_placeholders_hold_no_personal_data() -> None:
    words = "".join([*PLACEHOLDERS, *PLACEHOLDERS.values(), *SUMMARY_PLACEHOLDERS.values()])
    for secret in ("反映人", "姓名", "电话", "反映内容", "诉求", "身份证"):
        assert secret not in words
