"""The garbage collector of a process that serves."""

import gc


def settle() -> None:
    """What there is now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
