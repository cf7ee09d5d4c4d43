"""Announcements."""

from typing import Any, Final, assert_never

from coinport.app.admin.desk import Desk, NotDone
from coinport.operations.announcements import FOREVER, Announcement
from coinport.operations.house_requests import (
    Announce,
    AnnouncementRequest,
    EndAnnouncement,
    ListAnnouncements,
)

TITLE_LENGTH_MAX: Final = 100
TEXT_LENGTH_MAX: Final = 2_000


class AnnouncementDesk:
    def __init__(self, desk: Desk) -> None:
        self._announcements = desk.services.operations.announcements
        self._clock = desk.services.clock

    async def act(self, request: AnnouncementRequest, actor: str) -> dict[str, Any]:
        match request:
            case Announce():
                return await self._announce(request, actor)
            case EndAnnouncement(number):
                if not await self._announcements.end(number):
                    raise NotDone(
                        f"there is no announcement {number} that goes on",
                        zh=f"没有仍在显示的公告 {number}",
                    )
                return {"announcement": number, "shown": False}
            case ListAnnouncements():
                rows = await self._announcements.all()
                return {"announcements": [self._row(row) for row in rows]}
            case _:
                assert_never(request)

    async def _announce(self, request: Announce, actor: str) -> dict[str, Any]:
        texts = (request.title_en, request.text_en, request.title_zh, request.text_zh)
        for text, most in zip(texts, (TITLE_LENGTH_MAX, TEXT_LENGTH_MAX) * 2, strict=True):
            if not 0 < len(text.strip()) <= most:
                raise NotDone(
                    f"both languages need a title (1 to {TITLE_LENGTH_MAX} characters) and a text "
                    f"(1 to {TEXT_LENGTH_MAX})",
                    zh=f"中英文均需标题（1 至 {TITLE_LENGTH_MAX} 字）和正文"
                    f"（1 至 {TEXT_LENGTH_MAX} 字）",
                )
        begin_ms = request.from_ms or self._clock()
        end_ms = request.until_ms or FOREVER
        if end_ms <= max(begin_ms, self._clock()):
            raise NotDone("it would be over before it begins", zh="结束时间早于开始时间")
        row = await self._announcements.add(texts, begin_ms, end_ms, actor)
        return self._row(row)

    def _row(self, row: Announcement) -> dict[str, Any]:
        now = self._clock()
        return {
            "announcement": row.id,
            "title_en": row.title_en,
            "text_en": row.text_en,
            "title_zh": row.title_zh,
            "text_zh": row.text_zh,
            "from_ms": row.from_ms,
            "until_ms": None if row.until_ms == FOREVER else row.until_ms,
            "author": row.author,
            "created_ms": row.created_ms,
            "shown": row.from_ms <= now < row.until_ms,
        }
