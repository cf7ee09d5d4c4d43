"""A small client of the public API, as any bot may write one."""

import hmac
import time
from typing import Any

import httpx
import msgspec

TOKEN_NAME = "demo robot"  # noqa: S105
PATH = "/api/v2"


class Refused(Exception):
    """The API's answer has a code other than 0."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} (code {code})")
        self.code = code


class Client:
    """Signs with a token of its own. Every call raises Refused, or httpx.HTTPError where the
    exchange cannot be reached."""

    def __init__(self, address: str, email: str, password: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=10, trust_env=False)
        self._basic = httpx.BasicAuth(email, password)
        self._token = self._secret = ""
        self._last_ms = 0

    def log_in(self) -> None:
        """A new token, in place of the one that an earlier run left behind."""
        listed = self._basic_call("GET", "/user/api_tokens")
        for old in listed["tokens"]:
            if old["name"] == TOKEN_NAME:
                self._basic_call("POST", "/user/delete_api_token", {"token": old["token"]})
        wanted = {"name": TOKEN_NAME, "permissions": ["read", "trade"]}
        new = self._basic_call("POST", "/user/add_api_token", wanted)
        self._token, self._secret = new["token"], new["secret"]

    def public(self, path: str) -> Any:
        return _data(self._http.get(PATH + path))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        content = msgspec.json.encode(body)
        # A signature is accepted once, so no two requests may have the same time.
        self._last_ms = max(self._last_ms + 1, time.time_ns() // 1_000_000)
        text = b"%d\nPOST\n%b\n%b" % (self._last_ms, (PATH + path).encode(), content)
        headers = {
            "content-type": "application/json",
            "x-coinport-key": self._token,
            "x-coinport-timestamp": str(self._last_ms),
            "x-coinport-signature": hmac.digest(self._secret.encode(), text, "sha256").hex(),
        }
        return _data(self._http.post(PATH + path, content=content, headers=headers))

    def _basic_call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return _data(self._http.request(method, PATH + path, json=body, auth=self._basic))


def _data(response: httpx.Response) -> Any:
    answer = msgspec.json.decode(response.content)
    if answer["code"]:
        raise Refused(answer["code"], answer["message"])
    return answer["data"]
