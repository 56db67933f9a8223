"""Where a database's tables stand: at this program's migrations, before them, or beyond."""

import enum
from functools import cache

from alembic.script import ScriptDirectory
from flask import current_app

# A table that stands in a database while it is being restored: no server starts on it.
UNFINISHED = "restore_unfinished"


class Age(enum.Enum):
    """How a schema stands to this program's."""

    SAME = enum.auto()
    OLDER = enum.auto()
    UNKNOWN = enum.auto()  # of a newer program, or none of ours


def age_of(version: str) -> Age:
    """Return whether a migration's number is the last, an earlier one, or none this program has."""
    versions = _versions(current_app.extensions["migrate"].directory)
    if version == versions[0]:
        return Age.SAME
    return Age.OLDER if version in versions else Age.UNKNOWN


@cache
def _versions(directory: str) -> tuple[str, ...]:
    """Return every migration, the last first."""
    return tuple(script.revision for script in ScriptDirectory(directory).walk_revisions())
