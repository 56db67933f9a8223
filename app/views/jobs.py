"""定时任务: when each job runs, how it went, and a button that lets it run at once.

A web process never runs a job: it writes down that somebody asked, and whoever ticks runs it.
"""

from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.actions.jobs import ask_for_run, change_schedule
from app.clock import now
from app.domain.refusals import Refusal
from app.fab.fields import Text
from app.fab.form_view import SafeFormView
from app.fab.forms import OfficeForm
from app.reports import job_health
from app.reports.job_health import Heartbeat, JobHealth
from app.unit_of_work import unit_of_work
from app.views.job_words import (
    JOB_WORDS,
    JobWords,
    job_label,
    registered,
    schedule_words,
    took_words,
)
from app.views.messages import sentence

PERMISSIONS = "JobsView"
OUTBOX = "/outgoing/list/"
SHOWN = 5  # refused messages; the rest is on the outbox page


@dataclass(frozen=True)
class Line:
    """A job on the page."""

    health: JobHealth
    words: JobWords
    schedule: str
    is_changed: bool

    @property
    def is_asked(self) -> bool:
        """Return whether somebody asked for a run that has not begun."""
        state = self.health.state
        if state is None or state.asked_at is None:
            return False
        return state.last_run_at is None or state.last_run_at < state.asked_at

    @property
    def mark(self) -> tuple[str, str]:
        """Return look and word of the tag."""
        if self.health.is_running:
            return "info", _("Running")
        if self.health.is_late:
            return "red", _("Late")
        if self.health.is_failed:
            return "red", _("Failed")
        if self.health.state is None or self.health.state.last_run_at is None:
            return "muted", _("Not run yet")
        return "done", _("Well")


class JobsView(BaseView):
    """Every job of the office and every process that ticks."""

    route_base = "/jobs"
    default_view = "page"
    class_permission_name = PERMISSIONS
    title = _l("Scheduled jobs")

    @expose("/")
    @has_access
    def page(self) -> Any:
        """Show the jobs, the heartbeats, and what the mail server refused."""
        health = health_now()
        return self.render_template(
            "reference/jobs.html",
            health=health,
            lines=[line_of(job) for job in health.jobs],
            refused=job_health.refused_messages(most=SHOWN),
            outbox=OUTBOX,
            now=now(),
            took=took_words,
        )

    @expose("/run/<name>", methods=["POST"])
    @has_access
    def run(self, name: str) -> Any:
        """Ask for a run at the next tick."""
        if name not in registered():
            abort(404)
        try:
            with unit_of_work():
                ask_for_run(name=name, by=g.user, now=now())
        except Refusal as refusal:
            flash(sentence(refusal), "warning")
        else:
            flash(*_promise(job_label(name)))
        return redirect(url_for("JobsView.page"))


def health_now() -> job_health.Health:
    """Return how jobs, processes and mail stand at this moment."""
    tick = current_app.config["SETTINGS"].tick_seconds
    return job_health.judge(names=list(registered()), tick_seconds=tick, now=now())


def _promise(job: str) -> tuple[str, str]:
    """Return what a person may expect after asking, and how it looks."""
    if health_now().heartbeat is Heartbeat.OK:
        return _("“%(job)s” runs within seconds. Reload the page to see what it did.",
                 job=job), "success"  # fmt: skip
    return _("It is noted that “%(job)s” shall run, but no process runs jobs now.",
             job=job), "warning"  # fmt: skip


def line_of(health: JobHealth) -> Line:
    """Return a job as the pages show it."""
    own = registered()[health.name].schedule
    stored = health.state.schedule if health.state else ""
    schedule = own.as_set(stored)
    return Line(health, JOB_WORDS[health.name], schedule_words(schedule), schedule != own)


class ScheduleForm(OfficeForm):
    """Seconds, or times of day; the days stay."""

    schedule = StringField(_l("Schedule"), widget=Text())


class JobScheduleView(SafeFormView):
    """When one job runs."""

    route_base = "/jobs/schedule"
    class_permission_name = PERMISSIONS
    form = ScheduleForm

    def form_get(self, form: Any) -> None:
        """Show what is in force."""
        name, own = _asked_job()
        health = job_health.jobs(names=[name], now=now())[0]
        form.schedule.data = str(own.as_set(health.state.schedule if health.state else ""))

    def form_post(self, form: Any) -> None:
        """Change it, or go back to the job's own."""
        name, own = _asked_job()
        text = "" if request.form.get("restore") else form.schedule.data or ""
        change_schedule(name=name, own=own, text=text, by=g.user, now=now())

    def done_url(self) -> str:
        """Go back to the jobs."""
        return url_for("JobsView.page")

    def _page(self, form: Any) -> Any:
        name, own = _asked_job()
        return self.render_template(
            "reference/job_schedule.html",
            title=_("%(job)s: when it runs", job=job_label(name)),
            form=form,
            own=schedule_words(own),
            is_rhythm=bool(own.seconds),
            back_url=self.done_url(),
        )


def _asked_job() -> tuple[str, Any]:
    """Return name and own schedule of the job in the address."""
    name = request.args.get("name", "")
    job = registered().get(name) or abort(404)
    return name, job.schedule


def register(appbuilder: AppBuilder) -> None:
    """Add the page and its form."""
    appbuilder.add_view_no_menu(JobsView)
    appbuilder.add_view_no_menu(JobScheduleView)
