"""Who gets where: every address asked as every role, about one's own object and foreign ones.

`python -m tests.walk.matrix` asks and writes docs/access-matrix.md (`make matrix`).
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import force_locale

from app.domain.states import Role
from app.security import SCREENS
from app.views.labels import label
from app.views.menu import HOME, MENU
from app.views.permission_words import PERMISSION_WORDS, SCREEN_WORDS
from config import ROOT
from tests.walk.made import PEOPLE, ROLELESS, STRANGER, Made, made_office
from tests.walk.places import Place, places, send

PAGE = ROOT / "docs" / "access-matrix.md"
ASKING = (*PEOPLE, ROLELESS, STRANGER)
STORIES = ("own", "other", "afar")
OPEN, REFUSED, ABSENT, LOG_IN, BROKEN = "✓", "✗", "○", "登", "坏"
PUBLIC, OWN, IDLE = "公共页面", "每个人自己的页面", "没有行操作的列表"
API = "REST 接口（`BANJIE_API=1` 时才有；各人持自己的令牌）"
HEAD = f"""\
# 访问权限实测表

本页由 `make matrix` 生成：启动程序，分别以每个角色、没有角色的账号、未登录的人，
向程序的每一个地址真实发出请求，记下结果。测试每次重新发一遍请求并与本页比对，
两者不同即不通过；新增的地址会自己出现在这里。样式和脚本文件不列。

| 记号 | 意思 |
|:-:|---|
| {OPEN} | 可用：页面打开，或者提交被受理（填写不全、状态不符而退回，也算进了门） |
| {REFUSED} | 拒绝（403）：角色没有这项权限，或流程此时不许 |
| {ABSENT} | 无此对象（404）：不在可见范围内的，与不存在的答复相同 |
| {LOG_IN} | 转到登录页；REST 接口：令牌无效 |

一格里有三个记号的，依次是：自己的对象（本窗口、本人）／本中心其他窗口或他人的对象／
另一个政务服务中心的对象。只有一个记号的，三者相同或地址不涉及对象。
办件的各项操作因人、因状态而异，见 [workflow.md](workflow.md)；这里以“联系反映人”为例。
角色与权限的对应见 [permissions.md](permissions.md)。
"""


@dataclass(frozen=True)
class Line:
    """What everybody was answered at one place."""

    place: Place
    cells: tuple[str, ...]

    def of(self, key: str) -> str:
        """Return somebody's marks."""
        return self.cells[ASKING.index(key)]


def ask(made: Made) -> list[Line]:
    """Send every request and return the answers."""
    return [
        Line(place, tuple(_cell(made, key, place) for key in ASKING))
        for place in places(made.backend.app)
    ]


def _cell(made: Made, key: str, place: Place) -> str:
    """Return the marks; whom his role keeps out is asked about one object only."""
    marks = ""
    for name in STORIES if place.has_object else STORIES[:1]:
        marks += mark(send(made, key, place, made.stories[name]))
        if marks[0] == LOG_IN or (marks[0] == REFUSED and not place.parts):
            break
    return marks if len(set(marks)) > 1 else marks[0]


def mark(answer: Any) -> str:
    """Return the mark of an answer."""
    if answer.status_code >= 500 and answer.request.path != "/healthz":
        return BROKEN
    if answer.status_code == 401 or "/login" in (answer.location or ""):
        return LOG_IN
    return {403: REFUSED, 404: ABSENT, 405: ABSENT}.get(answer.status_code, OPEN)


def page(app: Flask, lines: list[Line]) -> str:
    """Return the page: sections as in the menu, equal rows of a screen together."""
    with app.test_request_context("/"), force_locale("zh"):
        names = [str(label(role)) for role in PEOPLE.values()] + ["未授角色", "未登录"]
        table = _sections(lines)
        text = [HEAD, f"共 {len(lines)} 个地址和方法。"]
        for section in _order(table):
            text += ["", f"## {section}", "", f"| 页面 | 地址 | {' | '.join(names)} |"]
            text.append(f"|---|---|{':-:|' * len(names)}")
            for (screen, cells), titles in table[section].items():
                text.append(f"| {screen} | {'<br>'.join(titles)} | {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def _sections(lines: list[Line]) -> dict[str, dict[tuple[str, tuple[str, ...]], list[str]]]:
    found: dict[str, dict[tuple[str, tuple[str, ...]], list[str]]] = {}
    homes = dict(_homes())
    for line in lines:
        screen = getattr(line.place.view, "class_permission_name", "")
        section = homes.get(screen, PUBLIC)
        section = IDLE if line.place.is_idle else API if line.place.is_api else section
        key = (_words(line.place, screen), line.cells)
        title = f"`{line.place.method} {line.place.title}`"
        found.setdefault(section, {}).setdefault(key, []).append(title)
    return found


def _order(table: dict[str, Any]) -> list[str]:
    """Return the sections in the menu's order, the public ones first, the idle lists last."""
    known = [PUBLIC, OWN, *dict.fromkeys(home for _screen, home in _homes()), API, IDLE]
    return [section for section in dict.fromkeys(known) if section in table]


def _homes() -> Iterator[tuple[str, str]]:
    """Yield each screen and its heading of the menu; one without an entry stands by the former."""
    headings = {entry.view: str(heading.label) for heading in MENU for entry in heading.entries}
    headings[HOME.view] = str(HOME.label)
    section = OWN
    for screen in SCREENS:
        section = headings.get(screen, section)
        yield screen, section


def _words(place: Place, screen: str) -> str:
    """Return what the place is called on 角色授权, or in the interface's document."""
    if place.is_api:
        return str(place.handler._operation.summary)
    if screen not in SCREENS or place.is_idle:
        return str(SCREEN_WORDS.get(screen, place.endpoint.partition(".")[0]))
    permission = permission_of(place)
    what = str(PERMISSION_WORDS.get(permission, permission))
    return f"{SCREEN_WORDS.get(screen, screen)}：{what}"


def allowed(place: Place) -> frozenset[Role]:
    """Return the roles that SCREENS lets through to a place; none for what is no screen's."""
    screen = getattr(place.view, "class_permission_name", "")
    return SCREENS.get(screen, {}).get(permission_of(place), frozenset())


def permission_of(place: Place) -> str:
    """Return the permission a place asks for; blank for one that is open."""
    if place.action:
        return place.action
    name = getattr(place.handler, "_permission_name", "")
    if not name or getattr(getattr(place.handler, "_operation", None), "is_open", False):
        return ""
    return f"can_{place.view.get_method_permission(place.handler.__name__)}"


def main() -> None:
    """Ask everything and write the page."""
    with tempfile.TemporaryDirectory() as folder, made_office("sqlite", Path(folder)) as made:
        lines = ask(made)
        PAGE.write_text(page(made.backend.app, lines), encoding="utf-8")
    print(f"docs/{PAGE.name}: {len(lines)}")


if __name__ == "__main__":
    main()
