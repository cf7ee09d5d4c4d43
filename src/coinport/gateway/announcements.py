"""Announcements: what the page shows to everybody, and how operators put it there."""

from typing import Annotated

from msgspec import Meta, Struct

from coinport.gateway.errors import Text
from coinport.gateway.operators import Console, Moment, Why
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.operations import house_requests as requests
from coinport.operations.announcements import FOREVER

Title = Annotated[str, Meta(min_length=1, max_length=100, examples=["Maintenance on Sunday"])]
Body = Annotated[
    str,
    Meta(min_length=1, max_length=2_000, examples=["Trading pauses from 02:00 to 03:00 UTC."]),
]
Until = Annotated[int | None, about("In ms; null: until it is ended.", "毫秒，null 表示无期限。")]


class Shown(Struct):
    announcement: int
    title_en: str
    text_en: str
    title_zh: str
    text_zh: str
    from_ms: Moment
    until_ms: Until


class ShownList(Struct):
    announcements: Annotated[list[Shown], about("The newest first.", "按时间降序。")]


class AnnouncementRow(Struct):
    announcement: int
    title_en: str
    text_en: str
    title_zh: str
    text_zh: str
    from_ms: Moment
    until_ms: Until
    author: str
    created_ms: Moment
    shown: Annotated[bool, about("Now.", "是否正在显示。")]


class AnnouncementList(Struct):
    announcements: Annotated[
        list[AnnouncementRow], about("The newest first; at most 200.", "按时间降序，上限 200。")
    ]


class Announcement(Parameters, frozen=True):
    title_en: Title
    text_en: Body
    title_zh: Title
    text_zh: Body
    reason: Why
    from_ms: Annotated[
        int, Meta(ge=0, le=FOREVER), about("0: from now on.", "0 表示立即显示。")
    ] = 0
    until_ms: Annotated[
        int, Meta(ge=0, le=FOREVER), about("0: until it is ended.", "0 表示无期限。")
    ] = 0


class AnnouncementWhy(Parameters, frozen=True):
    announcement: int
    reason: Why


class AnnouncementEnded(Struct):
    announcement: int
    shown: bool


class Announcements:
    title = Text("Announcements", "公告")

    def __init__(self, services: Services) -> None:
        self._announcements = services.operations.announcements
        self._console = Console(services)

    @endpoint(
        "GET",
        "/announcements",
        parameters=Nothing,
        answer=ShownList,
        summary=Text("What is announced now", "当前公告"),
    )
    async def announcements(self, call: Call[Nothing]) -> ShownList:
        return ShownList(
            [
                Shown(
                    row.id,
                    row.title_en,
                    row.text_en,
                    row.title_zh,
                    row.text_zh,
                    row.from_ms,
                    None if row.until_ms == FOREVER else row.until_ms,
                )
                for row in await self._announcements.shown()
            ]
        )

    @endpoint(
        "GET",
        "/operator/announcements",
        parameters=Nothing,
        answer=AnnouncementList,
        permission=Permission.OPERATOR,
        summary=Text("All announcements, past and to come", "所有公告"),
    )
    async def operator_announcements(self, call: Call[Nothing]) -> AnnouncementList:
        return await self._console.ask(call, requests.ListAnnouncements(), AnnouncementList)

    @endpoint(
        "POST",
        "/operator/announce",
        parameters=Announcement,
        answer=AnnouncementRow,
        permission=Permission.OPERATOR,
        summary=Text("Announce something", "发布公告"),
    )
    async def operator_announce(self, call: Call[Announcement]) -> AnnouncementRow:
        given = call.parameters
        request = requests.Announce(
            given.title_en,
            given.text_en,
            given.title_zh,
            given.text_zh,
            given.from_ms,
            given.until_ms,
            given.reason,
        )
        return await self._console.ask(call, request, AnnouncementRow)

    @endpoint(
        "POST",
        "/operator/end_announcement",
        parameters=AnnouncementWhy,
        answer=AnnouncementEnded,
        permission=Permission.OPERATOR,
        summary=Text("Show it no more", "撤下公告"),
    )
    async def operator_end_announcement(self, call: Call[AnnouncementWhy]) -> AnnouncementEnded:
        given = call.parameters
        request = requests.EndAnnouncement(given.announcement, given.reason)
        return await self._console.ask(call, request, AnnouncementEnded)
