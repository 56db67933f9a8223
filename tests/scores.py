"""What the tests of 量化考核 share: rules switched on, and faults of a month."""

from decimal import Decimal

from app.actions.score_rules import set_rules
from app.domain.scoring import EXAMPLE, Rule
from app.domain.states import ScoreKind, SuperviseGround, SupervisionKind
from app.extensions import db
from app.models import Case, Supervision
from tests.factories import Office, at

OCTOBER = "2026-10"
DAY = at("2026-10-20 10:00").date().replace(day=1)
AFTER = at("2026-11-02 09:30")
ALL = tuple(ScoreKind)


def switch_on(office: Office, *kinds: ScoreKind, valid_from: str = OCTOBER) -> None:
    """Set the example's points with these rules on."""
    rules = [Rule(r.kind, r.points, r.cap, r.kind in (kinds or ALL)) for r in EXAMPLE.rules]
    set_rules(
        site_id=office.site.id, valid_from=at(f"{valid_from}-01 00:00").date(),
        base=Decimal(100), rules=rules, is_floored=True, by=office.clerk, now=AFTER,
    )  # fmt: skip


def late_case(office: Office, unit: str = "land") -> Case:
    """Return a case of October that was signed at once and never finished: one red card."""
    case = office.dispatch(office.submit(office.draft()), lead=unit)
    return office.sign(case)


def measure(office: Office, kind: SupervisionKind, unit: str = "land") -> Supervision:
    """Return a measure against a unit in October, tied to no case."""
    row = Supervision(
        site_id=office.site.id, kind=kind, unit_id=office.units[unit].id,
        ground=SuperviseGround.SLOW, requirement="请办理", issued_at=at("2026-10-20 10:00"),
        issued_by_id=office.clerk.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row
