"""The way to the signer: a UNIX socket that only its own user, or its group, may open."""

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from coinport.wallets.signer import Signer
from coinport.wallets.signing import Answer, Refused, Request

LINE_BYTES_MAX: Final = 16 * 1024 * 1024
"""Of a request: 400 inputs, each shown with the whole transaction that it spends."""
TIMEOUT_SECONDS: Final = 30
EXIT_MEMORY_FAILED: Final = 74
"""EX_IOERR of sysexits.h."""

_log = structlog.get_logger(__name__)
_decode_request: Callable[[bytes], Request] = msgspec.json.Decoder(Request).decode
_decode_answer: Callable[[bytes], Answer] = msgspec.json.Decoder(Answer).decode


class SignerUnavailable(Exception):
    """The signer does not answer. To ask again is harmless."""


async def listen(path: Path, signer: Signer, *, group: bool = False) -> asyncio.Server:
    """One connection, one request. `group`: the exchange is another user of the same group.

    Requests are answered one at a time. Raises OSError. Where the signer cannot remember what it
    signs, the process ends.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                writer.write(msgspec.json.encode(_answer(await reader.readline(), signer)) + b"\n")
                await writer.drain()
        except (ConnectionError, TimeoutError, ValueError) as error:
            _log.warning("signer connection lost", error=repr(error))
        finally:
            writer.close()

    bound = _bound(path, 0o117 if group else 0o177)
    return await asyncio.start_unix_server(serve, sock=bound, limit=LINE_BYTES_MAX)


async def ask(path: Path, request: Request) -> Answer:
    """Raises SignerUnavailable."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path, limit=LINE_BYTES_MAX)
            try:
                writer.write(msgspec.json.encode(request) + b"\n")
                await writer.drain()
                return _decode_answer(await reader.readline())
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError, msgspec.DecodeError) as error:
        raise SignerUnavailable(
            f"no signer answers at {path} ({error!r}): start it, payments wait until then"
        ) from error


def _answer(line: bytes, signer: Signer) -> Answer:
    try:
        request = _decode_request(line)
    except msgspec.DecodeError as error:
        return Refused(f"not a request: {error}")
    try:
        answer = signer.answer(request)
    except OSError as error:
        _log.critical("the signer's memory failed, stopping", error=str(error))
        os._exit(EXIT_MEMORY_FAILED)
    if isinstance(answer, Refused):
        _log.warning("refused to sign", request=type(request).__name__, reason=answer.reason)
    return answer


def _bound(path: Path, mask: int) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(mask)
    try:
        listener.bind(str(path))
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    return listener
