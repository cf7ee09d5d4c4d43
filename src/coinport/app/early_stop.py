"""An early stop: a signal that comes before an exchange is ready ends it as a later one does, with
a word and exit code 0. Nothing was promised to anybody yet, and the journal is whole at any moment.
"""

import signal
import sys
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def arm() -> None:
    """Until `running` looks after the signals itself."""
    for number in SIGNALS:
        signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    for each in SIGNALS:  # a signal to a whole group of processes may come twice
        signal.signal(each, signal.SIG_IGN)
    name = signal.Signals(number).name
    print(f"coinport: stopped by {name} before it was ready", file=sys.stderr, flush=True)
    raise SystemExit(0)
