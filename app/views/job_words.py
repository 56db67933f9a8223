"""The words for the scheduled jobs: on the jobs page, in the commands and in docs/jobs.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.schedules import Days, Schedule

# Under which create_app lays down the registry: screens and jobs do not know each other.
EXTENSION = "jobs"
UNKNOWN = "—"


@dataclass(frozen=True)
class JobWords:
    """A job's name, one line of what it does, and what it never does twice."""

    label: Any
    what: Any
    once: Any


JOB_WORDS: dict[str, JobWords] = {
    "scan-deadlines": JobWords(
        _l("Watch the deadlines"),
        _l(
            "Looks at every case whose time has come: reminders, cards, the steps of supervision,"
            " overdue extensions to the leading group."
        ),
        _l("One notice a person, case, stage, round and channel."),
    ),
    "send-mail": JobWords(
        _l("Send messages"),
        _l("Delivers the outbox by e-mail and the other channels, and tries again what failed."),
        _l("A message the server has accepted is not sent again."),
    ),
    "send-digest": JobWords(
        _l("To-do digest"),
        _l("Sends everybody what waits for them, by the time left; nothing to do, no message."),
        _l("One digest a person and day."),
    ),
    "send-overdue": JobWords(
        _l("Overdue summary"),
        _l("Sends the overdue cases with their units to the supervision section and the leader."),
        _l("One summary a person and time of day."),
    ),
    "archive-audit": JobWords(
        _l("Archive the audit log"),
        _l("Writes the entries of past months to a file outside the database, once a month."),
        _l("An entry stands in one file."),
    ),
    "send-weekly": JobWords(
        _l("Weekly report"),
        _l("Sends last week's figures with the ledger attached to the roles that were set."),
        _l("One report a person and week."),
    ),
    "send-monthly": JobWords(
        _l("Monthly report"),
        _l("Sends last month's figures with the ledger attached to the roles that were set."),
        _l("One report a person and month."),
    ),
    "check-calendar": JobWords(
        _l("Check the holidays"),
        _l("Reminds of next year's holidays while they are missing, and lists provisional times."),
        _l("One reminder a person and week."),
    ),
    "mask-records": JobWords(
        _l("Mask personal data"),
        _l(
            "Makes names and telephone numbers unreadable for good when the time of keeping them"
            " is over; open and reopened matters are left alone."
        ),
        _l("A record is masked once; what is masked already is passed over."),
    ),
    "check-roster": JobWords(
        _l("Check the rosters"),
        _l("Reports days without leader or desk among the next five working days."),
        _l("One report a person and day."),
    ),
    "backup": JobWords(
        _l("Backup"),
        _l(
            "Writes a whole copy of database and attachments, checks it and removes the oldest"
            " ones."
        ),
        _l("A copy that is there is never overwritten."),
    ),
    "anchor-audit": JobWords(
        _l("Anchor the audit log"),
        _l("Writes the head of the audit log outside the database, so that a cut is found."),
        _l("The same head written twice says the same."),
    ),
    "write-exports": JobWords(
        _l("Write exports"),
        _l(
            "Writes the ledgers people asked for, and removes the files that were kept long enough."
        ),
        _l("An export is written by one process; if that dies, another begins it anew."),
    ),
}

DAY_WORDS: dict[Days, Any] = {
    Days.ALL: _l("daily"),
    Days.WORKDAYS: _l("on working days"),
    Days.WEEKLY: _l("on the first working day of the week"),
    Days.MONTHLY: _l("on the first working day of the month"),
}


def registered() -> Mapping[str, Any]:
    """Return the jobs of this application by name, in the order of the registry."""
    jobs: Mapping[str, Any] = current_app.extensions[EXTENSION]
    return jobs


def job_label(name: str) -> str:
    """Return a job's name as people say it."""
    return str(JOB_WORDS[name].label) if name in JOB_WORDS else name


def schedule_words(schedule: Schedule) -> str:
    """Return when a job runs: every 30 seconds; on working days 09:00, 14:00."""
    if not schedule.seconds:
        times = "、".join(f"{time:%H:%M}" for time in schedule.times)
        return f"{DAY_WORDS[schedule.days]} {times}"
    if schedule.seconds % 60:
        return _("every %(n)s seconds", n=schedule.seconds)
    return _("every %(n)s minutes", n=schedule.seconds // 60)


def took_words(seconds: float | None) -> str:
    """Return how long a run took."""
    if seconds is None:
        return UNKNOWN
    if seconds < 90:
        return _("%(n)s s", n=f"{seconds:.1f}" if seconds >= 0.05 else "<0.1")
    return _("%(n)s min", n=f"{seconds / 60:.1f}")


def jobs_markdown() -> str:
    """Return docs/jobs.md, always in Chinese."""
    with current_app.test_request_context("/"), force_locale("zh"):
        rows = [_doc_row(name, job.schedule) for name, job in registered().items()]
    return "\n".join([*_DOC_HEAD, *rows, *_DOC_FOOT]) + "\n"


def _doc_row(name: str, schedule: Schedule) -> str:
    words = JOB_WORDS[name]
    cells = (f"`{name}`", words.label, schedule_words(schedule), words.what, words.once)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


_DOC_HEAD = (
    "# 定时任务",
    "",
    "本页由 `flask --app run docs write` 从 `app/jobs/registry.py` 生成，"
    "测试核对两者一致；请勿手工修改。",
    "运行时间是出厂设置，系统管理员可在“系统管理—定时任务”页面修改；工作日按各服务场所的工作日历计算。",
    "",
    "| 名称 | 任务 | 运行时间 | 做什么 | 不会重复的 |",
    "|---|---|---|---|---|",
)
_DOC_FOOT = (
    "",
    "## 规则",
    "",
    "- 到期未运行的（停机、断电），恢复后补一次，不按错过的次数补；摘要和汇总只补当日的。",
    "- 任意多个进程、任意多台主机同时运行，每次只有一个进程执行；它中途被终止的，由另一个接替。",
    "- 一个任务失败不影响其他任务，1分钟后重试；失败原因显示在“定时任务”页面和 "
    "`flask --app run jobs list` 中。",
    "- 服务器时钟被拨快、拨慢后，按新的时间继续；已经执行过的时点不再执行。",
    "- 页面上的“立即运行”只是把下次运行时间改为现在，由执行定时任务的进程在几秒内运行。",
    "",
    "怎样部署和监控，见 [deploy.md](deploy.md) 第四节。",
)
