from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawlers.pipelines.scrub import _Scrubbing, is_plain, nobody, readable, scrub

ANNA = "a1" * 16
LIN = "b2" * 16
KNOWN = {"anna": ANNA, "林小雨": LIN, ANNA: ANNA, LIN: LIN}

# Text of the pieces that rules are made of, in every order, is where rules meet.
PIECES = [
    "@", "＠", "anna", "林小雨", "user", "@user", ANNA, "joe", ".", "-", "_", "·", "/", "//", ":", "://", "http",
    "www.", "com", "cn", "t.cn/", "/u/", "/n/", "x.org", " ", "  ", "\n", "\t", "\r", "(", ")", "[", "]", "](",
    "<", ">", "=", '"', "'", "<a ", "<b>", "</b>", "</a>", "<br>", "href=", "data-uid=", "&", "amp;", "&amp;",
    "#64;", "&#64;", "&lt;", "lt;", "+", "1", "7", "13", "86", "1234", "1234567", "2016", "2016-", "٣", "１",
    "❶", "①", "\u0301", "\u0338", "\u200b", "\u00ad", "\ufe0f", "\u20e3", "\x00", "\ud800", "\udc00", "\ufdd0",
    "\ufdd4", "\U00100000", "\u3164", "<url>", "<num>", "<email>", "at", "dot", "&#xfdd0;", "é", "転", "转发",
    "#", "?", "!", ",", "%40", "\u1100", "\u1161", "ﬁ", "…",
]  # fmt: skip
mosaic = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
texts = st.one_of(mosaic, st.text(st.characters(codec=None), max_size=60), st.text(max_size=60))


@given(texts)
@settings(max_examples=1500)
@example("&am&amp;p;p;#64;joe")
@example("//@林小雨:好")
def test_scrubbing_twice_is_scrubbing_once(text: str) -> None:
    once = scrub(text)
    assert scrub(once) == once
    once = scrub(text, KNOWN.get)
    assert scrub(once, KNOWN.get) == once


@given(texts)
@settings(max_examples=1500)
def test_no_long_number_no_address_and_no_mention_survives(text: str) -> None:
    scrubbed = scrub(text, KNOWN.get)
    without_people = re.sub(f"@(?:user|{ANNA}|{LIN})", "@", scrubbed)
    assert re.search(r"\d{7}", without_people) is None
    assert re.search(r"\d(?:[ -]?\d){8}", without_people) is None
    assert re.search(r"[A-Za-z0-9]@[A-Za-z0-9]+\.[A-Za-z]{2}", without_people) is None
    assert re.search(r"@\w", without_people) is None
    assert re.search(r"https?://[a-z]", without_people) is None


@given(texts)
def test_the_result_is_text_that_every_file_format_takes(text: str) -> None:
    scrubbed = scrub(text)
    scrubbed.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\ufdd0-\ufdef\ufeff]", scrubbed)


@given(st.one_of(st.text(st.characters(max_codepoint=126)), mosaic))
@settings(max_examples=1000)
def test_what_is_called_plain_needs_no_scrubbing(text: str) -> None:
    if is_plain(text):
        assert _Scrubbing(nobody).result(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Goblin V12 2016", "Lake Hefner Cove 10-7-2014", "DeLorean (21-10-2015)",
        "Vase (ca. 2000 - 1600 a.C.)", "Jaguar XJ220 1991", "Porsche 911 (1967)", "Orchid (08/05/2016)",
        "1920x1080 at 60 fps", "version 2.19.0", "I <3 cats & dogs; a<b and x>y", "std::vector<int>",
        "Meet @ noon", "C++ and/or C#", "3.14159", "2014-10-07 12:30", "World War 1939–1945",
        "爸爸去哪儿 2013年10月07日", "🦊 fox", "Tom & Jerry", "[WIP] dragon", "one\ntwo\tthree",
    ],
)  # fmt: skip
def test_text_without_personal_references_stays_as_it_is(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("see https://example.com/u/123?x=1#y.", "see <url>."),
        ("(www.example.com)", "(<url>)"),
        ("Tomb by Greektoys.org (new)", "Tomb by <url> (new)"),
        ("mine at example.io/~joe, ok", "mine at <url>, ok"),
        ("看http://t.cn/A6xyz转发", "看<url>转发"),
        ("http://t.cn/A6xyz（分享", "<url>(分享"),
        ("ｈｔｔｐ：／／ｔ．ｃｎ／ａｂｃ", "<url>"),
        ("weibo.com/n/林小雨DaMouth 好", "<url> 好"),
        ("app://userinfo?uid=77", "<url>"),
        ("from /u/16698 here", "from <url> here"),
        ("youtube.com/@joe.x", "<url>"),
        ("mail joe.x+y@mail.example.co.uk, ok", "mail <email>, ok"),
        ("写信abc@qq.com谢谢", "写信<email>谢谢"),
        ("ｊｏｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "<email>"),
        ("joe [at] example (dot) com", "<email>"),
        ("joe(at)example(dot)com", "<email>"),
        ("é.dupont@example.fr", "<email>"),
        ("电话13812345678", "电话<phone>"),
        ("电话１３８ 1234 5678", "电话<phone>"),
        ("138\u200b1234\u200b5678", "<phone>"),
        ("1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", "<phone>"),
        ("+44 (0)20 7946 0958", "<phone>"),
        ("(020) 7946 0958", "<phone>"),
        ("06.12.34.56.78", "<phone>"),
        ("+86-138-1234-5678", "<phone>"),
        ("QQ12345678", "QQ<num>"),
        ("QQ ❶❸❽❶❷❸❹❺", "QQ <num>"),
        ("٠١٢٣٤٥٦٧٨", "<num>"),
        ("6222 0212 3456 7890", "<num>"),
        ("id 7b3f0c1d2e4a5b6c7d8e9f0a1b2c3d4e", "id <num>"),
        ("192.168.100.12", "<phone>"),
    ],
)
def test_references_become_placeholders(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("by @anna.", f"by @{ANNA}."),
        ("by @anna-b", "by @user"),
        ("by @stranger and @anna", f"by @user and @{ANNA}"),
        ("＠林小雨：你好//@路人:哈", f"@{LIN}:你好//@user:哈"),
        ("转发@林小雨 好", f"转发@{LIN} 好"),
        ("@林\u200b小\u2060雨", f"@{LIN}"),
        ("&#64;anna &amp;#64;anna &commat;anna", f"@{ANNA} @{ANNA} @{ANNA}"),
        ('<a href="/n/%E6%9E%97%E5%B0%8F%E9%9B%A8">@小雨</a>！', f"@{LIN}!"),
        ('<a href="/u/123" data-x="a>b">Anna Smith</a> hi', "@user hi"),
        ("<a class='mention' data-user-id='123'>@<b>anna</b></a>", f"@{ANNA}"),
        ("<user-card id=123>@anna</user-card>", f"@{ANNA}</user-card>"),
        ('<a href="https://example.com/about">About</a>', "About"),
        ("[Anna B](https://sketchfab.com/anna)", f"@{ANNA}"),
        ("[shop](https://example.com/shop)", "[shop](<url>)"),
        ("@user", "@user"),
        (f"@{ANNA}", f"@{ANNA}"),
        (f"@{'c3' * 16}", "@user"),
    ],
)
def test_mentions_show_the_person_known_or_nobody(text: str, scrubbed: str) -> None:
    assert scrub(text, KNOWN.get) == scrubbed


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("nul\x00 bell\x07 bom\ufeff", "nul bell bom"),
        ("lone \ud800 and \udfff", "lone \ufffd and \ufffd"),
        ("a pair \ud83d\ude00", "a pair 😀"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a<br/>b<p class='x'>c</p>", "a\nb\nc\n"),
        ("forged \ufdd0\U00100000&#xfdd0;", "forged "),
        ("cut off <img src='https://x", "cut off "),
        ("Tom &amp; Jerry", "Tom & Jerry"),
    ],
)
def test_what_no_reader_sees_is_taken_out(text: str, clean: str) -> None:
    assert scrub(text) == clean


def test_a_name_is_compared_as_a_reader_sees_it() -> None:
    assert readable("&#64;Ａn\u200bna\x00") == "@Anna"


@pytest.mark.parametrize(
    "hostile",
    [
        "&am" * 3000 + "p;" * 3000, "<b" * 3000 + ">" * 3000, "[" * 3000 + "](/u/1)" * 3000, "a" * 30000,
        "a." * 10000, "@" * 20000, "1" * 30000, "1 " * 15000, "<a x='" * 4000, "<a href=x>" * 3000,
        "http://" * 4000, "a@" * 9000, "(at)" * 6000, "&#38;#38;" * 3000, "<!--" * 5000, "a-" * 10000 + "@",
        "+" * 20000,
    ],
)  # fmt: skip
def test_a_hostile_text_costs_seconds_at_most(hostile: str) -> None:
    started = time.process_time()
    scrubbed = scrub(hostile)
    assert time.process_time() - started < 5
    assert scrub(scrubbed) == scrubbed
