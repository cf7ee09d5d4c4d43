"""The page for people and the document, as they are served."""

import re

import pytest

from coinport.gateway.app import FEATURES
from coinport.gateway.openapi import document
from tests.gateway.exchange import Exchange

pytestmark = pytest.mark.anyio


async def test_the_document_is_served_to_everybody(exchange: Exchange) -> None:
    response = await exchange.api.http.get("/api/v2/openapi.json")
    assert response.headers["content-type"] == "application/json"
    assert response.json()["openapi"] == "3.1.0"
    assert response.json()["paths"].keys() == document(FEATURES)["paths"].keys()


async def test_the_page_shows_every_endpoint_and_code(exchange: Exchange) -> None:
    page = (await exchange.api.http.get("/api/v2/docs")).text
    openapi = (await exchange.api.http.get("/api/v2/openapi.json")).json()
    for methods in openapi["paths"].values():
        for operation in methods.values():
            assert f'<article id="{operation["operationId"]}">' in page
    for row in openapi["x-codes"]:
        assert f'id="code-{row["code"]}"' in page


async def test_the_contents_tell_two_endpoints_of_one_path_apart(exchange: Exchange) -> None:
    page = (await exchange.api.http.get("/api/v2/docs")).text
    contents = re.findall(r'<li><a href="#\w+">(.*?)</a></li>', page)
    assert '<span class="get">GET</span> logout' in contents
    assert '<span class="post">POST</span> logout' in contents
    assert len(set(contents)) == len(contents)


async def test_every_link_on_the_page_leads_somewhere(exchange: Exchange) -> None:
    page = (await exchange.api.http.get("/api/v2/docs")).text
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    assert anchors <= set(re.findall(r'id="([^"]+)"', page))
    for link in set(re.findall(r'href="(/[^"]*|\?[^"]*)"', page)):
        target = f"/api/v2/docs{link}" if link.startswith("?") else link
        assert (await exchange.api.http.get(target)).status_code == 200


async def test_the_page_is_in_the_readers_language(exchange: Exchange) -> None:
    async def language(query: str = "", header: str = "") -> str:
        response = await exchange.api.http.get(
            f"/api/v2/docs{query}", headers={"accept-language": header}
        )
        assert ("认证授权" in response.text) == (response.headers["content-language"] == "zh")
        return str(response.headers["content-language"])

    assert await language() == "en"
    assert await language(header="zh-CN") == "zh"
    assert await language("?lang=en", header="zh-CN") == "en"
    assert await language("?lang=zh-TW") == "zh"
    assert await language("?lang=<script>") == "en"


async def test_the_page_runs_no_script_and_loads_nothing_from_elsewhere(
    exchange: Exchange,
) -> None:
    response = await exchange.api.http.get("/api/v2/docs?lang=zh")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "<script" not in response.text
    assert set(re.findall(r"(\w+)://", response.text)) == {"otpauth"}  # an example, not a link
    style = await exchange.api.http.get("/api/v2/docs.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "url(" not in style.text
