"""The control socket: one JSON line asks, one answers. Only the exchange's own user may, and root.

The socket file has mode 0600; on Linux the kernel says besides who is at the other end.
"""

import asyncio
import os
import pwd
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from coinport.app.admin.client import TIMEOUT_SECONDS, address_in
from coinport.app.admin.requests import AdminAnswer, AdminRequest, Failed
from coinport.gateway.errors import Code

LINE_BYTES_MAX = 65_536
"""Of a request; a longer one is refused."""

Act = Callable[[AdminRequest, str], Awaitable[AdminAnswer]]
"""Does what is asked; the second argument is the actor, a user name of the operating system."""

_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode
_decode_request: Callable[[bytes], AdminRequest] = msgspec.json.Decoder(AdminRequest).decode


async def listen(directory: Path, act: Act) -> asyncio.Server:
    """For whoever holds the lock of the journal: an old socket is removed. Raises OSError."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                peer = _user_of(writer.get_extra_info("socket"))
                writer.write(_encode(await _answer(reader, peer, act)) + b"\n")
                await writer.drain()
        except (OSError, TimeoutError) as error:
            _log.warning("control connection lost", error=repr(error))
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, sock=_bound(directory), limit=LINE_BYTES_MAX)


async def _answer(reader: asyncio.StreamReader, peer: int, act: Act) -> AdminAnswer:
    try:
        line = await reader.readline()
        if peer not in (os.getuid(), 0):
            _log.warning("control connection refused", uid=peer)
            return Failed(Code.NOT_PERMITTED, f"user {peer} may not administrate this exchange")
        request = _decode_request(line)
    except (msgspec.DecodeError, ValueError) as error:
        return Failed(Code.BAD_PARAMETER, str(error))
    return await act(request, _name_of(peer))


def _user_of(connection: socket.socket) -> int:
    """The user id at the other end. Elsewhere than on Linux the file's mode alone decides."""
    if not sys.platform.startswith("linux"):
        return os.getuid()
    process_user_group = struct.Struct("3i")
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, process_user_group.size)
    return int(process_user_group.unpack(data)[1])


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


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
