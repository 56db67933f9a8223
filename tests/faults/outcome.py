"""What came of a fault: one line of figures, and the counts a run is made with."""

import os
from dataclasses import dataclass, field


def times(name: str, default: int) -> int:
    """Return how often a fault happens: BANJIE_FAULTS_<NAME>, else the issue's count.

    BANJIE_FAULTS_SHARE divides all counts, for a quick look.
    """
    share = int(os.environ.get("BANJIE_FAULTS_SHARE", "1"))
    return int(os.environ.get(f"BANJIE_FAULTS_{name.upper()}", max(1, default // share)))


@dataclass
class Outcome:
    """How often the fault came, what was acknowledged, and what is wrong in the database."""

    fault: str
    times: int
    acknowledged: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half_done: list[str] = field(default_factory=list)
    note: str = ""
    is_guarded: bool = True

    @property
    def wrong(self) -> list[str]:
        """Return whatever is wrong, in words."""
        return [
            *(f"missing: {text}" for text in self.missing),
            *(f"doubled: {text}" for text in self.doubled),
            *(f"half done: {text}" for text in self.half_done),
        ]

    @property
    def line(self) -> str:
        """Return the one line that `make faults` prints."""
        figures = (
            f"acknowledged {self.acknowledged}, missing {len(self.missing)}, "
            f"doubled {len(self.doubled)}, half-done {len(self.half_done)}"
        )
        guard = "" if self.is_guarded else "  [guard off]"
        note = f"  ({self.note})" if self.note else ""
        return f"{self.fault} ×{self.times}{guard}: {figures}{note}"
