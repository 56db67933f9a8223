"""A text that goes out without its reporter: name, firm, phone and identity number."""

import pytest

from app.domain.masking import without_reporter

WHO = {"name": "郁东篱", "company": "沂光商行", "phone": "16000000006"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("郁东篱来电", "反映人来电"),
        ("沂光商行备案被退回", "反映企业备案被退回"),
        ("请联系16000000006。", "请联系（电话略）。"),
        ("请联系160-0000 0006。", "请联系（电话略）。"),
        ("请联系１６００００００００６。", "请联系（电话略）。"),
        ("反映人郁东篱（电话16000000006）来电", "反映人（电话略）来电"),
        ("郁东篱（电话：160 0000 0006，女）", "反映人（电话略，女）"),
        ("联系电话是16000000006，给他打电话16000000006", "（电话略），给他打电话（电话略）"),
        ("反映企业沂光商行", "反映企业"),
        ("证件371326199001010011", "证件（证件号略）"),
        ("证件37132619900101001X", "证件（证件号略）"),
        ("咨询电话0539-0000000", "咨询电话0539-0000000"),
        ("办件编号2026000000123", "办件编号2026000000123"),
        ("", ""),
    ],
)
def test_text_names_nobody(text: str, said: str) -> None:
    assert without_reporter(text, **WHO) == said


def test_nothing_known_changes_nothing() -> None:
    text = "申请人线上提交材料后两次被退回"
    assert without_reporter(text, name="", company="", phone="") == text


def test_one_character_and_a_short_number_are_left_alone() -> None:
    assert without_reporter("高层住宅3楼", name="高", company="", phone="3") == "高层住宅3楼"
