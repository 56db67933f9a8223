"""The menu of domain/5 §5.1: which view stands behind which entry, in the office's order.

An entry whose view is not registered is absent. Views are added with `add_view_no_menu`.
"""

from dataclasses import dataclass, field
from typing import Any

from flask import current_app, url_for
from flask_appbuilder import AppBuilder
from flask_appbuilder.const import PERMISSION_PREFIX
from flask_appbuilder.menu import MenuItem
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Entry:
    """A line of the menu: its words, the class of its view, and where it leads in that view."""

    label: Any
    view: str
    icon: str
    method: str = ""  # the view's own default view unless said otherwise
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heading:
    """The first level: words, icon, entries."""

    label: Any
    icon: str
    entries: tuple[Entry, ...]


class OfficeItem(MenuItem):
    """FAB's menu item, named after its view's permissions, that may lead into a filtered list."""

    def __init__(self, entry: Entry, view: Any) -> None:
        super().__init__(
            view.class_permission_name, icon=entry.icon, label=entry.label, baseview=view
        )
        self.entry = entry

    @property
    def method(self) -> str:
        """Return the name of the view's method that shows the page."""
        return self.entry.method or str(self.baseview.default_view)

    @property
    def permission(self) -> str:
        """Return the permission that opens the page."""
        return PERMISSION_PREFIX + str(self.baseview.get_method_permission(self.method))

    def get_url(self) -> str:
        """Return the address of the page."""
        return url_for(f"{self.baseview.endpoint}.{self.method}", **self.entry.query)


# A page that answers 404 while the REST interface is shut.
ONLY_WITH_API = "ApiTokenAdminView"

HOME = Entry(_l("Workbench"), "HomeView", "fa-house")

# One entry a line; the order is the office's.
MENU: tuple[Heading, ...] = (
    Heading(
        _l("Reception"),
        "fa-headset",
        (
            Entry(_l("Reception log"), "ReceptionView", "fa-pen-to-square"),
            Entry(_l("Ledger"), "CaseView", "fa-book"),
            Entry(_l("Not accepted"), "RejectionView", "fa-ban"),
            Entry(_l("My exports"), "ExportView", "fa-file-excel"),
        ),
    ),
    Heading(
        _l("Dispatch and handling"),
        "fa-share-nodes",
        (
            Entry(_l("To dispatch"), "ToDispatchView", "fa-paper-plane"),
            Entry(_l("Hand-over slips"), "SlipView", "fa-file-lines"),
            Entry(_l("In handling"), "InHandlingView", "fa-list-check"),
            Entry(_l("Returns and reassignments"), "ReturnRequestView", "fa-rotate-left"),
            Entry(_l("Extensions"), "ExtensionView", "fa-hourglass-half"),
            Entry(_l("Leading group reviews"), "GroupReviewView", "fa-users"),
        ),
    ),
    Heading(
        _l("Supervision and evaluation"),
        "fa-scale-balanced",
        (
            Entry(_l("Measures to issue"), "MeasureDraftView", "fa-file-pen"),
            Entry(_l("Supervision notices"), "SupervisionNoticeView", "fa-bell"),
            Entry(_l("Interviews"), "InterviewView", "fa-comments"),
            Entry(_l("Circulars"), "CircularView", "fa-bullhorn"),
            Entry(_l("Evaluations"), "EvaluationView", "fa-star"),
            Entry(_l("Call-backs"), "CallBackView", "fa-phone"),
            Entry(_l("Bad ratings"), "BadReviewView", "fa-star-half-stroke"),
        ),
    ),
    Heading(
        _l("Leaders on duty"),
        "fa-user-tie",
        (
            Entry(_l("Leader roster"), "LeaderRosterView", "fa-calendar-days"),
            Entry(_l("Leader visits"), "LeaderVisitView", "fa-clipboard-check"),
        ),
    ),
    Heading(
        _l("Statistics"),
        "fa-chart-column",
        (
            Entry(_l("Figures"), "StatisticsView", "fa-table-list"),
            Entry(_l("Ranking of units"), "UnitRankingView", "fa-ranking-star"),
            Entry(_l("Cause analysis"), "CauseView", "fa-chart-pie"),
            Entry(_l("Month by month"), "TrendView", "fa-chart-line"),
            Entry(_l("Monthly circular report"), "MonthlyView", "fa-file-word"),
            Entry(_l("Score sheets"), "ScoreView", "fa-medal"),
        ),
    ),
    Heading(
        _l("Reference data"),
        "fa-building",
        (
            Entry(_l("Units"), "UnitView", "fa-building"),
            Entry(_l("Sites"), "SiteView", "fa-location-dot"),
            Entry(_l("Leading group"), "GroupMemberView", "fa-people-group"),
            Entry(_l("Duty shifts"), "DutyWeekView", "fa-calendar-check"),
            Entry(_l("Working calendar"), "WorkCalendarView", "fa-calendar"),
            Entry(_l("Business hours"), "TimetableView", "fa-clock"),
            Entry(_l("Dictionary"), "DictEntryView", "fa-tags"),
            Entry(_l("Legal bases"), "BasisView", "fa-landmark"),
            Entry(_l("Flow chart of the plan"), "FlowChartView", "fa-diagram-project"),
        ),
    ),
    Heading(
        _l("Administration"),
        "fa-gear",
        (
            Entry(_l("User accounts"), "AccountAdminView", "fa-user"),
            Entry(_l("Roles and permissions"), "RoleMatrixView", "fa-key"),
            Entry(_l("Import"), "ImportView", "fa-file-import"),
            Entry(_l("System settings"), "SettingsView", "fa-sliders"),
            Entry(_l("Number series"), "CounterView", "fa-hashtag"),
            Entry(_l("Message templates"), "NoticeTemplateView", "fa-envelope-open-text"),
            Entry(_l("Outbox"), "OutgoingView", "fa-envelope"),
            Entry(_l("Scheduled jobs"), "JobsView", "fa-clock"),
            Entry(_l("Health"), "HealthView", "fa-heart-pulse"),
            Entry(_l("API tokens"), "ApiTokenAdminView", "fa-plug"),
            Entry(_l("Audit log"), "AuditView", "fa-shield-halved"),
        ),
    ),
)


def lay_out(appbuilder: AppBuilder) -> None:
    """Fill FAB's menu with the entries whose views exist."""
    views = {type(view).__name__: view for view in appbuilder.baseviews}
    if not current_app.config["SETTINGS"].api:
        views.pop(ONLY_WITH_API, None)
    tree = [OfficeItem(HOME, views[HOME.view])] if HOME.view in views else []
    for heading in MENU:
        children = [OfficeItem(e, views[e.view]) for e in heading.entries if e.view in views]
        if children:
            tree.append(
                MenuItem(str(heading.icon), icon=heading.icon, label=heading.label, childs=children)
            )
    appbuilder.menu.menu = tree
