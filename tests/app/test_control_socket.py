"""The control socket answers its own user, and nobody else can even open it."""

import asyncio
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from coinport.app.admin import client
from coinport.app.admin.client import NotRunning, ask
from coinport.app.admin.socket import Peer, listen
from coinport.operations.requests import AdminAnswer, AdminRequest, Done, Failed, ShowUser


async def echo(request: AdminRequest, actor: str) -> AdminAnswer:
    assert isinstance(request, ShowUser)
    return Done({"user": request.user, "actor": actor})


def while_listening(
    directory: Path,
    talk: Callable[[], object],
    act: Callable[[AdminRequest, str], Awaitable[AdminAnswer]] = echo,
) -> object:
    async def run() -> object:
        server = await listen(directory, act)
        try:
            return await asyncio.to_thread(talk)
        finally:
            server.close()

    return asyncio.run(run())


def raw(directory: Path, line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(directory / "control.sock"))
        connection.sendall(line)
        return connection.recv(10_000)


def test_a_request_is_answered_and_the_actor_is_who_asked(tmp_path: Path) -> None:
    answer = while_listening(tmp_path, lambda: ask(tmp_path, ShowUser("alice")))
    assert isinstance(answer, Done)
    assert answer.result["user"] == "alice"
    assert answer.result["actor"]


@pytest.mark.parametrize(
    ("peer", "name"),
    [
        (Peer(0, 0), "root"),
        (Peer(0, 1), "daemon"),  # who logged in, and then became root
        (Peer(0, 54321), "54321"),
    ],
)
def test_the_actor_is_who_logged_in_whoever_he_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, peer: Peer, name: str
) -> None:
    monkeypatch.setattr("coinport.app.admin.socket._peer_of", lambda _: peer)
    answer = while_listening(tmp_path, lambda: ask(tmp_path, ShowUser("alice")))
    assert isinstance(answer, Done)
    assert answer.result["actor"] == name


@pytest.mark.parametrize("name", ["wallets", "limits"])
def test_nobody_is_taken_for_a_part_of_the_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    person = SimpleNamespace(pw_name=name)
    monkeypatch.setattr("coinport.app.admin.socket.pwd.getpwuid", lambda _: person)
    monkeypatch.setattr("coinport.app.admin.socket._peer_of", lambda _: Peer(0, 1001))
    answer = while_listening(tmp_path, lambda: ask(tmp_path, ShowUser("alice")))
    assert isinstance(answer, Done)
    assert answer.result["actor"] == f"{name} (1001)"


def test_only_its_owner_may_open_the_socket(tmp_path: Path) -> None:
    def mode() -> int:
        return stat.S_IMODE((tmp_path / "control.sock").stat().st_mode)

    assert while_listening(tmp_path, mode) == 0o600


def test_a_socket_that_a_crash_left_behind_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / "control.sock"))
    assert isinstance(while_listening(tmp_path, lambda: ask(tmp_path, ShowUser("x"))), Done)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="long socket paths need Linux")
def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    directory = tmp_path / ("long" * 30)
    directory.mkdir()
    assert isinstance(while_listening(directory, lambda: ask(directory, ShowUser("x"))), Done)


@pytest.mark.parametrize(
    "line", [b"no json\n", b'{"type":"rob"}\n', b'{"type":"show user"}\n', b"x" * 100_000 + b"\n"]
)
def test_nonsense_is_refused(tmp_path: Path, line: bytes) -> None:
    answer = while_listening(tmp_path, lambda: raw(tmp_path, line))
    assert isinstance(answer, bytes)
    assert b'"failed"' in answer


def test_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    monkeypatch.setattr("coinport.app.admin.socket._peer_of", lambda _: Peer(54321, 0))
    answer = while_listening(tmp_path, lambda: ask(tmp_path, ShowUser("alice")))
    assert isinstance(answer, Failed)
    assert answer.code == 1022


def test_where_nothing_runs_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotRunning) as error:
        ask(tmp_path, ShowUser("alice"))
    assert f"coinport serve --data {tmp_path}" in str(error.value)
    assert "Errno" not in str(error.value)


def test_an_exchange_that_takes_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.01)

    async def never(request: AdminRequest, actor: str) -> AdminAnswer:
        await asyncio.Event().wait()
        raise AssertionError

    def ask_in_vain() -> None:
        with pytest.raises(NotRunning, match="does not answer within"):
            ask(tmp_path, ShowUser("alice"))

    while_listening(tmp_path, ask_in_vain, never)
