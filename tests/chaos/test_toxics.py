import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos import toxics
from chaos.toxics import ATTRIBUTES, Stream, Toxic, ToxicKind


@pytest.mark.parametrize(
    ("toxic", "kind", "stream", "attributes"),
    [
        pytest.param(
            toxics.requests_lost(), "timeout", "upstream", {"timeout": 0}, id="requests are dropped"
        ),
        pytest.param(
            toxics.answers_lost(), "timeout", "downstream", {"timeout": 0}, id="answers are dropped"
        ),
        pytest.param(
            toxics.answers_reset(), "reset_peer", "downstream", {"timeout": 0}, id="reset on answer"
        ),
        pytest.param(
            toxics.answers_late(300, jitter_ms=20),
            "latency",
            "downstream",
            {"latency": 300, "jitter": 20},
            id="late answers in milliseconds",
        ),
        pytest.param(
            toxics.requests_late(3000),
            "latency",
            "upstream",
            {"latency": 3000, "jitter": 0},
            id="zombie requests",
        ),
        pytest.param(toxics.answers_cut(40), "limit_data", "downstream", {"bytes": 40}, id="cut after bytes"),
        pytest.param(
            toxics.answers_throttled(4), "bandwidth", "downstream", {"rate": 4}, id="kilobytes a second"
        ),
        pytest.param(
            toxics.answers_sliced(average_bytes=10, variation_bytes=3, delay_us=20),
            "slicer",
            "downstream",
            {"average_size": 10, "size_variation": 3, "delay": 20},
            id="slices in bytes and microseconds",
        ),
        pytest.param(toxics.closing_late(5), "slow_close", "downstream", {"delay": 5}, id="late closing"),
    ],
)
def test_effects(toxic: Toxic, kind: str, stream: str, attributes: dict[str, int]) -> None:
    """Each business effect is the toxic, the direction and the attributes that bring it about."""
    wire = msgspec.to_builtins(toxic)

    assert {
        "name": toxic.name,
        "type": kind,
        "stream": stream,
        "attributes": attributes,
        "toxicity": 1.0,
    } == wire


@pytest.mark.parametrize(
    ("kind", "attributes", "complaint"),
    [
        pytest.param("latency", {"latncy": 5, "jitter": 0}, "latncy", id="a misspelt attribute"),
        pytest.param("latency", {"latency": 5}, "jitter", id="an attribute left out"),
        pytest.param("timeout", {"timeout": -1}, "negative", id="a negative value"),
        pytest.param("noop", {"timeout": 1}, "timeout", id="an attribute of another kind"),
    ],
)
def test_wrong_attributes(kind: str, attributes: dict[str, int], complaint: str) -> None:
    """What the server would accept and not do is refused before it is sent."""
    with pytest.raises(ValueError, match=complaint):
        Toxic(name="t", kind=ToxicKind(kind), stream=Stream.ANSWER, attributes=attributes)


@pytest.mark.parametrize("toxicity", [-0.1, 1.1])
def test_wrong_toxicity(toxicity: float) -> None:
    """Toxicity is a share."""
    with pytest.raises(ValueError, match="share"):
        Toxic(name="t", kind=ToxicKind.NOOP, stream=Stream.ANSWER, attributes={}, toxicity=toxicity)


def test_every_kind_has_attributes() -> None:
    """No kind of toxic escapes the check of its attributes."""
    assert set(ToxicKind) == set(ATTRIBUTES)


KINDS = st.sampled_from(list(ToxicKind)).flatmap(
    lambda kind: st.builds(
        Toxic,
        name=st.text(min_size=1),
        kind=st.just(kind),
        stream=st.sampled_from(list(Stream)),
        attributes=st.fixed_dictionaries({key: st.integers(0, 2**31) for key in ATTRIBUTES[kind]}),
        toxicity=st.floats(0, 1),
    )
)


@given(KINDS)
def test_round_trip(toxic: Toxic) -> None:
    """A toxic reads back from the server's JSON as the value that was sent."""
    assert msgspec.json.decode(msgspec.json.encode(toxic), type=Toxic) == toxic
