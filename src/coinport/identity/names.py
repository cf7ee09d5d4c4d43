"""Names that people give to themselves and to their tokens."""

from typing import Final

from coinport.identity.errors import InvalidField

NAME_LENGTH_MAX: Final = 64


def valid_name(text: str) -> str:
    """`text` trimmed. Raises InvalidField where it is long or not printable (no line breaks, no
    marks that turn the direction of writing)."""
    name = text.strip()
    if len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise InvalidField("name", f"must have at most {NAME_LENGTH_MAX} printable characters")
    return name
