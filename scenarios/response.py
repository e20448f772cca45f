"""What a Locust user gets back: the familiar attributes of a response, and a say in whether it counts."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import msgspec
from locust.exception import (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)

from rehearsal.model.clock import NS_PER_S
from scenarios.http.redirects import REDIRECTS
from scenarios.recording.locust_stats import RequestFailed
from scenarios.reply import Reply

_CLIENT_ERROR = 400
#: How Locust ends tasks and users; none of it, nor a kill, says anything of the answer.
_FLOW = (InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopTest, StopUser)


class Headers(Mapping[str, str]):
    """An answer's headers; names match in any case. Of several with one name, all are joined by commas."""

    def __init__(self, head: Any) -> None:
        """Take name and value pairs, names in lower case."""
        self._values: dict[str, str] = {}
        for name, value in head:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            self._values[key] = f"{self._values[key]}, {text}" if key in self._values else text

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Response:
    """One answer, as requests and Locust's clients show it. `status_code` is 0 when there was none.

    With `catch_response=True` it is a context: `success()` and `failure(why)` overrule what it would count
    as, and it is counted when the context ends; an exception inside is a failure.
    """

    __slots__ = ("_base", "_headers", "_manual", "_url", "book", "history", "reply")

    def __init__(self, reply: Reply, url: str, history: list["Response"], base: str = "") -> None:
        """Take the last reply, its address (`base` + `url`), and the redirects that led there."""
        self.reply = reply
        self._base = base
        self._url = url
        self.history = history
        #: Counts the request with an error, empty if it is good; None once that is done.
        self.book: Callable[[str], None] | None = None
        self._manual: str | None = None
        self._headers: Headers | None = None

    @property
    def url(self) -> str:
        """Return the address that answered."""
        return self._base + self._url

    @property
    def status_code(self) -> int:
        """Return the status, 0 without an answer."""
        return self.reply.status

    @property
    def content(self) -> bytes:
        """Return the body, its content coding undone."""
        return self.reply.body

    @property
    def text(self) -> str:
        """Return the body as text: in the charset its type names, else UTF-8; misfits are replaced."""
        kind = self.headers.get("content-type", "")
        charset = kind.partition("charset=")[2].partition(";")[0].strip(" \"'") or "utf-8"
        try:
            return self.reply.body.decode(charset, "replace")
        except LookupError:
            return self.reply.body.decode("utf-8", "replace")

    @property
    def headers(self) -> Headers:
        """Return the headers."""
        if self._headers is None:
            self._headers = Headers(self.reply.pairs)
        return self._headers

    @property
    def ok(self) -> bool:
        """Tell whether there was an answer with a status below 400."""
        return 0 < self.reply.status < _CLIENT_ERROR

    @property
    def error(self) -> RequestFailed | None:
        """Return why there is no answer; None when there is one."""
        return RequestFailed(self.reply.error) if self.reply.error else None

    @property
    def elapsed(self) -> timedelta:
        """Return the service time."""
        return timedelta(seconds=(self.reply.done_ns - self.reply.sent_ns) / NS_PER_S)

    @property
    def is_redirect(self) -> bool:
        """Tell whether the answer points elsewhere."""
        return self.reply.status in REDIRECTS and "location" in self.headers

    def json(self) -> Any:
        """Return the body's JSON value; ValueError if it holds none."""
        return msgspec.json.decode(self.reply.body)

    def raise_for_status(self) -> None:
        """Raise RequestFailed unless `ok`."""
        if not self.ok:
            raise RequestFailed(failure_of(self.reply))

    def success(self) -> None:
        """Let it count as a success, whatever it is."""
        self._manual = ""

    def failure(self, why: Any) -> None:
        """Let it count as a failure for this reason."""
        self._manual = str(why) or "failure"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        book, self.book = self.book, None
        if book is None:
            return False
        if self._manual is not None:
            book(self._manual)
        elif isinstance(error, RequestFailed):
            book(str(error))
            return True
        elif isinstance(error, Exception) and not isinstance(error, _FLOW):
            book(f"{type(error).__name__}: {error}")
        else:
            book(failure_of(self.reply))
        return False


def failure_of(reply: Reply) -> str:
    """Return why a reply counts as failed by itself: no whole answer, or a status of 400 and above."""
    if reply.error:
        return reply.error
    return f"http_{reply.status}" if reply.status >= _CLIENT_ERROR else ""
