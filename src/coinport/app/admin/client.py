"""The client's side of the control socket."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from coinport.operations.requests import AdminAnswer, AdminRequest, Publish, Rescan

TIMEOUT_SECONDS: Final = 30
PUBLISHING_SECONDS: Final = 60 * 60
RESCANNING_SECONDS: Final = 24 * 60 * 60
ADDRESS_BYTES_MAX: Final = 100
"""A longer path does not fit the address of a socket everywhere."""

_encode = msgspec.json.Encoder().encode
_decode_answer: Callable[[bytes], AdminAnswer] = msgspec.json.Decoder(AdminAnswer).decode


def path_in(directory: Path) -> Path:
    return directory / "control.sock"


def patience_seconds(request: AdminRequest) -> float:
    """For an answer."""
    match request:
        case Publish():
            return PUBLISHING_SECONDS
        case Rescan():
            return RESCANNING_SECONDS
        case _:
            return TIMEOUT_SECONDS


class NotRunning(ConnectionError):
    """No exchange answers in this directory; the message says why, and the remedy."""


def ask(directory: Path, request: AdminRequest) -> AdminAnswer:
    """Raises NotRunning."""
    seconds = patience_seconds(request)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        try:
            with address_in(directory) as address:
                connection.connect(address)
            connection.sendall(_encode(request) + b"\n")
            with connection.makefile("rb") as answer:
                return _decode_answer(answer.readline())
        except PermissionError as error:
            raise NotRunning(
                f"{path_in(directory)} is for the user whose exchange it is: be that user, or root"
            ) from error
        except TimeoutError as error:
            raise NotRunning(
                f"the exchange in {directory} does not answer within {seconds} seconds: "
                "look whether it did what you asked for before you ask again"
            ) from error
        except (OSError, msgspec.DecodeError) as error:
            raise NotRunning(
                f"no exchange answers in {directory}: start the one whose directory it is "
                f"(`coinport serve --data {directory}`; a demo: `coinport demo --data "
                f"{directory}`), or name the directory of the one that runs"
            ) from error


@contextmanager
def address_in(directory: Path) -> Iterator[str]:
    """Of the control socket, for as long as it is bound or connected to."""
    path = str(path_in(directory))
    if len(path.encode()) <= ADDRESS_BYTES_MAX or not sys.platform.startswith("linux"):
        yield path
        return
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{path_in(directory).name}"
    finally:
        os.close(opened)
