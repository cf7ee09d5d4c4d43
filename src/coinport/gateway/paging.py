"""Paging: `cursor`, `limit` and `ids`, as every list takes them."""

from typing import Annotated

from msgspec import Meta

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.routes import about
from coinport.gateway.wire import read_integer

Cursor = Annotated[
    int,
    Meta(ge=-1),
    about("Ids below this; -1: from the newest.", "返回ID小于此值的数据，-1 从最新开始。"),
]
Limit = Annotated[int, Meta(ge=1)]

IDS_MAX = 200
"""In one query."""

Ids = Annotated[
    str,
    about(
        "Ids separated by commas; overrides all other filters. At most 200.",
        "逗号分隔的ID列表，最多 200 个；设置后忽略其它参数。",
    ),
]


def cursor_of(cursor: int) -> int | None:
    return None if cursor < 0 else cursor


def ids_of(text: str) -> list[int]:
    """Raises ApiError."""
    parts = text.split(",")
    if len(parts) > IDS_MAX:
        detail = Text(f"more than {IDS_MAX}", f"超过 {IDS_MAX} 个")
        raise ApiError(Code.BAD_PARAMETER, "ids", detail)
    return [read_integer(part.strip(), "ids") for part in parts]
