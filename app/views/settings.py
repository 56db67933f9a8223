"""系统参数: every number of the plan and of the decisions on one form."""

import datetime as dt
from typing import Any

from flask import g, request, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length

from app.actions.office import (
    BOUNDS,
    CHOICES,
    DEFAULTS,
    POLICY,
    TEXTS,
    load_rules,
    parse_rule,
)
from app.actions.settings import change_rules
from app.clock import now
from app.domain.privacy_notice import PLACEHOLDERS
from app.domain.refusals import Refusal
from app.fab.fields import ChoiceField, Paragraph, Text
from app.fab.form_view import SafeFormView
from app.fab.forms import OfficeForm
from app.views.setting_words import CHOICE_WORDS, GROUPS, SETTING_WORDS, SettingWords

MOST = 1000
# Settings in sentences, with their placeholders.
WORDED = {"privacy_notice": PLACEHOLDERS}


def words_of(name: str, value: object) -> str:
    """Return a setting's value as it reads: 30, 12:00, 是, 交办时."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if value == "":
        return _("everywhere")
    return str(CHOICE_WORDS.get(name, {}).get(str(value), value))


def _field(words: SettingWords) -> Any:
    name, label = words.name, words.label
    if isinstance(getattr(DEFAULTS, name), bool):
        return BooleanField(label)
    if name in CHOICES:
        return ChoiceField(label, choices=lambda: list(CHOICE_WORDS[name].items()))
    if name in TEXTS:
        rows = 8 if name in WORDED else 3
        return TextAreaField(label, [Length(max=MOST)], widget=Paragraph(rows=rows))
    return StringField(label, widget=Text())


class RulesForm(OfficeForm):
    """One field for each setting; a blank means the default."""

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Say beside each field what its value may be."""
        fine = super().validate(*args, **kwargs)
        for name, text in texts_of(self).items():
            try:
                if text.strip():
                    parse_rule(name, text)
            except Refusal:
                self.add_problem(_what_fits(name), name)
                fine = False
        return fine


class SettingsForm(RulesForm):
    """Those that 系统管理员 sets."""


class PolicyForm(RulesForm):
    """Those that 安全管理员 sets."""


for _words in SETTING_WORDS.values():
    setattr(PolicyForm if _words.name in POLICY else SettingsForm, _words.name, _field(_words))


def texts_of(form: OfficeForm) -> dict[str, str]:
    """Return what was filled in, as settings are stored."""
    data = {name: form[name].data for name in SETTING_WORDS if name in form}
    return {
        name: ("1" if value else "0") if isinstance(value, bool) else (value or "")
        for name, value in data.items()
    }


def _what_fits(name: str) -> str:
    if isinstance(getattr(DEFAULTS, name), dt.time):
        return _("A time of day such as 12:00.")
    if name in WORDED:
        return _("Only these placeholders: %(names)s", names=_placeholders(name))
    if name in TEXTS:
        return _("Addresses or networks such as 10.1.2.3 or 10.1.0.0/16, with blanks between them.")
    least, most = BOUNDS.get(name, (0, MOST))
    return _("A whole number from %(least)s to %(most)s.", least=least, most=most)


class SettingsView(SafeFormView):
    """The form; changes hold for what is computed from now on."""

    route_base = "/settings"
    default_view = "this_form_get"
    form = SettingsForm
    form_title = _l("System settings")
    form_template = "reference/settings.html"
    intro = _l(
        "A changed setting holds for what is computed from now on; due times already set stay. An"
        " empty field goes back to the default."
    )

    def form_get(self, form: Any) -> None:
        """Show what is in force."""
        rules = load_rules()
        for name in (name for name in SETTING_WORDS if name in form):
            value = getattr(rules, name)
            form[name].data = value if isinstance(value, bool) else _typed(value)

    def form_post(self, form: Any) -> None:
        """Change what differs."""
        address = request.remote_addr or ""
        change_rules(texts_of(form), by=g.user, address=address, now=now())

    def done_url(self) -> str:
        """Stay on the page."""
        return url_for(f"{self.endpoint}.this_form_get")

    def _page(self, form: Any) -> Any:
        helps = {name: _help(words) for name, words in SETTING_WORDS.items()}
        return self.render_template(
            self.form_template,
            title=self.form_title,
            form=form,
            intro=self.intro,
            groups=[(title, [w for w in group if w.name in form]) for title, group in GROUPS],
            helps=helps,
            submit_label=self.submit_label,
        )


class PolicyView(SettingsView):
    """安全策略: passwords, locks, log-ins and where the three come from; 安全管理员 alone."""

    route_base = "/policy"
    form = PolicyForm
    form_title = _l("Security policy")
    intro = _l("It holds at once for everybody. An empty field goes back to the default.")


def _typed(value: object) -> str:
    return value.strftime("%H:%M") if isinstance(value, dt.time) else str(value)


def _placeholders(name: str) -> str:
    return "，".join(f"{{{key}}}（{gives}）" for key, gives in WORDED[name].items())


def _help(words: SettingWords) -> str:
    if words.name in WORDED:
        names = _placeholders(words.name)
        return _("A paragraph a line. Replaced when it is shown: %(names)s", names=names)
    parts = [_("In %(unit)s", unit=words.unit)] if words.unit else []
    default = words_of(words.name, getattr(DEFAULTS, words.name))
    parts.append(_("Default: %(default)s", default=default))
    if words.source:
        parts.append(_("See %(source)s", source=words.source))
    return "\u3000".join(parts)


def register(appbuilder: AppBuilder) -> None:
    """Add the forms."""
    appbuilder.add_view_no_menu(SettingsView)
    appbuilder.add_view_no_menu(PolicyView)
