from mock_store.links import SLOW_NS, Links


def test_calls_are_counted_by_what_became_of_them() -> None:
    """One more than half a second late is slow as well as ok; one that failed late is not."""
    links = Links(["pay_status"])
    links.note("pay_capture", "ok", SLOW_NS)
    links.note("pay_capture", "ok", SLOW_NS + 1)
    links.note("pay_capture", "lost", SLOW_NS + 1)
    links.note("pay_capture", "refused", 0)

    assert links.report() == {
        "pay_status": {"ok": 0, "refused": 0, "lost": 0, "slow": 0},
        "pay_capture": {"ok": 2, "refused": 1, "lost": 1, "slow": 1},
    }


def test_a_report_is_not_changed_by_later_calls() -> None:
    """What was read stays read."""
    links = Links(["x"])
    report = links.report()
    links.note("x", "ok", 0)

    assert report["x"]["ok"] == 0
