"""The django-oscar example inside a test: its adapters, and what a real shop once answered."""

import json as json_library
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from rehearsal.model.secrets import Secrets
from scenarios.reply import Reply
from scenarios.storefront import Endpoints, Storefront, load_adapter

FOLDER = Path(__file__).parents[2] / "examples" / "oscar"
# A user stands in this folder; what it holds is imported from there.
sys.path.append(str(FOLDER))
REST, PAGES = load_adapter("oscar_rest:OscarRest"), load_adapter("oscar_pages:OscarPages")

_HERE = Path(__file__).parent
#: Answers of the REST API by name, and books by path; pages by name, their scripts and frames cut out.
API, BOOKS = json_library.loads((_HERE / "oscar_api.json").read_text(encoding="utf-8")).values()
HTML = json_library.loads((_HERE / "oscar_pages.json").read_text(encoding="utf-8"))

SHOP = "http://127.0.0.1:18120"
ENDPOINTS = Endpoints(url=SHOP, admin_urls=(SHOP,), secrets=Secrets({"staff_token": "staff-only"}))

#: A request of a script, "POST /basket/add/1/", and what answers it: a recorded answer, or an error class.
Script = Mapping[str, dict[str, Any] | str]


def module(name: str) -> Any:
    """Return a file of the example as a module."""
    return import_module(name)


class Recorded:
    """Answers each request as the script says, and keeps what was sent."""

    give_up_s: float | None = None

    def __init__(self, script: Script) -> None:
        """Take the script."""
        self._script = script
        self.asked: list[str] = []
        self.sent: dict[str, Any] = {}

    def request(self, method: str, url: str, **asked: Any) -> Reply:
        """Answer; 404 to whatever the script does not know."""
        name = f"{method} {urlsplit(url).path}"
        self.asked.append(name)
        data: bytes | None = asked.get("data")
        form = None if data is None else dict(parse_qsl(data.decode(), keep_blank_values=True))
        self.sent[name] = asked.get("json") if form is None else form
        told = self._script.get(name, {"status": 404, "body": {"detail": "Not found."}})
        if isinstance(told, str):
            return Reply(sent_ns=0, done_ns=1, error=told)
        body = told["body"] if isinstance(told["body"], str) else json_library.dumps(told["body"])
        location = told.get("location")
        head = f"HTTP/1.1 {told['status']} -\r\n" + (f"location: {location}\r\n" if location else "") + "\r\n"
        return Reply(sent_ns=0, done_ns=1, status=told["status"], body=body.encode(), head=head.encode())


def shopper(adapter: type[Storefront], script: Script) -> tuple[Storefront, Recorded]:
    """Return a shopper who has opened her visit, and what she asks."""
    http = Recorded(script)
    found = adapter(http, "s-1", ENDPOINTS)
    found.open()
    return found, http


def read_books(url: str, *, headers: Mapping[str, str] | None = None) -> Any:
    """Return the books of a path; what is the staff's needs the token."""
    path = urlsplit(url).path
    if path.startswith("/api/admin/"):
        assert (headers or {}).get("Authorization") == "Token staff-only"
    return BOOKS[path]
