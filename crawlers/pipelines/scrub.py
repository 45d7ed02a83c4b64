"""Taking personal references out of text that people wrote.

Found are references with a form: addresses of pages and mailboxes, @mentions, links to profiles, phone numbers, long
numbers. NOT found are references without one: names, nicknames, places and addresses in prose ("ask Anna from Lyon"),
numbers spelled in words, and anything in a picture. A scrubbed text is still personal data.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import unquote

import regex

Mention = Callable[[str], str | None]
"""The pseudonym of the person called `name` (without the @), or None for somebody unknown."""

# No rule below starts from these alone; most titles hold nothing else, and are known to be clean in 0.1 us.
HARMLESS = re.compile(r"[A-Za-z ,!?'\"#*=;:_-]*")
# Whatever else a rule could start from. Text without it is returned as it is.
SUSPICIOUS = re.compile(
    r"[^\t\n -~]|[@&</]|\.[A-Za-z]|[wW]\.|\]\(|[\[({]\s?[aA][tT]\b|[0-9A-Fa-f]{24}|\d(?:[^0-9A-Za-z\n]{0,3}\d){6}"
)

# While a text is worked on, each placeholder is one character that no rule touches: a Unicode noncharacter, or for a
# known person one of the last private plane. So nothing is replaced twice, and the work can be repeated until it rests.
URL, EMAIL, PHONE, NUM, USER = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4"
SHOWN = {URL: "<url>", EMAIL: "<email>", PHONE: "<phone>", NUM: "<num>", USER: "@user"}
FIRST_PERSON, LAST_PERSON = 0x100000, 0x10FFFD
RESERVED = regex.compile(r"[\p{NChar}\U00100000-\U0010FFFD]")
HIDDEN = regex.compile(r"[[\p{Cc}\p{Cf}\p{Cs}\p{DI}\u20e3]--[\n\t\p{NChar}]]+", regex.V1)  # 20e3: the frame of 1⃣

ENTITY = regex.compile(r"&(?:#[0-9]{1,8};?|#[xX][0-9A-Fa-f]{1,8};?|[A-Za-z][A-Za-z0-9]{1,31};)")
AMPERSANDS = regex.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", regex.I)  # &amp;amp;#64; in one go
NUMERAL = regex.compile(r"\p{No}")
MAX_NESTING = 10  # entities in entities, tags in tags: deeper ones are an attack, and lose their brackets

# With an =, because "a <b and c> d" is no tag; a > inside quotes does not end one.
ATTRIBUTES = r"""(?:\s[^<>=]*=(?:(?:[^<>"']|"[^"]*"|'[^']*')*+|[^<>]*))"""
ANCHOR = regex.compile(rf"<a({ATTRIBUTES})>((?:(?!</?a[\s>]).)*+)</a\s*>", regex.I | regex.S)
INLINE = "a|abbr|b|big|code|em|font|i|img|ins|del|mark|s|small|span|strike|strong|sub|sup|tt|u|wbr"
BLOCK = (
    "blockquote|body|br|button|center|div|figure|form|h[1-6]|head|hr|html|iframe|input|label|li|link|meta|ol|p|pre"
    "|script|style|svg|table|tbody|td|th|thead|tr|ul|video"
)
TAG = regex.compile(
    rf"</?(?:(?P<block>{BLOCK})|{INLINE}){ATTRIBUTES}?\s*/?>"
    r"|<!--.*?(?:-->|$)"
    rf"|<[a-z][\w:-]*{ATTRIBUTES}(?:>|$)",  # any tag with attributes, also one that the end of the text cuts off
    regex.I | regex.S,
)
HREF = regex.compile(r"""href\s*=\s*["']?([^"'\s>]*)""", regex.I)
NAMES_A_PERSON = regex.compile(r"""usercard|mention|data-(?:user|uid|author|member|profile)""", regex.I)
MARKDOWN_LINK = regex.compile(r"!?\[([^\[\]\n]*)\]\(\s*<?([^()\s<>]*)>?[^()\n]*\)")
PROFILE_PATHS = r"(?:u|n|at|user|users|channel|c|profile|people|members?)"
PROFILE = regex.compile(
    rf"/{PROFILE_PATHS}/([^/?#]+)|/@([^/?#]+)|[?&]uid=(\w+)"
    r"|(?:^|[/.])(?:sketchfab|letterboxd|weibo|instagram|twitter|x|facebook|tiktok|t)\.(?:com|cn|me)/([^/?#]+)/?(?:[?#]|$)",
    regex.I,
)

LETTER = r"[\p{L}\p{M}\p{N}_]"
# Letters of scripts that put a space between an address and the next word; 看t.cn/abc转发 ends before 转.
SPACED = r"[\p{L}\p{M}\p{N}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}]]"
IN_URL = rf"(?:[/=](?:{PROFILE_PATHS}/|@)[\p{{L}}\p{{M}}\p{{N}}._%~·-]+|[!#-;=?-\[\]_a-z~]|{SPACED})"
URL_TAIL = rf"{IN_URL}+(?<![.,;:!?()\[\]])\p{{M}}*"
DOMAIN = r"(?<![A-Za-z0-9])(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,6}"
COMMON_TLD = r"(?:com|net|org|info|biz|edu|gov|cn|de|fr|ru|jp|uk)"
SCHEME = r"(?:(?<![A-Za-z])[A-Za-z][A-Za-z0-9+.-]{1,15}|(?<=[A-Za-z]))://"
LINK = regex.compile(rf"(?:{SCHEME}|(?<![A-Za-z0-9])www\.){URL_TAIL}", regex.V1 | regex.I)
BARE_LINK = regex.compile(
    rf"{DOMAIN}(?:[A-Za-z]{{2,24}}(?::\d{{1,5}})?(?=/){URL_TAIL}|{COMMON_TLD}(?![A-Za-z-]|\.[A-Za-z0-9])/?\p{{M}}*)"
    rf"|(?<!{LETTER})/{PROFILE_PATHS}/{LETTER}{URL_TAIL}",
    regex.V1 | regex.I,
)
# name@host.tld, and the form that hides from robots: name [at] host (dot) tld
AT, DOT = r"(?:@|\s?[\[({]\s?at\s?[\])}]\s?)", r"(?:\.|\s?[\[({]\s?dot\s?[\])}]\s?)"
LOCAL, HOST = rf"[{SPACED[1:-1]}||[._%+-]]", rf"[{SPACED[1:-1]}||[-]]"
EMAIL_ADDRESS = regex.compile(
    rf"(?<!{LOCAL}){LOCAL}++{AT}(?:{HOST}+{DOT})+[A-Za-z]{{2,24}}\p{{M}}*", regex.V1 | regex.I
)
PLACEHOLDER = regex.compile(rf"<(?:url|email|phone|num)>|@(user|[0-9a-f]{{32}})(?![._·・-]*{LETTER})")
CHARACTER = {shown: character for character, shown in SHOWN.items()}
# What would change a placeholder's meaning beside it: an accent turns > into ≯, a letter makes @user another name.
ACCENTED = regex.compile(rf"([{URL}-{NUM}])\p{{M}}+")
PROLONGED = regex.compile(rf"([{USER}\U00100000-\U0010FFFD])(?=[._·・-]*{LETTER})")
MENTION = regex.compile(rf"@[._·・-]{{0,3}}({LETTER}++(?:[._·・-]++{LETTER}++)*+)")
NEAR = r"[ \t\p{Pd}−\p{M}]{0,3}"  # between the digits of one number
HEX_ID = regex.compile(r"(?<![0-9A-Za-z])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{24,}(?![0-9A-Za-z])")
NUMBER = regex.compile(
    r"(?=[\d(+])(?:\+?(?<!\d)\d{1,4}(?:\.\d{1,4}){2,5}(?!\.?\d)\p{M}*"
    rf"|(?:\(\+?\d{{1,5}}\){NEAR}(?=\d))?+\+?\d(?:{NEAR}(?:\(\d{{1,4}}\){NEAR})?\d)*+\p{{M}}*)"
)
DAY, MONTH, YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:1\d|20)\d\d"
NO_REFERENCE = regex.compile(  # a date, with its hour; a span of years; a model and its year (XJ220 1991)
    rf"{DAY}([-. ]){MONTH}\1{YEAR}|{MONTH}([-. ]){DAY}\2{YEAR}|{YEAR}([-. ]){MONTH}\3{DAY}(?:[ \t]+\d\d)?"
    rf"|{YEAR}[ \t]?\p{{Pd}}[ \t]?{YEAR}|\d{{1,3}}[ \t]{YEAR}|{YEAR}[ \t]\d{{1,3}}"
)
GROUP = regex.compile(r"\d+")
CHINESE_MOBILE = regex.compile(r"(?:00)?(?:86)?1[3-9]\d{9}")


# Searches of the stdlib's faster `re` that spare most texts the slow patterns above.
MAY_HOLD_EMAIL = re.compile(r"@[^\s@]+\s?[.\[({]|[\[({]\s?at\s?[\])}]", re.IGNORECASE)
MAY_HOLD_DOMAIN = re.compile(r"[A-Za-z0-9-]\.[A-Za-z]{2}|/[A-Za-z]+/")
MAY_HOLD_NUMBER = re.compile(r"\d(?:[^\dA-Za-z\n]*\d){6}")


def nobody(_: str) -> None:
    """Every mention is of somebody unknown."""


def scrub(text: str, mention: Mention = nobody) -> str:
    """`text` in NFKC, with `<url>`, `<email>`, `<phone>` and `<num>` for what leads to a person.

    `@name`, and a link to a profile, become `@` and what `mention(name)` returns, or `@user` where that is None. HTML
    tags go (their attributes hold ids), as do control and invisible characters except newline and tab. A lone surrogate
    becomes U+FFFD. Numbers are those of 7 digits or more; dates (10-7-2014) and spans of years (1939-1945) stay.

    `scrub` of a scrubbed text changes nothing, provided that `mention` maps the pseudonyms it returned to themselves.
    An `@` and 32 hex digits is not taken for a pseudonym unasked: on some sites the raw ids look the same.
    """
    if is_plain(text):
        return text
    return _Scrubbing(mention).result(text)


def is_plain(text: str) -> bool:
    """Whether `text` is ASCII that needs no scrubbing: cheap, and may say no without need."""
    return HARMLESS.fullmatch(text) is not None or SUSPICIOUS.search(text) is None


def readable(text: str) -> str:
    """`text` as a reader sees it: entities decoded, NFKC, nothing invisible."""
    # Two surrogates may be one character that a sloppy encoder wrote in halves.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _decoded(RESERVED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _decoded(text: str) -> str:
    for _ in range(MAX_NESTING):
        before = text
        text = HIDDEN.sub("", text)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        text = NUMERAL.sub(_as_digit, text)
        if "&" in text:
            text = ENTITY.sub(_as_character, AMPERSANDS.sub("&", text))
        if text == before:
            return text
    return _decoded(text.replace("&", " "))


def _as_digit(match: Any) -> str:
    """❶ has no NFKC form, and is a digit all the same."""
    digit = unicodedata.digit(match[0], None)
    return match[0] if digit is None else str(digit)


def _as_character(match: Any) -> str:
    return str(RESERVED.sub("", html.unescape(match[0])))


class _Scrubbing:
    """The work on one text: the placeholders given out, and the people they stand for."""

    def __init__(self, mention: Mention) -> None:
        self.mention = mention
        self.people: dict[str, str] = {}

    def result(self, text: str) -> str:
        text = readable(text)
        for nesting in count():
            before = text
            text = self.without_references(self.without_markup(_decoded(text)))
            if text == before:
                break
            if nesting >= MAX_NESTING:
                text = text.translate({ord(bracket): " " for bracket in "&<["})
        shown = SHOWN | {character: f"@{pseudonym}" for pseudonym, character in self.people.items()}
        return str(RESERVED.sub(lambda match: shown[match[0]], text))

    def person(self, *names: str) -> str:
        """The placeholder of whoever goes by one of `names`."""
        for name in names:
            if name == "user" or not (pseudonym := self.mention(name)):
                continue
            following = FIRST_PERSON + len(self.people)
            if pseudonym in self.people or following <= LAST_PERSON:
                return self.people.setdefault(pseudonym, chr(following))
        return USER

    def without_markup(self, text: str) -> str:
        text = PLACEHOLDER.sub(self._placeholder, text)
        if "<" in text:
            text = ANCHOR.sub(self._anchor, text)
            text = TAG.sub(lambda match: "\n" if match["block"] else "", text)
        if "](" in text:
            text = MARKDOWN_LINK.sub(self._markdown_link, text)
        return text

    def _placeholder(self, match: Any) -> str:
        """What an earlier scrubbing wrote; a pseudonym is one only if it is known to stand for itself."""
        shown = str(match[0])
        if shown in CHARACTER:
            return CHARACTER[shown]
        return self.person(match[1]) if self.mention(match[1]) == match[1] else shown

    def _anchor(self, match: Any) -> str:
        attributes, label = match[1], str(match[2])
        href = HREF.search(attributes)
        bare = TAG.sub("", label).strip()
        if href and PROFILE.search(href[1]):
            return self._profile(href[1], bare)
        if NAMES_A_PERSON.search(attributes):
            return self.person(bare.removeprefix("@"))
        return label

    def _markdown_link(self, match: Any) -> str:
        return self._profile(match[2], match[1]) if PROFILE.search(match[2]) else str(match[0])

    def _profile(self, href: str, label: str) -> str:
        """A link to a person: the name in the address is exact, the label may be anything."""
        found = PROFILE.search(href)
        return self.person(unquote(found[found.lastindex]), label.removeprefix("@"))

    def without_references(self, text: str) -> str:
        if "://" in text or "www." in text.lower():
            text = LINK.sub(URL, text)
        if MAY_HOLD_EMAIL.search(text):
            text = EMAIL_ADDRESS.sub(EMAIL, text)
        if MAY_HOLD_DOMAIN.search(text):
            text = BARE_LINK.sub(URL, text)
        if "@" in text:
            text = MENTION.sub(lambda match: self.person(match[1]), text)
        text = HEX_ID.sub(NUM, text)
        if MAY_HOLD_NUMBER.search(text):
            text = NUMBER.sub(_number, text)
        return text if text.isascii() else str(PROLONGED.sub(r"\1 ", ACCENTED.sub(r"\1", text)))


def _number(match: Any) -> str:
    written = str(match[0])
    digits = "".join(filter(str.isdecimal, written))
    if len(digits) < 7 or NO_REFERENCE.fullmatch(written):
        return written
    international = written.lstrip("(").startswith(("+", "00")) and len(digits) <= 17
    groups = GROUP.findall(written)
    grouped = 9 <= len(digits) <= 13 and (len(groups) > 2 or (len(groups) == 2 and digits.startswith("0")))
    return PHONE if international or grouped or CHINESE_MOBILE.fullmatch(digits) else NUM
