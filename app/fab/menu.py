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
    tree, leaves = [], []
    for item in appbuilder.menu.get_list():
        node = MenuNode(_(str(item.label)), icon=item.icon or "")
        entries = [child for child in item.childs or [item] if _may_see(child)]
        found = [
            (child, MenuNode(_(str(child.label)), child.get_url(), child.icon or ""))
            for child in entries
        ]
        leaves += found
        if item.childs:
            node.children = [leaf for _item, leaf in found]
        if found:
            tree.append(node if item.childs else found[0][1])
    _mark_current(leaves)
    return tree


def _may_see(item: Any) -> bool:
    return (
        item.name != "-"
        and item.should_render()
        and current_app.appbuilder.sm.has_access("menu_access", item.name)
    )


def _mark_current(leaves: list[tuple[Any, MenuNode]]) -> None:
    """Mark one entry at most: the same address, else the same path, else the same view."""
    full = request.full_path.removesuffix("?")
    views = {view.endpoint: view for view in current_app.appbuilder.baseviews}
    permissions = getattr(views.get(request.blueprint), "class_permission_name", None)
    tests = (
        lambda item, node: node.url == full,
        lambda item, node: node.url.split("?")[0] == request.path,
        lambda item, node: item.baseview and item.baseview.endpoint == request.blueprint,
        # A form beside the page of its own: it shares the page's permissions.
        lambda item, node: item.baseview and item.baseview.class_permission_name == permissions,
    )
    for test in tests:
        for item, node in leaves:
            if test(item, node):
                node.is_current = True
                return
