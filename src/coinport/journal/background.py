"""Processes that work beside the exchange.

    python -m coinport.journal.background MODULE [ARGUMENT...]

runs the program of MODULE in a process group of its own, so that a signal from the terminal is for
the exchange alone. Not in a session of its own: where Linux shares out the processor by session
first (`sched_autogroup`), priorities count only within one, and a process that gives way to orders
would get as much as all of the exchange.
"""

import os
import runpy
import signal
import sys


def command(module: str, *arguments: str) -> list[str]:
    """The command line that starts it."""
    return [sys.executable, "-m", __name__, module, *arguments]


def give_way() -> None:
    """Run where nobody else wants the processor, from now on.

    A low priority alone would not do: it takes a share of every slice, and an order would wait for
    the end of it.
    """
    os.nice(19)
    try:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except (AttributeError, OSError):  # not on Linux, or not allowed here: then it is only nice
        return


def main() -> None:
    os.setpgid(0, 0)  # before anything else is loaded
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # its log may go to the terminal all the same
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
