"""Every setting of Banjie: typed, read once from the environment (BANJIE_*), with its reason."""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import config_words as words

ROOT = Path(__file__).resolve().parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")

# Words of samples and keyboards; what is left of a key without them must still be a key.
SAMPLES = re.compile(
    "change|this|secret|password|passwd|banjie|example|sample|default|replace|insert|random|string"
    "|your|super|insecure|demo|admin|test|token|flask|django|qwerty|asdf|zxcv|key|dev|prod|me|to",
    re.I,
)
SHORTEST_KEY, LEAST_REST, LEAST_KINDS = 32, 14, 7


class SettingError(SystemExit):
    """A setting that cannot be used; its Chinese text is for the person who starts the server."""


class Mode(StrEnum):
    """Which office this process serves."""

    DEMO = "demo"
    OFFICE = "office"


class Auth(StrEnum):
    """Who says whether a password is right."""

    PASSWORD = "password"
    LDAP = "ldap"
    OAUTH = "oauth"


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
    data_key: str = setting(
        "", "Encrypts telephone numbers; empty: the key file. Several by comma: the first seals."
    )
    data_key_file: str = setting(
        "", "Empty: <mode>-data-key in instance/; keep a copy apart from the database's."
    )
    hosts: str = setting(
        "", "Names this server answers to, by comma; empty: loopback only, so others need them."
    )
    proxies: int = setting(0, "Reverse proxies in front whose X-Forwarded-* headers are believed.")
    https_only: bool = setting(
        False, "On: cookies only over HTTPS and HSTS; off suits an intranet without certificates."
    )
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
    auth: Auth = setting(
        Auth.PASSWORD, "password, ldap or oauth: passwords kept here, or the county's sign-on."
    )
    sso_register: bool = setting(
        False, "On: whom the sign-on vouches for gets an account without a role; off: refused."
    )
    sso_roles: str = setting(
        "", 'Groups of the sign-on and their roles, as JSON: {"group": ["督办考核科"]}.'
    )
    sso_sync_roles: bool = setting(
        False, "On: every log-in sets the roles by that list; off: 安全管理员 gives them."
    )
    oauth_label: str = setting("统一身份认证", "The provider's name on the log-in button.")
    oauth_client_id: str = setting("", "Given by the provider, with the secret.")
    oauth_client_secret: str = setting("", "Belongs into the service's private environment file.")
    oauth_metadata_url: str = setting(
        "", "An OpenID provider's /.well-known/openid-configuration; else the next three."
    )
    oauth_authorize_url: str = setting("", "Where people type their password.")
    oauth_token_url: str = setting("", "Where this server exchanges the code for a token.")
    oauth_userinfo_url: str = setting("", "Where it asks who that is.")
    oauth_scope: str = setting("openid profile email", "Without openid: plain OAuth2.")
    oauth_username: str = setting("preferred_username", "The claim that is the user name here.")
    oauth_fullname: str = setting("name", "The claim with the 姓名 of a new account.")
    oauth_groups: str = setting("groups", "The claim with the groups that give roles.")
    oauth_ask_again: bool = setting(
        True, "On: the provider asks for the password each time; counters share computers."
    )
    ldap_server: str = setting("", "ldap://host:389 or ldaps://host:636.")
    ldap_starttls: bool = setting(False, "On: ldap:// is encrypted before the password is sent.")
    ldap_search: str = setting("", "Below which entry people stand: ou=people,dc=example,dc=cn.")
    ldap_filter: str = setting("", "Only these, e.g. (memberOf=cn=banjie,ou=groups,dc=…).")
    ldap_bind_user: str = setting("", "Account that looks people up; empty: the person's own.")
    ldap_bind_password: str = setting("", "Belongs into the service's private environment file.")
    ldap_username_format: str = setting(
        "", "Without such an account, how a name becomes an entry: uid=%s,ou=people,…"
    )
    ldap_uid: str = setting("uid", "The attribute that is the user name; sAMAccountName in AD.")
    ldap_fullname: str = setting("cn", "The attribute with the 姓名 of a new account.")
    ldap_mail: str = setting("mail", "The attribute with the e-mail address.")
    ldap_groups: str = setting("memberOf", "The attribute with the groups that give roles.")
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
            raise SettingError(words.DEMO_LOOPBACK)
        is_open = settings.host not in LOOPBACK or settings.proxies
        if is_open and not settings.is_demo and not settings.hosts.strip(" ,"):
            raise SettingError(words.NO_HOSTS)
        settings._check_channels()
        return settings

    def _check_channels(self) -> None:
        """Refuse at the start what would fail with every message."""
        web = ("http://", "https://")
        if self.smtp_host and "@" not in self.sender:
            raise SettingError(words.NO_SENDER)
        if self.webhook_url and not self.webhook_url.startswith(web):
            raise SettingError(words.BAD_WEBHOOK)
        if self.webhook_url and len(self.webhook_secret) < 32:
            raise SettingError(words.SHORT_WEBHOOK_SECRET)
        if self.ca_file and not Path(self.ca_file).is_file():
            raise SettingError(words.NO_CA_FILE.format(path=self.ca_file))
        if self.base_url and not self.base_url.startswith(web):
            raise SettingError(words.BAD_BASE_URL)

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
    def data_key_path(self) -> Path:
        """Return where the keys of what is encrypted at rest are kept, one a line."""
        default = self.instance / f"{self.env.value}-data-key"
        return Path(self.data_key_file) if self.data_key_file else default

    def data_keys(self) -> list[str]:
        """Return those keys, the one in use first; an office without one is refused.

        The demo has none before its first start, which makes one.
        """
        text = self.data_key.replace(",", "\n")
        if not text and self.data_key_path.exists():
            text = self.data_key_path.read_text(encoding="utf-8")
        keys = [line.strip() for line in text.splitlines()]
        keys = [key for key in keys if key and not key.startswith("#")]
        if not keys and not self.is_demo:
            raise SettingError(words.NO_DATA_KEY.format(path=self.data_key_path))
        if any(len(key) < 32 or len(set(key)) < 12 for key in keys):
            raise SettingError(words.WEAK_DATA_KEY)
        return keys

    @property
    def host_names(self) -> list[str]:
        """Return the names this server answers to: nobody else's Host header is believed."""
        names = [name.strip() for name in self.hosts.split(",") if name.strip()]
        return names or ["127.0.0.1", "localhost", "[::1]"]

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
        key = self.secret_key
        if not key and self.key_file.exists():
            key = self.key_file.read_text().strip()
        why = weakness(key) if key and not self.is_demo else ""
        if why:
            raise SettingError(words.WEAK_SECRET_KEY.format(why=why))
        if key:
            return key
        if self.is_demo:
            return secrets.token_urlsafe(48)
        raise SettingError(words.NO_SECRET_KEY)


def _convert(name: str, value: str, kind: type) -> Any:
    booleans = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return booleans[value.lower()] if kind is bool else kind(value)
    except (KeyError, ValueError):
        raise SettingError(words.BAD_VALUE.format(name=name, value=value)) from None


def weakness(key: str) -> str:
    """Return why a key could be guessed; '' for one that was drawn at random."""
    if len(key) < SHORTEST_KEY:
        return words.SHORT
    rest = SAMPLES.sub("", key)
    # Steps of 0 or 1 are what aaaa, 1234 and dcba are made of.
    rest = "".join(c for b, c in pairwise(f"\0{rest}") if abs(ord(b) - ord(c)) > 1)
    repeats = (key + key).find(key, 1) < len(key)
    is_easy = repeats or len(rest) < LEAST_REST or len(set(rest)) < LEAST_KINDS
    return words.EASY if is_easy else ""


def make_key_file(settings: Settings) -> Path:
    """Write a fresh key for sessions, readable by its owner only; an existing one stays."""
    return _make_key(settings.key_file)


def make_data_key_file(settings: Settings) -> Path:
    """Write a fresh key for what is encrypted at rest, unless there is one."""
    return _make_key(settings.data_key_path)


def _make_key(path: Path) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside and linked: of two that start at once, both read the one that came first.
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(aside)
        aside.unlink()
    return path


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
        # The longest that 安全管理员 may set; login.py holds people to what is set.
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=60),
        "MAX_CONTENT_LENGTH": 2 * settings.max_upload_bytes,
        # Characters outside of files, and fields: the longest form has some hundred short ones.
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "MAX_FORM_PARTS": 1000,
        # A method that a page does not have answers 405.
        "PROVIDE_AUTOMATIC_OPTIONS": False,
        # Seconds; the theme's own files carry their date in the address.
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "TRUSTED_HOSTS": settings.host_names,
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
        "FAB_SAFE_REDIRECT_HOSTS": [*names, *(f"{name}:*" for name in names)],
        "FILE_ALLOWED_EXTENSIONS": ["pdf", "jpg", "png", "docx", "xlsx"],
        "UPLOAD_FOLDER": str(settings.instance / "uploads"),
    }
