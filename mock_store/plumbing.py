"""What every process offers besides its business: its fault modes, and the calls it has made itself."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store.links import Links
from mock_store.modes.registry import Modes
from mock_store.web import answer


def plumbing(modes: Modes, links: Links) -> list[Route]:
    """Return the routes of a process's fault modes (`/__fault`) and of its counted calls (`/admin/links`)."""

    async def fault(request: Request) -> Response:
        if request.method == "DELETE":
            modes.delete()
        return answer(modes.report())

    async def one_fault(request: Request) -> Response:
        name = request.path_params["name"]
        if request.method == "PUT":
            modes.put(name, await request.body())
        else:
            modes.delete(name)
        return answer(modes.report())

    async def counts(_: Request) -> Response:
        return answer({"links": links.report()})

    return [
        Route("/__fault", fault, methods=["GET", "DELETE"]),
        Route("/__fault/{name}", one_fault, methods=["PUT", "DELETE"]),
        Route("/admin/links", counts),
    ]
