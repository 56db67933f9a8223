"""The one place that makes the ways out of the house from the settings."""

from pathlib import Path
from typing import Protocol

from app.channels.eml import MailFolder
from app.channels.letter import Adapter, Answer, Letter, Outcome
from app.channels.line import trusting
from app.channels.mail import Mail, MailServer
from app.channels.webhook import Hook, Webhook

PORTS = {"none": 25, "starttls": 587, "ssl": 465}
NO_WEBHOOK = "尚未设置 BANJIE_WEBHOOK_URL"


class ChannelSettings(Protocol):
    """What is read of the settings."""

    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str
    sender: str
    mail_from_name: str
    mail_folder: Path
    ca_file: str
    webhook_url: str
    webhook_secret: str


class Closed:
    """A channel that nobody has set up: its letters wait, and say what for."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self._reason = name, reason

    def deliver(self, letter: Letter) -> Answer:
        """Say that the channel is not set up."""
        return Answer(Outcome.FAILED, self._reason, is_down=True)


def build_adapters(settings: ChannelSettings) -> dict[str, Adapter]:
    """Return channel name → adapter; mail becomes files where no mail server is set."""
    adapters: list[Adapter] = [_mail(settings), _webhook(settings)]
    return {adapter.name: adapter for adapter in adapters}


def _mail(settings: ChannelSettings) -> Adapter:
    if not settings.smtp_host:
        sender = settings.sender or "banjie@localhost"
        return MailFolder(settings.mail_folder, sender, settings.mail_from_name)
    security = str(settings.smtp_security)
    return Mail(
        MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port or PORTS[security],
            security=security,
            sender=settings.sender,
            sender_name=settings.mail_from_name,
            user=settings.smtp_user,
            password=settings.smtp_password,
            context=None if security == "none" else trusting(settings.ca_file),
        )
    )


def _webhook(settings: ChannelSettings) -> Adapter:
    if not settings.webhook_url:
        return Closed("webhook", NO_WEBHOOK)
    context = trusting(settings.ca_file) if settings.webhook_url.startswith("https") else None
    return Webhook(Hook(settings.webhook_url, settings.webhook_secret, context))
