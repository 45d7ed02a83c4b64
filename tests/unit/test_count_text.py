"""Counts and lengths as sites word them, in many languages."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.parsing.count_text import count_in
from crawlers.parsing.durations import clock_seconds, iso_seconds


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("en", "1,440,528 views", 1_440_528),
        ("en", "1 view", 1),
        ("en", "No views", 0),
        ("en", "1,071 watching", 1071),
        ("pt-BR", "18.212.147 visualizações", 18_212_147),
        ("pt-BR", "33.445 visualizações", 33_445),
        ("pt-BR", "Nenhuma visualização", 0),
        ("es", "1.234.567 visualizaciones", 1_234_567),
        ("es", "Sin visualizaciones", 0),
        ("de", "1.440.528 Aufrufe", 1_440_528),
        ("de", "Keine Aufrufe", 0),
        ("de-CH", "2'396'741 Aufrufe", 2_396_741),
        ("de-CH", "2’396’741 Aufrufe", 2_396_741),
        ("fr", "1\u202f440\u202f528 vues", 1_440_528),
        ("fr", "Aucune vue", 0),
        ("it", "Nessuna visualizzazione", 0),
        ("nl", "Geen weergaven", 0),
        ("sv", "1\xa0440\xa0528 visningar", 1_440_528),
        ("pl", "Brak wyświetleń", 0),
        ("cs", "1 440 528 zhlédnutí", 1_440_528),
        ("ru", "1 440 528 просмотров", 1_440_528),
        ("ru", "Нет просмотров", 0),
        ("uk", "Переглядів немає", 0),
        ("tr", "1.440.528 görüntüleme", 1_440_528),
        ("vi", "11.579.654 lượt xem", 11_579_654),
        ("vi", "Không có lượt xem", 0),
        ("id", "1.440.528 x ditonton", 1_440_528),
        ("hi", "12,34,567 बार देखा गया", 1_234_567),
        ("mr", "१२,३४,५६७ वेळा पाहिले", 1_234_567),
        ("ar", "١٬٤٤٠٬٥٢٨ مشاهدة", 1_440_528),
        ("fa", "۱٬۴۴۰٬۵۲۸ بازدید", 1_440_528),
        ("th", "การดู 1,440,528 ครั้ง", 1_440_528),
        ("th", "ยังไม่มีการดู", 0),
        ("ja", "1,440,528 回視聴", 1_440_528),
        ("ko", "조회수 1,440,528회", 1_440_528),
        ("ko", "조회수 없음", 0),
        ("zh-CN", "1,440,528次观看", 1_440_528),
        ("zh-TW", "沒有觀看次數", 0),
    ],
)
def test_a_whole_count_is_exact_in_every_language(language: str, text: str, count: int) -> None:
    assert count_in(text, language) == (count, False)


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("en", "1.2M views", 1_200_000),
        ("en-GB", "1.4m views", 1_400_000),
        ("en", "302k", 302_000),
        ("en-IN", "1.2 lakh views", 120_000),
        ("en", "3B views", 3_000_000_000),
        ("en-GB", "1.2bn views", 1_200_000_000),
        ("pt-BR", "1,76 mi de visualizações", 1_760_000),
        ("pt-BR", "12 mil visualizações", 12_000),
        ("es", "1,2 mil visualizaciones", 1_200),
        ("es", "2,3 M de visualizaciones", 2_300_000),
        ("cs", "1,2 mil. zhlédnutí", 1_200_000),
        ("cs", "12 tis. zhlédnutí", 12_000),
        ("de", "1,2 Mio. Aufrufe", 1_200_000),
        ("de", "3,4 Mrd. Aufrufe", 3_400_000_000),
        ("fr", "1,2 Md de vues", 1_200_000_000),
        ("fr", "23 k vues", 23_000),
        ("fi", "1,2 t. näyttökertaa", 1_200),
        ("hu", "12 E megtekintés", 12_000),
        ("ru", "3,5 тыс. просмотров", 3_500),
        ("ru", "1,2 млн просмотров", 1_200_000),
        ("tr", "1,2 B görüntüleme", 1_200),
        ("vi", "34,2 N lượt xem", 34_200),
        ("vi", "1,2 Tr lượt xem", 1_200_000),
        ("id", "12 rb x ditonton", 12_000),
        ("id", "1,2 jt x ditonton", 1_200_000),
        ("hi", "१.२ लाख बार देखा गया", 120_000),
        ("hi", "3.4 करोड़ बार देखा गया", 34_000_000),
        ("ar", "١٫٢ مليون مشاهدة", 1_200_000),
        ("th", "การดู 1.2 ล้าน ครั้ง", 1_200_000),
        ("ja", "1.2万 回視聴", 12_000),
        ("ja", "3億回視聴", 300_000_000),
        ("ko", "조회수 12만회", 120_000),
        ("zh-CN", "1.2万次观看", 12_000),
        ("zh-TW", "觀看次數：1.2萬次", 12_000),
    ],
)
def test_an_abbreviated_count_says_that_it_is_approximate(language: str, text: str, count: int) -> None:
    assert count_in(text, language) == (count, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "views",
        "LIVE",
        "1.2 views",
        "12..3 views",
        "1,2,3 views",
        "1 of 2",
        "1.2K views 3 years",
        "Recommended",
    ],
)
def test_what_states_no_count_is_an_error_and_never_0(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        count_in(text)


GROUPED = {",": "{} views", ".": "{} visualizações", " ": "{} просмотров", "\u202f": "{} vues", "’": "{} Aufrufe"}
DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９"]


@given(st.integers(0, 10**12), st.sampled_from(sorted(GROUPED)), st.sampled_from(DIGITS))
def test_a_count_is_the_same_however_it_is_grouped_and_in_whatever_digits(count: int, mark: str, digits: str) -> None:
    written = f"{count:,}".replace(",", mark).translate({ord(str(value)): digits[value] for value in range(10)})
    assert count_in(GROUPED[mark].format(written)) == (count, False)
    assert count_in(GROUPED[mark].format(unicodedata.normalize("NFD", written))) == (count, False)


@given(st.text(max_size=30))
def test_any_text_is_a_count_or_an_error(text: str) -> None:
    try:
        count, _ = count_in(text)
    except ValueError:
        return
    assert count >= 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0:40", 40), ("8:33", 513), ("59:45", 3585), ("1:00:25", 3625), ("1:02:03", 3723), ("11:55:00", 42_900),
     ("1:02:03:04", 93_784), ("0.40", 40), (" 5:20:22 ", 19_222)],
)  # fmt: skip
def test_a_length_on_a_clock(text: str, seconds: int) -> None:
    assert clock_seconds(text) == seconds


@given(st.integers(0, 10**6))
def test_a_length_comes_back_from_a_clock(seconds: int) -> None:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    assert clock_seconds(f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}") == seconds
    assert iso_seconds(f"PT{hours}H{minutes}M{rest}S") == seconds


@pytest.mark.parametrize("text", ["", "SHORTS", "LIVE", "CC", "4K", "12", "1:60", "-1:00", "1:2:3:4:5"])
def test_what_is_no_length_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="length"):
        clock_seconds(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT5M17S", 317), ("PT1H2M3S", 3723), ("PT59M", 3540), ("PT45S", 45), ("P1DT2H", 93_600), ("P1W", 604_800),
     ("P0D", 0), ("PT0S", 0), ("PT3.5S", 3)],
)  # fmt: skip
def test_a_length_in_iso_8601(text: str, seconds: int) -> None:
    assert iso_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "P1Y", "5M17S", "PT5M17", "PT-1S", "P1DT", "317"])
def test_what_is_no_length_in_iso_8601_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        iso_seconds(text)
