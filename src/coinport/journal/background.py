"""Work in the background: a process that only takes what the exchange leaves over."""

import os


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
