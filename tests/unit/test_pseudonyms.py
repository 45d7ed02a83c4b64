from __future__ import annotations

import copy
import hashlib
import hmac
import pickle
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.errors import ConfigurationError
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey, load_key

DIGITS = "0f" * 32
OTHER_DIGITS = "1e" * 32
KEY = PseudonymKey.from_hex(DIGITS, "the test")
OTHER_KEY = PseudonymKey.from_hex(OTHER_DIGITS, "the test")

anything = st.text(st.characters(codec=None), max_size=40)


@given(anything)
def test_the_same_person_gets_the_same_pseudonym_on_every_run(raw: str) -> None:
    once = Pseudonymizer(KEY).pseudonym("toy.user", raw)
    again = Pseudonymizer(PseudonymKey.from_hex(f" {DIGITS.upper()}\n", "a file"))
    assert again.pseudonym("toy.user", raw) == again.pseudonym("toy.user", raw) == once
    assert len(once) == 32
    assert set(once) <= set("0123456789abcdef")


@given(anything)
def test_sites_kinds_and_keys_do_not_share_pseudonyms(raw: str) -> None:
    ours, theirs = Pseudonymizer(KEY), Pseudonymizer(OTHER_KEY)
    made = {
        ours.pseudonym("toy.user", raw),
        ours.pseudonym("toy.post", raw),
        ours.pseudonym("other.user", raw),
        theirs.pseudonym("toy.user", raw),
        hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:32],
    }
    assert len(made) == 5


@given(anything, anything)
def test_different_people_get_different_pseudonyms(one: str, other: str) -> None:
    pseudonym = Pseudonymizer(KEY).of("toy.user")
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert (pseudonym(one) == pseudonym(other)) == same


def test_a_pseudonym_is_the_first_half_of_hmac_sha256_over_domain_nul_and_id() -> None:
    expected = hmac.new(bytes.fromhex(DIGITS), b"toy.user\0anna", "sha256").hexdigest()[:32]
    assert Pseudonymizer(KEY).pseudonym("toy.user", "anna") == expected


def test_a_name_typed_in_two_unicode_forms_is_one_person() -> None:
    pseudonym = Pseudonymizer(KEY).of("toy.user")
    assert pseudonym("Ren\u00e9e") == pseudonym("Rene\u0301e")


def test_a_full_cache_is_emptied_and_nothing_changes() -> None:
    small, large = Pseudonymizer(KEY, cached_ids=3), Pseudonymizer(KEY)
    names = [f"person {number}" for number in range(20)]
    for _ in range(2):
        for domain in ("toy.user", "toy.post"):
            assert list(map(small.of(domain), names)) == list(map(large.of(domain), names))
    assert sum(map(len, small._domains.values())) <= 3


def test_neither_key_nor_identifiers_can_be_shown_or_pickled() -> None:
    pseudonymizer = Pseudonymizer(KEY)
    pseudonymizer.pseudonym("toy.user", "anna")
    for thing in (KEY, pseudonymizer, pseudonymizer._domains["toy.user"], pseudonymizer._domains):
        for shown in (repr(thing), str(thing), f"{thing}"):
            assert DIGITS not in shown
            assert "\\x0f" not in shown
            assert "anna" not in shown
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(thing)
    with pytest.raises(TypeError, match="pickle"):
        copy.copy(KEY)


def test_the_key_id_tells_keys_apart_and_is_not_a_piece_of_the_key() -> None:
    assert KEY.key_id == hmac.new(bytes.fromhex(DIGITS), b"key-id", "sha256").hexdigest()[:8]
    assert KEY.key_id != OTHER_KEY.key_id
    assert PseudonymKey.from_hex(DIGITS, "elsewhere") == KEY
    assert KEY != OTHER_KEY


@pytest.mark.parametrize("text", ["", "12ab", "ab" * 31, "ab" * 33, "xy" * 32, "\uff11" * 64, "ab " * 22, "ab\0" * 21])
def test_what_is_not_64_hex_digits_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        PseudonymKey.from_hex(text, "the file my.key")
    message = str(refused.value)
    assert "the file my.key" in message
    assert "64" in message
    assert "scrapy keygen" in message
    assert not text or text.strip() not in message


def test_the_key_is_read_from_the_file_or_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "pseudonym.key"
    file.write_text(f"{DIGITS}\n")
    assert load_key(str(file), {}) == KEY
    assert load_key(None, {"PSEUDONYM_KEY": DIGITS}) == KEY
    assert load_key(str(file), {"PSEUDONYM_KEY": DIGITS}) == KEY
    assert load_key(str(file), {"PSEUDONYM_KEY": ""}) == KEY


def test_two_different_keys_are_refused_by_their_ids(tmp_path: Path) -> None:
    file = tmp_path / "pseudonym.key"
    file.write_text(DIGITS)
    with pytest.raises(ConfigurationError, match=f"{KEY.key_id}.*{OTHER_KEY.key_id}") as refused:
        load_key(str(file), {"PSEUDONYM_KEY": OTHER_DIGITS})
    assert DIGITS not in str(refused.value)


@pytest.mark.parametrize("environ", [{}, {"PSEUDONYM_KEY": ""}, {"PSEUDONYM_KEY_FILE": "ignored"}])
def test_without_a_key_the_message_says_keygen(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"no pseudonym key.*scrapy keygen"):
        load_key(None, environ)


def test_a_key_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "binary.key").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "short.key").write_text("abc")
    for name, reason in {
        "missing.key": "No such file",
        ".": "directory",
        "binary.key": "does not hold 64 hex digits",
        "short.key": "3 characters",
        "\0": "ValueError",
    }.items():
        with pytest.raises(ConfigurationError, match=reason) as refused:
            load_key(str(tmp_path / name), {})
        assert str(tmp_path) in str(refused.value)


def test_a_key_given_in_place_of_its_path_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigurationError, match="path") as refused:
        load_key(DIGITS, {})
    assert DIGITS not in str(refused.value)
