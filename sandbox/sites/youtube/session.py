"""What the JSON endpoints ask of a client and give it to bring back: context, visitor data, continuation tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.sites.youtube import texts

if TYPE_CHECKING:
    from sandbox.sites import SiteRequest
    from sandbox.sites.youtube.parts import Json
    from sandbox.sites.youtube.texts import Words

CLIENT_VERSION = "2.20260723.01.00"  # what the pages name
OLDEST_VERSION = "2.2025"
# Clients whose player answers have no microformat.
OTHER_CLIENTS = frozenset({"ANDROID", "IOS", "VISIONOS"})


class RefusedError(ValueError):
    """A request that the endpoints answer with 400; the message is the `status` of the error."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks."""

    name: str
    version: str
    language: Words
    visitor_data: str


@dataclass(frozen=True, slots=True)
class Search:
    """A page of a search; 1 is the first."""

    query: str
    params: str
    page: int

    @property
    def normal(self) -> str:
        """The query as lists are kept by it."""
        return " ".join(self.query.lower().split())


class Session:
    """Gives out visitor data and tokens, and knows its own again."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._numbers = itertools.count()

    def client(self, request: SiteRequest, body: Json) -> Client:
        """The client that a JSON request names. Raises: RefusedError: none, or one that is no longer taken."""
        context = body.get("context")
        named: Any = context.get("client") if isinstance(context, dict) else None
        if not isinstance(named, dict):
            raise RefusedError("INVALID_ARGUMENT")
        name, version = str(named.get("clientName", "")), str(named.get("clientVersion", ""))
        if name == "WEB":
            if not re.fullmatch(r"2\.\d{8}\.\d\d\.\d\d", version):
                raise RefusedError("INVALID_ARGUMENT")
            if version < OLDEST_VERSION:
                raise RefusedError("FAILED_PRECONDITION")
        elif name not in OTHER_CLIENTS:
            raise RefusedError("INVALID_ARGUMENT")
        visitor = request.headers.get("X-Goog-Visitor-Id") or named.get("visitorData")
        return Client(name, version, texts.words(str(named.get("hl", "en"))), str(visitor or self.visitor_data()))

    def page_client(self, hl: str) -> Client:
        """The client of an HTML page."""
        return Client("WEB", CLIENT_VERSION, texts.words(hl), self.visitor_data())

    def visitor_data(self) -> str:
        """A new guest."""
        digest = hashlib.sha256(f"{self._seed}/visitor/{next(self._numbers)}".encode()).digest()
        return "Cgt" + base64.urlsafe_b64encode(digest[:24]).decode().rstrip("=") + "KPHY3ssGMicKAkZSEiE%3D"

    def token(self, search: Search) -> str:
        """The token of a page, some 200 characters."""
        content = orjson.dumps([search.query, search.params, search.page])
        signed = self._signature(content) + content
        return "EqkD" + base64.urlsafe_b64encode(signed).decode().replace("=", "%3D")

    def search(self, token: str) -> Search:
        """The page that a token stands for. Raises: RefusedError: it is none of ours."""
        try:
            signed = base64.urlsafe_b64decode(token.removeprefix("EqkD").replace("%3D", "="))
        except (binascii.Error, ValueError):
            raise RefusedError("INVALID_ARGUMENT") from None
        if not token.startswith("EqkD") or self._signature(signed[96:]) != signed[:96]:
            raise RefusedError("INVALID_ARGUMENT")
        return Search(*orjson.loads(signed[96:]))

    def _signature(self, content: bytes) -> bytes:
        return hashlib.sha384(b"%d" % self._seed + content).hexdigest().encode()


def response_context(client: Client, context: str) -> Json:
    """What every JSON answer begins with."""
    tracking = [
        {
            "service": "GUIDED_HELP",
            "params": [{"key": "context", "value": context}, {"key": "logged_in", "value": "0"}],
        },
        {"service": "CSI", "params": [{"key": "c", "value": client.name}, {"key": "cver", "value": client.version}]},
    ]
    return {
        "visitorData": client.visitor_data,
        "serviceTrackingParams": tracking,
        "mainAppWebResponseContext": {"loggedOut": True},
        "webResponseContextExtensionData": {"hasDecorated": True},
    }


def error_body(status: str) -> bytes:
    """The body of a 400."""
    message = {
        "INVALID_ARGUMENT": "Request contains an invalid argument.",
        "FAILED_PRECONDITION": "Precondition check failed.",
    }[status]
    reason = {"INVALID_ARGUMENT": "badRequest", "FAILED_PRECONDITION": "failedPrecondition"}[status]
    errors = [{"message": message, "domain": "global", "reason": reason}]
    return orjson.dumps({"error": {"code": 400, "message": message, "errors": errors, "status": status}})
