"""The words for screens and permissions in the matrix of roles; a test proves them complete."""

from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.views.menu import HOME, MENU

# Screens that are no entry of the menu, by class_permission_name.
OTHER_SCREENS: dict[str, Any] = {
    "OwnPasswordView": _l("Own password"),
    "PasswordView": _l("Passwords of others"),
    "RoleAssignView": _l("Roles of accounts"),
    "NoticeView": _l("Messages"),
    "ApiTokenView": _l("My API tokens"),
    "CasePage": _l("Page of a case"),
    "CaseMoves": _l("Moves of a case"),
    "AttachmentView": _l("Attachments"),
    "IntakeView": _l("Reception entry"),
    "Paper": _l("Printed papers"),
    "SuperviseView": _l("Supervision of a unit"),
    "DutyShiftView": _l("Duty shifts"),
    "TrendView": _l("Month by month"),
}
SCREEN_WORDS: dict[str, Any] = (
    OTHER_SCREENS
    | {entry.view: entry.label for heading in MENU for entry in heading.entries}
    | {HOME.view: HOME.label}
)

PERMISSION_WORDS: dict[str, Any] = {
    "can_list": _l("See the list"),
    "can_show": _l("See the details"),
    "can_read": _l("See"),
    "can_index": _l("See"),
    "can_page": _l("See"),
    "can_year": _l("See"),
    "can_month": _l("See"),
    "can_week": _l("See"),
    "can_series": _l("See"),
    "can_matrix": _l("See"),
    "can_add": _l("Add"),
    "can_edit": _l("Edit"),
    "can_delete": _l("Delete"),
    "can_this_form_get": _l("Open the form"),
    "can_this_form_post": _l("Send the form"),
    "can_userinfo": _l("See own account"),
    "can_reset_password": _l("Reset Password"),
    "can_unlock": _l("Unlock"),
    "can_import_notice": _l("Import the holidays"),
    "can_rotate": _l("Fill in rank order"),
    "can_fill": _l("Fill the week"),
    "can_repeat": _l("Repeat the week"),
    "can_release": _l("Release messages"),
    "can_run": _l("Run now"),
    "can_revoke": _l("Revoke"),
    "can_change": _l("Change"),
    "can_restore": _l("Back to the default"),
    "resend": _l("Resend"),
    "can_read_all": _l("Mark as read"),
    "read": _l("Mark as read"),
    "open": _l("Open"),
    "sign": _l("Sign for slip"),
    "confirm": _l("Confirm and sign"),
    "close_unrated": _l("Archive unrated"),
    "approve": _l("Approve"),
    "can_reveal": _l("See the full number"),
    "can_move": _l("Handle as the workflow allows"),
    "can_register": _l("Register"),
    "can_download": _l("Download"),
    "can_attach": _l("Attach a file"),
    "can_void": _l("Make void"),
    "can_ledger": _l("Print the ledger form"),
    "can_ledger_full": _l("Print with the full number"),
    "can_slips": _l("See the slips"),
    "can_print_slips": _l("Print the slips"),
    "can_form": _l("Print the forms of a case"),
    "can_desk_form": _l("Print visits and refusals"),
    "can_folder": _l("Print the whole folder"),
    "can_folder_full": _l("Print with the full number"),
    "print_slips": _l("Print the slips"),
    "print_ledgers": _l("Print the ledger form"),
    "can_flow": _l("See"),
    "can_export": _l("Export the ledger"),
    "can_export_full": _l("Export with full numbers"),
    "can_supervise": _l("Supervise"),
    "can_feedback": _l("Give feedback"),
    "can_paper": _l("Print and download"),
    "can_rules": _l("See the rules"),
    "can_write": _l("Set rules, leave out, freeze and correct"),
    "can_arrive": _l("Check in"),
    "can_log": _l("See the log"),
    "can_save_log": _l("Write the log"),
    "can_take": _l("Export the audit log"),
}


def give_words(appbuilder: AppBuilder) -> None:
    """Give every view the words for its permissions and, where it has none, its title."""
    for view in appbuilder.baseviews:
        view.permission_labels = PERMISSION_WORDS | getattr(view, "permission_labels", {})
        if not (getattr(view, "title", "") or getattr(view, "form_title", "")):
            view.title = SCREEN_WORDS.get(view.class_permission_name, "")
