"""JSON over HTTP: refusals as values, bodies checked before use."""

import math
from typing import Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

T = TypeVar("T")
_MAX_NAME = 200


class Refused(Exception):
    """The request is turned down without effect: a status, a class of error and what else is worth saying."""

    def __init__(self, status: int, error: str, *, retry_after_s: float = 0, **extra: Any) -> None:
        """Take the HTTP status, the `error` member of the answer, and when to come again (0: not said)."""
        super().__init__(error)
        self.status = status
        self.error = error
        self.retry_after_s = retry_after_s
        self.extra = extra


class Unavailable(Refused):
    """The database cannot be used now: certainly nothing was written."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(503, "unavailable")


class AnswerLost(Exception):
    """The work was done and committed, but whoever asked for it is not told: a 500 without more words."""


def answer(body: Any, status: int = 200) -> Response:
    """Return a body as a JSON answer."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


async def body_as(request: Request, kind: type[T], *, strict: bool = True) -> T:
    """Return the request's body as a value of `kind`; Refused(400) if it is not one."""
    try:
        return msgspec.json.decode(await request.body(), type=kind, strict=strict)
    except msgspec.MsgspecError:
        raise Refused(400, "bad_request") from None


def header(request: Request, name: str) -> str:
    """Return a header that must be there; Refused(400) if it is absent, empty or overlong."""
    value = request.headers.get(name, "")
    if not 0 < len(value) <= _MAX_NAME:
        raise Refused(400, "bad_request")
    return value


def starlette(routes: list[Route]) -> Starlette:
    """Return an application whose every error is JSON too."""
    handlers: Any = {
        Refused: _refused,
        AnswerLost: _crashed,
        HTTPException: _http_error,
        Exception: _crashed,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


def refuse(refusal: Refused) -> Response:
    """Return a refusal as an answer."""
    told = answer({"error": refusal.error, **refusal.extra}, refusal.status)
    if refusal.retry_after_s:
        told.headers["Retry-After"] = str(math.ceil(refusal.retry_after_s))
    return told


async def _refused(_: Request, refusal: Refused) -> Response:
    return refuse(refusal)


async def _http_error(_: Request, error: HTTPException) -> Response:
    return answer({"error": error.detail.lower().replace(" ", "_")}, error.status_code)


async def _crashed(_: Request, __: Exception) -> Response:
    return answer({"error": "internal"}, 500)
