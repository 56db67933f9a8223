"""A random walk over every address and form with hostile input, and what no answer may do."""

import hashlib
import io
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import html
from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.states import ADMIN_ROLES, UNIT_ROLES, Role
from app.extensions import db
from app.models import Case
from tests.rows import all_rows
from tests.walk import hostile
from tests.walk.made import PEOPLE, ROLELESS, STRANGER, Made
from tests.walk.places import PART, Place, places

CLASSES: dict[str, tuple[str, ...]] = {
    "desk": ("officer", "clerk"), "leaders": ("leader", "chief", "m1"),
    "units": ("land_handler", "land_head"), "viewer": ("viewer",),
    "administrators": ("sys_admin", "sec_admin", "auditor"), "roleless": (ROLELESS,),
    "stranger": (STRANGER,),
}  # fmt: skip
# The log, the log-ins and the keys of forms tell of refused requests too, and of wrong passwords
# the account.
EXPLAINED = {"audit_entries", "audit_head", "login_sessions", "form_keys"}
COUNTING = {"OfficeAuthView.login", "OwnPasswordView.this_form_post"}
# Where somebody who may edit it reads a number in full: the form of his own draft.
SHOWS_PHONE = ("IntakeView.", "PaperFormView.folder", "CasePage.phone")
UNESCAPED = re.compile(r"""<hk7|a="hk8|hk8'>49|hk8&#39;&gt;49""")
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT = {"csrf_token", "form_key"}
DULL = {"/logout/", "/language"}  # on every page


@dataclass
class Walk:
    """One walk: what was asked, what came back, and what was wrong with it."""

    made: Made
    rng: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    reached: set[tuple[str, str, str]] = field(default_factory=set)
    names: set[str] = field(default_factory=lambda: set(hostile.ARGUMENTS))
    faults: dict[str, str] = field(default_factory=dict)
    with_forms: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        stories = self.made.stories.values()
        self.ids = [key for story in stories for rows in story.rows.values() for key in rows[:2]]
        with self.made.backend.app.app_context():
            self.base = self._digests()
            self.numbers = self._case_numbers()
            db.session.remove()
        self.forbidden = {key: self._forbidden_to(key) for key in (*PEOPLE, ROLELESS, STRANGER)}
        self.places = list(places(self.made.backend.app))

    # -- the ways to go ----------------------------------------------------------------------

    def everywhere(self) -> None:
        """Go to every address once as each class of people."""
        for place in self.places:
            for persons in CLASSES.values() if not place.is_idle else [CLASSES["desk"]]:
                self.go(self.rng.choice(persons), place)

    def anywhere(self) -> None:
        """Go to some address as somebody."""
        self.go(self.rng.choice((*PEOPLE, ROLELESS, STRANGER)), self.rng.choice(self.places))

    def through_forms(self, steps: int) -> None:
        """Open pages that were found to hold forms, and send these mistreated."""
        for _step in range(steps):
            key, address = self.rng.choice(self.with_forms)
            self._read(key, self.ask(key, "GET", address, self._place_of(address, "GET")))

    def go(self, key: str, place: Place) -> None:
        """Ask an address, its parts and its arguments right or wrong; send its forms sometimes."""
        story = self.made.stories[self.rng.choice(sorted(self.made.stories))]
        address = place.address(story, self.made.people.get(key, 0))
        if self.rng.random() < 0.4:
            address = PART.sub(lambda _found: hostile.part(self.rng, self.ids), place.rule.rule)
        if self.rng.random() < 0.6:
            address = urlsplit(address).path + hostile.query(self.rng, sorted(self.names), self.ids)
        if place.method == "GET":
            headers = self.made.headers(key, is_api=place.is_api)
            answer = self.ask(key, "GET", address, place, headers=headers)
            self._read(key, answer)
        else:
            self._send_anything(key, place, address, story.row("cases"))

    def _send_anything(self, key: str, place: Place, address: str, row: int) -> None:
        """Send a body that no form made: of the right kind, or of none."""
        is_bare = self.rng.random() < 0.1
        headers = {} if is_bare else self.made.headers(key, is_api=place.is_api)
        if place.is_api and self.rng.random() < 0.7:
            kind, body = "application/json", hostile.json_body(self.rng, self.ids)
        elif self.rng.random() < 0.5:
            kind, body = self.rng.choice(hostile.KINDS), self.rng.choice(hostile.BODIES)
        else:
            fields = [*place.body(self.made.stories["other"], 0).items(), ("version", str(row))]
            fields += [(n, hostile.value(self.rng, self.ids)) for n in ("reason", "name", "note")]
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        self.ask(key, place.method, address, place, data=body, content_type=kind, headers=headers)

    def _read(self, key: str, answer: Any) -> None:
        """Remember what the page's links ask for, and send one of its forms mistreated."""
        if answer.status_code != 200 or answer.mimetype != "text/html" or not answer.data:
            return
        page = html.fromstring(answer.text)
        for href in page.xpath("//a/@href"):
            self.names |= {name for name, _value in parse_qsl(urlsplit(href).query)}
        forms = [
            form
            for form in page.xpath("//form[@method]")
            if form.get("method").lower() == "post" and form.get("action") not in DULL
        ]
        if forms and len(answer.request.path) < 100:
            self.with_forms.append((key, answer.request.full_path))
        for form in self.rng.sample(forms, min(len(forms), 2)):
            self._send_form(key, form, answer.request.path)

    def _send_form(self, key: str, form: Any, path: str) -> None:
        address = form.get("action") or path
        fields = hostile.mistreat(self.rng, list(form.form_values()), self.ids, KEPT)
        files = [each.get("name") for each in form.xpath(".//input[@type='file']")]
        kind, body = _encode(fields, files, self.rng)
        self.counts["forms"] += 1
        self.ask(
            key, "POST", address, self._place_of(address, "POST"), data=body, content_type=kind
        )

    def _place_of(self, address: str, method: str) -> Place:
        adapter = self.made.backend.app.url_map.bind("localhost")
        rule = adapter.match(urlsplit(address).path, method=method, return_rule=True)[0]
        return next(p for p in self.places if p.rule is rule and p.method == method)

    def summary(self, what: str) -> str:
        """Return what was walked, in figures."""
        every = {(place.method, place.endpoint, place.rule.rule) for place in self.places}
        answers = ", ".join(f"{code}: {n}" for code, n in sorted(self.statuses.items()))
        return (
            f"walk ({what}): {self.counts['requests']} requests, {self.counts['forms']} forms,"
            f" {self.counts['changes']} accepted changes, {len(self.reached & every)} of"
            f" {len(every)} addresses, {len(self.faults)} faults; answers {answers}"
        )

    # -- one request, and what its answer must not do ----------------------------------------

    def ask(self, key: str, method: str, address: str, place: Place, **sent: Any) -> Any:
        """Send it, look at the answer and at the database, put everything back."""
        browser, backend = self.made.browsers[key], self.made.backend
        # As a socket hands it over: the client itself would refuse to send some of this.
        answer = browser.open(address, method=method, **sent)
        endpoint = place.endpoint
        self.counts["requests"] += 1
        self.statuses[answer.status_code] += 1
        self.reached.add((method, endpoint, place.rule.rule))
        what = f"{key} {method} {address[:150]} {str(sent.get('data', b''))[:300]}"
        for fault in self._faults(key, method, endpoint, answer):
            self.faults.setdefault(f"{fault} | {endpoint}", what)
        if backend.has_changed:
            self._judge_change(method, endpoint, answer, what)
            if answer.status_code == 302 and method == "POST":
                self._look_afterwards(key, answer)
        self.made.put_back(key)
        return answer

    def _faults(self, key: str, method: str, endpoint: str, answer: Any) -> list[str]:
        found = []
        if answer.status_code >= 500 and endpoint != "monitor.healthz":
            found.append(f"{answer.status_code}")
        if hostile.HEADER in answer.headers:
            found.append("a header of the sender's")
        text = answer.text if answer.mimetype in ("text/html", "application/json") else ""
        if answer.mimetype == "text/html" and UNESCAPED.search(text):
            found.append("unescaped")
        if answer.mimetype == SPREADSHEET:
            book = load_workbook(io.BytesIO(answer.data))
            cells = chain.from_iterable(chain.from_iterable(sheet.rows for sheet in book))
            values = [cell for cell in cells if cell.value is not None]
            text = " ".join(str(cell.value) for cell in values)
            if any(cell.data_type == "f" for cell in values):
                found.append("formula")
        found += [f"leak {word} to {key}" for word in self.forbidden[key] if word in text]
        # Whoever wrote a number down reads it without a click.
        if method == "GET" and key != "officer" and not endpoint.startswith(SHOWS_PHONE):
            found += [f"phone to {key}" for story in self.made.stories.values()
                      if story.words["phone"] in text]  # fmt: skip
        return found

    def _judge_change(self, method: str, endpoint: str, answer: Any, what: str) -> None:
        """Nothing may have changed but the log, unless a form was accepted."""
        refused = method == "GET" or answer.status_code >= 400
        if not refused and answer.status_code == 200 and answer.mimetype == "text/html":
            refused = 'class="field-error"' in answer.text
        if not refused:
            self.counts["changes"] += 1
            return
        with self.made.backend.app.app_context():
            now = self._digests()
            db.session.remove()
        explained = EXPLAINED | ({"ab_user"} if endpoint in COUNTING else set())
        changed = {name for name in now if now[name] != self.base[name]} - explained
        if changed:
            self.faults.setdefault(f"refused but changed {sorted(changed)} | {endpoint}", what)

    def _look_afterwards(self, key: str, answer: Any) -> None:
        """Look at what was stored, as who sent it and as somebody else."""
        target = urlsplit(answer.location)
        address = target.path + (f"?{target.query}" if target.query else "")
        for who in {key, "clerk" if key in PEOPLE else key}:
            page = self.made.browsers[who].get(address)
            self.counts["requests"] += 1
            if page.mimetype == "text/html" and UNESCAPED.search(page.text):
                self.faults.setdefault(f"stored and unescaped | {target.path}", address)
            if page.status_code >= 500:
                self.faults.setdefault(f"{page.status_code} afterwards | {target.path}", address)

    # -- what is known about the offices -----------------------------------------------------

    def _digests(self) -> dict[str, str]:
        """Return a digest of each table's rows."""
        return {
            name: hashlib.sha256("\n".join(rows).encode()).hexdigest()
            for name, rows in all_rows().items()
        }

    def _case_numbers(self) -> dict[str, set[str]]:
        """Return the ledger numbers of each story's cases."""
        return {
            name: {
                number
                for number in db.session.scalars(
                    select(Case.ledger_no).where(Case.id.in_(story.rows["cases"]))
                )
                if number
            }
            for name, story in self.made.stories.items()
        }

    def _forbidden_to(self, key: str) -> set[str]:
        """Return the words that nothing sent to this person may hold."""
        words = {name: _tokens(story.words) for name, story in self.made.stories.items()}
        role = PEOPLE.get(key)
        if role in UNIT_ROLES:
            hidden = words["other"] | words["afar"] | (self.numbers["other"] - self.numbers["afar"])
            secret = self.made.stories["secret"].words
            hidden |= {secret["phone"], *_tokens({"reporter_name": secret["reporter_name"]})}
            is_handler = role is Role.UNIT_HANDLER
            return hidden | (words["secret"] | self.numbers["secret"] if is_handler else set())
        if role is not None and role not in ADMIN_ROLES:
            return words["afar"]
        everything = set().union(*words.values())
        # What an administrator is told names an item, as the outbox does; never a person.
        return {word for word in everything if role is None or not word.startswith("南山")}


def _tokens(words: dict[str, str]) -> set[str]:
    """Return the telling part of each word: without the hostile beginning, and short."""
    found = set()
    for text in words.values():
        text = text.rpartition("}}")[2]
        found.add(text.partition("，")[0])
    return found


def _encode(
    fields: list[tuple[str, Any]], files: list[str], rng: random.Random
) -> tuple[str, bytes]:
    """Return content type and body of a form."""
    if not files:
        pairs = [(n, v if isinstance(v, bytes) else (v or "").encode()) for n, v in fields]
        return "application/x-www-form-urlencoded", urlencode(pairs).encode()
    body = b""
    for name, value in fields:
        raw = value if isinstance(value, bytes) else (value or "").encode()
        body += b'--hk\r\nContent-Disposition: form-data; name="%b"\r\n\r\n' % name.encode()
        body += raw.replace(b"--hk", b"") + b"\r\n"
    for name in files:
        stream, called = hostile.file(rng)
        body += b'--hk\r\nContent-Disposition: form-data; name="%b"; ' % name.encode()
        body += b'filename="%b"\r\n\r\n' % called.encode() + stream.read() + b"\r\n"
    return "multipart/form-data; boundary=hk", body + b"--hk--\r\n"
