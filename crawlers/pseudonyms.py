"""Keyed pseudonyms: one person, one pseudonym in all tables of a site, and no way back without the key."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn
from unicodedata import normalize

from crawlers.errors import ConfigurationError

HEX_KEY = re.compile(r"[0-9a-fA-F]{64}")
# About 65 MB. A like table names each of its people ten times, so a cache turns 1.3 us an id into about 0.15.
CACHED_IDS = 250_000
# Longer than any key file, so that a wrong path (a disk image, /dev/zero) is refused at once.
KEY_FILE_BYTES = 4096


class PseudonymKey:
    """The 32 secret bytes. They are never shown: not by `repr`, not in an error, not in a pickle."""

    __slots__ = ("_secret", "key_id")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise ConfigurationError(f"a pseudonym key has 32 bytes, not {len(secret)}; run `scrapy keygen`")
        self._secret = secret
        self.key_id = self.mac(b"key-id").hexdigest()[:8]
        """Eight hex digits that tell keys apart and say nothing about the key; they stand in every manifest."""

    @classmethod
    def from_hex(cls, text: str, where: str) -> PseudonymKey:
        """The key written as 64 hex digits; white space around them is ignored.

        `where` says in words where `text` was read. Raises: ConfigurationError: `text` is anything else.
        """
        digits = text.strip()
        if HEX_KEY.fullmatch(digits) is None:
            found = f"{len(digits)} characters" if len(digits) != 64 else "64 characters that are not all hex digits"
            raise ConfigurationError(
                f"the pseudonym key in {where} has {found}, and a key is 64 hex digits; run `scrapy keygen` to make one"
            )
        return cls(bytes.fromhex(digits))

    def mac(self, message: bytes) -> hmac.HMAC:
        """HMAC-SHA256 that has read `message`."""
        return hmac.new(self._secret, message, "sha256")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PseudonymKey) and hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self.key_id)

    def __repr__(self) -> str:
        return f"<PseudonymKey {self.key_id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a pseudonym key is not pickled")


def load_key(key_file: str | None, environ: Mapping[str, str]) -> PseudonymKey:
    """The key named by the setting PSEUDONYM_KEY_FILE (`key_file`) or held by the environment variable PSEUDONYM_KEY.

    Raises: ConfigurationError: there is none, it cannot be read, it is no key, or the two places hold different ones.
    """
    found = []
    if key_file and HEX_KEY.fullmatch(key_file.strip()):
        raise ConfigurationError(
            "PSEUDONYM_KEY_FILE holds a key where a path is needed; settings are logged, so make a new key "
            "(`scrapy keygen`) and give the path of its file"
        )
    if key_file:
        path = Path(key_file).expanduser()
        found.append(PseudonymKey.from_hex(_read(path), f"the file {path}"))
    if in_environment := environ.get("PSEUDONYM_KEY"):
        found.append(PseudonymKey.from_hex(in_environment, "the environment variable PSEUDONYM_KEY"))
    if not found:
        raise ConfigurationError(
            "no pseudonym key, and without one nothing is crawled; run `scrapy keygen`, then pass "
            "-s PSEUDONYM_KEY_FILE=<path>, or set the environment variable PSEUDONYM_KEY to its 64 hex digits"
        )
    if found[0] != found[-1]:
        raise ConfigurationError(
            f"two different pseudonym keys: {found[0].key_id} in PSEUDONYM_KEY_FILE ({key_file}), "
            f"{found[-1].key_id} in the environment variable PSEUDONYM_KEY; unset the one you do not mean"
        )
    return found[0]


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(KEY_FILE_BYTES).decode("ascii")
    except UnicodeDecodeError:
        reason = "it does not hold 64 hex digits"
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or type(error).__name__
    raise ConfigurationError(
        f"cannot read the pseudonym key file {path}: {reason}; PSEUDONYM_KEY_FILE must name a file that "
        "`scrapy keygen` has written"
    )


class Pseudonymizer:
    """Replaces identifiers: HMAC-SHA256 under the key, cut to 128 bit (1e8 ids collide with a chance of 1.5e-23).

    What it has computed is cached in memory only. That cache leads back to people: it has no public name and is never
    written, logged or pickled.
    """

    __slots__ = ("_cached", "_domains", "_key", "_limit")

    def __init__(self, key: PseudonymKey, cached_ids: int = CACHED_IDS) -> None:
        self._key = key
        self._limit = cached_ids
        self._cached = 0
        self._domains: dict[str, _Domain] = {}

    @property
    def key_id(self) -> str:
        return self._key.key_id

    def pseudonym(self, domain: str, raw: str) -> str:
        """32 hex digits that stand for `raw` in `domain` (`<site>.<kind>`)."""
        return self.of(domain)(raw)

    def of(self, domain: str) -> Callable[[str], str]:
        """The function raw -> pseudonym of one domain; what a loop over rows should call (0.03 us for a known id)."""
        if domain not in self._domains:
            self._domains[domain] = _Domain(self._key.mac(domain.encode() + b"\0"), self._count_one)
        return self._domains[domain].__getitem__

    def _count_one(self) -> None:
        if self._cached >= self._limit:
            for domain in self._domains.values():
                domain.clear()
            self._cached = 0
        self._cached += 1

    def __repr__(self) -> str:
        return f"<Pseudonymizer {self.key_id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a pseudonymizer holds the key and raw identifiers; it is not pickled")


class _Domain(dict[str, str]):
    """Raw id -> pseudonym. A dict that computes what it lacks: a hit costs one C call."""

    __slots__ = ("_count_one", "_mac")

    def __init__(self, mac: hmac.HMAC, count_one: Callable[[], None]) -> None:
        super().__init__()
        self._mac = mac
        self._count_one = count_one

    def __missing__(self, raw: str) -> str:
        mac = self._mac.copy()
        # NFC: one name typed on two keyboards is one person. surrogatepass: a broken name is still a name.
        mac.update(normalize("NFC", raw).encode("utf-8", "surrogatepass"))
        self._count_one()
        self[raw] = pseudonym = mac.hexdigest()[:32]
        return pseudonym

    def __repr__(self) -> str:
        return "<pseudonyms of one domain>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("raw identifiers are not pickled")
