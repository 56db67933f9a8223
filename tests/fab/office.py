"""A throw-away office over app.fab alone: two tables of its own, no case, no migration."""

import datetime as dt
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, flash, g
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import ForeignKey, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from werkzeug.security import generate_password_hash

from app import database
from app.extensions import csrf, db
from app.fab import theme
from app.fab.interface import EagerInterface
from app.fab.lists import ChoiceFilter
from app.fab.problems import FormRefused
from app.fab.security import SafeSecurityManager
from app.fab.views import SafeMasterDetailView, SafeModelView
from app.unit_of_work import unit_of_work
from app.web import headers
from config import ROOT, Mode, Settings, flask_config

PASSWORD = "correct horse"


class Base(DeclarativeBase):
    """A metadata of its own: the project's migrations know nothing of these tables."""

    metadata = MetaData()


class Shelf(Base):
    """A named place in a rank order."""

    __tablename__ = "try_shelves"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    sort_order: Mapped[int] = mapped_column(default=0)
    books: Mapped[list["Book"]] = relationship(back_populates="shelf")

    def __repr__(self) -> str:
        return self.name


class Book(Base):
    """Something on a shelf that belongs to one person and is counted in versions."""

    __tablename__ = "try_books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(20), default="")
    is_lent: Mapped[bool] = mapped_column(default=False)
    bought_on: Mapped[dt.date | None]
    shelf_id: Mapped[int] = mapped_column(ForeignKey("try_shelves.id"))
    shelf: Mapped[Shelf] = relationship(back_populates="books")
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    def __repr__(self) -> str:
        return self.title


class BookView(SafeModelView):
    """Each person sees their own books; a lent one cannot be lent again, edited or deleted."""

    datamodel = EagerInterface(Book, orders={"shelf": Shelf.sort_order})
    title = "图书"
    list_columns = ["title", "shelf", "is_lent", "bought_on"]
    show_columns = ["title", "shelf", "note", "is_lent", "bought_on"]
    add_columns = edit_columns = ["title", "shelf", "note", "is_lent", "bought_on"]
    search_columns = ["title", "shelf"]
    order_columns = ["title", "bought_on"]
    label_columns = {
        "title": "名称",
        "shelf": "书架",
        "note": "说明",
        "is_lent": "已借出",
        "bought_on": "购入日期",
    }
    base_order = ("title", "asc")
    page_size = 5
    quick_filters = [
        ("all", "全部", lambda query, user, now: query),
        ("lent", "已借出", lambda query, user, now: query.filter(Book.is_lent)),
    ]
    choice_filters = [
        ChoiceFilter(
            "shelf",
            "图书",
            lambda: [(s.id, s.name) for s in db.session.query(Shelf)],
            lambda query, value: query.filter(Book.shelf_id == int(value)),
        )
    ]
    choices_from = {"shelf": lambda query: query.filter(Shelf.name != "库房")}

    def scope(self, query: Any) -> Any:
        return query.filter(Book.owner == g.user.username)

    def search_text(self, query: Any, text: str) -> Any:
        return query.filter(Book.title.contains(text, autoescape=True))

    def action_allowed(self, name: str, item: Any) -> bool:
        return not item.is_lent

    def pre_add(self, item: Any) -> None:
        item.owner = g.user.username
        if item.title == "禁书":
            raise FormRefused("此书不得登记。", "title")

    @action("lend", "借出", "确定借出吗？", "fa-hand")
    def lend(self, items: Any) -> Any:
        keys = [item.id for item in (items if isinstance(items, list) else [items])]
        with unit_of_work():
            for key in keys:
                db.session.get(Book, key).is_lent = True
        flash("已借出。", "success")
        return self.after_action()


class ShelfView(SafeModelView):
    """Shelves, with the books of this person on each."""

    datamodel = EagerInterface(Shelf)
    title = "书架"
    list_columns = show_columns = add_columns = edit_columns = ["name", "sort_order"]
    search_columns: list[str] = []
    label_columns = {"name": "名称", "sort_order": "排序号"}
    related_views = [BookView]


class ShelfMasterView(SafeMasterDetailView):
    """The same as masters beside their details."""

    datamodel = EagerInterface(Shelf)
    title = "书架"
    list_columns = ["name"]
    search_columns: list[str] = []
    label_columns = {"name": "名称", "sort_order": "排序号"}
    show_columns = add_columns = edit_columns = ["name", "sort_order"]
    related_views = [BookView]


def make_office(folder: Path, mode: Mode = Mode.OFFICE) -> Flask:
    """Return an application over a fresh file, with the accounts anna, bert and nemo."""
    url = f"sqlite:///{folder}/try.db"
    settings = Settings(
        env=mode, database_url=url, instance_dir=str(folder), secret_key=secrets.token_urlsafe(48)
    )
    app = Flask(
        "app", template_folder=str(ROOT / "app/templates"), static_folder=str(ROOT / "app/static")
    )
    app.config.update(flask_config(settings))
    app.config.update(
        APP_NAME="平邑县政务服务中心“办不成事”反映窗口管理系统",
        FAB_CREATE_DB=True,
        FAB_UPDATE_PERMS=True,
        FAB_ADD_MENU_API=False,
        RATELIMIT_ENABLED=False,
    )
    db.init_app(app)
    csrf.init_app(app)
    headers.register(app)
    with app.app_context():
        _build(app)
    return app


def _build(app: Flask) -> None:
    database.prepare_engine(db.engine)
    Base.metadata.create_all(db.engine)
    theme.register(app)
    builder = AppBuilder(
        app, db.session, security_manager_class=SafeSecurityManager, update_perms=True
    )
    things = {"category": "Things", "category_label": "馆藏"}
    builder.add_view(BookView, "Books", label="图书", icon="fa-book", **things)
    builder.add_view(ShelfView, "Shelves", label="书架", **things)
    builder.add_view_no_menu(ShelfMasterView)
    system = {"category": "System", "category_label": "系统管理"}
    builder.add_link("Accounts", href="/users/list/", label="用户账号", **system)
    builder.add_link("Roles", href="/roles/list/", label="角色授权", **system)
    _people()
    db.session.commit()


def _people() -> None:
    admin = db.session.query(Role).filter_by(name="应急管理员").one()
    names = (
        ("anna", "王建国", admin),
        ("bert", "李四", admin),
        ("nemo", "无权", Role(name="旁观")),
    )
    for name, label, role in names:
        user = User(username=name, first_name=label, last_name="", email=f"{name}@local.invalid")
        user.password = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1000")
        user.active = True
        user.roles = [role]
        db.session.add(user)


def fill(books: int = 23) -> None:
    """Put fresh things in: anna's books have even numbers, bert's odd ones."""
    db.session.query(Book).delete()
    db.session.query(Shelf).delete()
    ranks = {"甲架": 2, "乙架": 1, "库房": 3}
    shelves = [Shelf(id=rank, name=name, sort_order=rank) for name, rank in ranks.items()]
    db.session.add_all(shelves)
    for number in range(books):
        book = Book(
            id=number + 1,
            title=f"书{number:05}",
            owner="anna" if number % 2 == 0 else "bert",
            shelf=shelves[number % 2],
            bought_on=dt.date(2026, 1, 1) + dt.timedelta(days=number),
        )
        db.session.add(book)
    db.session.commit()
