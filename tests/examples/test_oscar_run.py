"""What the example's command expects of its drills, seen failing; and the shop's payment provider."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from rehearsal.pipeline.plans import load_plan
from tests.examples.oscar_kit import FOLDER, module

RUN, SERVE, PROVIDER = module("run"), module("serve"), module("provider")
OVERSELL = {
    "check": RUN.OVERSELL,
    "status": "FAIL",
    "measured": 69.0,
    "ids": ["100046", "100035", "100122", "100075"],
    "evidence": {"sold": 119, "stock": RUN.STOCK},
}
UNPAID = {"check": RUN.PAYMENT, "status": "FAIL"}
PAID = {"check": RUN.PAYMENT, "status": "PASS"}
LOST = {"check": "invariant.I20.no_lost_order", "status": "FAIL"}


def came_out(
    folder: Path, verdict: str, *findings: dict[str, Any], orders: int = 3, status: int = 200
) -> Any:
    """Return what came out of a drill with so many orders, all of whose answers had one status."""
    (folder / "final.json").write_text(json.dumps({"orders": [{}] * orders}))
    pl.DataFrame({"kind": ["op", "op", "visit"], "status": [status, status, 0]}).write_parquet(
        folder / "history.parquet"
    )
    return RUN.Run(verdict, findings, folder)


@pytest.mark.parametrize(
    ("judge", "verdict", "findings", "changed", "expected"),
    [
        pytest.param("oversold", "NO_GO", [OVERSELL], {}, True, id="the oversell is found"),
        pytest.param("oversold", "INVALID", [OVERSELL], {}, False, id="found, and not judged"),
        pytest.param("oversold", "NO_GO", [OVERSELL | {"ids": []}], {}, False, id="no order is named"),
        pytest.param("oversold", "NO_GO", [LOST], {}, False, id="NO_GO for another reason"),
        pytest.param("oversold", "GO", [], {}, False, id="nothing is found"),
        pytest.param("not_oversold", "INCONCLUSIVE", [PAID], {}, True, id="all is well"),
        pytest.param("not_oversold", "NO_GO", [OVERSELL], {}, False, id="a small rush oversells"),
        pytest.param("not_oversold", "NO_GO", [LOST], {}, False, id="something else is broken"),
        pytest.param("not_oversold", "GO", [], {"orders": 0}, False, id="nobody bought"),
        pytest.param("paid", "GO", [PAID], {}, True, id="payments succeed"),
        pytest.param("paid", "NO_GO", [PAID, UNPAID], {}, False, id="not in every phase"),
        pytest.param("paid", "GO", [], {}, False, id="payments were not judged"),
        pytest.param("unpaid", "NO_GO", [UNPAID], {}, True, id="the missing payments are found"),
        pytest.param("unpaid", "GO", [PAID], {}, False, id="a 200 was taken for a payment"),
        pytest.param("unpaid", "NO_GO", [UNPAID], {"status": 500}, False, id="any tool sees a 500"),
    ],
)
def test_a_drill_is_held_against_what_must_come_out(
    tmp_path: Path, judge: str, verdict: str, findings: list[Any], changed: Any, *, expected: bool
) -> None:
    """Each expectation is met by what it is about, and by nothing else."""
    as_expected, words = getattr(RUN, judge)(came_out(tmp_path, verdict, *findings, **changed))

    assert as_expected is expected
    assert words.startswith(verdict)


def test_the_oversell_is_told_with_its_orders(tmp_path: Path) -> None:
    """Stock, units sold, the first orders, and how many more."""
    _, words = RUN.oversold(came_out(tmp_path, "NO_GO", OVERSELL))

    assert words.endswith("119 sold of 50, orders 100046, 100035, 100122 and 66 more")


@pytest.mark.parametrize("name", sorted({drill.plan for drill in RUN.DRILLS}))
def test_every_plan_is_one(name: str) -> None:
    """It names an adapter of this folder and the shop's port."""
    plan = load_plan(FOLDER / f"{name}.toml")

    shop = SERVE.wanted()
    assert plan.target.url == f"http://127.0.0.1:{shop.port}"
    assert (FOLDER / f"{plan.target.adapter.partition(':')[0]}.py").is_file()
    assert plan.sale.stock == RUN.STOCK
    assert {link.upstream for link in plan.links} <= {f"127.0.0.1:{shop.payment_port}"}


def test_a_shop_looks_for_its_provider_where_it_listens() -> None:
    """Unless a link stands between."""
    direct, linked = SERVE.wanted(), SERVE.wanted("--payment-at", "18131")

    assert (direct.payment_at, linked.payment_at) == (direct.payment_port, 18131)


@pytest.fixture
def provider() -> Iterator[str]:
    """Return the address of a provider inside this process."""
    with PROVIDER.Provider(0) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_provider_keeps_what_it_charged(provider: str) -> None:
    """What it declined is not in its ledger; asked twice it charges twice, as no key is sent."""
    wanted = {"order": "100001", "amount_cents": 19900}
    with httpx.Client(base_url=provider, trust_env=False) as client:
        taken = [client.post("/charges", json=wanted).status_code for _ in range(2)]
        client.put("/declining", json={"all": True})
        declined = client.post("/charges", json=wanted).status_code
        charges = client.get("/charges").json()["charges"]

    assert (taken, declined) == ([201, 201], 402)
    assert charges == [wanted | {"id": "ch-1"}, wanted | {"id": "ch-2"}]
