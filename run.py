"""`python run.py` serves the office; `run:app` is for any WSGI server and for `flask --app run`."""

import sys

from app import create_app, logs
from config import Mode, Settings, make_data_key_file, make_key_file


def _settings() -> Settings:
    """Return the settings; an office that is opened or comes back from a backup gets its key.

    `flask --app run setup` is about the real office; a backup says itself whose it is. The key of
    the data is made by `setup` and `keys make` alone: a backup needs the one it was sealed by.
    """
    is_setup, is_restore = "setup" in sys.argv, "restore" in sys.argv
    settings = Settings.read(env=Mode.OFFICE) if is_setup else Settings.read()
    if (is_setup or is_restore) and not settings.secret_key and not settings.is_demo:
        make_key_file(settings)
    if (is_setup or sys.argv[-2:] == ["keys", "make"]) and not settings.data_key:
        make_data_key_file(settings)
    return settings


app = create_app(_settings())

if __name__ == "__main__":
    from app import server

    settings: Settings = app.config["SETTINGS"]
    logs.configure(settings.log_level)
    sys.exit(server.serve(app, settings))
