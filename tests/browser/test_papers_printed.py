"""Every paper through Chromium's own printing: pages, paper size, words in order, nothing cut."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from app.extensions import db
from config import ROOT
from tests.client import OfficeClient
from tests.databases import make_backend
from tests.paperwork import FORMS, make_paperwork

PICTURES = ROOT / "build" / "papers"
A4 = "594.96 x 841.92 pts (A4)"
CENTRE = "平邑县政务服务中心"
LONG_CENTRE = "沂水之滨历史文化名城政务服务中心北城分中心综合服务大厅"
LEDGER = [
    "平邑县政务服务中心“办不成事”反映窗口", "问题台账", "值班人员：", "受理事项",
    "接办窗口（科室）", "反映人", "联系电话", "“办不成事”事项情况",
    "办理结果（是否办结、满意）", "承办窗口（科室）办结签字", "带班领导签字", "备注",
    "台账编号2026-0001",
]  # fmt: skip
HALF = ["平邑县政务服务中心", "“办不成事”反映窗口事项交办单", "存根NO0001", "接办窗口（科室）",
        "交办事项", "交办时间", "交办内容", "办理时限：复杂事项3个工作日", "接办人签字",
        "备注"]  # fmt: skip
SLIPS = [*HALF, "第一联督办考核科留存", "办交〔2026〕0001号", *HALF, "第二联接办窗口（科室）留存"]
USUAL = 100  # characters of an ordinary answer
FIRM = "平和县𠅤记东方红工程建设有限责任公司分部"
ITEM = "不动产登记及历史遗留问题处置确认" * 5
TEXTS: dict[str, dict[str, Any]] = {
    "short": {"words": USUAL * 6 // 10, "name": "郁篱"},
    "usual": {"words": USUAL, "name": "阿依古丽·买买提"},
    "double": {"words": USUAL * 2, "firm": FIRM},
    "tenfold": {"words": USUAL * 10, "firm": FIRM, "item": ITEM},
}
# What a person may paste: a word without an end, figures, line breaks and tabs, marks alone.
PASTED = {
    "word": "a1B2c3d4e5" * 50,
    "figures": "13800000000" * 45,
    "lines": "第一行\n\n第二\t行\r\n" * 30,
    "marks": "（“《、。》”）！？；" * 50,
}
ROOM = """() => [...document.querySelectorAll('.sheet, .half')].map(part => [
  part.className, part.scrollHeight - part.clientHeight, part.getBoundingClientRect().height])"""
SIZES = """names => Object.fromEntries(names.map(name => [name,
  [...document.querySelectorAll(name)].map(part => {
    const box = part.getBoundingClientRect(), mm = 25.4 / 96;
    return {x: box.x * mm, y: box.y * mm, width: box.width * mm, height: box.height * mm};
  })]))"""


@contextmanager
def printer(
    chromium: Browser, folder: Path, *, centre: str = CENTRE, **texts: Any
) -> Iterator[tuple[dict[str, str], BrowserContext]]:
    """Serve an office with such texts to a window that is signed in as the section."""
    backend = make_backend("sqlite", folder)
    with backend.app.app_context():
        work = make_paperwork(**texts, mark="完。")
        work.office.site.paper_name = centre
        db.session.commit()
        paths, clerk = work.paths(), work.office.clerk.id
        db.session.remove()
    server = make_server("127.0.0.1", 0, backend.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.port}"
    browser = OfficeClient(backend.app, backend.app.response_class)
    browser.sign_in(clerk)
    ticket = browser.get_cookie(backend.app.config["SESSION_COOKIE_NAME"])
    context = chromium.new_context(base_url=url, locale="zh-CN")
    context.add_cookies([{"name": ticket.key, "value": ticket.value, "url": url}])
    yield paths, context
    context.close()
    server.shutdown()
    thread.join()
    backend.close()


def tool(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def words_of_pdf(page: Page, name: str) -> str:
    """Print the page; return its words without spaces once it is so many whole sheets of A4."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    file = PICTURES / f"{name}.pdf"
    file.write_bytes(page.pdf(prefer_css_page_size=True))
    info, sheets = tool("pdfinfo", str(file)), page.locator(".sheet").count()
    assert f"Pages:           {sheets}\n" in info, (name, sheets, info)
    assert A4 in info, name
    # In the order of the page's own text, whatever the columns.
    return "".join(tool("pdftotext", "-raw", str(file), "-").split())


def check_room(page: Page, name: str) -> None:
    """Nothing reaches beyond its sheet or half: what does would be cut or push the cut."""
    page.emulate_media(media="print")
    for kind, over, height in page.evaluate(ROOM):
        assert over <= 1, (name, kind, over)
        assert height <= 297 * 96 / 25.4 + 1, (name, kind, height)


def check_order(name: str, text: str, wanted: list[str]) -> None:
    place = 0
    for words in wanted:
        place = text.find(words, place)
        assert place >= 0, (name, words)
        place += len(words)


@pytest.mark.parametrize("length", TEXTS)
def test_every_paper_prints_on_whole_sheets_of_a4(
    chromium: Browser, tmp_path: Path, length: str
) -> None:
    with printer(chromium, tmp_path, **TEXTS[length]) as (paths, context):
        page = context.new_page()
        for key, path in paths.items():
            name = f"{length}-{key}"
            assert page.goto(path).status == 200, name
            check_room(page, name)
            text = words_of_pdf(page, name)
            shown = "".join(page.locator("main").inner_text().split())
            # Every letter of the page is on paper; 作废 across a slip is drawn, not written.
            assert sorted(text.replace("作废", "")) == sorted(shown.replace("作废", "")), name
            check_order(
                name, text, {"ledger": LEDGER, "slips": SLIPS}.get(key) or FORMS.get(key, [])
            )
            if key != "slips":
                assert "完。" in text, name
        page.goto(paths["ledger"])
        sheets = page.locator(".sheet").count()
        assert sheets == 1 if length in ("short", "usual") else sheets > 1


@pytest.mark.parametrize("kind", PASTED)
def test_pasted_text_stays_on_its_sheets(
    chromium: Browser, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.paperwork.SENTENCE", PASTED[kind])
    with printer(chromium, tmp_path, words=500, centre=LONG_CENTRE) as (paths, context):
        page = context.new_page()
        for key in ("ledger", "slips", "folder"):
            page.goto(paths[key])
            check_room(page, f"{kind}-{key}")
            words_of_pdf(page, f"{kind}-{key}")


def test_the_plans_papers_have_its_measures(chromium: Browser, tmp_path: Path) -> None:
    with printer(chromium, tmp_path) as (paths, context):
        page = context.new_page()
        page.emulate_media(media="print")
        page.goto(paths["ledger"])
        found = page.evaluate(SIZES, ["col", "tr", "table", ".above", ".foot"])
        rows = [row["height"] for row in found["tr"]]
        # §3.2: 16, 12, 60–70, 45–55, 20, 18 mm in columns of 28, 50, 28 and 50.
        assert [round(rows[n]) for n in (0, 1, 4, 5)] == [16, 12, 20, 18]
        assert 60 <= rows[2] <= 70
        assert 45 <= rows[3] <= 55
        cells = page.evaluate(SIZES, ["tr:first-child > *"])["tr:first-child > *"]
        assert [round(cell["width"]) for cell in cells] == [28, 50, 28, 50]
        page.goto(paths["slips"])
        found = page.evaluate(SIZES, [".half", ".cut", ".cut b", "table", ".caption"])
        first, second = found[".half"][:2]
        assert round(first["height"]) == round(second["height"]) == 128
        assert round(second["y"] - first["y"] - first["height"]) == 12
        # The number lies across the line, the captions outside the frames.
        cut, number = found[".cut"][0], found[".cut b"][0]
        line = cut["y"] + 6
        assert number["y"] < line - 1 < line + 1 < number["y"] + number["height"]
        for caption, frame in zip(found[".caption"], found["table"], strict=True):
            assert caption["y"] >= frame["y"] + frame["height"]
