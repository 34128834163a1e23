from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from geosvc.figures.placing import Taken, grown, meets

SIDES = st.floats(-50, 150)
BOXES = st.tuples(SIDES, SIDES, st.floats(0.1, 40), st.floats(0.1, 40)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)
FRAME = (0.0, 0.0, 100.0, 100.0)


@given(st.lists(BOXES, max_size=30))
def test_no_two_claimed_boxes_meet(boxes: list[tuple[float, float, float, float]]) -> None:
    taken = Taken(FRAME)
    claimed = [box for box in boxes if taken.claim([box])]
    assert not any(meets(one, other) for one, other in combinations(claimed, 2))
    for box in claimed:
        assert box[0] >= 0
        assert box[3] <= 100
    # what was refused is outside, or meets one that was claimed
    for box in boxes:
        outside = box[0] < 0 or box[1] < 0 or box[2] > 100 or box[3] > 100
        assert box in claimed or outside or any(meets(box, other) for other in claimed)


def test_all_boxes_of_a_name_are_claimed_or_none() -> None:
    taken = Taken(FRAME)
    taken.take((40, 40, 50, 50))
    assert not taken.claim([(10, 10, 20, 20), (45, 45, 55, 55)])
    assert taken.is_free((10, 10, 20, 20))
    assert taken.claim([(10, 10, 20, 20), (60, 60, 70, 70)])
    assert not taken.is_free((65, 65, 66, 66))


def test_the_first_free_choice_is_taken() -> None:
    taken = Taken(FRAME)
    taken.take((0, 0, 50, 100))
    choices = [[(10.0, 10.0, 20.0, 20.0)], [(60.0, 10.0, 70.0, 20.0)], [(80.0, 1.0, 81.0, 2.0)]]
    assert taken.first_free(choices) == 1
    assert taken.first_free(choices) == 2
    assert taken.first_free(choices) is None


def test_boxes_that_touch_do_not_meet() -> None:
    assert not meets((0, 0, 1, 1), (1, 1, 2, 2))
    assert meets(grown((0, 0, 1, 1), 0.01), (1, 1, 2, 2))
