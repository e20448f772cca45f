from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from scenarios.fleet.messages import (
    Acknowledged,
    Built,
    Charge,
    Chunk,
    Ended,
    FromWorker,
    Hello,
    Ping,
    Pong,
    Refused,
    Release,
    Said,
    Steer,
    ToWorker,
    Unfit,
    encode,
    from_worker,
    to_worker,
)
from scenarios.load_order import LoadOrder, Progress
from scenarios.storefront import Endpoints
from scenarios.visit import Basis

ORDER = LoadOrder(
    adapter="a:B",
    endpoints=Endpoints(url="http://shop", admin_urls=("http://a", "http://b")),
    basis=Basis(sale_sku="flash", limit_per_shopper=2, think_s=0.3),
    seed=7,
    pool=100,
    allow=("shop",),
    worker=2,
    workers=7,
)

words, counts = st.text(max_size=40), st.integers(0, 2**62)
from_workers: st.SearchStrategy[FromWorker] = st.one_of(
    st.builds(Hello, version=words, host=words, machine=words, pid=counts, worker=st.integers(-1, 100)),
    st.builds(Built, sha256=words),
    st.builds(Unfit, reason=words),
    st.builds(Pong, number=counts, received_ns=counts, answered_ns=counts),
    st.builds(Said, progress=st.builds(Progress, state=words, started=counts, note=words)),
    st.builds(Chunk, file=words, number=counts, content=st.binary(max_size=200)),
    st.builds(Ended, chunks=st.dictionaries(words, counts, max_size=3)),
)
to_workers: st.SearchStrategy[ToWorker] = st.one_of(
    st.builds(Charge, order=st.just(ORDER), plan=st.binary(max_size=200)),
    st.builds(Refused, reason=words),
    st.builds(Ping, number=counts),
    st.builds(Steer, offset_ns=st.integers(-(2**62), 2**62)),
    st.builds(Release, origin_ns=counts),
    st.builds(Acknowledged, file=words, number=counts),
)


@given(from_workers)
def test_what_a_worker_says_arrives_as_it_was_said(message: FromWorker) -> None:
    """Every message survives its coding."""
    assert from_worker(encode(message)) == message


@given(to_workers)
def test_what_a_master_says_arrives_as_it_was_said(message: ToWorker) -> None:
    """Every message survives its coding."""
    assert to_worker(encode(message)) == message


@given(st.binary(max_size=60))
def test_foreign_bytes_are_a_sentence(data: bytes) -> None:
    """Whatever comes over the network, it is a message or an error with a sentence, and no other."""
    for read in (from_worker, to_worker):
        with suppress(RehearsalError):
            assert isinstance(read(data), msgspec.Struct)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, r"without contents came \(NoneType\)"),
        ({"a": 1}, r"without contents came \(dict\)"),
        (msgspec.msgpack.encode({"type": "dance"}), "does not know"),
        (encode(Ping(number=1))[:-1], "does not know"),
        (encode(Hello(version="1")), "does not know"),
    ],
    ids=["nothing", "Locust's own data", "an unknown message", "a cut one", "one for the other side"],
)
def test_other_messages_are_refused(data: object, words: str) -> None:
    """A peer of another kind is told from a peer of ours."""
    with pytest.raises(RehearsalError, match=words):
        to_worker(data)


def test_a_hello_of_a_later_version_can_still_be_refused() -> None:
    """Fields that we do not know, and fields that are missing, do not hide the version."""
    later = msgspec.msgpack.encode({"type": "hello", "version": "9.9", "colour": "red"})

    assert from_worker(later) == Hello(version="9.9")
