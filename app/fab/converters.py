"""Numbers in addresses: none is larger than a key of the database can be."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

BIGGEST = 2**31 - 1


class KeyConverter(IntegerConverter):
    """`<int:…>` of every address: beyond the databases' integers there is nothing, so 404."""

    def __init__(self, map: Map, *args: int, **kwargs: int) -> None:  # noqa: A002 (its own name)
        kwargs.setdefault("max", BIGGEST)
        super().__init__(map, *args, **kwargs)


def register(app: Flask) -> None:
    """Let every address that is added from now on use it."""
    app.url_map.converters = {**app.url_map.converters, "int": KeyConverter}
