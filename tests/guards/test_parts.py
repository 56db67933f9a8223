"""The bill of materials and the list of licences say what is installed, and nothing else."""

import json
import re

import pytest
from packaging.utils import canonicalize_name

from docs.parts import (
    CONSTRAINTS,
    FAMILIES,
    LICENCES,
    SBOM,
    Part,
    closure,
    licences_page,
    requirements,
)

RENEW = "run: make sbom"
COPYLEFT = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public|SSPL|Commons Clause|Non-?Commercial")


@pytest.fixture(scope="module")
def runtime() -> dict[str, Part]:
    return closure(requirements()[0])


def test_bill_lists_exactly_what_runs_at_the_versions_of_constraints(
    runtime: dict[str, Part],
) -> None:
    bom = json.loads(SBOM.read_text(encoding="utf-8"))
    listed = {canonicalize_name(c["name"]): c["version"] for c in bom["components"]}
    assert listed == {name: part.version for name, part in runtime.items()}, RENEW
    pins = dict(
        line.split("==")
        for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines()
        if "==" in line
    )
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    assert {name: pinned.get(name) for name in listed} == listed
    assert len(bom["dependencies"]) == len(listed) + 1


def test_bill_tells_of_no_machine_no_day_and_no_host() -> None:
    text = SBOM.read_text(encoding="utf-8")
    assert re.findall(r"\w+://[^/\"]+", text) == ["http://cyclonedx.org"], "its schema only"
    assert not re.search(
        r"serialNumber|timestamp|externalReferences|file:|/home/|/usr/|/work/", text
    )


def test_page_of_licences_says_what_is_installed() -> None:
    assert LICENCES.read_text(encoding="utf-8") == licences_page(), RENEW


def test_every_licence_is_known_and_lets_an_office_use_the_part() -> None:
    everything = [part for lines in requirements() for part in closure(lines).values()]
    unknown = {part.name: part.licence for part in everything if not FAMILIES.search(part.licence)}
    assert not unknown
    assert not {p.name: p.licence for p in everything if COPYLEFT.search(p.licence)}


def test_every_direct_part_has_its_reason() -> None:
    direct = [p for lines in requirements() for p in closure(lines).values() if not p.brought_by]
    assert direct
    assert not [part.name for part in direct if not part.reason]
