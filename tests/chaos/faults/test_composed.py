from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from chaos.drill import Evidence
from chaos.faults.composed import Composed, Definition, Together
from chaos.faults.mechanism import Later, Mechanism, Move
from chaos.faults.site import Site
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError, Stopped
from rehearsal.model.faults import FaultKind

KIND = FaultKind.PAYMENT_SLOW


@dataclass(frozen=True)
class Spy(Mechanism):
    """Notes what is asked of it; `sick` heals badly, `at` are its moves."""

    name: str
    log: list[str] = field(default_factory=list)
    sick: bool = False
    at: tuple[float, ...] = ()
    proven: bool = True
    hit: int = 0

    @property
    def does(self) -> str:
        """Say."""
        return f"break {self.name}"

    @property
    def undoes(self) -> str:
        """Say."""
        return f"mend {self.name}"

    def inject(self, site: Site) -> None:
        """Break."""
        self.log.append(f"inject {self.name}")

    def shows(self, site: Site) -> Evidence:
        """Show."""
        self.log.append(f"show {self.name}")
        return Evidence(proven=self.proven, saw=f"{self.name} shows")

    def moves(self, site: Site, hold_s: float) -> tuple[Move, ...]:
        """Move."""
        return tuple(Move(at_s, partial(self.log.append, f"{self.name} {at_s:g}")) for at_s in self.at)

    def felt(self, site: Site) -> tuple[int, str]:
        """Tell."""
        return self.hit, f"{self.name} felt {self.hit}"

    def heal(self, site: Site) -> None:
        """Mend."""
        self.log.append(f"heal {self.name}")
        if self.sick:
            raise RehearsalError(f"{self.name} is stuck")

    def mended(self, site: Site) -> Evidence:
        """Show."""
        return Evidence(proven=not self.sick, saw=f"{self.name} mended")


@dataclass
class Time:
    """A clock that goes where `wait` goes."""

    at_ns: int = 0
    waited: list[float] = field(default_factory=list)

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Go there."""
        self.at_ns = max(self.at_ns, instant_ns)
        self.waited.append(instant_ns / NS_PER_S)


Compose = Callable[..., Composed]


@pytest.fixture
def composed(site: Any) -> Compose:
    """Return a function that composes mechanisms."""
    return lambda *breaks, **more: Composed(Definition(breaks, **more), site(KIND))


def test_order(composed: Compose) -> None:
    """Mechanisms break in their order and are mended in the other."""
    log: list[str] = []
    drill = composed(Spy("first", log), Spy("second", log))
    drill.inject()
    drill.heal()

    assert log == ["inject first", "inject second", "heal second", "heal first"]
    assert drill.name == "payment_slow"
    assert drill.effect.endswith(".")


def test_one_that_cannot_be_mended_keeps_no_other_from_it(composed: Compose) -> None:
    """The first failure is told after everything has been tried."""
    log: list[str] = []
    drill = composed(Spy("first", log), Spy("second", log, sick=True))

    with pytest.raises(RehearsalError, match="second is stuck"):
        drill.heal()

    assert log == ["heal second", "heal first"]
    assert not drill.prove_heal().proven


@pytest.mark.parametrize(
    ("mechanism", "canary", "proven"),
    [
        pytest.param(True, True, True, id="both"),
        pytest.param(False, True, False, id="only the canary"),
        pytest.param(True, False, False, id="only the mechanism"),
    ],
)
def test_proof_needs_all(composed: Compose, mechanism: bool, canary: bool, proven: bool) -> None:
    """A fault is proven if every mechanism shows and the canary was hit; so is its healing."""
    seen = Evidence(proven=canary, saw="canary")
    drill = composed(
        Spy("one", proven=mechanism, sick=not mechanism), canary=lambda _: seen, healed=lambda _: seen
    )

    assert drill.prove_effect() == Evidence(proven=proven, saw="one shows; canary")
    assert drill.prove_heal() == Evidence(proven=proven, saw="one mended; canary")


def test_moves_come_in_order_within_the_hold(composed: Compose) -> None:
    """Moves of all mechanisms are made at their times; the hold ends when it should."""
    log: list[str] = []
    drill, time = composed(Spy("a", log, at=(1.0, 3.0)), Spy("b", log, at=(2.0,))), Time()
    drill.hold(4 * NS_PER_S, time, time.sleep_until_ns)

    assert log == ["a 1", "b 2", "a 3"]
    assert time.waited == [1.0, 2.0, 3.0, 4.0]


def test_a_stop_ends_the_hold(composed: Compose) -> None:
    """Whatever `wait` raises comes through, and no more is moved."""
    log: list[str] = []

    def wait(instant_ns: int) -> None:
        if instant_ns > NS_PER_S:
            raise Stopped("stopped")

    with pytest.raises(Stopped):
        composed(Spy("a", log, at=(1.0, 2.0, 3.0))).hold(4 * NS_PER_S, Time(), wait)

    assert log == ["a 1"]


def test_felt_by_any(composed: Compose) -> None:
    """One mechanism that hit somebody is enough; all are told."""
    felt = composed(Spy("a"), Spy("b", hit=2)).felt()

    assert felt == Evidence(proven=True, saw="a felt 0; b felt 2")
    assert not composed(Spy("a")).felt().proven


def test_later_strikes_in_the_hold(composed: Compose) -> None:
    """What comes later is not asked for its proof at once, and is healed as any other."""
    log: list[str] = []
    drill, time = composed(Spy("now", log), Later(0.5, Spy("then", log, hit=1))), Time()
    drill.inject()
    drill.prove_effect()
    drill.hold(10 * NS_PER_S, time, time.sleep_until_ns)
    felt = drill.felt()
    drill.heal()

    assert log == ["inject now", "show now", "inject then", "heal then", "heal now"]
    assert time.waited == [5.0, 10.0]
    assert felt.proven
    assert drill.prove_heal().saw == "now mended; then mended"


def test_later_can_be_asked(site: Any) -> None:
    """Whoever wants to know is told by the mechanism itself."""
    later = Later(0.5, Spy("then"))

    assert later.shows(site(KIND)).saw == "then shows"
    assert (later.does, later.undoes) == ("after 50 % of the hold: break then", "mend then")


def test_a_pair_proves_the_first_before_the_second(composed: Compose) -> None:
    """A second fault would hide the first from its canary."""
    log: list[str] = []
    pair = Together("pair", "Both.", (composed(Spy("one", log)), composed(Spy("two", log, at=(1.0,)))))
    time = Time()
    pair.inject()
    seen = pair.prove_effect()
    pair.hold(2 * NS_PER_S, time, time.sleep_until_ns)
    pair.heal()

    assert log == ["inject one", "show one", "inject two", "show two", "two 1", "heal two", "heal one"]
    assert seen == Evidence(proven=True, saw="one shows; two shows")
    assert pair.prove_heal().proven
    assert not pair.felt().proven


def test_a_pair_whose_first_was_not_seen(composed: Compose) -> None:
    """Both must be proven; the first is looked at three times."""
    log: list[str] = []
    pair = Together("pair", "Both.", (composed(Spy("one", log, proven=False)), composed(Spy("two", log))))
    pair.inject()

    assert not pair.prove_effect().proven
    assert log.count("show one") == 3


def test_a_pair_that_was_never_injected(composed: Compose) -> None:
    """It proves nothing."""
    pair = Together("pair", "Both.", (composed(Spy("one")), composed(Spy("two"))))

    assert not pair.prove_effect().proven


def test_a_pair_is_mended_in_both_halves(composed: Compose) -> None:
    """A half that cannot be mended keeps the other from nothing."""
    log: list[str] = []
    pair = Together("pair", "Both.", (composed(Spy("one", log)), composed(Spy("two", log, sick=True))))

    with pytest.raises(RehearsalError, match="two is stuck"):
        pair.heal()

    assert log == ["heal two", "heal one"]
