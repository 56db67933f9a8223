"""What sample_cases.json says to an action; its other arguments stand in courses.json."""

from collections.abc import Callable
from typing import Any

from app.demo.data import member_of, moment
from app.demo.office import Office
from app.domain.states import (
    Category,
    DictKind,
    EvalLevel,
    LimitClass,
    ReporterType,
    ResultType,
    SolvedLevel,
    Source,
)
from app.models import Case

Record = dict[str, Any]
AGENT = "经办人 "


def facts_of(record: Record) -> dict[str, object]:
    """Return what the file says of the intake: who, how, what."""
    company, _, agent = record["reporter"].rpartition(AGENT)
    return {
        "source": member_of(Source, record["source"]),
        "reporter_type": member_of(ReporterType, record["reporter_type"]),
        "company_name": company,
        "reporter_name": agent,
        "phone": record["phone"],
        "category": Category(str(record["category"])),
        "item_name": record["item"],
        "narrative": record["narrative"],
    }


def _dispatch(record: Record, _case: Case, line: Record, office: Office) -> dict[str, Any]:
    lead_kind = line.get("slips", "main")
    lead = next(s["unit"] for s in record["slips"] if s["kind"] == lead_kind)
    co_units = [s["unit"] for s in record["slips"] if s["kind"] == "co"]
    return {
        "lead_unit_id": office.unit(lead).id,
        "co_unit_ids": [office.unit(name).id for name in co_units],
        "limit_class": LimitClass.of_days(record["limit_days"]),
    }


def _extension(record: Record, *_: object) -> dict[str, Any]:
    return {"days": record["extension"]["days"]}


def _decision(record: Record, *_: object) -> dict[str, Any]:
    review = record["group_review"]
    return {"met_at": moment(review["met_at"]), "new_due_at": moment(review["new_due"])}


def _resolve(record: Record, _case: Case, _line: Record, office: Office) -> dict[str, Any]:
    return {
        "result_type": member_of(ResultType, record["result"]),
        "is_achieved": record["achieved"],
        "cause_id": office.entry(DictKind.CAUSE, record["cause"]).id,
    }


def _evaluate(record: Record, case: Case, *_: object) -> dict[str, Any]:
    rating = record["evaluation"] if case.round_no == 1 else record["redo"]["evaluation"]
    return {
        "level": member_of(EvalLevel, rating["level"]),
        "solved": member_of(SolvedLevel, rating["solved"]),
    }


FROM_FILE: dict[str, Callable[..., dict[str, Any]]] = {
    "dispatch": _dispatch,
    "apply_extension": _extension,
    "approve_extension": _extension,
    "record_decision": _decision,
    "resolve": _resolve,
    "evaluate": _evaluate,
}
