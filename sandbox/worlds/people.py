"""Invented people: ids and names. None exists; or, for tests of privacy, names that are easy to search for."""

from __future__ import annotations

import base64
import hashlib
from random import Random

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeio"]
ENDINGS = ("n", "r", "l", "s", "k", "va", "sson", "dottir", "ides", "mar", "th", "")
HAN = ("林", "海", "云", "山", "月", "川", "石", "花", "木", "星", "雨", "雪")
KANA = ("み", "か", "そ", "ら", "の", "ゆ", "き", "は", "な", "と")
ARABIC = ("نور", "سما", "بدر", "ريم", "فجر")
EMOJI = ("🦊", "🎨", "👩‍🚀", "🌊", "🔧")


class Names:
    """Names of person number 0, 1, 2, ...; asked in this order they are the same on every run."""

    def __init__(self, seed: int, *, canary: bool) -> None:
        self.seed = seed
        self.canary = canary
        self._rng = Random(f"{seed}/names")

    def uid(self, index: int) -> str:
        """32 lower-case hex digits; a canary is as long."""
        return self._token("uid", index, 28) if self.canary else _digest(self.seed, "uid", index).hex()[:32]

    def username(self, index: int) -> str:
        """Unique, ASCII, with the signs that the site allows in names: ``mirela.tokan-1f``."""
        if self.canary:
            return self._token("username", index, 18)
        rng = self._rng
        first, second = _word(rng), _word(rng)
        joint = ("", "", ".", "-", "_")[int(5 * rng.random())]
        return f"{first}{joint}{second}{'' if joint else '_'}{index:x}"

    def handle(self, index: int) -> str:
        """Unique, 2 to 15 of a-z, 0-9 and _: ``mirelan_1f``. Asked for in any order."""
        if self.canary:
            return self._token("handle", index, 11)
        tail = f"_{index:x}"
        return _word(Random(f"{self.seed}/handle/{index}"))[: 15 - len(tail)] + tail

    def display_name(self, index: int) -> str:
        """As people write themselves: mostly two words, some in other scripts; not unique (a canary is)."""
        if self.canary:
            return self._token("display", index, 20)
        rng = self._rng
        script = rng.random()
        if script < 0.9:
            return f"{_word(rng).title()} {_word(rng).title()}"
        if script < 0.94:
            return "".join(rng.choices(HAN, k=3))
        if script < 0.97:
            return "".join(rng.choices(KANA, k=4))
        if script < 0.98:
            return " ".join(rng.choices(ARABIC, k=2))
        return f"{_word(rng).title()} {rng.choice(EMOJI)}"

    def _token(self, kind: str, index: int, length: int) -> str:
        return "cnry" + base64.b32encode(_digest(self.seed, kind, index))[:length].decode().lower()


def _digest(seed: int, kind: str, index: int) -> bytes:
    return hashlib.sha256(f"{seed}/{kind}/{index}".encode()).digest()


def _word(rng: Random) -> str:
    draw = rng.random
    count = len(SYLLABLES)
    middle = SYLLABLES[int(count * draw())] if draw() < 0.6 else ""
    return SYLLABLES[int(count * draw())] + middle + SYLLABLES[int(count * draw())] + ENDINGS[int(12 * draw())]
