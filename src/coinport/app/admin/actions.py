"""What an operator can have done. Every change is a command in the journal, with actor and reason;
but for pauses of withdrawals, which the wallets note likewise, for the ledger has none."""

from typing import Any

import structlog

from coinport.app.admin.deposits import Deposits
from coinport.app.admin.desk import Desk, NotDone
from coinport.app.admin.listing import Listing
from coinport.app.admin.requests import (
    AdminAnswer,
    AdminRequest,
    DepositRequest,
    Done,
    Failed,
    ListingRequest,
    UserRequest,
    WithdrawalRequest,
)
from coinport.app.admin.shown import Shown
from coinport.app.admin.treasury import Treasury
from coinport.app.admin.users import Users
from coinport.app.admin.withdrawals import Withdrawals
from coinport.app.config import Trading
from coinport.app.money import Money
from coinport.database import Busy
from coinport.gateway.errors import ApiError, Code, Language
from coinport.gateway.services import Services
from coinport.journal.sequencer import Overloaded, Stopping
from coinport.reserves.errors import PublishingFailed

_log = structlog.get_logger(__name__)


class Administration:
    def __init__(self, services: Services, defaults: Trading, money: Money) -> None:
        """`defaults` of a new market."""
        desk = Desk(services)
        shown = Shown(desk)
        self._users = Users(desk, shown)
        self._listing = Listing(desk, defaults)
        self._deposits = Deposits(desk, shown)
        self._withdrawals = Withdrawals(desk, shown, money.wallets.approvals)
        self._treasury = Treasury(desk, money)

    async def act(self, request: AdminRequest, actor: str) -> AdminAnswer:
        try:
            result = await self._done(request, actor)
        except ApiError as error:
            return Failed(error.code, error.message(Language.EN))
        except NotDone as error:
            return Failed(Code.BAD_PARAMETER, str(error))
        except (Overloaded, Stopping, Busy, TimeoutError) as error:
            return Failed(Code.INTERNAL_ERROR, f"the exchange is too busy: {error!r}")
        except PublishingFailed as error:
            return Failed(Code.INTERNAL_ERROR, str(error))
        except OverflowError as error:
            return Failed(Code.BAD_PARAMETER, f"a number is too large: {error}")
        _log.info("administration", action=type(request).__name__, actor=actor)
        return Done(result)

    async def _done(self, request: AdminRequest, actor: str) -> dict[str, Any]:
        if isinstance(request, UserRequest):
            return await self._users.act(request, actor)
        if isinstance(request, ListingRequest):
            return await self._listing.act(request, actor)
        if isinstance(request, DepositRequest):
            return await self._deposits.act(request, actor)
        if isinstance(request, WithdrawalRequest):
            return await self._withdrawals.act(request, actor)
        return await self._treasury.act(request)
