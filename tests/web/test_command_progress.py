from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from geosvc.web.command_progress import Tenths


def test_the_end_is_said_and_the_start_is_not() -> None:
    tenths = Tenths()
    assert not tenths.passed(0.0)
    assert tenths.passed(1.0)
    assert not tenths.passed(1.0)


@given(st.lists(st.floats(0, 1)))
def test_nothing_is_said_more_than_ten_times(shares: list[float]) -> None:
    tenths = Tenths()
    said = [share for share in sorted(shares) if tenths.passed(share)]
    assert len(said) <= 10
    assert all(later >= sooner + 0.1 for sooner, later in pairwise(said))
    assert said or max(shares, default=0) < 0.1
