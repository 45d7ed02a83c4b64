"""A count as sites word it for readers, in many languages: ``1,440,528 views``, ``1.2M``, ``1.2万``, ``No views``.

What groups digits in one country parts fractions in another. A fraction stands only before a unit, and then has one or
two digits: ``1.234.567`` and ``1.204 views`` are whole, ``1,76 mi`` is not, and ``1.2 views`` is no count.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import regex


# What is looked up is in NFKC, which writes हज़ार otherwise than keyboards do.
def _in_nfkc(units: dict[str, int]) -> dict[str, int]:
    return {unicodedata.normalize("NFKC", unit): value for unit, value in units.items()}


# Units that mean the same wherever they stand, without their dots. Scripts without capitals are as written.
_UNITS = _in_nfkc({
    # thousand
    "k": 10**3, "mil": 10**3, "тыс": 10**3, "тис": 10**3, "хил": 10**3, "хиљ": 10**3, "tys": 10**3, "tis": 10**3,
    "rb": 10**3, "ribu": 10**3, "bin": 10**3, "tn": 10**3, "tuh": 10**3, "tūkst": 10**3, "mii": 10**3, "χιλ": 10**3,
    "mijë": 10**3, "nghìn": 10**3, "ezer": 10**3, "พัน": 10**3, "천": 10**3, "千": 10**3, "ألف": 10**3, "آلاف": 10**3,
    "هزار": 10**3, "हज़ार": 10**3, "हजार": 10**3, "হা": 10**3, "হাজার": 10**3,
    # ten thousand, hundred thousand, ten million
    "万": 10**4, "萬": 10**4, "만": 10**4, "หมื่น": 10**4, "แสน": 10**5, "लाख": 10**5, "লাখ": 10**5, "lakh": 10**5,
    "करोड़": 10**7, "কোটি": 10**7, "crore": 10**7, "cr": 10**7,
    # million
    "m": 10**6, "mi": 10**6, "mio": 10**6, "mln": 10**6, "mn": 10**6, "milj": 10**6, "jt": 10**6, "juta": 10**6,
    "млн": 10**6, "εκ": 10**6, "triệu": 10**6, "ล้าน": 10**6, "مليون": 10**6, "ملايين": 10**6, "میلیون": 10**6,
    # a hundred million, and a thousand million
    "亿": 10**8, "億": 10**8, "억": 10**8, "b": 10**9, "bn": 10**9, "bi": 10**9, "md": 10**9, "mrd": 10**9,
    "mld": 10**9, "mia": 10**9, "mlrd": 10**9, "млрд": 10**9, "δισ": 10**9, "tỷ": 10**9, "พันล้าน": 10**9, "مليار": 10**9,
    "میلیارد": 10**9,
})  # fmt: skip
# Units that mean something else in these languages (ISO 639-1).
_UNITS_IN = {
    "cs": {"mil": 10**6}, "sk": {"mil": 10**6}, "ro": {"mil": 10**6}, "hr": {"mil": 10**6}, "sl": {"mio": 10**6},
    "fi": {"t": 10**3}, "hu": {"e": 10**3}, "tr": {"b": 10**3}, "vi": {"n": 10**3, "tr": 10**6, "t": 10**9},
    "lt": {"mln": 10**6}, "sv": {"tn": 10**3, "mn": 10**6, "md": 10**9},
}  # fmt: skip

# Words for "none", where a text has no digit: "No views", "Nenhuma visualização", "조회수 없음".
_NONE = frozenset({
    "no", "nenhuma", "nenhum", "sin", "aucune", "aucun", "keine", "keiner", "nessuna", "nessun", "geen", "inga",
    "ingen", "ei", "brak", "žádná", "žádné", "žádný", "žiadne", "nincs", "nincsenek", "nicio", "niciun", "нет", "немає",
    "няма", "нема", "καμία", "yok", "لا", "אין", "बिना", "कोई", "không", "chưa", "tidak", "belum", "tiada", "walang",
    "没有", "沒有", "無", "无", "なし", "없음", "بدون",
})  # fmt: skip
_NONE_INSIDE = ("没有", "沒有", "无人", "無人", "なし", "없음", "ไม่มี", "ยังไม่มี")  # scripts that put no space there

# "1,440,528", "18.212.147", "1 440 528", "12,34,567", "2'396'741"; any digits, also ١٬٢٣٤ and १,२३४.
_NUMBER = re.compile(r"\d(?:[\d.,'’٬٫·\s]*\d)?")
_GROUPS = re.compile(r"\d{1,3}(?P<mark>[.,'’٬·\s])\d{2,3}(?:(?P=mark)\d{2,3})*")
_FRACTION = re.compile(r"(?P<whole>\d{1,4}|\d{1,3}[.,٬\s]\d{3})[.,٫](?P<rest>\d{1,2})")
# As nearly all are: "1,440,528 views", "1 view", "1,071 watching".
_SIMPLE = re.compile(r"(?P<count>[0-9]{1,3}(?:,[0-9]{3})*) (?:views?|watching)")
_WORD = regex.compile(r"[\p{L}\p{M}]+")  # the stdlib's \w would break Hindi and Thai words at their vowels


def count_in(text: str, language: str = "en") -> tuple[int, bool]:
    """The one count a text states, and whether it is abbreviated, which makes it approximate.

    ``"18.212.147 visualizações"`` is ``(18212147, False)``, ``"1.2万 回視聴"`` is ``(12000, True)``, ``"No views"`` is
    ``(0, False)``. `language` is that of the text, for units that differ: ``1,2 mil.`` is a thousand in Spanish and a
    million in Czech.

    Raises: ValueError: there is no count, more than one, or one that cannot be told apart from another. A missing
        count is not 0; that is the caller's to decide.
    """
    if (simple := _SIMPLE.fullmatch(text)) is not None:
        return int(simple["count"].replace(",", "")), False
    text = unicodedata.normalize("NFKC", text).strip()
    numbers = list(_NUMBER.finditer(text))
    if not numbers and _says_none(text):
        return 0, False
    if len(numbers) != 1:
        raise ValueError("not one count such as 1,204 views or 1.2M")  # without the text: it may be anything
    number = "".join(_western(character) for character in numbers[0][0])
    unit = _unit_after(text[numbers[0].end() :], language.partition("-")[0].lower())
    if unit is not None and (fraction := _FRACTION.fullmatch(number)):
        return int(Decimal(f"{_digits(fraction['whole'])}.{fraction['rest']}") * unit), True
    if not number.isdecimal() and not _is_grouped(number):
        raise ValueError("a number with a fraction, and no unit")
    return int(_digits(number)) * (unit or 1), unit is not None


def _unit_after(rest: str, language: str) -> int | None:
    """The value of the unit that follows a number; None where the next word is none."""
    word = _WORD.match(rest.lstrip())
    if word is None:
        return None
    written = word[0].casefold()
    value = _UNITS_IN.get(language, {}).get(written, _UNITS.get(written))
    if value is not None or written.isascii():
        return value
    # 万次观看, 만회: nothing stands between the unit and the word that is counted.
    inside = [unit for unit in _UNITS if not unit.isascii() and written.startswith(unit) and _is_unspaced(unit)]
    return _UNITS[max(inside, key=len)] if inside else None


def _is_unspaced(unit: str) -> bool:
    name = unicodedata.name(unit[0])
    return name.startswith(("CJK", "HANGUL", "THAI"))


def _is_grouped(number: str) -> bool:
    """Groups of three, or as in India a last one of three after groups of two."""
    return _GROUPS.fullmatch(number) is not None and len(re.split(r"\D", number)[-1]) == 3


def _says_none(text: str) -> bool:
    words = {word.casefold() for word in _WORD.findall(text)}
    return not words.isdisjoint(_NONE) or any(inside in text for inside in _NONE_INSIDE)


def _western(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _digits(number: str) -> str:
    return "".join(filter(str.isdecimal, number))
