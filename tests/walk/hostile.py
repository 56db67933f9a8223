"""What no person in good faith types: values, addresses, bodies and files."""

import io
import json
import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

from tests.walk.made import HOSTILE

# Looked for in the headers of answers: it gets there only through a line break.
HEADER = "X-Hk"
TEXTS: tuple[str | bytes, ...] = (
    "",
    " ",
    HOSTILE,
    HOSTILE,
    HOSTILE * 40,
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "长" * 5000,
    "a" * 70000,
    "\x00",
    "甲\x00乙",
    "\u202e甲\u2066乙",
    "\u200b\ufeff",
    "\x01\x1b[31m",
    f"甲\r\n{HEADER}: 1",
    "'; DROP TABLE cases;--",
    "%s%n%00",
    "../../etc/passwd",
    "..\\..\\x",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "\U0001f600" * 30,
    "e\u0301" * 50,
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "//evil.invalid/",
    "{{7*7}}${7*7}",
    "null",
    "[]",
    "true",
    "undefined",
)
NUMBERS: tuple[str | bytes, ...] = (
    "0",
    "-1",
    "1",
    "7",
    "2147483648",
    "9223372036854775808",
    "9" * 40,
    "1.5",
    "1e3",
    "1e400",
    "NaN",
    "Infinity",
    "０１",
    "٣",
    "𝟙",
    "0x10",
    "1_000",
    " 1 ",
    "1,2",
    "1;2",
)
DATES: tuple[str | bytes, ...] = (
    "2026-02-30",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31 23:59",
    "2026-10-13 25:61",
    "2026-13",
    "0000-01",
    "9999-12",
    "2026-W01",
    "1-1-1",
    "2026-10-13T11:00:00+99:99",
    "24:00",
)
# Names that some page reads behind the question mark; more are found in the links on the way.
ARGUMENTS = (
    "q",
    "quick",
    "page",
    "psize",
    "month",
    "day",
    "year",
    "site",
    "unit",
    "kind",
    "record",
    "figure",
    "part",
    "period",
    "from",
    "to",
    "show",
    "number",
    "besides",
    "pk",
    "name",
    "series",
    "next",
    "id",
    "fact",
    "_flt_0_name",
    "_flt_9_x",
    "_oc_CaseView",
    "_od_CaseView",
    "page_CaseView",
    "psize_CaseView",
    "page_rows",
    "as_of",
    "group",
    "type",
)
# Fields of the interface's bodies, and two that it does not have.
FIELDS = (
    "reporter_name",
    "phone",
    "narrative",
    "item_name",
    "demand",
    "category",
    "channel",
    "is_confidential",
    "contacted_at",
    "content",
    "reason",
    "days",
    "lead_unit_id",
    "username",
    "password",
    "state",
    "id",
)
KINDS = (
    "application/json",
    "text/plain",
    "text/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=",
    "application/x-nothing",
    "",
    "application/x-www-form-urlencoded; charset=utf-16",
    "\u00e9/x",
)
BODIES: tuple[bytes, ...] = (
    b"",
    b"{",
    b"[[[[",
    b'{"a":' * 500,
    b"\x00\xff",
    b"--x\r\n",
    b"--x\r\nContent-Disposition:",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.4',
    b"a=1&a=2&" * 1200,
    b"%",
    b"%zz=%ff",
    b"csrf_token=" + b"x" * 9000,
    b"<!DOCTYPE x [<!ENTITY y 'z'>]>",
)
FILES: tuple[tuple[str, bytes], ...] = (
    ("a.pdf", b"<html><script>1</script>"),
    ("a.pdf", b""),
    ("../../a.xlsx", b"PK\x03\x04" + b"0" * 60),
    ("a\x00.pdf", b"%PDF-1.4"),
    ("a.csv", HOSTILE.encode("gbk")),
    ("\u202efdp.exe", b"MZ"),
    ("甲" * 300 + ".pdf", b"%PDF-1.7\n%%EOF"),
    ("a.svg", b"<svg onload=alert(1)>"),
    ("", b"x"),
    ("a.xlsx", b"PK\x05\x06" + b"\0" * 18),
    ("名称.csv", "名称,类别\n=1+1,窗口\n".encode("utf-8-sig")),
    ("a.png", b"\x89PNG\r\n\x1a\n" + b"\xff" * 40),
    ("a.docx", b"PK\x03\x04"),
)


def value(rng: random.Random, ids: Sequence[int] = ()) -> str | bytes:
    """Return something to put where anything is asked; often the number of somebody's row."""
    kind = rng.random()
    if ids and kind < 0.3:
        return str(rng.choice(ids))
    return rng.choice(TEXTS if kind < 0.7 else NUMBERS if kind < 0.9 else DATES)


def part(rng: random.Random, ids: Sequence[int]) -> str:
    """Return what is put for one part of an address, percent-encoded."""
    wanted = value(rng, ids)
    raw = wanted if isinstance(wanted, bytes) else wanted.encode("utf-8", "surrogatepass")
    return quote_from_bytes(raw[:3000], safe="") or "%20"


def query(rng: random.Random, names: Sequence[str], ids: Sequence[int]) -> str:
    """Return what follows the question mark; the same name may stand there twice."""
    pairs = [(rng.choice(names), value(rng, ids)) for _ in range(rng.choice((0, 1, 1, 2, 4)))]
    if pairs and rng.random() < 0.2:
        pairs.append((pairs[0][0], value(rng, ids)))
    text = urlencode([(name, each[:3000]) for name, each in pairs])
    return f"?{text}" if text else ""


def json_body(rng: random.Random, ids: Sequence[int]) -> bytes:
    """Return a JSON body as a program sends it: names that are read, values of any kind."""
    fields = {name: _json_value(rng, ids) for name in rng.sample(FIELDS, rng.randrange(8))}
    return json.dumps(fields | {"version": rng.choice((0, 1, 2, 3, 4, "x", None))}).encode()


def _json_value(rng: random.Random, ids: Sequence[int]) -> Any:
    given = value(rng, ids)
    text = given.decode("utf-8", "surrogateescape") if isinstance(given, bytes) else given
    return rng.choice((text, text, text, [text], {"a": text}, rng.choice(ids), 1.5, True, None))


def file(rng: random.Random) -> tuple[io.BytesIO, str]:
    """Return a file as the test client wants it."""
    name, content = rng.choice(FILES)
    return io.BytesIO(content), name


def mistreat(
    rng: random.Random, fields: list[tuple[str, Any]], ids: Sequence[int], kept: set[str]
) -> list[tuple[str, Any]]:
    """Return the fields of a form with some of them changed, sent twice or left out."""
    if rng.random() < 0.25:  # everything hostile at once: what is stored is looked at afterwards
        return [(n, v if n in kept or v != "" else HOSTILE) for n, v in fields]
    found = []
    for name, typed in fields:
        fate = rng.random()
        if name in kept or fate < 0.55:
            found.append((name, typed))
        elif fate < 0.85:
            found.append((name, value(rng, ids)))
        elif fate < 0.95:
            found += [(name, typed), (name, value(rng, ids))]
    return found
