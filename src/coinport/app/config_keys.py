"""Keys of the configuration: what every declaration of one is made of."""

from typing import Annotated, Any

from msgspec import Meta

Count = Annotated[int, Meta(ge=1)]
Ppm = Annotated[int, Meta(ge=0, le=1_000_000)]


class ConfigError(Exception):
    """What is wrong, where it stands, and what would be right; one line."""


def about(text: str) -> Meta:
    """What the key means, and its unit."""
    return Meta(description=text)


def text_of(hint: Any) -> str:
    """What `about` said."""
    texts: list[str] = [meta.description for meta in hint.__metadata__ if meta.description]
    return texts[-1]
