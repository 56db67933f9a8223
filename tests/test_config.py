"""Settings: read once, typed, refused with a Chinese sentence when they cannot be used."""

import secrets
import stat
from pathlib import Path

import pytest

from app import create_app
from app.extensions import db
from app.web.server import is_migrated
from config import Mode, SettingError, Settings, flask_config, make_key_file, weakness


def test_settings_without_environment_are_the_demo_office_on_loopback() -> None:
    settings = Settings.read({})
    assert (settings.env, settings.host, settings.port) == (Mode.DEMO, "127.0.0.1", 8080)
    assert settings.database.endswith("instance/demo.db")


def test_settings_are_converted_to_their_types(tmp_path: Path) -> None:
    settings = Settings.read(
        {
            "BANJIE_ENV": "office",
            "BANJIE_PORT": "9000",
            "BANJIE_HTTPS_ONLY": "true",
            "BANJIE_SCHEDULER": "no",
            "BANJIE_INSTANCE_DIR": str(tmp_path),
            "BANJIE_HOSTS": "banjie.example, 10.0.0.8",
            "BANJIE_THREADS": "",
        }
    )
    assert settings.env is Mode.OFFICE
    assert (settings.port, settings.https_only, settings.scheduler) == (9000, True, False)
    assert settings.database == f"sqlite:///{tmp_path.as_posix()}/banjie.db"
    assert settings.host_names == ["banjie.example", "10.0.0.8"]
    assert settings.threads == 8


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_database_url_of_postgresql_names_the_installed_driver(scheme: str) -> None:
    settings = Settings(database_url=f"{scheme}://banjie@db/banjie")
    assert settings.database == "postgresql+psycopg://banjie@db/banjie"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "eighty"), ("ENV", "test"), ("HTTPS_ONLY", "maybe"), ("HOST", "0.0.0.0")],  # noqa: S104
)
def test_settings_that_cannot_be_used_are_refused_in_chinese(name: str, value: str) -> None:
    with pytest.raises(SettingError, match="[\u4e00-\u9fff]"):
        Settings.read({f"BANJIE_{name}": value})


@pytest.mark.parametrize("more", [{"HOST": "0.0.0.0"}, {"HOST": "10.0.0.8"}, {"PROXIES": "1"}])  # noqa: S104
def test_office_open_to_others_says_by_which_names(more: dict[str, str]) -> None:
    given = {"BANJIE_ENV": "office"} | {f"BANJIE_{name}": value for name, value in more.items()}
    for nothing in ({}, {"BANJIE_HOSTS": " , "}):
        with pytest.raises(SettingError, match="BANJIE_HOSTS=banjie.example.gov.cn"):
            Settings.read(given | nothing)
    assert Settings.read(given | {"BANJIE_HOSTS": "banjie.example"}).host_names == [
        "banjie.example"
    ]


def test_office_on_loopback_answers_to_loopback_only() -> None:
    settings = Settings.read({"BANJIE_ENV": "office", "BANJIE_SECRET_KEY": RANDOM})
    names = ["127.0.0.1", "localhost", "[::1]"]
    assert settings.host_names == names
    assert flask_config(settings)["TRUSTED_HOSTS"] == names


def test_office_without_key_is_refused_and_told_how_to_make_one(tmp_path: Path) -> None:
    settings = Settings(env=Mode.OFFICE, instance_dir=str(tmp_path))
    with pytest.raises(SettingError, match="flask --app run setup"):
        create_app(settings)


RANDOM = "mX3vQ9-fKz72LpRtY_w8BcDh5NsJg4AeUo16iVxM0SlTqHy"


@pytest.mark.parametrize(
    "key",
    [
        "short", "k" * 40, "ab" * 20, "secret" * 8, "changeme" * 6, "1234567890" * 4,
        "this-is-a-very-secret-key-change-me", "abcdefghijklmnopqrstuvwxyz0123456789",
        "your-super-secret-key-replace-this-in-production", "qwertyuiopasdfghjklzxcvbnm1234567",
        "a1" * 16, RANDOM[:20] * 2, "banjie-secret-key-2026-banjie-secret-key", " " * 48,
        "0" * 31 + "1" * 31, RANDOM[:31],
    ],
)  # fmt: skip
def test_weak_key_is_refused_and_told_how_to_make_one(key: str, tmp_path: Path) -> None:
    settings = Settings(env=Mode.OFFICE, secret_key=key, instance_dir=str(tmp_path))
    with pytest.raises(SettingError, match="secrets.token_urlsafe"):
        create_app(settings)
    assert Settings(instance_dir=str(tmp_path), secret_key=key).session_key() == key  # the demo's


def test_random_keys_are_taken() -> None:
    makers = (lambda: secrets.token_urlsafe(48), lambda: secrets.token_hex(32),
              lambda: secrets.token_hex(16), lambda: secrets.token_urlsafe(24))  # fmt: skip
    assert not [key for make in makers for _ in range(300) if weakness(key := make())]
    assert not weakness(RANDOM)


def test_weak_key_in_the_file_is_refused_too(tmp_path: Path) -> None:
    settings = Settings(env=Mode.OFFICE, instance_dir=str(tmp_path))
    settings.key_file.write_text("changeme\n")
    with pytest.raises(SettingError, match="太短"):
        settings.session_key()


def test_key_file_is_private_and_stays_the_same(tmp_path: Path) -> None:
    settings = Settings(env=Mode.OFFICE, instance_dir=str(tmp_path / "new"))
    path = make_key_file(settings)
    key = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make_key_file(settings).read_text() == key
    assert flask_config(settings)["SECRET_KEY"] == key.strip()


def test_create_app_writes_nothing_and_asks_no_database(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    app = create_app(Settings(instance_dir=str(folder)))
    assert not folder.exists()
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["WTF_CSRF_ENABLED"]


def test_database_folder_is_made_on_first_use_for_its_owner_only(tmp_path: Path) -> None:
    app = create_app(Settings(instance_dir=str(tmp_path / "office" / "instance")))
    with app.app_context():
        assert not is_migrated(app)
        db.engine.dispose()
    assert stat.S_IMODE((tmp_path / "office" / "instance").stat().st_mode) == 0o700


def test_two_apps_in_one_process_both_have_their_pages(tmp_path: Path) -> None:
    apps = [create_app(Settings(instance_dir=str(tmp_path / name))) for name in ("a", "b")]
    for app in apps:
        assert "/login/" in {rule.rule for rule in app.url_map.iter_rules()}
