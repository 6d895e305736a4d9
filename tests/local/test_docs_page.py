"""The API's page and its document as the running club serves them: to anybody, without a word to anyone else."""

from __future__ import annotations

import re

import httpx

from club.home import ROOT
from club.up import OpenClub
from tests.local.holdings import row_counts

TIMEOUT_S = 30


def test_the_page_opens_without_a_key_and_names_nothing_outside(club: OpenClub) -> None:
    before = row_counts()
    page = httpx.get(f"{club.url}/docs", timeout=TIMEOUT_S)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-encoding"] == "gzip"
    # Under this policy a browser fetches nothing but what is here.
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    asked_for = re.search(r'url: "([^"]+)"', page.text)
    assert asked_for is not None
    assert httpx.get(f"{page.url.join(asked_for[1])}", timeout=TIMEOUT_S).json()["openapi"] == "3.1.0"
    assert row_counts() == before


def test_the_document_is_the_one_in_the_repository(club: OpenClub) -> None:
    served = httpx.get(f"{club.url}/openapi.json", timeout=TIMEOUT_S)
    assert (served.status_code, served.headers["content-type"]) == (200, "application/json")
    assert served.content == (ROOT / "docs" / "openapi.json").read_bytes()


def test_a_page_that_is_known_is_not_sent_again(club: OpenClub) -> None:
    for path in ("/docs", "/openapi.json"):
        first = httpx.get(club.url + path, timeout=TIMEOUT_S)
        again = httpx.get(club.url + path, headers={"If-None-Match": first.headers["etag"]}, timeout=TIMEOUT_S)
        assert (again.status_code, again.content) == (304, b""), path


def test_nothing_else_opens_without_a_key(club: OpenClub) -> None:
    for method, path in (("POST", "/docs"), ("GET", "/docs/handler.py"), ("GET", "/docs/../v1/programme/rules")):
        answer = httpx.request(method, club.url + path, timeout=TIMEOUT_S)
        assert answer.status_code in (401, 404, 405), (method, path, answer.text[:200])
        assert list(answer.json()) == ["message"], (method, path)
