"""Requests about the house itself: who operates it, what it announces, what was done in it."""

from typing import TypeAlias

from msgspec import Struct


class Grant(Struct, frozen=True, tag="grant operator", forbid_unknown_fields=True):
    """Let somebody use the console."""

    user: str
    reason: str


class Revoke(Struct, frozen=True, tag="revoke operator", forbid_unknown_fields=True):
    """His sessions end as well."""

    user: str
    reason: str


class ListOperators(Struct, frozen=True, tag="list operators", forbid_unknown_fields=True):
    pass


OperatorRequest: TypeAlias = Grant | Revoke | ListOperators


class Announce(Struct, frozen=True, tag="announce", forbid_unknown_fields=True):
    """For everybody who looks at the page."""

    title_en: str
    text_en: str
    title_zh: str
    text_zh: str
    from_ms: int
    """0: from now on."""
    until_ms: int
    """0: until it is ended."""
    reason: str


class EndAnnouncement(Struct, frozen=True, tag="end announcement", forbid_unknown_fields=True):
    announcement: int
    reason: str


class ListAnnouncements(Struct, frozen=True, tag="list announcements", forbid_unknown_fields=True):
    pass


AnnouncementRequest: TypeAlias = Announce | EndAnnouncement | ListAnnouncements


class ListAudit(Struct, frozen=True, tag="list audit", forbid_unknown_fields=True):
    """What was asked for, the newest first."""

    below: int
    """A number: those before it. 0: from the newest."""
    limit: int
    actor: str
    action: str
    """"" for all of them."""


class ReadAudit(Struct, frozen=True, tag="read audit", forbid_unknown_fields=True):
    """The rows as they were written, the oldest first."""

    after: int
    limit: int


class VerifyAudit(Struct, frozen=True, tag="verify audit", forbid_unknown_fields=True):
    number: int
    """Of a row whose hash is known, which must still be there; 0: of none."""
    hash: str


AuditRequest: TypeAlias = ListAudit | ReadAudit | VerifyAudit
