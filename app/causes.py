"""What led to an error: libraries wrap each other's."""

from collections.abc import Iterator


def behind(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that led to it; a library's own may hold it as an argument."""
    waiting, seen = [error], set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__, getattr(each, "orig", None)]
        waiting += [arg for arg in each.args if isinstance(arg, BaseException)]
