"""A network between us and a node that loses requests and answers, when told to."""

import random
from collections.abc import Mapping

import httpx

from coinport.wallets.simnetwork import Failure


class FaultyTransport(httpx.AsyncBaseTransport):
    def __init__(self, wrapped: httpx.AsyncBaseTransport, words: Mapping[str, bytes]) -> None:
        """`words`: what stands in the request that a method of the port makes."""
        self._wrapped = wrapped
        self._words = words
        self._failures: dict[bytes, list[Failure]] = {}
        self.chance: random.Random | None = None
        """Set: of ten requests one is lost, one answer is lost, one is garbled, one request comes
        late, when nobody waits for its answer any more."""
        self._late: list[httpx.Request] = []

    def fail(self, method: str, failure: Failure) -> None:
        self._failures.setdefault(self._words[method], []).append(failure)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = request.content + str(request.url).encode()
        if self.chance:
            return await self._by_chance(request, self.chance.randrange(10))
        failure = next(
            (
                waiting.pop(0)
                for word, waiting in self._failures.items()
                if word in content and waiting
            ),
            None,
        )
        if failure is Failure.BEFORE:
            raise httpx.ConnectError("the network is down")
        response = await self._wrapped.handle_async_request(request)
        if failure is Failure.AFTER:
            await response.aread()
            raise httpx.ReadError("the network went down")
        return response

    async def _by_chance(self, request: httpx.Request, chance: int) -> httpx.Response:
        while self._late:
            await (await self._wrapped.handle_async_request(self._late.pop(0))).aread()
        if chance == 0:
            raise httpx.ConnectTimeout("lost on the way there")
        if chance == 3:
            self._late.append(request)
            raise httpx.ReadTimeout("on its way for too long")
        response = await self._wrapped.handle_async_request(request)
        if chance == 1:
            await response.aread()
            raise httpx.ReadTimeout("lost on the way back")
        if chance == 2:
            content = await response.aread()
            return httpx.Response(response.status_code, content=content[: len(content) // 2])
        return response

    async def aclose(self) -> None:
        await self._wrapped.aclose()
