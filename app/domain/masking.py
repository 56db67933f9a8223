"""Names and numbers as lists and whatever leaves the house show them (domain/4 §4.2)."""

import re
from collections.abc import Iterable

ANONYMOUS = "（匿名）"
FEWEST_DIGITS = 7  # of a phone number
# What people write before a number goes with it: （电话138…） becomes （电话略）.
LABEL = r"(?:(?<![打来])(?:联系)?(?:电话|手机)(?:号码?)?[:：是为 ]*)?"
ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


def masked_phone(phone: str) -> str:
    """Return 138****5678: the first three and the last four digits (§4.2)."""
    if len(phone) < 8:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}"


def masked_name(name: str) -> str:
    """Return 张*, 张*明: first and last character only (§4.2)."""
    if len(name) < 2:
        return name and "*"
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def without_reporter(text: str, *, name: str, company: str, phone: str) -> str:
    """Return a text that nobody can tell the reporter from: 交办单 carries no such data (§3.3)."""
    text = unnamed(text, names=(name,), companies=(company,), phones=(phone,))
    return ID_NUMBER.sub("（证件号略）", text)


def unnamed(
    text: str, *, names: Iterable[str], phones: Iterable[str], companies: Iterable[str] = ()
) -> str:
    """Return a text without these names and numbers, whatever stands around them.

    A name of one character is no name: it would be cut out of ordinary words. What is masked for
    good (张*) names nobody.
    """
    for words, instead in ((companies, "反映企业"), (names, "反映人")):
        # The longest first: 张明 is part of 张明华.
        for word in sorted(
            {word for word in words if len(word) > 1 and "*" not in word}, key=len, reverse=True
        ):
            # 反映人张明 is 反映人 too, not 反映人反映人.
            text = re.sub(f"(?:{instead})?{re.escape(word)}", instead, text)
    written = _digits(text)
    for phone in set(phones):
        digits = _digits(phone)
        if len(digits) >= FEWEST_DIGITS and "*" not in phone and digits in written:
            # Also as people write it: 138-0000 1234, in digits of full width.
            either = (f"[{digit}{chr(ord('０') + int(digit))}]" for digit in digits)
            number = LABEL + r"[-\s]*".join(either)
            text = re.sub(r"(?<=[（(])" + number, "电话略", text)
            text = re.sub(number, "（电话略）", text)
    return text


def _digits(text: str) -> str:
    return "".join(str(int(sign)) for sign in text if sign.isdecimal())


def written_reporter(name: str, company: str, *, is_anonymous: bool) -> str:
    """Return who reported it as the ledger writes it (R60): 企业 经办人 姓名, or the name."""
    if is_anonymous:
        return ANONYMOUS
    if company:
        return f"{company}经办人 {name}" if name else company
    return name
