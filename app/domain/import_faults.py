"""Why a file, or a cell of it, cannot be imported: a fault and facts, no sentences."""

import enum


class Fault(enum.StrEnum):
    """Every way an import is refused; `views.import_words` has the words for each."""

    # the file
    NOT_READABLE = "not_readable"
    OLD_FORMAT = "old_format"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    HOSTILE = "hostile"
    ENCODING = "encoding"
    NO_HEADER = "no_header"
    COLUMN_TWICE = "column_twice"
    NO_ROWS = "no_rows"
    # a cell by itself
    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL = "control"
    FORMULA = "formula"
    ERROR_VALUE = "error_value"
    NOT_DATE = "not_date"
    NOT_TIME = "not_time"
    NOT_NUMBER = "not_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_YES_NO = "not_yes_no"
    NOT_CHOICE = "not_choice"
    NOT_PHONE = "not_phone"
    DIGITS_LOST = "digits_lost"
    MASKED = "masked"
    NOT_NUMBER_OF_LEDGER = "not_number_of_ledger"
    NOT_NUMBER_OF_SLIP = "not_number_of_slip"
    NOT_WEEKDAYS = "not_weekdays"
    # a row among the others, and beside the database
    TWICE = "twice"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_PERSON = "unknown_person"
    NAMESAKES = "namesakes"
    OTHER_PERSON = "other_person"
    NUMBER_TAKEN = "number_taken"
    OTHER_YEAR = "other_year"
    SLIPS_AND_UNITS = "slips_and_units"
    LIMIT_MISSING = "limit_missing"
    UNIT_MISSING = "unit_missing"
    FUTURE = "future"
    TOO_EARLY = "too_early"
    NOT_ON_TIME = "not_on_time"
    ACHIEVED_MISSING = "achieved_missing"


class BadImport(Exception):
    """A file, a row or a cell that cannot be taken; `facts` fill the sentence."""

    def __init__(self, fault: Fault, **facts: object) -> None:
        super().__init__(fault, facts)
        self.fault = fault
        self.facts = facts
