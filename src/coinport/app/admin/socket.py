"""The control socket: one JSON line asks, one answers. Only the exchange's own user may, and root.

The socket file has mode 0600; on Linux the kernel says besides who is at the other end, and as whom
he logged in before `su` or `sudo` made him somebody else. That is the actor: what anybody can say
of himself would not do where it takes two persons.
"""

import asyncio
import os
import pwd
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog

from coinport.app.admin.client import TIMEOUT_SECONDS, address_in, patience_seconds
from coinport.gateway.errors import Code
from coinport.operations.requests import AdminAnswer, AdminRequest, Failed
from coinport.wallets import approvals, following

LINE_BYTES_MAX = 65_536
"""Of a request; a longer one is refused."""

Act = Callable[[AdminRequest, str], Awaitable[AdminAnswer]]
"""Does what is asked; the second argument is the actor, a user name of the operating system."""

OURS: Final = frozenset({approvals.ACTOR, following.ACTOR})
"""Actors that no person is, whatever he is called."""
NO_LOGIN: Final = 2**32 - 1
"""Of a process that nobody's log-in has led to."""


class Peer(NamedTuple):
    """Who is at the other end."""

    user: int
    login: int
    """Who logged in; the same as `user` where the kernel does not know better."""


_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode
_decode_request: Callable[[bytes], AdminRequest] = msgspec.json.Decoder(AdminRequest).decode


async def listen(directory: Path, act: Act) -> asyncio.Server:
    """For whoever holds the lock of the journal: an old socket is removed. Raises OSError."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS) as limit:
                peer = _peer_of(writer.get_extra_info("socket"))
                writer.write(_encode(await _answer(reader, peer, act, limit)) + b"\n")
                await writer.drain()
        except (OSError, TimeoutError) as error:
            _log.warning("control connection lost", error=repr(error))
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, sock=_bound(directory), limit=LINE_BYTES_MAX)


async def _answer(
    reader: asyncio.StreamReader, peer: Peer, act: Act, limit: asyncio.Timeout
) -> AdminAnswer:
    try:
        line = await reader.readline()
        if peer.user not in (os.getuid(), 0):
            _log.warning("control connection refused", uid=peer.user)
            return Failed(
                Code.NOT_PERMITTED, f"user {peer.user} may not administrate this exchange"
            )
        request = _decode_request(line)
    except (msgspec.DecodeError, ValueError) as error:
        return Failed(Code.BAD_PARAMETER, str(error))
    limit.reschedule(asyncio.get_running_loop().time() + patience_seconds(request))
    return await act(request, _name_of(peer.login))


def _peer_of(connection: socket.socket) -> Peer:
    """Elsewhere than on Linux the file's mode alone decides."""
    if not sys.platform.startswith("linux"):
        return Peer(os.getuid(), os.getuid())
    process_user_group = struct.Struct("3i")
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, process_user_group.size)
    process, user, _ = process_user_group.unpack(data)
    try:
        login = int(Path(f"/proc/{process}/loginuid").read_text())
    except OSError:  # a kernel that does not keep it
        login = NO_LOGIN
    return Peer(user, user if login == NO_LOGIN else login)


def _name_of(user: int) -> str:
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
    return f"{name} ({user})" if name in OURS or name.startswith("operator ") else name


def _bound(directory: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    with address_in(directory) as address:
        Path(address).unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            listener.bind(address)
        finally:
            os.umask(mask)
    return listener
