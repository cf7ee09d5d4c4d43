"""The sentences of the scenario language, as far as they are known: a pattern, and what it does."""

import re
from collections.abc import Callable

WHO = r"(?P<who>[a-z]+)"
NUMBER = r"-?\d+(?:\.\d+)?"
AMOUNT = rf"(?P<amount>{NUMBER}) (?P<currency>[A-Z]+)"
MARKET = r"(?P<market>[A-Z]+-[A-Z]+)"
WHY = r'(?: because "(?P<note>.*)")?'

SENTENCES: list[tuple[re.Pattern[str], Callable[..., None]]] = []


def sentence(pattern: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """What a line of this form does; the named groups of `pattern` are its arguments."""

    def register(act: Callable[..., None]) -> Callable[..., None]:
        SENTENCES.append((re.compile(pattern), act))
        return act

    return register


def signed(note: str | None, actor: str = "admin") -> tuple[str, str]:
    return actor, "as the scenario says" if note is None else note
