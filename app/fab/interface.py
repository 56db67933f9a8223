"""The data interface of every view: eager loading, a plain count, a total order, rank first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_appbuilder.models.sqla.filters import FilterEqual, SQLAFilterConverter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import Time, case, func, orm
from sqlalchemy.orm import Query

BIGGEST_KEY = 2**63 - 1  # beyond it SQLite's driver raises instead of finding nothing

QueryStep = Callable[[Query], Query]


class QueryFilter(BaseFilter):
    """A filter whose value is the function that narrows the query.

    The value carries the function because FAB makes new filter objects from the class alone.
    """

    name = ""

    def apply(self, query: Query, value: QueryStep) -> Query:
        """Return the query narrowed by the step."""
        return value(query)


def add_step(filters: Filters, step: QueryStep) -> Filters:
    """Return the same filters with one more step in them."""
    return filters.add_filter("", QueryFilter, step)


def is_key(value: object) -> bool:
    """Say whether a value from outside can be an integer key at all."""
    text = str(value)
    return text.isascii() and text.isdigit() and int(text) <= BIGGEST_KEY


def loader(model: type[Any], path: str) -> Any:
    """Return the loader option for a dotted relation path: joins to one, selects to many."""
    option = None
    for name in path.split("."):
        attribute = getattr(model, name)
        kind = "selectinload" if attribute.property.uselist else "joinedload"
        option = getattr(option or orm, kind)(attribute)
        model = attribute.property.mapper.class_
    return option


class OfficeFilterConverter(SQLAFilterConverter):
    """FAB's filters, and one for times of day, of which it would complain in the log."""

    conversion_table = (*SQLAFilterConverter.conversion_table, ("is_time", [FilterEqual]))


class EagerInterface(SQLAInterface):
    """SQLAInterface that loads what a page shows with a fixed number of statements.

    eager: relations to load along, dotted to go further ("case.lead_unit").
    options: further SQLAlchemy loader options; both serve lists and single rows alike.
    orders: list column -> SQL expression it is sorted by (a unit by its rank, not its name).
    """

    filter_converter_class = OfficeFilterConverter
    # Beyond so many rows a list says “more”: counting a million takes longer than the page.
    most_counted: int | None = None

    def __init__(
        self,
        obj: type[Any],
        session: Any = None,
        *,
        eager: Sequence[str] = (),
        options: Sequence[Any] = (),
        orders: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(obj, session)
        self.options = [*(loader(obj, path) for path in eager), *options]
        self.orders = dict(orders or {})

    def also_load(self, paths: Sequence[str]) -> None:
        """Add relations to what every row is loaded with."""
        self.options += [loader(self.obj, path) for path in paths]

    def is_time(self, col_name: str) -> bool:
        """Say whether the column holds a time of day (FAB knows no such column)."""
        column = self.list_columns.get(col_name)
        return column is not None and isinstance(column.type, Time)

    def count(self, filters: Filters | None = None) -> int:
        """Return how many rows the filters leave, without loading any of them."""
        query = self.apply_filters(self.session.query(self.obj), filters).order_by(None)
        if self.most_counted is None:
            return query.with_entities(func.count(self.get_pk())).scalar() or 0
        some = query.with_entities(self.get_pk()).limit(self.most_counted).subquery()
        return self.session.query(func.count()).select_from(some).scalar() or 0

    def rows(
        self, filters: Filters | None, order: str, direction: str, page: int, size: int
    ) -> list[Any]:
        """Return one page of rows with everything in `options` loaded."""
        query = self.session.query(self.obj)
        return self.apply_all(query, filters, order, direction, page, size).all()

    def query(
        self,
        filters: Filters | None = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> tuple[int, list[Any]]:
        """Return (count, rows); a list without pages counts what it loaded."""
        query = self.apply_all(
            self.session.query(self.obj),
            filters,
            order_column,
            order_direction,
            page,
            page_size,
            select_columns,
            outer_default_load,
        )
        rows = query.all()
        return (self.count(filters) if page_size else len(rows)), rows

    def apply_all(
        self,
        query: Query,
        filters: Filters | None = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> Query:
        """Return the query filtered, ordered, paged and with its loader options."""
        query = self.apply_filters(query, filters)
        query = self.apply_order_by(query, order_column, order_direction)
        return self.apply_pagination(query, page, page_size).options(*self.options)

    def apply_order_by(
        self, query: Query, order_column: str, order_direction: str, *args: Any, **kwargs: Any
    ) -> Query:
        """Return the query in a total order: the column, then rank, then the key."""
        if "." in order_column:
            return super().apply_order_by(query, order_column, order_direction, add_pk=True)
        terms = self._order_terms(order_column, order_direction)
        return query.order_by(*terms, *self._default_order(order_direction if terms else "asc"))

    def _order_terms(self, column: str, direction: str) -> list[Any]:
        attribute = self.orders.get(column)
        if attribute is None and column in self.list_columns:
            attribute = getattr(self.obj, column)
        if attribute is None:
            return []
        term = attribute.desc() if direction == "desc" else attribute.asc()
        nullable = column in self.orders or self.is_nullable(column)
        # Databases disagree where NULL belongs, and some sort no booleans; here it is always last.
        return [case((attribute.is_(None), 1), else_=0), term] if nullable else [term]

    def _default_order(self, direction: str) -> list[Any]:
        rank = [self.obj.sort_order] if "sort_order" in self.list_columns else []
        key = self.get_pk()
        return [*rank, key.desc() if direction == "desc" else key.asc()]

    def get(
        self,
        id: Any,
        filters: Filters | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> Any | None:
        """Return the row with this key inside the filters, or None."""
        if self.is_integer(self.get_pk_name()) and not is_key(id):
            return None
        return super().get(id, filters)

    def get_related_obj(self, col_name: str, value: Any) -> Any | None:
        """Return the row of the related table with this key, by the session's own get."""
        return self.session.get(self.get_related_model(col_name), value)
