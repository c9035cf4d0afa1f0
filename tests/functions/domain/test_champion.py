import threading

import pytest

from functions.domain import champion, models
from functions.storage import models as store
from functions.storage.tables import StoreFailureError
from tests import factories
from tests import models as made
from tests.factories import NOON, OWNER

pytestmark = pytest.mark.usefixtures("tables")


class Clock:
    at = 0.0

    def __call__(self):
        return self.at


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(champion, "shipped", made.classifier)
    return Clock()


def promoted(number):
    models.offer(OWNER, made.new(number), NOON)
    made.upload(number)
    models.promote(OWNER, made.name(number), NOON, None, force=True, reason="Test")


def in_use(clock):
    return champion.champion(clock).name


def test_the_model_that_shipped_labels_while_none_is_promoted(clock):
    labels = champion.label(factories.feedback(1), clock)

    assert labels.model == made.name(0)


def test_an_unsure_label_comes_with_its_lead_and_a_rating_alone_without(clock):
    unsure = champion.labelled(made.classifier(0), "kal se koshish")
    alone = champion.labelled(made.classifier(0), "", "", 5)

    assert unsure.margin == made.classifier(0).margin("kal se koshish")
    assert alone.margin is None


def test_a_promoted_model_labels_within_five_minutes(clock):
    assert in_use(clock) == made.name(0)
    promoted(1)
    champion._seat.looked_at = 0.0  # as another process would have it
    clock.at = 299
    assert in_use(clock) == made.name(0)
    clock.at = 300
    assert in_use(clock) == made.name(1)
    assert champion.label(factories.feedback(1), clock).model == made.name(1)


def test_after_a_roll_back_the_one_that_shipped_labels_again(clock):
    promoted(1)
    assert in_use(clock) == made.name(1)
    models.roll_back(OWNER, NOON, None, reason="")

    assert in_use(clock) == made.name(0)


@pytest.mark.parametrize("file", [b"", b"{}", b"broken"])
def test_a_broken_file_leaves_the_model_in_use(clock, file):
    promoted(1)
    assert in_use(clock) == made.name(1)
    promoted(2)
    made.upload(2, file)
    champion.forget()
    assert in_use(clock) == made.name(1)
    made.upload(2)  # and comes into use once the file is whole
    clock.at = 600

    assert in_use(clock) == made.name(2)


def test_a_file_that_is_gone_leaves_the_one_that_shipped(clock):
    promoted(1)
    store.client().delete_object(
        Bucket="khidmat-test-models-000000000000", Key=f"models/{made.name(1)}/classifier.json"
    )

    assert in_use(clock) == made.name(0)


def test_a_pointer_to_a_model_nobody_knows_leaves_the_one_that_shipped(clock):
    store.point(store.Pointer(champion="m-ffffffffffff"), store.NOBODY_PROMOTED)

    assert in_use(clock) == made.name(0)


def test_a_store_that_does_not_answer_is_asked_again_five_minutes_later(clock, monkeypatch):
    asked = []

    def failing():
        asked.append(clock.at)
        raise StoreFailureError

    monkeypatch.setattr(store, "pointer", failing)
    for clock.at in (0, 1, 299, 301):
        assert in_use(clock) == made.name(0)

    assert asked == [0, 301]


def test_others_do_not_wait_for_whoever_looks(clock, monkeypatch):
    looking, done = threading.Event(), threading.Event()
    pointer = store.pointer

    def slow():
        looking.set()
        assert done.wait(10)
        return pointer()

    monkeypatch.setattr(store, "pointer", slow)
    first = threading.Thread(target=champion.champion, args=(clock,))
    first.start()
    assert looking.wait(10)
    assert in_use(clock) == made.name(0)
    done.set()
    first.join()
