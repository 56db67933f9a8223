"""`python run.py` at a time of the tests' choosing: the demo's rosters and cases have dates."""

import runpy
import sys
from datetime import datetime

import time_machine

from config import ROOT

if __name__ == "__main__":
    # The server's clock starts here and runs on; nothing of the application is replaced.
    time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=True).start()
    runpy.run_path(str(ROOT / "run.py"), run_name="__main__")
