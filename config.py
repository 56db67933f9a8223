"""Every setting of Banjie: typed, read once from the environment (BANJIE_*), with its reason."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")

NO_SECRET_KEY = """\
没有会话密钥，正式办公系统不能启动。任选一种办法：
  1. 运行 flask --app run setup，安装时自动生成；
  2. 自行生成后写入环境变量 BANJIE_SECRET_KEY：
     python -c "import secrets; print(secrets.token_urlsafe(48))"
密钥须保密，更换后所有人需重新登录。"""
SHORT_SECRET_KEY = "BANJIE_SECRET_KEY 太短，至少 32 个字符。"
DEMO_LOOPBACK = "演示模式只在本机使用，BANJIE_HOST 只能是 127.0.0.1、localhost 或 ::1。"
BAD_VALUE = "环境变量 {name} 的值 {value!r} 不能识别。"
NO_SENDER = "已设置 BANJIE_SMTP_HOST，还须设置发件地址 BANJIE_MAIL_FROM，如 notice@example.cn。"
BAD_WEBHOOK = "BANJIE_WEBHOOK_URL 须以 http:// 或 https:// 开头。"
SHORT_WEBHOOK_SECRET = "已设置 BANJIE_WEBHOOK_URL，BANJIE_WEBHOOK_SECRET 至少 32 个字符。"
NO_CA_FILE = "BANJIE_CA_FILE 指定的证书文件不存在：{path}"
BAD_BASE_URL = "BANJIE_BASE_URL 须以 http:// 或 https:// 开头，如 https://banjie.example.cn。"


class SettingError(SystemExit):
    """A setting that cannot be used; its Chinese text is for the person who starts the server."""


class Mode(StrEnum):
    """Which office this process serves."""

    DEMO = "demo"
    OFFICE = "office"


class Security(StrEnum):
    """How the connection to the mail server is kept private."""

    NONE = "none"
    STARTTLS = "starttls"
    SSL = "ssl"


def setting(default: Any, reason: str) -> Any:
    """Declare a setting; docs/settings.md repeats the default and the reason (a guard test)."""
    return field(default=default, metadata={"reason": reason})


@dataclass(frozen=True)
class Settings:
    """What may be set from outside; field `port` is read from BANJIE_PORT, and so on."""

    env: Mode = setting(
        Mode.DEMO, "A clean clone shows the demo office; a real office says office once."
    )
    host: str = setting("127.0.0.1", "Nothing is open to the network before somebody decides it.")
    port: int = setting(8080, "Needs no administrator's rights.")
    threads: int = setting(8, "Enough for a county window; SQLite has one writer anyway.")
    database_url: str = setting("", "Empty: instance/demo.db or instance/banjie.db, by mode.")
    instance_dir: str = setting("", "Empty: instance/ beside run.py; holds databases and keys.")
    secret_key: str = setting("", "Empty: the key file that setup or the demo made in instance/.")
    hosts: str = setting(
        "", "Names this server answers to, by comma; empty: loopback in demo mode, else any."
    )
    proxies: int = setting(0, "Reverse proxies in front whose X-Forwarded-* headers are believed.")
    https_only: bool = setting(
        False, "On: cookies only over HTTPS and HSTS; off suits an intranet without certificates."
    )
    idle_minutes: int = setting(30, "Logged out after this long without a click (10 to 60).")
    login_rate: str = setting("60 per minute", "Attempts from one address; an office shares one.")
    scheduler: bool = setting(True, "Off: jobs run only by `jobs serve` or `jobs run`.")
    tick_seconds: int = setting(5, "How often the scheduler looks for due work.")
    base_url: str = setting("", "Address in the links of messages; empty: http://host:port.")
    smtp_host: str = setting("", "Empty: mails become .eml files in instance/mail/, to be read.")
    smtp_port: int = setting(0, "0: 587 for starttls, 465 for ssl, 25 for none.")
    smtp_security: Security = setting(
        Security.STARTTLS, "none, starttls or ssl; a certificate that does not verify ends it."
    )
    smtp_user: str = setting("", "Empty: no log-in, as a relay inside the network wants it.")
    smtp_password: str = setting("", "Belongs into the service's private environment file.")
    mail_from: str = setting("", "Sender's address; empty: the user, if that is an address.")
    mail_from_name: str = setting("“办不成事”反映窗口", "Sender's name in the mailbox.")
    ca_file: str = setting("", "More authorities (PEM) for an office's own certificates.")
    webhook_url: str = setting("", "Where signed JSON messages go; empty: that channel is shut.")
    webhook_secret: str = setting("", "Signs those messages; at least 32 characters.")
    anchor_dir: str = setting(
        "", "Empty: instance/anchors; best a folder of another machine: heads of the audit log."
    )
    backup_copy_dir: str = setting(
        "", "A second folder, best on another machine, where each backup is copied; empty: none."
    )
    api: bool = setting(False, "On: the REST interface under /api/v1 for other systems.")
    api_rate: str = setting("600 per minute", "Requests to that interface from one address.")
    pg_dump: str = setting("", "Empty: found on PATH; with pg_restore beside it, for PostgreSQL.")
    max_upload_mb: int = setting(
        20, "Largest file; a request may be twice as large, so that the page itself can refuse it."
    )
    log_level: str = setting("INFO", "What goes to standard error.")

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ, **given: Any) -> "Settings":
        """Return the settings of `environment`; `given` ones go before it. Refuses bad values."""
        for item in fields(cls):
            name = f"BANJIE_{item.name.upper()}"
            if item.name not in given and environment.get(name, "") != "":
                given[item.name] = _convert(name, environment[name], type(item.default))
        settings = cls(**given)
        if settings.is_demo and settings.host not in LOOPBACK:
            raise SettingError(DEMO_LOOPBACK)
        settings._check_channels()
        return settings

    def _check_channels(self) -> None:
        """Refuse at the start what would fail with every message."""
        web = ("http://", "https://")
        if self.smtp_host and "@" not in self.sender:
            raise SettingError(NO_SENDER)
        if self.webhook_url and not self.webhook_url.startswith(web):
            raise SettingError(BAD_WEBHOOK)
        if self.webhook_url and len(self.webhook_secret) < 32:
            raise SettingError(SHORT_WEBHOOK_SECRET)
        if self.ca_file and not Path(self.ca_file).is_file():
            raise SettingError(NO_CA_FILE.format(path=self.ca_file))
        if self.base_url and not self.base_url.startswith(web):
            raise SettingError(BAD_BASE_URL)

    @property
    def is_demo(self) -> bool:
        """Return whether this is the demo office."""
        return self.env is Mode.DEMO

    @property
    def instance(self) -> Path:
        """Return the folder of databases, keys and account lists."""
        return Path(self.instance_dir).resolve() if self.instance_dir else ROOT / "instance"

    @property
    def database(self) -> str:
        """Return SQLAlchemy's URL of the database of this mode."""
        if not self.database_url:
            name = "demo.db" if self.is_demo else "banjie.db"
            return f"sqlite:///{(self.instance / name).as_posix()}"
        scheme, colon, rest = self.database_url.partition("://")
        # The driver in constraints.txt is psycopg 3; SQLAlchemy's default would be psycopg2.
        driver = "postgresql+psycopg" if scheme in ("postgres", "postgresql") else scheme
        return driver + colon + rest

    @property
    def key_file(self) -> Path:
        """Return where the key that signs sessions is kept when the environment has none."""
        return self.instance / f"{self.env.value}-secret-key"

    @property
    def host_names(self) -> list[str]:
        """Return the names this server answers to; none means any."""
        names = [name.strip() for name in self.hosts.split(",") if name.strip()]
        return names or (["127.0.0.1", "localhost", "[::1]"] if self.is_demo else [])

    @property
    def address(self) -> str:
        """Return what the links in messages start with, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def sender(self) -> str:
        """Return the address that mails come from; blank if none is known."""
        return self.mail_from or (self.smtp_user if "@" in self.smtp_user else "")

    @property
    def anchors(self) -> Path:
        """Return where the heads of the audit log are kept."""
        return Path(self.anchor_dir) if self.anchor_dir else self.instance / "anchors"

    @property
    def max_upload_bytes(self) -> int:
        """Return how large one file may be."""
        return self.max_upload_mb * 1024 * 1024

    @property
    def mail_folder(self) -> Path:
        """Return where mails are written when there is no mail server."""
        return self.instance / "mail"

    def session_key(self) -> str:
        """Return the key that signs sessions; an office without one is refused."""
        if self.secret_key and len(self.secret_key) < 32 and not self.is_demo:
            raise SettingError(SHORT_SECRET_KEY)
        if self.secret_key:
            return self.secret_key
        if self.key_file.exists():
            return self.key_file.read_text().strip()
        if self.is_demo:
            return secrets.token_urlsafe(48)
        raise SettingError(NO_SECRET_KEY)


def _convert(name: str, value: str, kind: type) -> Any:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return words[value.lower()] if kind is bool else kind(value)
    except (KeyError, ValueError):
        raise SettingError(BAD_VALUE.format(name=name, value=value)) from None


def make_key_file(settings: Settings) -> Path:
    """Write a fresh key for sessions, readable by its owner only; an existing one stays."""
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.key_file.exists():
        descriptor = os.open(settings.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
    return settings.key_file


def flask_config(settings: Settings) -> dict[str, Any]:
    """Return Flask's configuration for `settings`."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.session_key(),
        "SQLALCHEMY_DATABASE_URI": settings.database,
        **_web(settings),
        **_languages(),
        **_appbuilder(settings),
    }


def _web(settings: Settings) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": f"banjie_{settings.env.value}",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https_only,
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=settings.idle_minutes),
        "MAX_CONTENT_LENGTH": 2 * settings.max_upload_bytes,
        # Seconds; the theme's own files carry their date in the address.
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "TRUSTED_HOSTS": settings.host_names or None,
        "WTF_CSRF_ENABLED": True,
        # The token lives as long as the session: a form left open over lunch must still be saved.
        "WTF_CSRF_TIME_LIMIT": None,
        # The browser's Referer check fails behind proxies that strip it; SameSite does that work.
        "WTF_CSRF_SSL_STRICT": False,
    }


def _languages() -> dict[str, Any]:
    return {
        "BABEL_DEFAULT_LOCALE": "zh",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        # FAB adds its own folder before ours; a relative path would depend on the directory.
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "LANGUAGES": {
            "zh": {"flag": "cn", "name": "中文"},
            "en": {"flag": "gb", "name": "English"},
        },
    }


def _appbuilder(settings: Settings) -> dict[str, Any]:
    names = settings.host_names
    return {
        "APP_NAME": "办结",
        # Migrations make the tables and one command the permissions: several workers may start.
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        # Sealed after installation; nobody works with it.
        "AUTH_ROLE_ADMIN": "应急管理员",
        "AUTH_ROLE_PUBLIC": "公众",
        "AUTH_USER_REGISTRATION": False,
        # Both are needed: the first declares the limit, the second switches the limiter on.
        "AUTH_RATE_LIMITED": True,
        "RATELIMIT_ENABLED": True,
        "AUTH_RATE_LIMIT": settings.login_rate,
        "RATELIMIT_STORAGE_URI": "memory://",
        "FAB_API_SWAGGER_UI": False,
        "FAB_ADD_OPENAPI_VIEWS": False,
        "FAB_ADD_MENU_API": False,
        "FAB_API_SHOW_STACKTRACE": False,
        "FAB_API_MAX_PAGE_SIZE": 100,
        # After a login FAB follows `next`; without this list it believes the Host header.
        "FAB_SAFE_REDIRECT_HOSTS": [*names, *(f"{name}:*" for name in names)] or ["none.invalid"],
        "FILE_ALLOWED_EXTENSIONS": ["pdf", "jpg", "png", "docx", "xlsx"],
        "UPLOAD_FOLDER": str(settings.instance / "uploads"),
    }
