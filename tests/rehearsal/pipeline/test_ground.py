import re
import socket
from collections.abc import Callable

import httpx
import pytest

from chaos.toxiproxy import Toxiproxy
from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Link, Target
from rehearsal.pipeline.ground import require_listeners, require_shop
from tests.hostile.shop import HostileShop, serving


def test_a_shop_nobody_answers_for_is_told_before_the_load(
    make_plan: Callable[..., Plan], plan_text: str
) -> None:
    """A closed port is a sentence at once, not a whole peak sent to nobody."""
    without_faults = plan_text.split("[[faults]]")[0] + "[slo.normal]" + plan_text.split("[slo.normal]")[1]
    target = '[target]\nshop = "url"\nurl = "http://127.0.0.1:1"\n[traffic]'
    plan = make_plan(without_faults.replace("[traffic]", target))

    with pytest.raises(Unreachable, match=r"The shop at http://127.0.0.1:1 does not answer"):
        require_shop(plan)


@pytest.mark.parametrize(
    ("url", "error", "mend"),
    [
        pytest.param(
            "https://shop",
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"),
            "Name in target.ca_file",
            id="a certificate that nobody vouches for",
        ),
        pytest.param(
            "https://shop",
            httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
            "write http:// in the plan",
            id="https asked of a port that speaks http",
        ),
        pytest.param(
            "http://shop", httpx.ReadError("reset"), "write https:// in the plan", id="the other way round"
        ),
        pytest.param("http://shop", httpx.ConnectError("refused"), "Start it", id="nobody there"),
        pytest.param("https://shop", httpx.ReadTimeout("late"), "Start it", id="silence"),
    ],
)
def test_what_helps_against_a_shop_that_cannot_be_spoken_to(
    make_plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch, url: str, error: Exception, mend: str
) -> None:
    """The usual mistakes in an address have a mend each."""

    def broken(_: httpx.Request) -> httpx.Response:
        raise error

    client = httpx.Client(transport=httpx.MockTransport(broken))
    monkeypatch.setattr("rehearsal.pipeline.ground.reading_client", lambda *_: client)
    plan = make_plan().model_copy(update={"target": Target(shop="url", url=url)})

    with pytest.raises(Unreachable, match=re.escape(mend)):
        require_shop(plan)


def test_the_shop_behind_a_link_that_is_still_to_come_is_asked_itself(
    make_plan: Callable[..., Plan],
) -> None:
    """Shoppers will begin at the link, which listens only once the drill has begun."""
    with serving(HostileShop()) as shop, socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{held.getsockname()[1]}"
        link = Link(name="front", listen=place, upstream=shop.url.removeprefix("http://"))
        target = Target(shop="url", url=f"http://{place}")
        require_shop(make_plan().model_copy(update={"target": target, "links": (link,)}))

    assert len(shop.headers) == 1


def test_the_mock_shop_is_not_asked_for(make_plan: Callable[..., Plan], plan_text: str) -> None:
    """It is started by the drill itself."""
    require_shop(make_plan(plan_text))


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        pytest.param(httpx.Response(200, json={}), RehearsalError, "no listener psp; it has none", id="none"),
        pytest.param(
            httpx.Response(
                200, json={"edge": {"name": "edge", "listen": "", "upstream": "", "enabled": True}}
            ),
            RehearsalError,
            "no listener psp; it has edge. Create it, or correct the plan",
            id="another",
        ),
        pytest.param(httpx.ConnectError("refused"), Unreachable, "No Toxiproxy answers at", id="silence"),
    ],
)
def test_a_listener_that_a_team_s_toxiproxy_lacks(
    answer: httpx.Response | Exception,
    error: type[Exception],
    says: str,
    make_plan: Callable[..., Plan],
    plan_text: str,
) -> None:
    """It is a mistake of the plan, told before a folder is made and not as a run that is INVALID."""

    def serve(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    theirs = Toxiproxy("http://127.0.0.1:8474", transport=httpx.MockTransport(serve))
    plan = make_plan(plan_text)
    fault = plan.faults[0].model_copy(update={"listener": "psp"})

    with pytest.raises(error, match=says):
        require_listeners(theirs, plan.model_copy(update={"faults": (fault,)}))
