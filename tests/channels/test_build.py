"""From settings to adapters: no mail server means files, no address means a shut channel."""

from pathlib import Path

import pytest

from app.channels.build import build_adapters
from app.channels.eml import MailFolder
from app.channels.letter import Outcome
from app.channels.mail import Mail
from config import Security, SettingError, Settings
from tests.channels.letters import letter
from tests.smtp import LOOPBACK, Authority, Post, mail_server


def test_clean_clone_writes_files_and_has_no_webhook(tmp_path: Path) -> None:
    adapters = build_adapters(Settings(instance_dir=str(tmp_path)))
    assert isinstance(adapters["mail"], MailFolder)
    assert adapters["mail"].deliver(letter()).outcome is Outcome.ACCEPTED
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
    shut = adapters["webhook"].deliver(letter())
    assert (shut.outcome, "BANJIE_WEBHOOK_URL" in shut.reply) == (Outcome.FAILED, True)


@pytest.mark.parametrize(("security", "port"), [("none", 25), ("starttls", 587), ("ssl", 465)])
def test_port_follows_from_the_security(security: str, port: int) -> None:
    settings = Settings(
        smtp_host="mail.example", mail_from="n@mail.example", smtp_security=Security(security)
    )
    mail = build_adapters(settings)["mail"]
    assert isinstance(mail, Mail)
    assert mail._server.port == port


def test_ca_file_of_the_office_is_believed(tmp_path: Path) -> None:
    authority, post = Authority(), Post()
    ca_file = tmp_path / "ca.pem"
    authority.ca.cert_pem.write_to_path(str(ca_file))
    with mail_server(post, starttls=authority.context()) as port:
        given = {
            "BANJIE_SMTP_HOST": LOOPBACK, "BANJIE_SMTP_PORT": str(port),
            "BANJIE_MAIL_FROM": "notice@banjie.example", "BANJIE_INSTANCE_DIR": str(tmp_path),
        }  # fmt: skip
        without = build_adapters(Settings.read(given))["mail"].deliver(letter())
        given["BANJIE_CA_FILE"] = str(ca_file)
        believed = build_adapters(Settings.read(given))["mail"].deliver(letter())
    assert (without.outcome, believed.outcome) == (Outcome.FAILED, Outcome.ACCEPTED)
    assert len(post.letters) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"SMTP_HOST": "mail.example"},
        {"SMTP_HOST": "mail.example", "SMTP_USER": "notice"},
        {"SMTP_SECURITY": "tls"},
        {"WEBHOOK_URL": "hooks.example/in", "WEBHOOK_SECRET": "s" * 40},
        {"WEBHOOK_URL": "https://hooks.example/in", "WEBHOOK_SECRET": "short"},
        {"CA_FILE": "/nowhere/ca.pem"},
        {"BASE_URL": "banjie.example"},
    ],
)
def test_settings_that_would_fail_with_every_message_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="[\u4e00-\u9fff]"):
        Settings.read({f"BANJIE_{name}": value for name, value in given.items()})


def test_links_start_with_the_address_people_use() -> None:
    assert Settings().address == "http://127.0.0.1:8080"
    assert Settings(base_url="https://banjie.example/").address == "https://banjie.example"
    assert Settings(smtp_user="notice@banjie.example").sender == "notice@banjie.example"
