"""Every paper through Chromium's own printing: pages, paper size, words in order, nothing cut."""

import subprocess
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from werkzeug.serving import make_server

from app.extensions import db
from config import ROOT
from tests.client import OfficeClient
from tests.databases import make_backend
from tests.paperwork import FORMS, SENTENCE, Paperwork, make_paperwork

PICTURES = ROOT / "build" / "papers"
A4 = "594.96 x 841.92 pts (A4)"
LEDGER = [
    "问题台账", "值班人员：", "受理事项", "接办窗口（科室）", "反映人", "联系电话",
    "“办不成事”事项情况", "办理结果（是否办结、满意）", "承办窗口（科室）办结签字",
    "带班领导签字", "备注", "台账编号2026-0001",
]  # fmt: skip
HALF = ["“办不成事”反映窗口事项交办单", "存根NO0001", "接办窗口（科室）", "交办事项", "交办时间",
        "交办内容", "办理时限：复杂事项3个工作日", "接办人签字", "备注"]  # fmt: skip
SLIPS = [*HALF, "第一联督办考核科留存", "办交〔2026〕0001号", *HALF, "第二联接办窗口（科室）留存"]
USUAL = 100  # characters of an ordinary answer
FIRM = "平和县𠅤记东方红工程建设有限责任公司分部"
TEXTS = {
    "short": {"words": USUAL * 6 // 10, "name": "郁篱"},
    "usual": {"words": USUAL, "name": "阿依古丽·买买提"},
    "double": {"words": USUAL * 2, "firm": FIRM},
    "endless": {"words": 3000, "firm": FIRM, "item": "不动产登记及历史遗留问题处置确认" * 5},
}


@pytest.fixture(params=TEXTS, scope="module")
def printed(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Paperwork, BrowserContext]]:
    """Serve an office whose texts are that long, to a window that is signed in as the section."""
    backend = make_backend("sqlite", tmp_path_factory.mktemp(request.param))
    with backend.app.app_context():
        work = make_paperwork(**TEXTS[request.param], mark="完。")
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
    yield request.param, paths, context
    context.close()
    server.shutdown()
    thread.join()
    backend.close()


def tool(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_every_paper_prints_on_whole_sheets_of_a4(
    printed: tuple[str, dict[str, str], BrowserContext],
) -> None:
    length, paths, context = printed
    PICTURES.mkdir(parents=True, exist_ok=True)
    page = context.new_page()
    for key, path in paths.items():
        assert page.goto(path).status == 200, key
        sheets = page.locator(".sheet").count()
        file = PICTURES / f"{length}-{key}.pdf"
        file.write_bytes(page.pdf(prefer_css_page_size=True, print_background=True))
        info = tool("pdfinfo", str(file))
        assert f"Pages:           {sheets}\n" in info, (key, sheets, info)
        assert A4 in info, key
        # In the order of the page's own text, whatever the columns.
        text = "".join(tool("pdftotext", "-raw", str(file), "-").split())
        _check_order(key, text, {"ledger": LEDGER, "slips": SLIPS}.get(key) or FORMS.get(key, []))
        if key != "slips":
            assert "完。" in text, key
            assert SENTENCE[:12] in text, key
    page.close()


def _check_order(key: str, text: str, wanted: list[str]) -> None:
    place = 0
    for words in wanted:
        place = text.find(words, place)
        assert place >= 0, (key, words)
        place += len(words)
