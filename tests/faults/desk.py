"""The office that faults happen to: its people can log in, its server runs, its clients walk."""

import datetime as dt
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.security import generate_password_hash

from app.unit_of_work import unit_of_work
from config import ROOT
from tests.factories import INTAKE, Office, at, make_office
from tests.faults.hands import PASSWORD, Hands
from tests.faults.journal import Deed, Journal
from tests.faults.orders import Orders, set_clock

MORNING = at("2026-10-12 09:40")  # a Monday; 2026-10-12 17:00 is far away
START_SECONDS = 180


def open_office(now: dt.datetime = MORNING) -> Office:
    """Make an office whose people have a password; what is done in it is sealed."""
    with unit_of_work():
        office = make_office()
        known = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
        for person in office.people.values():
            person.password, person.password_set_at = known, now
    return office


@dataclass
class Server:
    """A running server: its port, its workers, and how to end one of them."""

    process: subprocess.Popen[str]
    port: int
    orders: Orders
    workers: list[int] = field(default_factory=list)

    def kill_worker(self) -> None:
        """Kill one worker with -9, and wait until the master has another."""
        known = len(self.workers)
        victim = self.workers[-random.randint(1, self.orders.workers)]
        self.workers.remove(victim)
        self.workers.insert(0, victim)
        os.kill(victim, signal.SIGKILL)
        until = time.monotonic() + START_SECONDS
        while len(self.workers) == known and time.monotonic() < until:
            time.sleep(0.005)

    def listen(self) -> None:
        """Note each worker that the master starts."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.workers.append(json.loads(line)["worker"])


@contextmanager
def serving(orders: Orders) -> Iterator[Server]:
    """Run the server and end it, whatever happens."""
    log = Path(orders.folder) / "server.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.server_process", orders.dump()],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
    assert process.stdin
    assert process.stdout
    listening = None
    try:
        first = process.stdout.readline()
        assert first, log.read_text()[-3000:]
        server = Server(process, json.loads(first)["port"], orders)
        listening = threading.Thread(target=server.listen, daemon=True)
        listening.start()
        yield server
        process.stdin.close()
        # On a busy machine it may take long; the workers end with it, however it ends.
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        if listening is not None:
            listening.join(timeout=20)  # until the last worker has closed its end
        process.stdout.close()


def orders_for(app: Flask, folder: Path, now: dt.datetime = MORNING, **values: Any) -> Orders:
    """Return orders for a server over the application's database, with a clock of its own."""
    clock = folder / "clock"
    set_clock(clock, now)
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    return Orders(url=url, folder=str(folder), clock=str(clock), **values)


class Walkers:
    """Clients that take cases from the desk to the signature, one after another, until told."""

    def __init__(self, port: int, journal: Journal, how_many: int = 4, **hands: Any) -> None:
        self.port, self.journal, self.hands = port, journal, hands
        self.stopping = threading.Event()
        self.errors: list[BaseException] = []
        self.threads = [threading.Thread(target=self._run, args=[n]) for n in range(how_many)]

    def __enter__(self) -> "Walkers":
        """Start them all."""
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Let each finish what it is at, and fail with what failed in them."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=120)
        if self.errors and error[0] is None:
            raise self.errors[0]

    def wait_for_progress(self, deeds: int = 2) -> None:
        """Wait until so many more deeds are acknowledged and others are on their way."""
        wanted = len(self.journal.acknowledged) + deeds
        until = time.monotonic() + START_SECONDS
        while len(self.journal.acknowledged) < wanted:
            if self.errors:
                raise self.errors[0]
            assert time.monotonic() < until, "nothing is acknowledged any more"
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.3))

    def person(self, key: str) -> Hands:
        """Return somebody's browser, logged in."""
        hands = Hands(self.port, self.journal, **self.hands)
        hands.log_in(f"{key}-1")
        return hands

    def _run(self, n: int) -> None:
        try:
            people = {key: self.person(key) for key in ("officer", "clerk", "land_head", "leader")}
            count = 0
            while not self.stopping.is_set():
                count += 1
                walk(people, f"{n}-{count}", self.stopping)
        except BaseException as error:
            self.errors.append(error)
            self.stopping.set()


def walk(people: dict[str, Hands], token: str, stopping: threading.Event) -> None:
    """Take one case as far as it goes; a refusal or the end of the test ends it."""
    case_id = submit(people["officer"], token)
    if case_id is None:
        return
    for step, who in STEPS:
        if stopping.is_set() or not step(people[who], case_id, token):
            return


def submit(officer: Hands, token: str) -> int | None:
    """Register and submit; return the case, or None when it was refused."""
    form = officer.patient_form("/intake/new", "//form[.//*[@name='narrative']]")
    if form is None:
        return None
    values = {"item_name": token, "end": "submit", **WORDS}
    answer = officer.do(Deed("submit", token), form, **values)
    # Killed between the commit and the reply, the second sending learns that it was done, no more.
    found = re.search(r"/case/([0-9]+)$", answer.location)
    return int(found.group(1)) if answer.is_done and found else None


def make_move(hands: Hands, case_id: int, action: str, deed: Deed, **values: Any) -> bool:
    """Make a move through its form; return whether the case can go on."""
    form = hands.patient_form(f"/case/{case_id}/move/{action}")
    if form is None:
        return False
    answer = hands.do(deed, form, **values)
    # Done before the reply was lost: the form sent again is out of date.
    return answer.is_done or answer.status == 409


def dispatch(hands: Hands, case_id: int, token: str) -> bool:
    """Hand the case to 不动产登记窗口."""
    values = {"lead_unit_id": "不动产登记窗口", "limit_class": "one_day", "content": token}
    return make_move(hands, case_id, "dispatch", Deed("dispatch", token), **values)


def sign(hands: Hands, case_id: int, token: str) -> bool:
    """Sign for the slip."""
    return make_move(hands, case_id, "sign", Deed("sign", str(case_id)))


def contact(hands: Hands, case_id: int, token: str) -> bool:
    """Write down a call."""
    note = f"{token}/{random.getrandbits(40):010x}"
    return make_move(hands, case_id, "contact", Deed("contact", note), note=note)


def resolve(hands: Hands, case_id: int, token: str) -> bool:
    """Submit the result."""
    values = {
        "result_type": "solved", "is_achieved": "True", "handling_note": token,
        "reply_text": "已办妥", "reply_mode": "phone", "cause_id": "1",
    }  # fmt: skip
    return make_move(hands, case_id, "resolve", Deed("resolve", token), **values)


def confirm(hands: Hands, case_id: int, token: str) -> bool:
    """Sign as today's leader."""
    return make_move(hands, case_id, "confirm", Deed("confirm", str(case_id)))


STEPS = (
    (dispatch, "clerk"),
    (sign, "land_head"),
    (contact, "land_head"),
    (contact, "land_head"),
    (resolve, "land_head"),
    (confirm, "leader"),
)
WORDS = {
    name: getattr(value, "value", value)
    for name, value in INTAKE.items()
    if name not in ("item_name", "is_informed")
}
