"""A hammering client fills no disk: the same refusal is written once a minute, with its count.

Times are given in seconds of any clock that does not go back.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Refused(NamedTuple):
    """Who was refused what, and why: what counts as the same."""

    who: str
    what: str
    which: str
    why: str


@dataclass
class _Window:
    until: float
    tale: object = None
    held_back: int = 0
    kinds: int = 1  # of a person's own window: how many different ones were written


@dataclass
class Damper:
    """Decides what is written at once; what is held back is handed out when its minute is over.

    Of one person at most `most_kinds` different ones a minute are written one by one, of all
    together `most_held` are remembered: beyond either they count as one.
    """

    seconds: float = 60
    most_kinds: int = 30
    most_held: int = 2000
    _windows: OrderedDict[Refused, _Window] = field(default_factory=OrderedDict)
    _people: dict[str, _Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, asked: Refused, at: float, tale: object = None) -> Refused | None:
        """Return what is to be written now, or None: it is counted and comes with `due`.

        `tale` is kept for then: whatever the writer needs to know.
        """
        with self._lock:
            key = self._merged(asked, at)
            window = self._windows.get(key)
            if window is not None:
                window.held_back += 1
                return None
            self._windows[key] = _Window(at + self.seconds, tale)
            return key

    def due(self, at: float) -> list[tuple[Refused, int, Any]]:
        """Return what was held back, how often, and its tale, for every minute that is over."""
        with self._lock:
            return list(self._over(at))

    def _merged(self, asked: Refused, at: float) -> Refused:
        """Return it, or the person's one for everything beyond what is written one by one."""
        if asked in self._windows:
            return asked
        if len(self._windows) >= self.most_held:
            return Refused("", "", "", "many")
        person = self._people.get(asked.who)
        if person is None or person.until <= at:
            self._people[asked.who] = _Window(at + self.seconds)
            return asked
        person.kinds += 1
        return asked if person.kinds <= self.most_kinds else Refused(asked.who, "", "", "many")

    def _over(self, at: float) -> Iterator[tuple[Refused, int, Any]]:
        # In the order they were opened, so that the first open one ends the search.
        while self._windows:
            key, window = next(iter(self._windows.items()))
            if window.until > at:
                break
            del self._windows[key]
            if window.held_back:
                yield key, window.held_back, window.tale
        for who in [who for who, window in self._people.items() if window.until <= at]:
            del self._people[who]
