"""Errors of the Data API, in the shape that Google's APIs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sandbox.sites.youtube.parts import Json

_STATUS = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED"}
_EXCEEDED = (
    "The request cannot be completed because you have exceeded your "
    '<a href="/youtube/v3/getting-started#quota">quota</a>.'
)


class ApiError(Exception):
    """A call that is refused; `body` is the answer."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        domain: str = "youtube.parameter",
        location: str | None = None,
        status: str | None = None,
        details: list[Json] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        one = {"message": message, "domain": domain, "reason": reason}
        if location:
            one |= {"location": location, "locationType": "parameter"}
        error: Json = {"code": code, "message": message, "errors": [one]}
        if status:
            error["status"] = status
        if details:
            error["details"] = details
        self.body: Json = {"error": error}

    @classmethod
    def required(cls, parameter: str) -> Self:
        """A parameter is missing."""
        return cls(400, "required", f"Required parameter: {parameter}", domain="global", location=parameter)

    @classmethod
    def no_key(cls) -> Self:
        """Nobody says who asks."""
        message = (
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
            "other form of API consumer identity to call this API."
        )
        return cls(403, "forbidden", message, domain="global", status=_STATUS[403])

    @classmethod
    def bad_key(cls) -> Self:
        """A key that nobody was given."""
        message = "API key not valid. Please pass a valid API key."
        details = [_error_info("API_KEY_INVALID")]
        return cls(400, "badRequest", message, domain="global", status=_STATUS[400], details=details)

    @classmethod
    def blocked_key(cls) -> Self:
        """A key of a project that has not switched this API on."""
        message = "Requests to this API youtube method youtube.api.v3.V3DataSearchService.List are blocked."
        details = [_error_info("API_KEY_SERVICE_BLOCKED")]
        return cls(403, "forbidden", message, domain="global", status=_STATUS[403], details=details)

    @classmethod
    def quota_exceeded(cls) -> Self:
        """No more calls of this kind today."""
        return cls(403, "quotaExceeded", _EXCEEDED, domain="youtube.quota")


def _error_info(reason: str) -> Json:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "youtube.googleapis.com"},
    }
