"""JSON that a script of a page assigns to a variable is found in the bytes, wherever it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.parsing.embedded_json import assigned_json
from crawlers.parsing.json_body import loads

HEAD = b"<html><script>setTimeout(function(){window['ytData'];ytDataLater = {};f(ytData)})</script><script>"


def page(statement: str) -> bytes:
    return HEAD + statement.encode() + b'</script><script>var ytData = {"another": 1};</script></html>'


@pytest.mark.parametrize(
    "statement",
    [
        'var ytData = {"a": [1, "};"]};',
        'window["ytData"] = {"a": [1, "};"]};',
        'window[\'ytData\']={"a": [1, "};"]}',
        'var ytData\n=\n{"a": [1, "};"]}\n;\n',
        '\n    f();\n    window["ytData"] = {"a": [1, "};"]};\n    g();\n',
        'var x = {"title": ";var ytData = {\\"b\\": 1};"};</script><script nonce="x">var ytData = {"a": [1, "};"]};',
        '</script><title>var ytData = {};</title><p>\nvar ytData = {};\n<script>var ytData = {"a": [1, "};"]};',
        'var ytData = {"a": [1, "};"]};var meta = document.createElement("meta");',
        'var ytData = {"a": [1, "};"]};if (window.ytcsi) {window.ytcsi.tick("pdr", {}, "");}',
    ],
)
def test_the_first_value_that_is_assigned_is_read_wherever_it_ends(statement: str) -> None:
    assert assigned_json(page(statement), "ytData", loads) == {"a": [1, "};"]}


def test_a_list_may_be_assigned_and_a_page_may_end_early() -> None:
    assert assigned_json(b"<script>var x = [1, 2];", "x", loads) == [1, 2]


def test_a_variable_that_nothing_is_assigned_to_is_missing() -> None:
    for body in (b"", b"<html>ytData</html>", b"<script>f(ytData); ytData == 1; ytData = g({})</script>"):
        with pytest.raises(LookupError, match="ytData"):
            assigned_json(body, "ytData", loads)


@pytest.mark.parametrize("statement", ["ytData = {;", 'ytData = {"a": 1', "ytData = [1, 2;", "ytData = {"])
def test_a_value_that_was_cut_short_is_an_error(statement: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        assigned_json(page(statement), "ytData", loads)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), values), st.sampled_from(["", ";", ";\n", ";var more = {};", "; f({'a': [1]});"]))
def test_what_was_assigned_is_what_is_read(value: dict[str, Any], rest: str) -> None:
    written = json.dumps(value).replace("<", "\\u003c")  # as a page must, or the browser would end the script there
    assert assigned_json(page(f"var ytData = {written}{rest}"), "ytData", loads) == value
