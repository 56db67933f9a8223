"""Without a mail server: each letter a file that only its owner reads."""

import stat
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from app.channels.eml import MailFolder
from app.channels.letter import Outcome
from tests.channels.letters import TEXT, letter


def test_letter_is_a_private_file_of_a_mail_program(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "mail"
    answer = MailFolder(folder, "notice@banjie.example").deliver(letter())
    (path,) = folder.iterdir()
    assert (answer.outcome, answer.reply) == (Outcome.ACCEPTED, path.name)
    assert path.name == "20261009-090000-0a1b-banjie.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert (message["Message-ID"], message.get_content()) == ("<0a1b@banjie>", TEXT)


def test_letter_tried_twice_is_one_file(tmp_path: Path) -> None:
    adapter = MailFolder(tmp_path, "notice@banjie.example")
    for _again in range(2):
        assert adapter.deliver(letter()).outcome is Outcome.ACCEPTED
    assert len(list(tmp_path.iterdir())) == 1


def test_message_id_leads_out_of_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    MailFolder(folder, "notice@banjie.example").deliver(letter(message_id="<../../x@banjie>"))
    assert [path.parent for path in tmp_path.rglob("*.eml")] == [folder]


def test_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    answer = MailFolder(tmp_path / "mail", "notice@banjie.example").deliver(letter())
    assert (answer.outcome, answer.is_down) == (Outcome.FAILED, True)
