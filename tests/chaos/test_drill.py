from chaos.drill import Evidence, all_of


def test_all_of_nothing() -> None:
    """No evidence proves nothing."""
    assert all_of(()) == Evidence(proven=False, saw="nothing was looked at")


def test_all_of_some() -> None:
    """One part that is not proven leaves the whole unproven, and all parts are told."""
    good, bad = Evidence(proven=True, saw="a is down"), Evidence(proven=False, saw="b is up")

    assert all_of((good, good)).proven
    assert all_of((good, bad)) == Evidence(proven=False, saw="a is down; b is up")
