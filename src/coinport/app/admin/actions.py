"""What an operator can have done, over the control socket or in the console: by the same words, and
all of it noted in the audit log. Every change is a command in the journal, with actor and reason;
but for what the ledger does not know (pauses, sessions, roles, announcements)."""

import asyncio
from typing import Any

import structlog

from coinport.app.admin.announcements import AnnouncementDesk
from coinport.app.admin.auditing import Auditing
from coinport.app.admin.dashboard import Dashboard
from coinport.app.admin.deposits import Deposits
from coinport.app.admin.desk import EVERY_TEXT, EVERY_TEXT_ZH, Desk, NotDone, check_text
from coinport.app.admin.listing import Listing
from coinport.app.admin.operators import OperatorDesk
from coinport.app.admin.shown import Shown
from coinport.app.admin.treasury import Treasury
from coinport.app.admin.users import Users
from coinport.app.admin.withdrawals import Withdrawals
from coinport.app.config import Trading
from coinport.app.money import Money
from coinport.app.pulse import Pulse
from coinport.database import Busy
from coinport.gateway.errors import ApiError, Code, Language, Text
from coinport.gateway.services import Services
from coinport.journal.sequencer import Overloaded, Stopping
from coinport.operations.actors import Actor
from coinport.operations.audit import DONE, AuditBroken
from coinport.operations.house_requests import AnnouncementRequest, AuditRequest, OperatorRequest
from coinport.operations.requests import (
    READS,
    SOCKET_ONLY,
    AdminAnswer,
    AdminRequest,
    DepositRequest,
    Done,
    Failed,
    ListingRequest,
    UserRequest,
    WithdrawalRequest,
)
from coinport.reserves.errors import PublishingFailed

_log = structlog.get_logger(__name__)

FAILURES = (ApiError, NotDone, PublishingFailed, OverflowError, Overloaded, Stopping, Busy)
"""Why something that was asked for is not done; with `TimeoutError`."""


class Administration:
    def __init__(self, services: Services, defaults: Trading, money: Money, pulse: Pulse) -> None:
        """`defaults` of a new market."""
        desk = Desk(services)
        shown = Shown(desk)
        self._audit = services.operations.audit
        self._users = Users(desk, shown)
        self._operators = OperatorDesk(desk)
        self._listing = Listing(desk, defaults)
        self._deposits = Deposits(desk, shown)
        self._withdrawals = Withdrawals(desk, shown, money.wallets.approvals)
        self._announcements = AnnouncementDesk(desk)
        self._auditing = Auditing(desk)
        self._treasury = Treasury(desk, money, Dashboard(desk, money, pulse))

    async def act(self, request: AdminRequest, actor: Actor) -> AdminAnswer:
        """For the control socket: whatever comes of it is an answer."""
        try:
            return Done(await self.perform(request, actor))
        except ApiError as error:
            return Failed(error.code, error.message(Language.EN))
        except NotDone as error:
            return Failed(Code.BAD_PARAMETER, str(error))
        except (Overloaded, Stopping, Busy, TimeoutError) as error:
            return Failed(Code.INTERNAL_ERROR, f"the exchange is too busy: {error!r}")
        except (PublishingFailed, AuditBroken) as error:
            return Failed(Code.INTERNAL_ERROR, _said(error))
        except OverflowError as error:
            return Failed(Code.BAD_PARAMETER, f"a number is too large: {error}")

    async def administer(self, request: AdminRequest, actor: Actor) -> dict[str, Any]:
        """For the console. Raises ApiError, and what every endpoint may raise."""
        try:
            return await self.perform(request, actor)
        except NotDone as error:
            detail = Text(str(error), error.zh)
            raise ApiError(Code.BAD_PARAMETER, "", detail) from None
        except OverflowError as error:
            raise ApiError(Code.BAD_PARAMETER, "", Text(str(error), "数值过大")) from None
        except (PublishingFailed, AuditBroken) as error:
            detail = Text(_said(error), _said(error))
            raise ApiError(Code.INTERNAL_ERROR, "", detail) from None

    async def perform(self, request: AdminRequest, actor: Actor) -> dict[str, Any]:
        """Noted before and after, unless it only reads. Raises FAILURES, TimeoutError,
        AuditBroken: then nothing was done, or it is noted that it was begun."""
        if isinstance(request, READS):
            return await self._done(request, actor)
        # Whoever goes away meanwhile does not keep the end from being noted.
        return await asyncio.shield(asyncio.ensure_future(self._noted(request, actor)))

    async def _noted(self, request: AdminRequest, actor: Actor) -> dict[str, Any]:
        action = str(type(request).__struct_config__.tag)
        parameters = {name: getattr(request, name) for name in request.__struct_fields__}
        reason = parameters.pop("reason")
        check_text(reason, EVERY_TEXT, zh=EVERY_TEXT_ZH)
        number = await self._audit.begin(actor, action, parameters, reason)
        outcome = "failed: a fault of the exchange"
        try:
            _refuse_in_console(request, actor)
            result = await self._done(request, actor)
            outcome = DONE
        except ApiError as error:
            outcome = f"refused: {error.message(Language.EN)}"
            raise
        except (*FAILURES, TimeoutError) as error:
            outcome = f"refused: {_said(error)}"
            raise
        finally:
            await self._audit.conclude(number, actor, action, outcome)
        _log.info("administration", action=type(request).__name__, actor=actor.name)
        return result

    async def _done(self, request: AdminRequest, actor: Actor) -> dict[str, Any]:
        if isinstance(request, UserRequest):
            return await self._users.act(request, actor)
        if isinstance(request, OperatorRequest):
            return await self._operators.act(request, actor.name)
        if isinstance(request, ListingRequest):
            return await self._listing.act(request, actor.name)
        if isinstance(request, DepositRequest):
            return await self._deposits.act(request, actor)
        if isinstance(request, WithdrawalRequest):
            return await self._withdrawals.act(request, actor)
        if isinstance(request, AnnouncementRequest):
            return await self._announcements.act(request, actor.name)
        if isinstance(request, AuditRequest):
            return await self._auditing.act(request)
        return await self._treasury.act(request)


def _refuse_in_console(request: AdminRequest, actor: Actor) -> None:
    """Raises ApiError, although no endpoint of the console asks for any of these."""
    if actor.via == "console" and isinstance(request, SOCKET_ONLY):
        raise ApiError(Code.NOT_PERMITTED, str(type(request).__struct_config__.tag))


def _said(error: Exception) -> str:
    return str(error) or repr(error)
