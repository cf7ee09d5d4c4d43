"""People at the page: each with a browser context of their own."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect

CHROMIUM_OPTIONS: Final = [
    "--no-sandbox",  # of a container whose user is root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS: Final = 60_000
"""For what the page does by itself, on a machine that is busy with other things."""
SIZES: Final = {"desktop": (1280, 800), "tablet": (1024, 900), "phone": (375, 812)}

Language = Literal["en", "zh"]
Theme = Literal["dark", "light"]

expect.set_options(timeout=PATIENCE_MS)


class Visit:
    def __init__(
        self,
        browser: Browser,
        address: str,
        path: str = "/",
        *,
        language: Language = "en",
        theme: Theme = "dark",
        size: str = "desktop",
        errors_expected: bool = False,
    ) -> None:
        width, height = SIZES[size]
        self.address = address
        self.errors: list[str] = []
        """What the page wrote to the console as an error, the Content-Security-Policy's too."""
        self.asked: Counter[str] = Counter()
        """How often each path of the API was asked for at the address of now."""
        self._errors_expected = errors_expected
        self._path = path
        self._context = browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.add_init_script(
            f"localStorage.getItem('coinport.settings') ?? {_set(language, theme)}"
        )
        self.page: Page = self._context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)
        self.page.on("framenavigated", lambda _: self.asked.clear())

    def __enter__(self) -> Self:
        self.go(self._path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._context.close()
        if error is None and not self._errors_expected:
            assert not self.errors, Counter(self.errors)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def look(self, language: Language, theme: Theme, size: str) -> None:
        """Of what is opened next."""
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate(_set(language, theme))

    def log_in(self, email: str, password: str) -> None:
        """Ends at the trading page."""
        self.go("/login")
        self.fill_in(email, password)
        self.page.wait_for_url("**/trade/*")

    def fill_in(self, email: str, password: str) -> None:
        """The form to log in by."""
        self.page.fill("input[name=email]", email)
        self.page.fill("input[name=password]", password)
        self.page.locator("form button").click()

    def evaluate(self, script: str) -> Any:
        return self.page.evaluate(script)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} {message.location['url']}")

    def _request(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/api/"):
            self.asked[path] += 1


@contextmanager
def held(page: Page, path: str) -> Iterator[Callable[[], None]]:
    """A request to that path of the API waits, once it was made, until what this gives is called;
    that returns when the answer is there."""
    pattern, waiting = f"**/api/v2/{path}", list[Route]()

    def let_go() -> None:
        while not waiting:
            page.wait_for_timeout(10)  # it is on its way, and has no event of its own
        with page.expect_response(pattern):
            waiting.pop().continue_()

    def wait(route: Route) -> None:
        waiting.append(route)

    page.route(pattern, wait)
    try:
        yield let_go
    finally:
        page.unroute(pattern)
        for route in waiting:
            route.abort()


def _set(language: Language, theme: Theme) -> str:
    """As a script."""
    settings = json.dumps({"language": language, "theme": theme, "up": "green"})
    return f"localStorage.setItem('coinport.settings', {settings!r})"
