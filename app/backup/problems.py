"""Why there is no backup or no restore, in Chinese for the pages and the terminal."""

from collections.abc import Callable

DAMAGED = "备份文件已损坏：{reason}"
Tell = Callable[[str, int, int], None]  # what is being done, how much of how much


class BackupError(Exception):
    """Something is in the way; its text is for people."""


class Damaged(BackupError):
    """The file is not what was written."""

    def __init__(self, reason: str) -> None:
        super().__init__(DAMAGED.format(reason=reason))
