"""``/_sandbox`` on the plain port, whatever the Host: what is served, what was asked, orders for the next answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from sandbox.accounts import AccountError
from sandbox.faults.orders import FaultError
from sandbox.request_log import KEPT
from sandbox.scripts import Script, ScriptError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

PREFIX = "/_sandbox"


def respond(sandbox: Sandbox, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Status and JSON body.

    GET ``/_sandbox``: the world. GET ``.../requests``: the log with the last 1,000 requests, GET ``.../requests/all``:
    with all that are kept. GET ``.../canaries/<site>``: all that names a person of a canary world; without a site,
    Sketchfab's. POST ``.../script``: order answers (see `Script`); DELETE ``.../script`` forgets all orders. GET
    ``.../faults``: what stands and how often it was served. POST ``.../faults`` with ``{"spec": "..."}``: let answers
    go wrong like that from now on, instead of what stood (see `sandbox.faults`); DELETE ``.../faults`` ends it. GET,
    POST and DELETE ``.../accounts``: the same for those that log in, and how often each asked (see `sandbox.accounts`).
    GET ``.../youtube/quota``: what is left of the Data API's calls; POST with ``{"search": 3}`` leaves so many; DELETE
    begins a new day.
    """
    status, answer = _answer(sandbox, method, path.removeprefix(PREFIX).rstrip("/"), body)
    return status, orjson.dumps(answer)


def _answer(  # noqa: PLR0911  (one for each thing that can be asked)
    sandbox: Sandbox, method: str, path: str, body: bytes
) -> tuple[int, dict[str, Any]]:
    match method, path:
        case "GET", "":
            return 200, _world(sandbox)
        case "GET", "/requests":
            return 200, sandbox.log.as_json()
        case "GET", "/requests/all":
            return 200, sandbox.log.as_json(last=KEPT)
        case "GET", "/canaries":
            return _canaries(sandbox, "sketchfab")
        case "GET", _ if path.startswith("/canaries/"):
            return _canaries(sandbox, path.rpartition("/")[2])
        case "POST" | "DELETE", "/script":
            return _script(sandbox, method, body)
        case "GET" | "POST" | "DELETE", "/faults":
            return _ordered(sandbox.order_faults, method, body, lambda: _faults(sandbox))
        case "GET" | "POST" | "DELETE", "/accounts":
            return _ordered(sandbox.accounts.order, method, body, sandbox.accounts.as_json)
        case "GET" | "POST" | "DELETE", "/youtube/quota":
            return _youtube_quota(sandbox, method, body)
    known = "requests, canaries (GET), script (POST, DELETE), faults, accounts, youtube/quota (GET, POST, DELETE)"
    return 404, {"detail": f"no {method} {path or '/'} here; known: {known}"}


def _world(sandbox: Sandbox) -> dict[str, Any]:
    world = sandbox.world
    return {
        "world": world.description,
        "seed": world.seed,
        "size": world.size,
        "hosts": sandbox.hosts,
        "tls_port": sandbox.tls_port,
        "pseudonym_key": world.pseudonym_key,
        "api_keys": world.api_keys,
        "accounts": world.accounts,
        "identity": world.identity,
    }


def _canaries(sandbox: Sandbox, site: str) -> tuple[int, dict[str, Any]]:
    if not sandbox.world.canary:
        return 404, {"detail": "this world has no canaries; start the sandbox with --canary"}
    part: Any = getattr(sandbox.world, site, None)
    if not hasattr(part, "canaries"):
        return 404, {"detail": f"no site {site!r} in this world"}
    return 200, {"canaries": part.canaries(), "numbers": part.numbers}


def _script(sandbox: Sandbox, method: str, body: bytes) -> tuple[int, dict[str, Any]]:
    standing = sandbox.scripts.standing
    if method == "DELETE":
        standing.clear()
        return 200, {"standing": 0}
    try:
        standing.append(Script.parse(orjson.loads(body)))
    except (ScriptError, orjson.JSONDecodeError) as error:
        return 400, {"detail": str(error)}
    return 200, {"standing": len(standing)}


def _ordered(
    order: Callable[[str], None], method: str, body: bytes, now: Callable[[], dict[str, Any]]
) -> tuple[int, dict[str, Any]]:
    """Let something go wrong as a specification says (POST), end that (DELETE), and say how it stands now."""
    try:
        match method, orjson.loads(body) if method == "POST" else {}:
            case "POST", {"spec": str(spec), **others} if not others:
                order(spec)
            case "POST", _:
                return 400, {"detail": 'orders are given by a JSON object with the one field "spec", a string'}
            case "DELETE", _:
                order("")
    except (FaultError, AccountError, orjson.JSONDecodeError) as error:
        return 400, {"detail": str(error)}
    return 200, now()


def _faults(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.faults.as_json() if sandbox.faults else {"spec": "", "entries": {}, "served": {}}


def _youtube_quota(sandbox: Sandbox, method: str, body: bytes) -> tuple[int, dict[str, Any]]:
    quota = sandbox.youtube_quota
    try:
        if method == "POST":
            quota.leave(orjson.loads(body))
    except ValueError as error:  # JSONDecodeError is one
        return 400, {"detail": str(error)}
    if method == "DELETE":
        quota.new_day()
    return 200, quota.left
