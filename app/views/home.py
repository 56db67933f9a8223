"""工作台: the page behind “/”, for each role its own (domain/6)."""

from typing import Any

from flask import g, redirect
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import permission_name
from flask_login import current_user

from app.actions.leaders import half_of_day
from app.actions.openings import open_now
from app.domain.states import ADMIN_ROLES, UNIT_ROLES, Half, Role
from app.reports import health, job_health
from app.reports.duty import on_duty, roster_holes
from app.reports.figures import COHORTS
from app.views.accounts import unused_count
from app.views.case_rows import due_text, left_text
from app.views.home_counters import counters, unread_rating_count
from app.views.home_parts import briefs, drafts_left, figure_cards, todo_lines
from app.views.job_words import registered
from app.views.labels import label
from app.views.leader_visits import own_visits
from app.views.list_words import waiting_word
from app.views.moment import moment

LEADING = frozenset({Role.DUTY_LEADER, Role.GROUP_HEAD})
GROUP = frozenset({Role.GROUP_HEAD, Role.GROUP_MEMBER})


WORDS = {
    "waiting": waiting_word,
    "left": left_text,
    "due": due_text,
}
"""What the lines of the page are written with."""


class HomeView(BaseView):
    """Everybody lands here; a stranger is sent to the log-in page."""

    route_base = ""
    class_permission_name = "HomeView"
    default_view = "index"

    @expose("/", methods=["GET"])
    @permission_name("index")
    def index(self) -> Any:
        """Show what waits for the person, the figures, and who is on duty."""
        if not current_user.is_authenticated:
            return redirect(self.appbuilder.get_url_for_login)
        roles = moment().roles
        page: dict[str, Any] = {"roles": {role.value for role in roles}, **_duty()}
        if roles - ADMIN_ROLES - {Role.EMERGENCY}:
            page |= _business(roles)
        if roles & {Role.SYS_ADMIN, Role.EMERGENCY}:
            page |= _health()
        if roles & (ADMIN_ROLES | {Role.EMERGENCY}):
            page["emergency"] = open_now(moment().now)
        return self.render_template("home/index.html", **page)


def _business(roles: frozenset[Role]) -> dict[str, Any]:
    is_unit = roles <= UNIT_ROLES
    page: dict[str, Any] = {
        "figures": figure_cards(("on_time",) if is_unit else tuple(COHORTS)),
        "counters": counters(),
        "todo": todo_lines(most=60 if is_unit else 12),
        "words": WORDS,
        "unread_ratings": unread_rating_count(),
        "is_unit": is_unit,
        "has_work": bool(roles - {Role.COUNTY_VIEWER, Role.GROUP_MEMBER}),
    }
    if roles & GROUP:
        page["briefs"] = briefs()
    if Role.DUTY_OFFICER in roles:
        page["drafts_left"] = drafts_left()
    if roles & LEADING:
        page |= {"half_now": half_of_day(moment().now), "visits": own_visits()}
    return page


def _duty() -> dict[str, Any]:
    at = moment()
    if not at.site_ids or not at.roles:
        return {"duty": None}
    site_id = at.site_ids[0]
    duty = on_duty(site_id=site_id, day=at.now.date())
    return {
        "duty": duty,
        "halves": Half,
        "half_word": label,
        "today": at.now,
        "is_workday": at.calendar(site_id).is_workday(at.now.date()),
        "leads_today": duty.leader is not None and duty.leader.id == g.user.id,
    }


def _health() -> dict[str, Any]:
    """Return what the administrator must mend: rosters, calendar years, jobs; no business."""
    at, today = moment(), moment().now.date()
    page: dict[str, Any] = {"next_day": None, "holes": []}
    if at.site_ids:
        site_id = at.site_ids[0]
        page["next_day"] = at.calendar(site_id).next_workday(today)
        page["holes"] = roster_holes(site_id=site_id, day=page["next_day"])
    # The next year's notice comes out in November.
    last = today.year if today.month < 11 else today.year + 1
    years = [y.year for y in health.calendar_years(today) if not y.is_published]
    page["years_missing"] = [year for year in years if today.year <= year <= last]
    jobs = job_health.jobs(names=list(registered()), now=at.now)
    page["unused_count"] = unused_count(at.now)
    page["jobs_ill"] = [job for job in jobs if not job.is_well]
    return page
