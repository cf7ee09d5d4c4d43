"""Measures the page on this machine: `python -m tests.browser.measure [MINUTES]`.

First paint from a demo on loopback; then, at 50 changes of the book a second, what part of a core
the page takes and whether its memory grows. It prints figures and asserts nothing.
"""

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.async_api import CDPSession, Page, async_playwright

from tests.browser.visitors import CHROMIUM_OPTIONS, SIZES
from tests.end_to_end.demos import DemoProcess

LOADS: Final = 7
CHANGES_PER_SECOND: Final = 50
ORDERS: Final = 5
"""In a request; each comes and goes, which is two changes."""
ALICE: Final = ("alice@example.com", "alice-demo")
WARM_UP_SECONDS: Final = 10

PAINT: Final = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return paint ? paint.startTime : null;
}"""


async def measure(minutes: float) -> None:
    with tempfile.TemporaryDirectory() as folder, DemoProcess(Path(folder) / "demo") as demo:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
            )
            width, height = SIZES["desktop"]
            url = f"{demo.address}/trade/BTC-CNY"
            paints, books = [], []
            for _ in range(LOADS):
                context = await browser.new_context(viewport={"width": width, "height": height})
                page = await context.new_page()
                begun = time.perf_counter()
                await page.goto(url, wait_until="commit")
                await page.locator(".row.bid").first.wait_for()
                books.append((time.perf_counter() - begun) * 1000)
                paints.append(await page.evaluate(PAINT))
                await context.close()
            print(f"first paint       {told(paints)} ms, of {LOADS} loads without a cache")
            print(f"order book shown  {told(books)} ms")
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(url)
            await page.locator(".row.bid").first.wait_for()
            await at_rate(page, demo.address, minutes)
            await browser.close()


async def at_rate(page: Page, address: str, minutes: float) -> None:
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    changing = asyncio.create_task(change(address))
    await asyncio.sleep(WARM_UP_SECONDS)
    before, begun = await figures(session), time.perf_counter()
    for minute in range(max(1, round(minutes))):
        await asyncio.sleep(60 * min(1, minutes))
        after, took = await figures(session), time.perf_counter() - begun
        busy = (after["TaskDuration"] - before["TaskDuration"]) / took
        script = (after["ScriptDuration"] - before["ScriptDuration"]) / took
        print(
            f"after {took:4.0f} s: page thread {busy:.1%} of a core (script {script:.1%}), "
            f"heap {after['JSHeapUsedSize'] / 1e6:.1f} MB "
            f"(at the start {before['JSHeapUsedSize'] / 1e6:.1f}), nodes {after['Nodes']:.0f}",
            flush=True,
        )
        del minute
    changing.cancel()
    done = await asyncio.gather(changing, return_exceptions=True)
    if not isinstance(done[0], asyncio.CancelledError):
        raise SystemExit(f"the book was not changed to the end: {done[0]!r}")
    print(f"at {CHANGES_PER_SECOND} changes a second of one's own, and those of the robots")
    print(f"on {os.cpu_count()} cores, which the server and its robots share")


async def figures(session: CDPSession) -> dict[str, float]:
    await session.send("HeapProfiler.collectGarbage")
    answer: Any = await session.send("Performance.getMetrics")
    return {each["name"]: each["value"] for each in answer["metrics"]}


async def change(address: str) -> None:
    """Near the best bid, where it is seen, `CHANGES_PER_SECOND` times; until it is canceled."""
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(base_url=f"{address}/api/v2", trust_env=False) as client:
        await client.get("/login", auth=ALICE)
        client.headers["x-xsrf-token"] = client.cookies["XSRF-TOKEN"]
        due = loop.time()
        while True:
            ticker = (await client.get("/btc-cny/ticker")).json()["data"]["BTC-CNY"]
            orders = [
                {
                    "market": "btc-cny",
                    "type": "buy",
                    "price": f"{ticker[0] * (1 - (n + 1) / 10_000):.4f}",
                    "amount": "0.0101",
                    "post_only": True,
                }
                for n in range(ORDERS)
            ]
            placed = await client.post("/user/submit_orders", json={"orders": orders})
            ids = [each["order_id"] for each in placed.json()["data"]["results"]]
            await client.post("/user/cancel_orders", json={"order_ids": [i for i in ids if i]})
            due += 2 * ORDERS / CHANGES_PER_SECOND
            await asyncio.sleep(max(0, due - loop.time()))


def told(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} (at most {max(values):.0f})"


if __name__ == "__main__":
    asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 10))
