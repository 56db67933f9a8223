"""What the application is made of: docs/sbom.cdx.json and docs/licences.md, from what is installed.

`python -m docs.parts` writes both (`make sbom`); the tests hold them against the environment.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT, CONSTRAINTS = ROOT / "pyproject.toml", ROOT / "constraints.txt"
SBOM, LICENCES = ROOT / "docs" / "sbom.cdx.json", ROOT / "docs" / "licences.md"
# The lists are those of the office's usual server, whatever machine writes them.
SERVER = {
    "python_version": "3.11", "python_full_version": "3.11.9", "sys_platform": "linux",
    "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64",
    "implementation_name": "cpython", "platform_python_implementation": "CPython",
}  # fmt: skip
FAMILIES = re.compile(
    r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|LGPL|Lesser General|MPL|Mozilla Public"
    r"|Zope Public|ZPL|Unlicense|0BSD|CC0|Zlib"
)
# Whose metadata name no licence that can be read: what their own files say.
EXPLAINED: dict[str, str] = {}
# What a buyer's lawyer asks about first.
NOTE = """\
说明：LGPL、MPL 的组件均以库的形式原样调用、未作修改，可由使用方自行替换；
没有 GPL、AGPL 和禁止商用的组件。升级依赖后用 `make sbom` 重新生成；
已公布的漏洞在能联网的机器上核对，办法见 [deploy.md](deploy.md)。
"""


@dataclass
class Part:
    """One installed distribution: what brought it, and for a direct one, what it is for."""

    name: str
    version: str
    licence: str
    reason: str = ""
    brought_by: set[str] = field(default_factory=set)


def reasons(text: str) -> dict[str, str]:
    """Return the comment above each requirement of pyproject.toml, by the canonical name."""
    found: dict[str, str] = {}
    comment, is_read = "", False
    for line in map(str.strip, text.splitlines()):
        match = re.match(r'"([A-Za-z0-9._-]+)', line)
        if match:
            found.setdefault(canonicalize_name(match[1]), comment)
        elif line.startswith("#"):
            comment = "" if is_read else comment
            comment = f"{comment} {line.lstrip('# ')}".strip()
        is_read = bool(match)  # one reason may stand above two lines
    return found


def closure(lines: list[str]) -> dict[str, Part]:
    """Return every distribution that the requirements bring with them, by the canonical name."""
    why = reasons(PYPROJECT.read_text(encoding="utf-8"))
    parts: dict[str, Part] = {}
    waiting = [(Requirement(line), "") for line in lines]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, by = waiting.pop()
        key = canonicalize_name(requirement.name)
        if key not in parts:
            found = distribution(requirement.name)
            parts[key] = Part(found.metadata["Name"], found.version, licence(requirement.name))
        if by:
            parts[key].brought_by.add(by)
        else:
            parts[key].reason = why[key]
        for extra in ("", *requirement.extras):
            if (key, extra) not in seen:
                seen.add((key, extra))
                waiting += [(each, parts[key].name) for each in _needs(requirement.name, extra)]
    return dict(sorted(parts.items()))


def _needs(name: str, extra: str) -> Iterator[Requirement]:
    for line in distribution(name).requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        is_of_extra = marker is not None and "extra" in str(marker)
        if bool(extra) == is_of_extra and (
            marker is None or marker.evaluate(SERVER | {"extra": extra})
        ):
            yield requirement


def licence(name: str) -> str:
    """Return the licence as the distribution's own metadata name it, or as explained here."""
    if name in EXPLAINED:
        return EXPLAINED[name]
    metadata = distribution(name).metadata
    if metadata.get("License-Expression"):
        return str(metadata["License-Expression"])
    classified = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or ()
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    first = (metadata.get("License") or "").strip().partition("\n")[0]
    return "; ".join(classified) or first or "UNKNOWN"


def requirements() -> tuple[list[str], list[str]]:
    """Return what runs, and what only tests and builds."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return project["dependencies"], [*extras["test"], *extras["dev"]]


def licences_page() -> str:
    """Return docs/licences.md."""
    runtime, other = (closure(lines) for lines in requirements())
    text = [
        "# 依赖组件和许可证",
        "",
        "本页由 `make sbom` 生成，测试核对与实际安装的一致。",
        "",
        NOTE,
    ]
    text += ["## 随系统运行", "", *_table(runtime)]
    text += ["", "## 只用于测试和构建（不随系统部署）", ""]
    text += _table({key: part for key, part in other.items() if key not in runtime})
    return "\n".join(text) + "\n"


def _table(parts: dict[str, Part]) -> list[str]:
    lines = ["| 组件 | 版本 | 许可证 | 来由 | 用途或由谁带入 |", "|---|---|---|---|---|"]
    for part in parts.values():
        kind = "直接" if part.reason else "带入"
        why = part.reason or "、".join(sorted(part.brought_by, key=str.lower))
        lines.append(f"| {part.name} | {part.version} | {part.licence} | {kind} | {why} |")
    return lines


def bill() -> str:
    """Return the runtime's bill of materials in CycloneDX, the same every time it is asked."""
    printed = subprocess.run(  # noqa: S603 # nosec B603 (our own words, no shell)
        [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "environment", "--short-PURLs",
         "--output-reproducible", "--of", "JSON", "--sv", "1.6", "--no-validate",
         "--pyproject", str(PYPROJECT), sys.executable],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    bom = json.loads(printed)
    wanted = set(closure(requirements()[0]))
    kept = [c for c in bom["components"] if canonicalize_name(c["name"]) in wanted]
    refs = {c["bom-ref"] for c in kept} | {bom["metadata"]["component"]["bom-ref"]}
    bom["components"] = kept
    bom["dependencies"] = [
        link | ({"dependsOn": [ref for ref in link["dependsOn"] if ref in refs]}
                if "dependsOn" in link else {})
        for link in bom["dependencies"] if link["ref"] in refs
    ]  # fmt: skip
    return json.dumps(_bare(bom), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _bare(node: Any) -> Any:
    """Drop addresses and whatever tells of the machine or the day."""
    if isinstance(node, list):
        return [_bare(each) for each in node]
    if not isinstance(node, dict):
        return node
    gone = {"externalReferences", "serialNumber", "timestamp", "properties", "tools", "evidence"}
    return {key: _bare(value) for key, value in node.items() if key not in gone}


def main() -> None:
    """Write both."""
    SBOM.write_text(bill(), encoding="utf-8")
    LICENCES.write_text(licences_page(), encoding="utf-8")
    print(f"docs/{SBOM.name}\ndocs/{LICENCES.name}")


if __name__ == "__main__":
    main()
