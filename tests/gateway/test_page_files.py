"""The page as files: what a browser is told of each, and what happens where it was not built."""

import re
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from coinport.gateway.errors import Code
from coinport.gateway.page_files import AREAS, NOT_BUILT, page

pytestmark = pytest.mark.anyio

SCRIPT = b"export const answer = 42;" * 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page as the build leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b"<!doctype html>")
    (tmp_path / "assets" / "main-AbC1.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "main-AbC1.js.br").write_bytes(b"br!")
    (tmp_path / "assets" / "main-AbC1.js.gz").write_bytes(b"gz!")
    return tmp_path


async def answer(folder: Path, path: str, **headers: str) -> Response:
    app = Starlette(routes=page(folder))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        client.headers.pop("accept-encoding")
        request = client.build_request("GET", path, headers=headers)
        response = await client.send(request, stream=True)
        await (
            response.aclose()
        ) if "content-encoding" in response.headers else await response.aread()
        return response


@pytest.mark.parametrize("path", ["/", *(f"/{area}" for area in AREAS), "/trade/BTC-CNY"])
async def test_every_path_of_the_page_is_the_page(folder: Path, path: str) -> None:
    response = await answer(folder, path)
    assert (response.status_code, response.text) == (200, "<!doctype html>")
    assert response.headers["cache-control"] == "no-cache"


async def test_nothing_from_elsewhere_and_no_inline_script_or_style_may_run(folder: Path) -> None:
    policy = (await answer(folder, "/")).headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy


async def test_a_file_that_never_changes_is_kept_for_ever(folder: Path) -> None:
    response = await answer(folder, "/assets/main-AbC1.js")
    assert response.content == SCRIPT
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [("gzip, deflate, br", "br"), ("gzip;q=1.0", "gzip"), ("zstd", None), ("", None)],
)
async def test_a_file_is_sent_as_small_as_the_browser_can_take(
    folder: Path, accepted: str, sent: str | None
) -> None:
    response = await answer(folder, "/assets/main-AbC1.js", **{"accept-encoding": accepted})
    assert response.headers.get("content-encoding") == sent
    assert int(response.headers["content-length"]) == (3 if sent else len(SCRIPT))
    assert response.headers["vary"] == "accept-encoding"


async def test_what_the_browser_has_already_is_not_sent_again(folder: Path) -> None:
    etag = (await answer(folder, "/")).headers["etag"]
    assert (await answer(folder, "/", **{"if-none-match": etag})).status_code == 304


@pytest.mark.parametrize("path", ["/nothing", "/assets/", "/assets/../index.html", "/index.html"])
async def test_nothing_else_is_there(folder: Path, path: str) -> None:
    assert (await answer(folder, path)).status_code == 404


BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_a_mistyped_address_in_a_browser_is_the_page_which_says_so(folder: Path) -> None:
    response = await answer(folder, "/trad/BTC-CNY", **BROWSER)
    assert (response.status_code, response.text) == (404, "<!doctype html>")
    again = await answer(folder, "/trad", **BROWSER, **{"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.text) == (404, "<!doctype html>")


async def test_below_the_api_nobody_is_sent_a_page(folder: Path) -> None:
    response = await answer(folder, "/api/v2/nothing", **BROWSER)
    assert (response.status_code, response.text) == (404, "Not Found")


async def test_a_server_without_a_built_page_says_so_in_one_line(tmp_path: Path) -> None:
    response = await answer(tmp_path / "page", "/")
    assert response.text == NOT_BUILT
    assert NOT_BUILT.count("\n") == 1


def test_the_page_and_the_server_know_the_same_areas() -> None:
    source = (Path(__file__).parents[2] / "web/src/frame/areas.ts").read_text()
    table: Any = re.search(r"AREAS[^{]*\{(.*?)\n\};", source, re.DOTALL)
    assert set(re.findall(r"^  (\w+)\b", table[1], re.MULTILINE)) == set(AREAS)


def test_every_code_of_the_api_is_said_in_words_by_the_page() -> None:
    source = (Path(__file__).parents[2] / "web/src/api/codes.ts").read_text()
    assert {int(code) for code in re.findall(r"^  (\d{4}):", source, re.MULTILINE)} == set(Code)
