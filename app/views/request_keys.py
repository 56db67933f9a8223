"""Why the interface does not take an Idempotency-Key."""

from flask_babel import gettext as _

from app.fab.api import ApiProblem
from app.web.form_keys import HEADER, Misuse, Misused


def problem_of_key(error: Misused) -> ApiProblem:
    """Return why a key is not taken: it is none, or belongs to something else."""
    if error.why is Misuse.MISSING:
        words = _("A key is 16 to 128 letters, digits or signs.")
        return ApiProblem(400, "key_invalid", words, field=HEADER)
    words = _("This key was used for something else. A new request needs a new key.")
    return ApiProblem(409, "key_used", words, field=HEADER)
