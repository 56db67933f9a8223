"""Mail without a mail server: each letter becomes a file that any mail program opens."""

import os
import re
from email.policy import SMTP
from pathlib import Path

from app.channels.letter import Answer, Letter, Outcome, words
from app.channels.mail import message_of


class MailFolder:
    """Writes letters into a folder only its owner reads; one tried twice is one file."""

    name = "mail"

    def __init__(self, folder: Path, sender: str, sender_name: str = "") -> None:
        self._folder = folder
        self._sender, self._sender_name = sender, sender_name

    def deliver(self, letter: Letter) -> Answer:
        """Write the letter aside and put it in its place whole."""
        content = message_of(letter, self._sender, self._sender_name).as_bytes(policy=SMTP)
        name = file_name(letter)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = self._folder / f".{name}.{os.getpid()}"
            aside.unlink(missing_ok=True)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
            aside.replace(self._folder / name)
        except OSError as error:
            return Answer(Outcome.FAILED, words(f"不能写入文件：{error}"), is_down=True)
        return Answer(Outcome.ACCEPTED, name)


def file_name(letter: Letter) -> str:
    """Return `20261009-090000-<message id>.eml`, safe on every system."""
    mark = re.sub(r"[^A-Za-z0-9]+", "-", letter.message_id).strip("-")
    return f"{letter.written_at:%Y%m%d-%H%M%S}-{mark}.eml"
