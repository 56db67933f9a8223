"""The other papers: words and order of §3.5, what stands in them, who may see which."""

from collections.abc import Callable
from typing import Any

import pytest
from lxml.html import HtmlElement

from app.actions import handling
from app.domain.states import Category, ComplaintAbout, ConductType, EvalLevel, LimitClass, State
from app.extensions import db
from app.models import CaseEvent
from tests.client import OfficeClient
from tests.factories import NAME, PHONE, SIGNED, Office, at
from tests.paperwork import FORMS, SENTENCE, TITLES, Paperwork, make_paperwork

# What a paper says does not depend on the database.
pytestmark = pytest.mark.sqlite_only
Clients = Callable[..., OfficeClient]
CASE_FORMS = sorted(set(FORMS) - {"visit", "rejection"})


@pytest.fixture
def work(session: Any) -> Paperwork:
    """A case through all hands, committed."""
    made = make_paperwork()
    db.session.commit()
    return made


def heads(page: HtmlElement, sheet: int = 0) -> list[str]:
    (form, *_more) = page.xpath("//section[contains(@class, 'form-sheet')]")[sheet:]
    return ["".join(th.text_content().split()) for th in form.xpath(".//th")]


def cell(page: HtmlElement, words: str, sheet: int = 0) -> str:
    form = page.xpath("//section[contains(@class, 'form-sheet')]")[sheet]
    for th in form.xpath(".//th"):
        if "".join(th.text_content().split()) == words:
            return "\n".join(p.text_content() for p in th.getnext().xpath(".//p"))
    raise LookupError(words)


def test_papers_have_the_words_of_their_forms_in_order(work: Paperwork, client: Clients) -> None:
    browser, paths = client(work.office.clerk), work.paths()
    for key, words in FORMS.items():
        page = browser.page(paths[key])
        assert heads(page) == words, key
        assert page.xpath("string(//h1)").endswith(f"“办不成事”反映窗口{TITLES[key]}"), key
        assert not page.xpath("//img"), key


def test_papers_say_what_the_record_says(work: Paperwork, client: Clients) -> None:
    def read(key: str, words: str, sheet: int = 0) -> str:
        return cell(client(work.office.clerk).page(work.paths()[key]), words, sheet)

    assert "□需与上级沟通请示　☑涉及多部门　□流程复杂" in read("explanation", "复杂情形")
    assert "2026-0001／NO 0003" in read("explanation", "台账编号/交办单号")
    assert "3个工作日（累计3，最多7）；批准2个" in read("extension", "申请延期")
    assert "2026年10月15日17时" in read("extension", "原应办结时间")
    assert "2026年10月19日17时" in read("extension", "延期后应办结时间")
    leader = read("extension", "带班领导审批意见")
    assert "☑同意　□不同意" in leader
    assert "签字：　　　　年　月　日" in leader
    assert "NO 0001" in read("return", "交办单NO")
    assert "☑同意改派至不动产登记窗口　□不同意" in read("return", "督办考核科意见")
    assert "□超时限　☑推诿扯皮　□推进缓慢　□不担当不作为　□群众不满意" in read("notice", "督办事由")
    assert "缺席：无" in read("review", "出席、缺席、列席")
    assert "时限：2026年10月23日17时前" in read("review", "研究决定（处理意见、牵头、配合、时限）")
    assert "☑接通　□未接　□拒访" in read("callback", "结果")
    assert read("callback", "方式") == "短信"
    for key, words in (("callback", "处理"), ("review", "承办单位汇报")):
        assert SENTENCE in read(key, words), words
    assert "纪录员甲" in read("interview", "记录人")
    found = read("visit", "发现问题及处理")
    assert found.startswith(f"上午：{SENTENCE[:10]}")
    assert f"下午：{SENTENCE[:10]}" in found
    assert "☑不满意" in read("callback", "满意度")
    assert "☑不满意" in read("evaluation", "等级（五选一）")
    assert "☑满意" in read("evaluation", "等级（五选一）", sheet=1)
    assert "☑属实　□误评　□不合理" in read("bad_review", "结论")
    assert "满意" in read("bad_review", "再次评价")
    assert "9时30分" in read("visit", "上午到岗时间")
    assert "2026-0001 慢病备案" in read("visit", "协调解决事项（关联案件）")
    assert "BY2026-0001" in read("rejection", "编号")
    assert "160****0006" in read("rejection", "电话（可不填）")


def test_notice_of_completion_speaks_to_the_reporter(work: Paperwork, client: Clients) -> None:
    page = client(work.office.clerk).page(work.paths()["letter"])
    text = page.text_content()
    assert f"{NAME}：" in text
    assert "您反映的“慢病备案”已办结" in text
    assert "对我们的服务作出评价" in text
    assert PHONE not in text


@pytest.mark.parametrize(
    ("key", "state"),
    [
        ("explanation", State.HANDLING),
        ("extension", State.HANDLING),
        ("return", State.TO_SIGN),
        ("callback", State.TO_EVALUATE),
        ("evaluation", State.TO_EVALUATE),
    ],
)
def test_blank_paper_is_for_ink(hall: Office, client: Clients, key: str, state: State) -> None:
    limit = LimitClass.THREE_DAYS if key == "explanation" else LimitClass.ONE_DAY
    case = hall.dispatch(hall.submit(hall.draft()), limit=limit)
    if state is not State.TO_SIGN:
        handling.sign(case, by=hall.land_head, now=SIGNED)
    if state is State.TO_EVALUATE:
        hall.confirm(hall.resolve(case))
    db.session.commit()
    browser = client(hall.clerk)
    page = browser.page(f"/print/case/{case.id}/{key}")
    assert heads(page) == FORMS[key]
    assert not page.xpath("//p[contains(@class, 'confirmed')]")
    links = browser.page(f"/case/{case.id}").xpath("//a/text()")
    assert f"{TITLES[key]}（空白表）" in links


def test_paper_that_makes_no_sense_is_not_there(hall: Office, client: Clients) -> None:
    case = hall.case_in(State.TO_SIGN)
    db.session.commit()
    browser = client(hall.clerk)
    for key in ("bad_review", "review", "notice", "letter", "nothing"):
        assert browser.get(f"/print/case/{case.id}/{key}").status_code == 404


def test_case_page_counts_several_of_a_kind(work: Paperwork, client: Clients) -> None:
    texts = client(work.office.clerk).page(f"/case/{work.case.id}").xpath("//a/text()")
    assert "服务评价表（2）" in texts
    assert {"延期审批表", "一事一档", "办结告知单"} <= set(texts)


def test_text_is_escaped_and_rare_characters_stay(session: Any, client: Clients) -> None:
    name, item = "阿依古丽·买买提", "<b>𠅤记</b>慢病备案"
    work = make_paperwork(name=name, item=item, mark="<script>alert(1)</script>")
    db.session.commit()
    for key, path in work.paths().items():
        answer = client(work.office.clerk).get(path)
        assert "<script>alert" not in answer.text, key
        assert "<b>𠅤" not in answer.text, key
    assert name in client(work.office.clerk).page(work.paths()["letter"]).text_content()
    assert item in client(work.office.clerk).page(work.paths()["ledger"]).text_content()


def test_long_text_goes_on_in_the_annex_and_nothing_is_lost(session: Any, client: Clients) -> None:
    work = make_paperwork(words=3000, mark="完")
    db.session.commit()
    whole = (SENTENCE * 100)[:3000] + "完"
    browser, paths = client(work.office.clerk), work.paths()
    for key in ("ledger", *CASE_FORMS):
        page = browser.page(paths[key])
        parts = page.xpath("//*[contains(text(), '（详见附页）')]")
        assert parts, key
        text = "".join(page.xpath("//section[contains(@class, 'annex-page')]//p//text()"))
        assert "完" in text, key
        for part in parts:
            begun = part.text_content().removesuffix("（详见附页）").split("\n")[-1]
            for before in ("不满意；", "已解决。", "答复：", "处理意见：限期办理。"):
                begun = begun.removeprefix(before)
            assert whole.startswith(begun), (key, begun)
            assert whole[len(begun) :] in text or "答复：" in text, key
        assert not page.xpath("//*[contains(@class, 'size-') and not(contains(@class, 'size-1'))]")


def test_another_unit_is_refused(work: Paperwork, client: Clients) -> None:
    paths = work.paths()
    for key in (*CASE_FORMS, "letter"):
        assert client(work.office.tax_head).get(paths[key]).status_code == 404, key
        assert client(work.office.viewer).get(paths[key]).status_code in (302, 403), key


def test_unit_reads_neither_folder_nor_register_papers(work: Paperwork, client: Clients) -> None:
    browser = client(work.office.land_head)
    for key in ("folder", "visit", "rejection"):
        assert browser.get(work.paths()[key]).status_code in (302, 403)
    assert browser.get(f"/print/measure/{work.notice.id}").status_code == 200
    assert client(work.office.build_head).get(f"/print/measure/{work.notice.id}").status_code == 404


def test_confidential_case_names_nobody_on_a_paper_of_the_unit(
    hall: Office, client: Clients
) -> None:
    case = hall.draft(
        category=Category.CONDUCT, conduct_type=ConductType.RUDE, is_confidential=True,
        complaint_about=ComplaintAbout.UNIT, occurred_at=at("2026-10-09 11:40"),
    )  # fmt: skip
    hall.confirm(hall.resolve(hall.sign(hall.dispatch(hall.submit(case)))))
    hall.rate(case, EvalLevel.BAD)
    db.session.commit()
    browser = client(hall.land_head)
    links = browser.page(f"/case/{case.id}").xpath("//a[contains(@href, '/print/')]/@href")
    assert links
    for path in links:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert NAME not in answer.text, path
        assert "160" not in answer.text.replace("2026-10-09", ""), path
    assert browser.get(f"/print/case/{case.id}/letter").status_code == 404
    assert NAME in client(hall.clerk).get(f"/print/case/{case.id}/letter").text


def test_folder_has_its_directory_and_every_paper_in_order(
    work: Paperwork, client: Clients
) -> None:
    page = client(work.office.clerk).page(work.paths()["folder"])
    rows = [
        [td.text_content() for td in tr.xpath("./td")]
        for tr in page.xpath("//table[contains(@class, 'listed')]//tr[td]")
    ]
    listed = [row[1] for row in rows]
    assert [row[0] for row in rows] == [str(n + 1) for n in range(len(rows))]
    order = ["问题台账", "事项交办单（存根）", "问题处理说明", "延期审批表",
             "领导小组集体研究记录", "办结告知单", "服务评价表", "回访记录"]  # fmt: skip
    assert list(dict.fromkeys(listed))[: len(order)] == order
    assert set(TITLES.values()) - {"带班日志", "不予受理解释登记表"} <= set(listed)
    sheets = page.xpath("//*[contains(concat(' ', @class, ' '), ' sheet ')]")
    assert len(sheets) == 1 + sum(int(row[3]) for row in rows)
    assert PHONE not in page.text_content()


def test_folder_with_the_full_phone_is_recorded(work: Paperwork, client: Clients) -> None:
    path = work.paths()["folder"]
    answer = client(work.office.clerk).submit(path)
    assert PHONE in answer.text
    seen = db.session.query(CaseEvent).filter_by(case_id=work.case.id, action="reveal_phone")
    assert [e.by_id for e in seen] == [work.office.clerk.id]


def test_folder_that_is_not_there_notes_no_look(hall: Office, client: Clients) -> None:
    case = hall.draft()
    db.session.commit()
    for who in (hall.officer, hall.leader):
        browser = client(who)
        token = {"X-CSRFToken": browser.token()}
        assert browser.post(f"/print/folder/{case.id}", headers=token).status_code == 404
    assert db.session.query(CaseEvent).filter_by(case_id=case.id, action="reveal_phone").all() == []


def test_registers_lead_to_their_papers(work: Paperwork, client: Clients, freeze: Any) -> None:
    freeze(at("2026-10-28 10:00"))
    browser = client(work.office.clerk)
    wanted = {
        "/supervision-notices/list/?quick=all": f"/print/measure/{work.notice.id}",
        "/interviews/list/?quick=all": f"/print/measure/{work.interview.id}",
        "/leader-visits/list/?month=2026-10": f"/print/visit/{work.visit.id}",
        f"/rejections/{work.rejection.id}": f"/print/rejection/{work.rejection.id}",
    }
    for url, path in wanted.items():
        links = browser.page(url).xpath("//a/@href")
        assert any(link.split("?")[0] == path for link in links), url
        assert browser.get(path).status_code == 200
