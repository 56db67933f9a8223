"""基础信息: sites, units, the leading group and the word lists, with what they must not be."""

import datetime as dt
from collections.abc import Mapping
from functools import singledispatch

from flask_appbuilder import Model
from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from app.domain.refusals import Code, Refusal
from app.domain.states import DictKind
from app.extensions import db
from app.models import Account, DictEntry, GroupMember, Site, Unit


def save(record: Model, values: Mapping[str, object], *, by: Account, now: dt.datetime) -> Model:
    """Write the values into a new or stored record of reference data, or refuse them."""
    with db.session.no_autoflush:  # a half-filled record must not meet the queries of the check
        for name, value in values.items():
            setattr(record, name, value.strip() if type(value) is str else value)
        check(record)
    db.session.add(record)
    db.session.flush()
    return record


def remove(record: Model, *, by: Account, now: dt.datetime) -> None:
    """Delete a record that nothing refers to; the database refuses any other."""
    db.session.delete(record)
    db.session.flush()


@singledispatch
def check(record: Model) -> None:
    """Raise the Refusal of a record that contradicts the others; most cannot."""


@check.register
def _(site: Site) -> None:
    _require_free(site, Site.name == site.name)


@check.register
def _(unit: Unit) -> None:
    _require_free(unit, Unit.name == unit.name, Unit.site_id == unit.site.id)


@check.register
def _(entry: DictEntry) -> None:
    _require_free(entry, DictEntry.name == entry.name, DictEntry.kind == entry.kind)
    upper = entry.parent
    if upper is None:
        return
    is_upper = upper.kind == entry.kind == DictKind.CAUSE and upper.parent_id is None
    has_lower = entry.id is not None and _exists(DictEntry, DictEntry.parent_id == entry.id)
    if not is_upper or has_lower or upper.id == entry.id:
        raise Refusal(Code.TWO_LEVELS_ONLY, field="parent")


@check.register
def _(member: GroupMember) -> None:
    """Nobody sits in the group twice at a time, and it has one head at a time (R40)."""
    if member.valid_to and member.valid_to < member.valid_from:
        raise Refusal(Code.FIELD_INVALID, field="valid_to")
    overlapping = [
        GroupMember.site_id == member.site.id,
        GroupMember.valid_to.is_(None) | (GroupMember.valid_to >= member.valid_from),
        GroupMember.id != (member.id or 0),
    ]
    if member.valid_to:
        overlapping.append(GroupMember.valid_from <= member.valid_to)
    if _exists(GroupMember, GroupMember.account_id == member.account.id, *overlapping):
        raise Refusal(Code.OVERLAP, field="valid_from")
    if member.is_head and _exists(GroupMember, GroupMember.is_head.is_(True), *overlapping):
        raise Refusal(Code.OVERLAP, field="is_head")


def _require_free(record: Site | Unit | DictEntry, *same: ColumnElement[bool]) -> None:
    kind = type(record)
    if _exists(kind, *same, kind.id != (record.id or 0)):
        raise Refusal(Code.NAME_TAKEN, field="name")


def _exists(kind: type[Site | Unit | DictEntry | GroupMember], *where: ColumnElement[bool]) -> bool:
    return db.session.execute(select(kind.id).where(*where).limit(1)).first() is not None
