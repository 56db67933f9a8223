"""`python run.py` serves the office; `run:app` is for any WSGI server and for `flask --app run`."""

import sys

from app import create_app, logs
from config import Mode, Settings, make_data_key_file, make_key_file


def _settings() -> Settings:
    """Return the settings; an office that is opened or comes back from a backup gets its keys.

    `flask --app run setup` is about the real office; a backup says itself whose it is. `keys make`
    makes the key that an office from before the encryption lacks.
    """
    settings = Settings.read(**({"env": Mode.OFFICE} if "setup" in sys.argv else {}))
    is_opened = "setup" in sys.argv or ("restore" in sys.argv and not settings.is_demo)
    if is_opened and not settings.secret_key:
        make_key_file(settings)
    if ("setup" in sys.argv or sys.argv[-2:] == ["keys", "make"]) and not settings.data_key:
        make_data_key_file(settings)
    return settings


app = create_app(_settings())

if __name__ == "__main__":
    from app.web import server

    settings: Settings = app.config["SETTINGS"]
    logs.configure(settings.log_level)
    sys.exit(server.serve(app, settings))
