"""A throw-away office over app.fab alone: two tables of its own, no case, no migration."""

import datetime as dt
from pathlib import Path
from typing import Any

from flask import Flask, flash, g, redirect
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from werkzeug.security import generate_password_hash

from app import headers
from app.extensions import csrf, db
from app.fab import theme
from app.fab.interface import EagerInterface
from app.fab.lists import ChoiceFilter
from app.fab.problems import FormRefused
from app.fab.security import SafeSecurityManager
from app.fab.views import SafeMasterDetailView, SafeModelView
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
    title = _l("Unit")
    list_columns = ["title", "shelf", "is_lent", "bought_on"]
    show_columns = ["title", "shelf", "note", "is_lent", "bought_on"]
    add_columns = edit_columns = ["title", "shelf", "note", "is_lent", "bought_on"]
    search_columns = ["title", "shelf"]
    order_columns = ["title", "bought_on"]
    label_columns = {
        "title": _l("Name"),
        "shelf": _l("Units"),
        "note": _l("Details"),
        "is_lent": _l("In use"),
        "bought_on": _l("Date"),
    }
    base_order = ("title", "asc")
    page_size = 5
    quick_filters = [
        ("all", _l("All"), lambda query, user, now: query),
        ("lent", _l("In use"), lambda query, user, now: query.filter(Book.is_lent)),
    ]
    choice_filters = [
        ChoiceFilter(
            "shelf",
            _l("Unit"),
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

    @action("lend", _l("Send"), _l("Send?"), "fa-hand")
    def lend(self, items: Any) -> Any:
        from app.unit_of_work import unit_of_work

        keys = [item.id for item in (items if isinstance(items, list) else [items])]
        with unit_of_work():
            for key in keys:
                db.session.get(Book, key).is_lent = True
        flash("已借出。", "success")
        return redirect(self.list_url())


class ShelfView(SafeModelView):
    """Shelves, with the books of this person on each."""

    datamodel = EagerInterface(Shelf)
    title = _l("Units")
    list_columns = show_columns = add_columns = edit_columns = ["name", "sort_order"]
    search_columns: list[str] = []
    label_columns = {"name": _l("Name"), "sort_order": _l("Rank")}
    related_views = [BookView]


class ShelfMasterView(SafeMasterDetailView):
    """The same as masters beside their details."""

    datamodel = EagerInterface(Shelf)
    title = _l("Units")
    list_columns = ["name"]
    search_columns: list[str] = []
    label_columns = {"name": _l("Name"), "sort_order": _l("Rank")}
    show_columns = add_columns = edit_columns = ["name", "sort_order"]
    related_views = [BookView]


def make_office(folder: Path, mode: Mode = Mode.OFFICE) -> Flask:
    """Return an application over a fresh file, with the accounts anna, bert and nemo."""
    settings = Settings(
        env=mode,
        database_url=f"sqlite:///{folder}/try.db",
        instance_dir=str(folder),
        secret_key="t" * 40,
    )
    app = Flask(
        "app", template_folder=str(ROOT / "app/templates"), static_folder=str(ROOT / "app/static")
    )
    app.config.update(
        flask_config(settings), FAB_CREATE_DB=True, FAB_UPDATE_PERMS=True, RATELIMIT_ENABLED=False
    )
    app.config.update(APP_NAME="平邑县政务服务中心“办不成事”反映窗口管理系统")
    db.init_app(app)
    csrf.init_app(app)
    headers.register(app)
    theme.register(app)
    with app.app_context():
        _build(app)
    return app


def _build(app: Flask) -> None:
    from app import database

    database.prepare_engine(db.engine)
    Base.metadata.create_all(db.engine)
    builder = AppBuilder(
        app, db.session, security_manager_class=SafeSecurityManager, update_perms=True
    )
    builder.add_view(BookView, "Books", label=_l("Unit"), icon="fa-book", category="Things")
    builder.add_view(ShelfView, "Shelves", label=_l("Units"), category="Things")
    builder.add_view_no_menu(ShelfMasterView)
    builder.add_link("Accounts", href="/users/list/", label=_l("User accounts"), category="System")
    builder.add_link("Roles", href="/roles/list/", label=_l("Roles"), category="System")
    _people()
    _things()
    db.session.commit()


def _people() -> None:
    admin = db.session.query(Role).filter_by(name="应急管理员").one()
    nobody = Role(name="旁观")
    for name, label, role in (
        ("anna", "王建国", admin),
        ("bert", "李", admin),
        ("nemo", "无权", nobody),
    ):
        user = User(username=name, first_name=label, last_name="", email=f"{name}@local.invalid")
        user.password = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1000")
        user.active = True
        user.roles = [role]
        db.session.add(user)


def _things() -> None:
    shelves = [
        Shelf(name=name, sort_order=rank) for rank, name in ((2, "甲架"), (1, "乙架"), (3, "库房"))
    ]
    db.session.add_all(shelves)
    for number in range(23):
        book = Book(
            title=f"书{number:02}",
            owner="anna" if number % 2 == 0 else "bert",
            shelf=shelves[number % 2],
            bought_on=dt.date(2026, 1, 1) + dt.timedelta(days=number),
        )
        db.session.add(book)
