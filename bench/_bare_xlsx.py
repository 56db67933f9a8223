"""Bare xlsxwriter (constant_memory) writing the cells that bench.ledger_xlsx has kept in a file.

Nothing of the application is imported: its peak is the library's own.
"""

import datetime as dt
import pickle
import sys
import time
from collections.abc import Iterator
from typing import Any

import xlsxwriter


def kept_cells(folder: str) -> Iterator[list[Any]]:
    """Read the rows one at a time; the first one holds the number formats."""
    with open(f"{folder}/cells", "rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301 (written by the bench a moment ago)
            except EOFError:
                return


def write(folder: str) -> None:
    """Write every cell with its format, as plainly as it goes."""
    book = xlsxwriter.Workbook(f"{folder}/bare.xlsx", {"constant_memory": True, "tmpdir": folder})
    sheet, rows = book.add_worksheet(), kept_cells(folder)
    looks = [
        book.add_format({"border": 1, "text_wrap": True, "num_format": look}) for look in next(rows)
    ]
    for number, row in enumerate(rows):
        sheet.write_number(number, 0, number + 1)
        for place, value in enumerate(row, 1):
            look = looks[place - 1]
            if isinstance(value, dt.datetime):
                sheet.write_datetime(number, place, value, look)
            elif isinstance(value, int):
                sheet.write_number(number, place, value, look)
            elif value:
                sheet.write_string(number, place, value, look)
            else:
                sheet.write_blank(number, place, None, look)
    book.close()


def peak() -> int:
    """Return the most memory this program ever had, in KB.

    Not ru_maxrss: a child begins with what its parent had before the new program was loaded.
    """
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


if __name__ == "__main__":
    began = time.perf_counter()
    write(sys.argv[1])
    print(time.perf_counter() - began, peak())
