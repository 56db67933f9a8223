"""What a person typed, without what nobody sees: control, direction and zero-width characters."""

import re

# Line and page breaks that are not a keyboard's.
_BREAK = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Cc but for tab, LF and CR; directions; zero width; what is half a character; invisible tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_ONE_LINE = re.compile("[\t\r\n]+")


def seen(text: str, *, lines: bool = True) -> str:
    """Return the text as everybody sees it; a field of one line has no breaks either."""
    text = _UNSEEN.sub("", _BREAK.sub("\n", text))
    return text if lines else _ONE_LINE.sub(" ", text)


def escaped(text: str) -> str:
    """Return the text with all of that, and every line break, spelt out: for a line of the log."""
    return re.sub(
        f"{_BREAK.pattern}|{_UNSEEN.pattern}|[\t\r\n]",
        lambda found: found[0].encode("unicode_escape").decode("ascii"),
        text,
    )
