"""What stands in the whole database, as text, to see that nothing changed."""

from collections.abc import Callable

from app.extensions import db


def all_rows(wanted: Callable[[str], bool] = lambda _name: True) -> dict[str, list[str]]:
    """Return every row of the wanted tables as text, seen from inside the session's transaction.

    Asked of the driver itself: hundreds of tests look at a hundred tables twice.
    """
    db.session.flush()
    connection = db.session.connection()
    names = [name for name in db.metadata.tables if wanted(name)]
    found: dict[str, list[str]] = {name: [] for name in names}
    cursor = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        each = (f"SELECT '{name}', row::text FROM \"{name}\" AS row" for name in names)  # noqa: S608
        for name, row in cursor.execute(" UNION ALL ".join(each)):
            found[name].append(row)
    else:
        for name in names:
            found[name] += map(repr, cursor.execute(f'SELECT * FROM "{name}"'))  # noqa: S608
    cursor.close()
    return {name: sorted(rows) for name, rows in found.items()}
