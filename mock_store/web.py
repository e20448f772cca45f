"""JSON over HTTP: refusals as values, bodies checked before use."""

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

    def __init__(self, status: int, error: str, **extra: Any) -> None:
        """Take the HTTP status and the `error` member of the answer."""
        super().__init__(error)
        self.status = status
        self.error = error
        self.extra = extra


def answer(body: Any, status: int = 200) -> Response:
    """Return a body as a JSON answer."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


async def body_as(request: Request, kind: type[T]) -> T:
    """Return the request's body as a value of `kind`; Refused(400) if it is not one."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
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
    handlers: Any = {Refused: _refused, HTTPException: _http_error, Exception: _crashed}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _refused(_: Request, refusal: Refused) -> Response:
    return answer({"error": refusal.error, **refusal.extra}, refusal.status)


async def _http_error(_: Request, error: HTTPException) -> Response:
    return answer({"error": error.detail.lower().replace(" ", "_")}, error.status_code)


async def _crashed(_: Request, __: Exception) -> Response:
    return answer({"error": "internal"}, 500)
