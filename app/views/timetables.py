"""办公时间: the hours of a site, valid from a date on; they decide when a limit ends."""

from typing import Any, ClassVar

from flask import g
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import DataRequired

from app.actions.timetables import remove_timetable, save_timetable
from app.clock import now
from app.fab.fields import TickField
from app.fab.formats import WEEKDAYS
from app.fab.interface import EagerInterface
from app.models import Timetable
from app.views.records import RecordView, own_sites, site_filter


def weekday_words(digits: str) -> str:
    """Return 周一至周五 for 12345, else the days one by one."""
    names = [str(WEEKDAYS[int(digit) - 1]) for digit in sorted(digits)]
    if len(names) > 2 and int(max(digits)) - int(min(digits)) == len(names) - 1:
        return _("%(first)s to %(last)s", first=names[0], last=names[-1])
    return "、".join(names)


def _weekdays_field() -> dict[str, Any]:
    return {
        "weekdays": TickField(
            _l("Weekdays"),
            [DataRequired()],
            choices=[(str(number), word) for number, word in enumerate(WEEKDAYS, start=1)],
            default=list("1234567"),
        )
    }


class TimetableView(RecordView):
    """办公时间, with two spans a day; a season is two timetables one after the other."""

    datamodel = EagerInterface(Timetable)
    route_base = "/timetables"
    title = _l("Business hours")
    singular = _l("business hours")
    list_columns: ClassVar[list[str]] = [
        "name",
        "valid_from",
        "valid_to",
        "weekdays",
        "am_start",
        "am_end",
        "pm_start",
        "pm_end",
    ]
    edit_columns = list_columns
    add_columns: ClassVar[list[str]] = ["site", *list_columns, "ends_previous"]
    show_columns: ClassVar[list[str]] = ["site", *list_columns]
    search_columns: ClassVar[list[str]] = ["name"]
    order_columns: ClassVar[list[str]] = ["valid_from"]
    base_order = ("valid_from", "asc")
    label_columns: ClassVar[dict[str, Any]] = {
        "site": _l("Site"),
        "name": _l("Name"),
        "valid_from": _l("Valid from"),
        "valid_to": _l("Valid to"),
        "weekdays": _l("Weekdays"),
        "am_start": _l("Morning from"),
        "am_end": _l("Morning to"),
        "pm_start": _l("Afternoon from"),
        "pm_end": _l("Afternoon to"),
        "ends_previous": _l("End the hours in force until then"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "valid_to": _l("Empty: until further notice."),
        "weekdays": _l("Make-up working days keep the hours of the week before."),
        "am_start": _l("A half-day closed every week: leave its two fields empty."),
    }
    formatters_columns: ClassVar[dict[str, Any]] = {"weekdays": weekday_words}
    add_form_extra_fields = _weekdays_field() | {
        "ends_previous": BooleanField(
            _l("End the hours in force until then"),
            description=_l("Ticked: they end the day before the new ones begin."),
        )
    }
    edit_form_extra_fields = _weekdays_field()
    choices_from: ClassVar[dict[str, Any]] = {"site": own_sites}
    choice_filters: ClassVar[list[Any]] = [site_filter(Timetable.site_id)]
    empty_text = _l("No business hours yet.")

    def values(self, form: Any) -> dict[str, Any]:
        """Write the ticked weekdays as digits."""
        return {**super().values(form), "weekdays": "".join(sorted(form.weekdays.data))}

    def save(self, record: Any, form: Any) -> Any:
        """Save, and remember how many due times followed."""
        g.recomputed = save_timetable(
            record,
            self.values(form),
            ends_previous="ends_previous" in form and form.ends_previous.data,
            by=g.user,
            now=now(),
        )
        return record

    def remove(self, item: Any) -> None:
        """Take away, unless working days would be left without hours."""
        g.recomputed = remove_timetable(item, by=g.user, now=now())


def register(appbuilder: AppBuilder) -> None:
    """Add the screen."""
    appbuilder.add_view_no_menu(TimetableView)
