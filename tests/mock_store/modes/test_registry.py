import pytest

from mock_store.modes.others import DIRECTOR_MODES, WORKER_MODES
from mock_store.modes.provider import PROVIDER_MODES, Declines, Errors
from mock_store.modes.region import REGION_MODES, CacheFlush, DatabaseDown
from mock_store.modes.registry import Modes, name_of
from mock_store.web import Refused


def provider_modes(seed: str = "1") -> Modes:
    """Return the provider's modes, all off."""
    return Modes(PROVIDER_MODES, seed=seed)


def struck(modes: Modes, requests: int = 200) -> list[bool]:
    """Return which of a row of requests are struck by errors."""
    return [modes.strikes(Errors) is not None for _ in range(requests)]


def test_the_names_over_http() -> None:
    """Each mode's name is what the drills ask for."""
    provider = "errors declines garbled callbacks_repeated callbacks_early callbacks_late callbacks_lost"
    region = "database_down database_slow commit_answer_lost disk_full cache_off cache_flush cache_frozen"

    assert [*provider.split(), "forget_keys", "partial_capture", "refund_errors"] == [
        name_of(kind) for kind in PROVIDER_MODES
    ]
    assert [*region.split(), "reserve_answer_lost", "clock_offset", "write_ban", "zone_lost"] == [
        name_of(kind) for kind in REGION_MODES
    ]
    assert [name_of(kind) for kind in (*DIRECTOR_MODES, *WORKER_MODES)] == ["stale", "paused"]


def test_a_mode_strikes_its_share_and_counts_it() -> None:
    """Three in ten of 200 requests, give or take; the hits are exactly those."""
    modes = provider_modes()
    modes.put("errors", b'{"share": 0.3}')
    hit = struck(modes).count(True)

    assert 40 <= hit <= 80
    assert modes.report() == {
        "modes": {"errors": {"share": 0.3, "status": 500, "retry_after_s": 0}},
        "hits": {"errors": hit},
    }


def test_whom_it_strikes_follows_from_the_seed() -> None:
    """The same seed strikes the same requests, also when the mode is set anew; another seed others."""
    one, same, other = provider_modes(), provider_modes(), provider_modes("2")
    for modes in (one, same, other):
        modes.put("errors", b'{"share": 0.5}')
    first = struck(one)
    one.put("errors", b'{"share": 0.5}')

    assert first == struck(same)
    assert first == struck(one)
    assert first != struck(other)


def test_hits_stay_known_until_the_mode_is_set_anew() -> None:
    """Switching it off keeps them, switching it on again begins at 0."""
    modes = provider_modes()
    modes.put("declines", b'{"share": 1}')
    modes.strikes(Declines)
    modes.delete("declines")
    after = (bool(modes), modes.report()["hits"], modes.strikes(Declines))
    modes.put("declines", b'{"share": 0}')

    assert after == (False, {"declines": 1}, None)
    assert (bool(modes), modes.strikes(Declines), modes.report()["hits"]) == (True, None, {"declines": 0})


def test_all_modes_are_switched_off_at_once() -> None:
    """Without a name, whatever is on."""
    modes = provider_modes()
    modes.put("declines", b'{"share": 1}')
    modes.put("garbled", b'{"share": 1}')
    modes.delete()

    assert modes.report()["modes"] == {}


@pytest.mark.parametrize(
    ("name", "params", "status", "error"),
    [
        ("erors", b"{}", 404, "unknown_mode"),
        ("errors", b"{}", 400, "bad_request"),
        ("errors", b'{"share": 2}', 400, "bad_request"),
        ("errors", b'{"share": 0.5, "shar": 1}', 400, "bad_request"),
        ("errors", b'{"share": 0.5, "status": 200}', 400, "bad_request"),
        ("errors", b"{", 400, "bad_request"),
        ("partial_capture", b'{"share": 1, "part": 1}', 400, "bad_request"),
    ],
    ids=[
        "an unknown name",
        "a share must be said",
        "a share is at most 1",
        "a misspelt parameter",
        "200 is no error",
        "not JSON",
        "the whole amount is no part",
    ],
)
def test_what_is_wrong_is_refused(name: str, params: bytes, status: int, error: str) -> None:
    """Nothing is switched on by it."""
    modes = provider_modes()
    with pytest.raises(Refused) as refused:
        modes.put(name, params)

    assert (refused.value.status, refused.value.error, bool(modes)) == (status, error, False)


def test_an_unknown_mode_cannot_be_switched_off() -> None:
    """A drill that misspells what it heals is told so."""
    with pytest.raises(Refused, match="unknown_mode"):
        provider_modes().delete("erors")


def test_a_mode_without_a_share_strikes_everybody() -> None:
    """Parameters may be left out altogether."""
    modes = Modes(REGION_MODES, seed="1")
    modes.put("database_down", b"")

    assert modes.strikes(DatabaseDown) == DatabaseDown()


def test_something_may_happen_as_a_mode_is_set() -> None:
    """Each time it is set, and then only."""
    modes, seen = Modes(REGION_MODES, seed="1"), []
    modes.when_set(CacheFlush, lambda: seen.append("flushed"))
    modes.put("cache_flush", b"{}")
    modes.put("disk_full", b"{}")
    modes.delete("cache_flush")

    assert seen == ["flushed"]
