"""工作流程图 (annex 2): the plan's boxes in its own words, each with what stands there now."""

from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.models import Site
from app.views.moment import moment


@dataclass(frozen=True)
class Door:
    """A list with one of its tabs, under the words of the count."""

    label: Any
    view: str
    quick: str


@dataclass(frozen=True)
class Box:
    """A box of annex 2: its title, its text, what is counted in it, the arrow that follows."""

    title: str
    text: str
    doors: tuple[Door, ...]
    arrow: str = ""


# 附件2, word for word; the arrows' words stand where the flow has them.
BOXES = (
    Box(
        "接待咨询",
        "了解企业群众在事项办理过程中遇到的有关问题，介绍“办不成事”反映窗口服务范围及流程。"
        "对符合受理范围的填写《问题台账》，及时转审批局督办考核科；"
        "对不符合受理范围的，向反映人做好解释工作。",
        (
            Door(_l("Received today"), "ReceptionView", "today"),
            Door(_l("Accepted today"), "CaseView", "today"),
        ),
        "指导服务",
    ),
    Box(
        "及时转办",
        "审批局督办考核科收到值班人员《问题台账》后，及时填写"
        "《县政务服务中心“办不成事”反映窗口事项交办单》，当日转相关进驻中心窗口、审批局职能科室办理。",
        (
            Door(_l("To dispatch"), "ToDispatchView", "all"),
            Door(_l("Not signed"), "InHandlingView", "unsigned"),
        ),
    ),
    Box(
        "限时办结",
        "对于企业和群众反映能够立即解决的事项，应立即协调解决；对一般办理事项，在1个工作日内解决；"
        "对需要与上级沟通请示或涉及多部门、流程复杂的事项，应形成问题处理说明，"
        "在3个工作日内予以解决或给予当事人妥善答复。对在规定时间内无法办结的，"
        "经由承办窗口、科室提报审批局带班领导批准后适当延期，延期最多不超过7个工作日。"
        "延期后仍不能解决的，提交“办不成事”反映窗口工作领导小组集体研究解决。",
        (
            Door(_l("In progress"), "InHandlingView", "open"),
            Door(_l("Yellow cards"), "InHandlingView", "yellow"),
            Door(_l("Red cards"), "InHandlingView", "red"),
            Door(_l("Extensions to decide"), "ExtensionView", "pending"),
            Door(_l("For the leading group"), "GroupReviewView", "open"),
        ),
        "结果反馈",
    ),
    Box(
        "服务评价",
        "事项办结后，企业群众做出服务评价，将评价结果进行记录，"
        "并反馈给承办窗口（科室）、带班领导。",
        (
            Door(_l("To be rated"), "CallBackView", "to_rate"),
            Door(_l("Bad ratings"), "BadReviewView", "open"),
        ),
    ),
)
ALONGSIDE = Box(
    "跟踪督办",
    "带班领导和督办考核科对问题办理进展情况进行全程督办，及时发现问题、纠正问题、跟踪办结，"
    "确保有反映、办成事、有效果，并接受办事企业和群众的服务评价。",
    (
        Door(_l("Supervision notices"), "SupervisionNoticeView", "open"),
        Door(_l("Interviews"), "InterviewView", "open"),
    ),
)


class FlowChartView(BaseView):
    """The chart as a page."""

    route_base = "/flow"
    default_view = "flow"
    title = _l("Flow chart of the plan")

    @expose("/", methods=["GET"])
    @has_access
    def flow(self) -> Any:
        """Show the boxes with today's counts; each opens its list."""
        boxes = [(box, self._counts(box)) for box in BOXES]
        return self.render_template(
            "work/flow.html", boxes=boxes, beside=(ALONGSIDE, self._counts(ALONGSIDE)),
            chart_title=chart_title(),
        )  # fmt: skip

    def _counts(self, box: Box) -> list[tuple[Any, int, str]]:
        """Return words, number and address of the lists this person may open."""
        views = {type(view).__name__: view for view in self.appbuilder.baseviews}
        return [
            (door.label, count_in(views[door.view], door.quick),
             url_for(f"{door.view}.list", quick=door.quick))
            for door in box.doors
            if self.appbuilder.sm.has_access("can_list", views[door.view].class_permission_name)
        ]  # fmt: skip


def chart_title() -> str:
    """Return the title of annex 2, with the name of this person's centre."""
    site = db.session.get(Site, next(iter(moment().site_ids), 0))
    return f"{site.head if site else ''}“办不成事”反映窗口工作流程图"


def count_in(view: Any, quick: str) -> int:
    """Return how many rows a list shows this person under one of its tabs, by its own filters."""
    query = view.scope(db.session.query(view.datamodel.obj))
    step = next(tab[2] for tab in view.quick_filters if tab[0] == quick)
    return int(step(query, g.user, moment().now).count())


def register(appbuilder: AppBuilder) -> None:
    """Add the chart."""
    appbuilder.add_view_no_menu(FlowChartView)
