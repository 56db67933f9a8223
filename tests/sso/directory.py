"""A real OpenLDAP server on loopback, with a folder of its own and nobody else's settings."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

BASE = "dc=example,dc=cn"
SERVICE, SERVICE_PASSWORD = f"cn=banjie,{BASE}", "Service-pass-1"
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile {folder}/slapd.pid
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "{base}"
directory {folder}/db
rootdn "{service}"
rootpw {password}
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
"""
ENTRIES = """
dn: {base}
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: ou=people,{base}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{base}
objectClass: organizationalUnit
ou: groups
"""
PERSON = """
dn: uid={uid},ou=people,{base}
objectClass: inetOrgPerson
uid: {uid}
cn: {name}
sn: {name}
mail: {uid}@example.cn
userPassword: {password}
"""
MISSING = (
    "目录服务的测试需要：apt-get install slapd ldap-utils libldap-dev libsasl2-dev gcc；make ldap"
)


def require_directory() -> None:
    """Skip, saying what is missing; in CI (BANJIE_NEED_LDAP=1) that is a failure."""
    if shutil.which("slapd", path="/usr/sbin:/usr/bin:/sbin") and find_spec("ldap"):
        return
    if os.environ.get("BANJIE_NEED_LDAP"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


class DirectoryServer:
    """slapd in a folder; entries go in by ldapadd, as an administrator's would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "db").mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"ldap://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        config = self.folder / "slapd.conf"
        config.write_text(
            CONFIG.format(folder=self.folder, base=BASE, service=SERVICE, password=SERVICE_PASSWORD)
        )
        program = shutil.which("slapd", path="/usr/sbin:/usr/bin:/sbin")
        command = [program, "-f", config, "-h", self.url, "-d", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                raise RuntimeError(self.process.stderr.read().decode())
            time.sleep(0.05)
        raise RuntimeError("slapd does not answer")

    def stop(self) -> None:
        """Stop it; its entries stay."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=10)
            self.process.stderr.close()
            self.process = None

    def add(self, entries: str) -> None:
        """Write entries."""
        self._tell("ldapadd", entries)

    def hire(self, uid: str, name: str, password: str) -> None:
        """Write a person."""
        self.add(PERSON.format(uid=uid, name=name, password=password, base=BASE))

    def group(self, name: str, *uids: str) -> str:
        """Write a group with its members; return its name as people's memberOf has it."""
        dn = f"cn={name},ou=groups,{BASE}"
        members = "".join(f"member: uid={uid},ou=people,{BASE}\n" for uid in uids)
        self.add(f"dn: {dn}\nobjectClass: groupOfNames\ncn: {name}\n{members}")
        return dn

    def _tell(self, program: str, text: str) -> None:
        command = [program, "-x", "-H", self.url, "-D", SERVICE, "-w", SERVICE_PASSWORD]
        subprocess.run(command, input=text.encode(), check=True, capture_output=True)


@contextmanager
def running(folder: Path) -> Iterator[DirectoryServer]:
    """Yield a directory with an empty office in it."""
    import trustme

    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "server.key"))
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(str(folder / "server.pem"), append=True)
    server = DirectoryServer(folder)
    server.start()
    try:
        server.add(ENTRIES.format(base=BASE))
        yield server
    finally:
        server.stop()
