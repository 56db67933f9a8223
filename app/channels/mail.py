"""E-mail: yagmail carries, nothing else; the letter is the standard library's, in plain text."""

import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any

import yagmail

from app.channels.letter import ATTEMPT_SECONDS, Answer, Letter, Outcome, words
from app.channels.line import Line

# Anything else could put a second command or header where an address belongs.
# What structures the header of an address (RFC 5322).
SPECIALS = re.compile(r'[()<>@,;:\\".\[\]]')
ADDRESS = re.compile(r"[^\s<>,;:\"@\\()\[\]]+@[^\s<>,;:\"@\\()\[\]]+")
PERMANENT = range(500, 600)
# Once the letter's fate is known nobody waits long for the server's good-bye.
GOODBYE_SECONDS = 2.0
MEDIA_TYPES = {".xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".pdf": "pdf"}
# RFC 4954: not this letter is wrong but our log-in, wherever the server says so.
OUR_LOGIN = frozenset({530, 534, 535, 538})
NO_ADDRESS = "不是有效的电子邮件地址"
UNREACHED = "未能连接邮件服务器：{why}"
UNTRUSTED = "邮件服务器的证书未通过验证：{why}"
NOT_LET_IN = "邮件服务器未接受本系统的连接或登录：{why}"
NO_TLS = "邮件服务器不支持加密或登录，请核对设置：{why}"
BROKEN_OFF = "连接中断，不能确定是否送达：{why}"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in; `security` is none, starttls or ssl, no user means no log-in."""

    host: str
    port: int
    security: str
    sender: str
    sender_name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None


class _Client(yagmail.SMTP):
    """yagmail's client over a line that ends in time."""

    def __init__(self, server: MailServer, line: Line) -> None:
        self._line = line
        self._context = server.context
        super().__init__(
            user=server.sender, password=server.password, host=server.host, port=server.port,
            smtp_ssl=server.security == "ssl",
            smtp_starttls={"context": server.context} if server.security == "starttls" else False,
            smtp_skip_login=not server.user, soft_email_validation=False,
            # Without it the host's own name is looked up, which may take for ever.
            local_hostname=server.sender.rpartition("@")[2], timeout=line.seconds,
        )  # fmt: skip
        # yagmail would complete a name without @ to an address at its own provider.
        self.user = server.user
        self.set_logging(None)

    @property
    def connection(self) -> Any:
        """Return the protocol's class with our socket under it, and its last reply kept."""
        base: Any = super().connection
        line, context = self._line, self._context if self.ssl else None

        class Bounded(base):
            reply = ""

            def _get_socket(self, host: str, port: int, timeout: float) -> Any:
                return line.connect(host, int(port), context)

            def getreply(self) -> tuple[int, bytes]:
                code, text = super().getreply()
                self.reply = words(f"{code} {text.decode('utf-8', 'replace')}")
                return code, text

        return Bounded


class Mail:
    """Hands letters to one mail server, one connection a letter."""

    name = "mail"

    def __init__(self, server: MailServer, seconds: float = ATTEMPT_SECONDS) -> None:
        self._server = server
        self._seconds = seconds

    def deliver(self, letter: Letter) -> Answer:
        """Try once; what the server says to sender, recipient or text is about this letter."""
        if not (letter.address.isascii() and ADDRESS.fullmatch(letter.address)):
            return Answer(Outcome.REFUSED, NO_ADDRESS)
        with Line(self._seconds) as line:
            client = _Client(self._server, line)
            try:
                answer = self._log_in(client, line)
                return answer or self._hand_over(client, line, letter)
            finally:
                _hang_up(client)

    def _log_in(self, client: _Client, line: Line) -> Answer | None:
        """Connect as far as the letter itself; whatever fails here is no letter's fault."""
        try:
            client.login()
            client.smtp.ehlo_or_helo_if_needed()
        except Exception as error:
            return Answer(Outcome.FAILED, _why_no_server(error, line), is_down=True)
        if line.is_cut:
            return Answer(Outcome.FAILED, words(UNREACHED.format(why=line.reason)), is_down=True)
        return None

    def _hand_over(self, client: _Client, line: Line, letter: Letter) -> Answer:
        message = message_of(letter, self._server.sender, self._server.sender_name)
        try:
            client.smtp.send_message(
                message, from_addr=self._server.sender, to_addrs=[letter.address]
            )
        except Exception as error:
            code, text = _said(error)
            if code in OUR_LOGIN:
                return Answer(Outcome.FAILED, words(NOT_LET_IN.format(why=text)), is_down=True)
            if code:
                is_final = code in PERMANENT
                return Answer(Outcome.REFUSED if is_final else Outcome.FAILED, text)
            why = line.reason if line.is_cut else str(error)
            return Answer(Outcome.FAILED, words(BROKEN_OFF.format(why=why)))
        return Answer(Outcome.ACCEPTED, client.smtp.reply)


def message_of(letter: Letter, sender: str, sender_name: str) -> EmailMessage:
    """Return the letter as it travels: plain text, and no line break in any header."""
    message = EmailMessage()
    message["From"] = formataddr((_display(sender_name), sender))
    message["To"] = formataddr((_display(letter.name), letter.address))
    message["Subject"] = words(letter.subject)
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = words(letter.message_id)
    message["Auto-Submitted"] = "auto-generated"
    # Not every server takes eight bits.
    message.set_content(letter.body, charset="utf-8", cte="base64")
    if letter.file_name:
        kind = MEDIA_TYPES.get(Path(letter.file_name).suffix, "octet-stream")
        message.add_attachment(
            letter.file_content, maintype="application", subtype=kind,
            filename=words(letter.file_name),
        )  # fmt: skip
    return message


def _display(name: str) -> str:
    """Return a name that is a name: with @, < or a comma in it readers would see other addresses.

    Quoting does not help: the quotes are lost when a name with Chinese in it is encoded.
    """
    return words(SPECIALS.sub(" ", name))


def _hang_up(client: _Client) -> None:
    """Say good-bye, which changes nothing any more, and close whatever is open."""
    smtp = client.smtp
    with suppress(Exception):
        smtp.sock.settimeout(GOODBYE_SECONDS)
        client.close()
    if smtp is not None:
        smtp.close()


def _said(error: Exception) -> tuple[int, str]:
    """Return the code and words by which the server turned the letter down; 0 if by none."""
    replies = getattr(error, "recipients", None)
    if replies:
        code, text = next(iter(replies.values()))
    else:
        code, text = getattr(error, "smtp_code", 0), getattr(error, "smtp_error", b"")
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    # Below 400 is no refusal but the rest of a reply that was cut off.
    return (code, words(f"{code} {plain}")) if code >= 400 else (0, "")


def _why_no_server(error: Exception, line: Line) -> str:
    code, text = _said(error)
    if line.is_cut:
        return words(UNREACHED.format(why=line.reason))
    if isinstance(error, ssl.SSLCertVerificationError):
        return words(UNTRUSTED.format(why=error.verify_message or error))
    if code:
        return words(NOT_LET_IN.format(why=text))
    # What a server does not offer (STARTTLS, AUTH) is no broken connection.
    frame = NO_TLS if type(error).__name__ == "SMTPNotSupportedError" else UNREACHED
    return words(frame.format(why=error))
