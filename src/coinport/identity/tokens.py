"""Tokens: keys with which programs sign their requests."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence, Set
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Row, delete, func, insert, select

from coinport.database import Database
from coinport.identity.errors import InvalidField, TooManyTokens
from coinport.identity.memory import Memory
from coinport.identity.names import valid_name
from coinport.identity.secret_box import SecretBox
from coinport.identity.tables import people, tokens
from coinport.model.units import AccountId

TOKENS_MAX: Final = 50
"""Tokens of one account."""
CACHED_MAX: Final = 20_000
IP_ALLOW_MAX: Final = 20
PERMISSIONS: Final = frozenset({"read", "trade", "withdraw"})

_TOKEN = re.compile("[0-9a-f]{32}")


class Token(Struct, frozen=True):
    token: str
    secret: bytes
    """ASCII, as it stands in a request that is signed by MD5; the key of an HMAC."""
    account: AccountId
    permissions: frozenset[str]
    ip_allow: tuple[str, ...]
    """Addresses and networks that it may be used from; empty: from anywhere. See `allows`."""
    md5: bool
    """The old scheme of signatures, which cannot stop a replay, is accepted."""
    name: str
    created_ms: int

    def __repr__(self) -> str:
        return f"Token(token={self.token!r}, account={self.account})"


class ListedToken(Struct, frozen=True):
    """A token without its secret, which is shown once only."""

    token: str
    account: AccountId
    permissions: frozenset[str]
    ip_allow: tuple[str, ...]
    md5: bool
    name: str
    created_ms: int


class NewToken(Struct, frozen=True):
    token: str
    secret: str

    def __repr__(self) -> str:
        return f"NewToken(token={self.token!r})"


class Tokens:
    def __init__(self, database: Database, box: SecretBox, clock: Callable[[], int]) -> None:
        self._database = database
        self._box = box
        self._clock = clock
        self._memory: Memory[str, Token] = Memory(CACHED_MAX)
        self.known: Mapping[str, Token] = self._memory.known
        """What is `cached`, by key."""

    def cached(self, token: str) -> Token | None:
        """For the hot path: None says only that `find` has to be asked."""
        return self.known.get(token)

    async def find(self, token: str) -> Token | None:
        cached = self.cached(token)
        if cached is not None or not _TOKEN.fullmatch(token):
            return cached
        changes = self._memory.changes
        query = select(tokens).where(tokens.c.token == token)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            return None
        found = Token(secret=self._box.open(row.secret, owner(token)), **_terms(row))
        self._memory.put(token, found, changes)
        return found

    async def create(
        self,
        account: AccountId,
        name: str,
        permissions: Set[str],
        ip_allow: Sequence[str],
        md5: bool,
    ) -> NewToken:
        """Raises InvalidField, TooManyTokens."""
        new = NewToken(secrets.token_hex(16), secrets.token_hex(32))
        row = {
            "token": new.token,
            "account": account,
            "secret": self._box.seal(new.secret.encode(), owner(new.token)),
            "name": valid_name(name),
            "permissions": ",".join(sorted(_valid_permissions(permissions))),
            "ip_allow": ",".join(_valid_networks(ip_allow)),
            "md5": md5,
            "created_ms": self._clock(),
        }

        def write(connection: Connection) -> None:
            # Two creations of one account wait for each other, on PostgreSQL as well.
            connection.execute(
                select(people.c.account).where(people.c.account == account).with_for_update()
            )
            count = select(func.count()).where(tokens.c.account == account)
            if connection.scalars(count).one() >= TOKENS_MAX:
                raise TooManyTokens
            connection.execute(insert(tokens), row)

        await self._database.write(write)
        return new

    async def of(self, account: AccountId) -> list[ListedToken]:
        """Newest first."""
        query = select(tokens).where(tokens.c.account == account)
        newest_first = query.order_by(tokens.c.created_ms.desc(), tokens.c.token)
        rows = await self._database.read(lambda connection: connection.execute(newest_first).all())
        return [ListedToken(**_terms(row)) for row in rows]

    async def delete(self, account: AccountId, token: str) -> bool:
        """False: the account has no such token. It is refused from now on."""
        deleting = delete(tokens).where(tokens.c.token == token, tokens.c.account == account)
        change = self._database.write(lambda connection: connection.execute(deleting).rowcount)
        return await self._memory.drop_after(change, lambda count: [token] if count else []) > 0


def allows(token: Token, address: str) -> bool:
    """Whether `token` may be used from the client's `address`."""
    if not token.ip_allow:
        return True
    try:
        client = ip_address(address)
    except ValueError:
        return False
    if isinstance(client, IPv6Address) and client.ipv4_mapped:
        client = client.ipv4_mapped
    return any(client in _network(text) for text in token.ip_allow)


def owner(token: str) -> str:
    """Whom its sealed secret belongs to."""
    return f"token {token}"


def _terms(row: Row[Any]) -> dict[str, Any]:
    terms = {name: row._mapping[name] for name in ListedToken.__struct_fields__}
    terms["permissions"] = frozenset(row.permissions.split(","))
    terms["ip_allow"] = tuple(row.ip_allow.split(",")) if row.ip_allow else ()
    return terms


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def _valid_permissions(permissions: Set[str]) -> Set[str]:
    if not permissions or not permissions <= PERMISSIONS:
        raise InvalidField("permissions", f"must be some of {', '.join(sorted(PERMISSIONS))}")
    return permissions


def _valid_networks(ip_allow: Sequence[str]) -> list[str]:
    if len(ip_allow) > IP_ALLOW_MAX:
        raise InvalidField("ip_allow", f"must have at most {IP_ALLOW_MAX} entries")
    try:
        networks = [ip_network(text) for text in ip_allow]
    except ValueError:
        raise InvalidField("ip_allow", "must be addresses or networks, as 10.0.0.0/8") from None
    return [str(each[0] if each.num_addresses == 1 else each) for each in networks]
