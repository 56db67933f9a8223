"""docs/api.md: its commands run as they stand there, its table of scopes is the program's."""

import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.domain.states import State
from app.extensions import db
from app.views.api_tokens import SCOPE_WORDS
from config import ROOT
from tests.api.caller import Caller
from tests.api.fuzzing import served
from tests.api.test_tokens import PASSWORD, give_password
from tests.factories import Office, at
from tests.views.moving import row_of

pytestmark = pytest.mark.sqlite_only
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Return the commands of the page in their order."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.S)
    return [line for block in blocks for line in block.splitlines() if line]


def test_commands_of_the_page_do_what_it_says(
    office: Office, api_app: Flask, caller: Callable[..., Caller], freeze: Callable[..., None]
) -> None:
    case = office.case_in(State.TO_SIGN)
    db.session.commit()
    assert case.id == 1  # as the page writes it
    freeze(at("2026-10-12 10:00"))
    name = give_password(api_app, office.land_head)
    facts = {"NAME": name, "PASSWORD": PASSWORD, "TOKEN": caller(office.land_head).token}
    told = []
    with served(api_app) as address:
        for command in commands():
            db.session.rollback()  # the server's own transactions are to be seen
            seen = {"HOST": address, "VERSION": str(row_of(1)["version"]), "no_proxy": "*"}
            done = subprocess.run(
                ["sh", "-c", command + " -w '\\n%{http_code}'"], capture_output=True, text=True,
                env=os.environ | facts | seen, timeout=30, check=True,
            )  # fmt: skip
            told.append(done.stdout.rpartition("\n"))
    statuses = [int(status) for _body, _line, status in told]
    assert statuses == [200, 200, 200, 200, 200, 200, 200, 204, 201], told
    assert "已签收" in told[2][0].encode().decode("unicode_escape")


def test_table_of_scopes_is_that_of_the_program(app: Flask) -> None:
    with app.test_request_context("/"):
        rows = [f"| `{scope.value}` | {word} |" for scope, word in SCOPE_WORDS.items()]
    part: Any = re.search(r"<!-- scopes -->\n(.*?)<!-- /scopes -->", PAGE, re.S)
    assert part[1].splitlines()[2:] == rows
