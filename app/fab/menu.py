"""The left menu: FAB's two levels, only what this person may open."""

from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _


@dataclass
class MenuNode:
    """A menu entry as the page draws it."""

    label: str
    url: str = ""
    icon: str = ""
    is_current: bool = False
    children: list["MenuNode"] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Say whether one of its entries is the page being shown."""
        return any(child.is_current for child in self.children)


def menu_tree() -> list[MenuNode]:
    """Return the permitted menu; a heading without permitted entries is left out."""
    appbuilder = current_app.appbuilder
    tree = []
    for item in appbuilder.menu.get_list():
        if item.childs:
            node = _node(item)
            node.children = [_node(child) for child in item.childs if _may_see(child)]
            if node.children:
                tree.append(node)
        elif _may_see(item):
            tree.append(_node(item))
    return tree


def _may_see(item: Any) -> bool:
    return (
        item.name != "-"
        and item.should_render()
        and current_app.appbuilder.sm.has_access("menu_access", item.name)
    )


def _node(item: Any) -> MenuNode:
    url = "" if item.childs else item.get_url()
    return MenuNode(_(str(item.label)), url, item.icon or "", _is_current(item, url))


def _is_current(item: Any, url: str) -> bool:
    if item.baseview is not None:
        return bool(request.endpoint) and request.blueprint == item.baseview.endpoint
    return bool(url) and url.split("?")[0] == request.path
