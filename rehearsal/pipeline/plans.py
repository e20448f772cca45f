"""plan.toml → Plan: read, check whole, take a seed from outside, refuse a target that is not ours."""

from pathlib import Path
from urllib.parse import urlsplit

from chaos.catalogue import check_fault
from chaos.world import LISTENERS
from rehearsal.model.errors import RehearsalError, TargetRefused
from rehearsal.model.faults import FaultKind
from rehearsal.model.hosts import is_loopback
from rehearsal.model.plan import Fault, Plan
from rehearsal.model.plan_check import check_plan
from rehearsal.pipeline.adapter_check import check_adapter
from rehearsal.pipeline.adapter_file import offer_beside
from rehearsal.pipeline.beside import beside
from rehearsal.pipeline.series import selector_of
from scenarios import curve
from scenarios.bounds import Bounds
from scenarios.http.tls import context_of
from scenarios.senders import check_client
from scenarios.storefront import Storefront, load_adapter

#: The longest plan that is read: what never ends, such as a device, would fill the memory.
_LARGEST = 1_000_000
_SCHEMES = frozenset({"http", "https"})


def load_plan(path: Path, *, seed: int | None = None) -> Plan:
    """Read a plan file. PlanError with all mistakes, RehearsalError if it cannot be read at all."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise RehearsalError(f"There is no plan {path}; try scenarios/plans/flash_sale.toml.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RehearsalError(f"The plan {path} cannot be read: {error}") from None
    if len(text) > _LARGEST:
        raise RehearsalError(f"{path} is no plan: it is longer than {_LARGEST:,} letters.")
    plan = _read_by(beside(path, _checked(text, str(path))))
    _check_series(plan)
    offer_beside(path, plan.target.adapter)
    return plan if seed is None else plan.model_copy(update={"seed": seed})


def _read_by(plan: Plan) -> Plan:
    """Return a plan that asks nothing of a shop whose load and readings need no adapter, and that names none.

    The mock shop's, which stands for "none named", would only meet pages that are not there.
    """
    target = plan.target
    if plan.traffic.tells_steps or target.shop == "mock" or "adapter" in target.model_fields_set:
        return plan
    update = {"adapter": f"{Storefront.__module__}:{Storefront.__name__}"}
    return plan.model_copy(update={"target": target.model_copy(update=update)})


def _checked(text: str, source: str) -> Plan:
    return check_plan(
        text,
        source=source,
        curves=curve.names(),
        mistake_of=_mistake_of,
    )


def _mistake_of(fault: Fault, ours: bool) -> str:  # noqa: FBT001 - as the check calls it
    if fault.kind is FaultKind.TOXIC and not ours:
        # Listeners of a Toxiproxy that is not ours are looked up before the load; the toxic is as any other.
        return check_fault(fault.model_copy(update={"listener": LISTENERS[0]}), mock=True)
    return check_fault(fault, mock=ours)


def _check_series(plan: Plan) -> None:
    """Raise RehearsalError for a series of the plan that none can be called: it would never be read."""
    for resource in plan.capacity.resources if plan.capacity else ():
        try:
            selector_of(resource.series)
        except ValueError:
            raise RehearsalError(
                f"capacity.resources, {resource.name}: {resource.series!r} names no series; write it as in "
                """Prometheus' text format, NAME or NAME{label="value"}."""
            ) from None


def check_target(plan: Plan) -> None:
    """Raise TargetRefused unless every address of the target is loopback or named in `target.allow`.

    RehearsalError if its adapter or its `ca_file` cannot be loaded, or the adapter lacks what visits need:
    better now than when everything stands.
    """
    adapter = load_adapter(plan.target.adapter)
    check_adapter(plan, adapter)
    if plan.target.ca_file:
        _load_authorities(plan.target.ca_file)
    check_client(adapter, Bounds(allow=plan.target.allow, ca_file=plan.target.ca_file))
    for url in (plan.target.url, plan.target.admin_url, plan.target.toxiproxy):
        if not url:
            continue
        host = _host_of(url)
        if not (is_loopback(host) or host in plan.target.allow):
            raise TargetRefused(
                f"{host} is not this machine. If you may send it a promotion's peak, "
                f'name it in the plan: [target] allow = ["{host}"]'
            )


def _load_authorities(ca_file: str) -> None:
    try:
        context_of(ca_file)
    except OSError as error:
        raise RehearsalError(
            f"target.ca_file: {ca_file} holds no authorities: {error}. Name a file of PEM certificates."
        ) from None


def _host_of(url: str) -> str:
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise TargetRefused(f"{url!r} is no http address: it holds letters that no address has.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise TargetRefused(f"{url!r} is no http address: {error}.") from None
    if parts.scheme not in _SCHEMES or not host:
        raise TargetRefused(
            f"{url!r} is no http address; write target.url as http://host:port or https://host:port."
        )
    return host
