"""A link of the club leads to the club, whoever wrote it, and one click leads out of its post."""

from __future__ import annotations

import pytest

from shared.domain.links import HEADER_LENGTH_MAX, LinkElsewhere, check_html, check_text, checked, unsubscribe_headers

HOSTS = ("rimon.example.com", "127.0.0.1", "localhost")
ELSEWHERE = (
    "https://evil.example/gift", "http://rimon.example.com/gift", "https://rimon.example.com@evil.example/",
    "https://noa@rimon.example.com/", "https://rimon.example.com.evil.example/", "https://sub.rimon.example.com/",
    "https://evil.example\\@rimon.example.com/", "https://rimon.example.com\\evil", "https://rimon.example.com:8443/",
    "javascript:alert(1)", "data:text/html,x", "//evil.example/x", "/path", "rimon.example.com", "", "https://",
    "https://rimon.example.com/\r\nX: 1", "https://rimon.example.com/a b", "https://[rimon.example.com/",
    "https://rimon.example.com:x/", "https://rim\u043en.example.com/", "ftp://rimon.example.com/", "https://rimon.example.com./",
)  # fmt: skip


@pytest.mark.parametrize("link", ELSEWHERE)
def test_a_link_leads_to_a_host_of_the_club_or_nowhere(link: str) -> None:
    with pytest.raises(LinkElsewhere):
        checked(link, HOSTS)


@pytest.mark.parametrize(
    "link",
    [
        "https://rimon.example.com", "https://rimon.example.com/gift?for=noa&n=1#top", "HTTPS://RIMON.example.com/",
        "http://127.0.0.1:4580/u/abc", "http://localhost:4580/u", "https://127.0.0.1/",
    ],
)  # fmt: skip
def test_a_link_to_the_club_stays_as_it_is(link: str) -> None:
    assert checked(link, HOSTS) == link
    check_text(f"See ({link}), or {link}. Or {link}!", HOSTS)
    check_html(f'<a href="{link}">{link}</a>', HOSTS)


def test_the_clubs_own_machine_counts_only_where_it_is_named() -> None:
    with pytest.raises(LinkElsewhere, match=r"leads to 127\.0\.0\.1"):
        checked("http://127.0.0.1:4580/u", ["rimon.example.com"])


@pytest.mark.parametrize(
    "text", ["see https://evil.example", "HTTP://evil.example!", "(ftp://rimon.example.com/x)", "x://y"]
)
def test_a_text_with_a_link_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(LinkElsewhere):
        check_text(text, HOSTS)


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://evil.example">x</a>',
        "<a href='https://evil.example'>x</a>",
        "<a href=https://evil.example>x</a>",
        '<a HREF = "javascript:alert(1)">x</a>',
        '<a href="&#106;avascript:alert(1)">x</a>',
        '<img src="//evil.example/p.gif">',
        '<td background="https://evil.example/p.gif">',
        '<form action="https://evil.example">',
        "<p style=\"background:url('https://evil.example/p.gif')\">",
        "<p style='background:url(//evil.example/p.gif)'>",
        "<p>https://evil.example</p>",
        "<p>https&#58;//evil.example</p>",
    ],
)
def test_markup_that_leads_or_loads_elsewhere_is_refused(markup: str) -> None:
    with pytest.raises(LinkElsewhere):
        check_html(markup, HOSTS)


def test_a_link_with_an_ampersand_is_read_as_a_browser_reads_it() -> None:
    check_html('<a href="https://rimon.example.com/?a=1&amp;b=2">x</a>', HOSTS)
    check_html('<a href="https&#58;//rimon.example.com/">x</a>', HOSTS)


def test_one_click_unsubscribes_as_rfc_8058_has_it() -> None:
    assert unsubscribe_headers("https://rimon.example.com/u/t") == {
        "List-Unsubscribe": "<https://rimon.example.com/u/t>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize("link", ["https://a.example/\r\nBcc: x", "https://a.example/>, <x", "https://a.example/ü", ""])
def test_a_link_that_would_break_a_header_is_refused(link: str) -> None:
    with pytest.raises(LinkElsewhere):
        unsubscribe_headers(link)


def test_a_link_fits_into_a_header_or_is_refused() -> None:
    start = "https://a.example/"
    longest = start + "x" * (HEADER_LENGTH_MAX - 2 - len(start))
    assert len(unsubscribe_headers(longest)["List-Unsubscribe"]) == HEADER_LENGTH_MAX
    with pytest.raises(LinkElsewhere):
        unsubscribe_headers(longest + "x")
