"""Run as a program: the office's server as a master that forks waitress workers and replaces them.

Argument: Orders. Says its port, then a line for every worker it starts; ends with its stdin.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import waitress
from flask import Flask

from app import create_app, logs
from app.extensions import db
from app.jobs import scheduler
from app.web.server import is_migrated
from config import Mode, Security, Settings
from tests.databases import DATA_KEY
from tests.faults import clockwork, switches
from tests.faults.orders import Orders

LOOPBACK = "127.0.0.1"
SECRET = "mX3vQ9-fKz72LpRtY_w8BcDh5NsJg4AeUo16iVxM0SlTqHy"


def settings_of(orders: Orders) -> Settings:
    """Return the settings of a real office; everybody logs in from one address."""
    mail = {"smtp_host": LOOPBACK, "smtp_port": orders.smtp_port} if orders.smtp_port else {}
    return Settings(
        env=Mode.OFFICE, database_url=orders.url, instance_dir=orders.folder, secret_key=SECRET,
        data_key=DATA_KEY, login_rate="60000 per minute", threads=orders.threads,
        smtp_security=Security.NONE, mail_from="notice@banjie.example", **mail,
    )  # fmt: skip


def make(orders: Orders) -> Flask:
    """Return the application, with the guards off that are to be off."""
    clockwork.follow(Path(orders.clock))
    switches.switch_off_early(orders.off)
    app = create_app(settings_of(orders))
    logs.configure("WARNING")
    with app.app_context():
        if not is_migrated(app):
            sys.exit("not migrated")
        # As a server that loads the application first: connections are pooled before the fork.
        for connection in [db.engine.connect() for _ in range(orders.threads)]:
            connection.close()
        switches.switch_off(app, orders.off)
        if orders.falls:
            switches.make_fall(db.engine, orders.falls)
    if orders.is_slow:
        switches.make_slow(app)
    return app


def work(app: Flask, orders: Orders, listener: socket.socket) -> None:
    """Serve in this process until it is killed, or its master is gone."""
    master = os.getppid()
    clockwork.keep_following(Path(orders.clock))
    threading.Thread(target=_end_with, args=[master], daemon=True).start()
    if orders.ticks:
        scheduler.start(app, seconds=orders.ticks)
    while not orders.serves:
        time.sleep(60)
    waitress.create_server(app, sockets=[listener], threads=orders.threads, ident=None).run()


def _end_with(master: int) -> None:
    while os.getppid() == master:
        time.sleep(0.2)
    os._exit(0)


def say(**facts: object) -> None:
    """Tell the test."""
    print(json.dumps(facts), flush=True)


def main(orders: Orders) -> None:
    """Fork the workers, and a new one for each that dies, until stdin ends."""
    app = make(orders)
    listener = socket.create_server((LOOPBACK, 0), backlog=128)
    say(port=listener.getsockname()[1])
    workers: set[int] = set()
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        workers -= _dead(workers)
        while len(workers) < orders.workers:
            workers.add(_fork(app, orders, listener))
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def _fork(app: Flask, orders: Orders, listener: socket.socket) -> int:
    worker = os.fork()
    if worker == 0:
        try:
            work(app, orders, listener)
        finally:
            os._exit(1)
    say(worker=worker)
    return worker


def _dead(workers: set[int]) -> set[int]:
    return {worker for worker in workers if os.waitpid(worker, os.WNOHANG)[0]}


if __name__ == "__main__":
    main(Orders(**json.loads(sys.argv[1])))
