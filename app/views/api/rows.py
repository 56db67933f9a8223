"""Pages of rows: counted, ordered and cut in the database, never more than a hundred at once."""

from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db
from app.fab.api import arguments


def page_of(query: Select[Any], *order: Any, options: tuple[Any, ...] = ()) -> tuple[Any, Any]:
    """Return the rows of the page asked for, and what the answer says about it."""
    asked = arguments()
    page, size = asked["page"], asked["page_size"]
    count = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = query.order_by(*order).options(*options).limit(size).offset((page - 1) * size)
    found = db.session.execute(rows).scalars().unique().all()
    return found, {"count": count, "page": page, "page_size": size}


def narrowed(query: Select[Any], conditions: dict[str, Any]) -> Select[Any]:
    """Return the query under those conditions whose argument was given; each makes its own."""
    asked = arguments()
    for name, condition in conditions.items():
        if asked[name] is not None:
            query = query.where(condition(asked[name]))
    return query
