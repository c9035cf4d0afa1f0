import pytest

from functions.domain import champion, models
from functions.domain.errors import (
    ChangedMeanwhile,
    InvalidRequest,
    ModelNotBetter,
    ModelUnfit,
    NotFound,
    NothingToRollBack,
    PreconditionFailed,
)
from functions.storage import models as store
from functions.storage.tables import StaleError
from tests import models as made
from tests.factories import NOON, OWNER

pytestmark = pytest.mark.usefixtures("tables")
NOT_BETTER = {"better": False, "reasons": ("not better beyond chance: +0.001 macro-F1, p = 0.400",)}


@pytest.fixture(autouse=True)
def _shipped(monkeypatch):
    monkeypatch.setattr(champion, "shipped", made.classifier)


def offered(number=1, file=None, **changes):
    models.offer(OWNER, made.new(number, **changes), NOON)
    made.upload(number, file)
    return made.name(number)


def promote(name, *, version=None, force=False, reason=""):
    return models.promote(OWNER, name, NOON, version, force=force, reason=reason)


def test_nobody_is_promoted_at_first():
    standing = models.standing()

    assert (standing.champion, standing.previous, standing.pointer.version) == (made.name(0), None, 0)


def test_an_offer_gives_a_form_for_this_file_alone():
    offer = models.offer(OWNER, made.new(1), NOON)

    assert offer.upload.fields["key"] == f"models/{made.name(1)}/classifier.json"
    assert [row.name for row in models.standing().offered] == [made.name(1)]
    assert models.offer(OWNER, made.new(1), NOON).name == offer.name


def test_another_file_under_a_name_that_was_offered_is_refused():
    models.offer(OWNER, made.new(1), NOON)

    with pytest.raises(InvalidRequest):
        models.offer(OWNER, made.new(1, sha256="0" * 64), NOON)


def test_the_report_lies_beside_the_file():
    offered()
    key = f"models/{made.name(1)}/report.json"
    body = store.client().get_object(Bucket="khidmat-test-models-000000000000", Key=key)["Body"].read()

    assert made.report(1).model_validate_json(body) == made.report(1)


def test_what_was_measured_better_is_promoted_and_the_one_before_is_kept():
    standing = promote(offered(), version=0)

    assert (standing.champion, standing.previous) == (made.name(1), made.name(0))
    assert models.standing().pointer == standing.pointer
    assert [(e.action, e.actor, dict(e.facts)["model"]) for e in standing.pointer.history] == [
        ("promote", "owner-1", made.name(1))
    ]


def test_the_champion_again_changes_nothing():
    name = offered()
    first = promote(name, version=0)

    assert promote(name, version=0).pointer == first.pointer


def test_what_was_not_measured_better_needs_force_and_a_reason():
    name = offered(report=made.report(1, **NOT_BETTER))
    with pytest.raises(ModelNotBetter) as refused:
        promote(name)
    assert "not better beyond chance" in refused.value.words["why"]
    standing = promote(name, force=True, reason="The old one cannot read Urdu at all")

    assert standing.champion == name
    assert standing.pointer.history[-1].action == "force"


def test_what_was_measured_against_another_champion_is_refused():
    promote(offered(1))
    name = offered(2)  # measured against the one that shipped

    with pytest.raises(ModelNotBetter):
        promote(name)


@pytest.mark.parametrize("name", ["m-ffffffffffff", "nonsense", "../../etc"])
def test_what_was_never_offered_is_not_found(name):
    with pytest.raises(NotFound):
        promote(name)


def test_a_file_that_never_came_is_refused():
    models.offer(OWNER, made.new(1), NOON)

    with pytest.raises(ModelUnfit):
        promote(made.name(1), force=True, reason="Now")


def test_a_file_that_was_exchanged_is_refused():
    name = offered(file=b"{}")

    with pytest.raises(ModelUnfit):
        promote(name)


@pytest.mark.parametrize("file", [b"", b"not json", b"{}", b"[]", b'{"format": 1}'])
def test_a_file_that_cannot_label_is_refused(file):
    import hashlib

    name = offered(file=file, sha256=hashlib.sha256(file).hexdigest(), bytes=max(1, len(file)))

    with pytest.raises(ModelUnfit):
        promote(name)
    assert models.standing().champion == made.name(0)


def test_a_model_under_another_models_name_is_refused():
    import hashlib

    file = made.content(2)
    name = offered(1, file=file, sha256=hashlib.sha256(file).hexdigest(), bytes=len(file))

    with pytest.raises(ModelUnfit):
        promote(name)


def test_rolling_back_returns_to_the_one_before_and_forth_again():
    promote(offered())
    back = models.roll_back(OWNER, NOON, 1, reason="It calls everything a bug")
    assert (back.champion, back.previous) == (made.name(0), made.name(1))
    assert dict(back.pointer.history[-1].facts) == {
        "model": made.name(0),
        "reason": "It calls everything a bug",
    }
    forth = models.roll_back(OWNER, NOON, 2, reason="")

    assert (forth.champion, forth.previous) == (made.name(1), made.name(0))


def test_nothing_is_rolled_back_before_anything_was_promoted():
    with pytest.raises(NothingToRollBack):
        models.roll_back(OWNER, NOON, None, reason="")


def test_a_roll_back_sent_twice_is_one():
    promote(offered())
    models.roll_back(OWNER, NOON, 1, reason="")

    with pytest.raises(PreconditionFailed):
        models.roll_back(OWNER, NOON, 1, reason="")


def test_of_two_promotions_at_once_one_is_told(monkeypatch):
    first, second = offered(1), offered(2)
    point = store.point

    def other_first(to, before):
        monkeypatch.setattr(store, "point", point)
        promote(second)
        return point(to, before)

    monkeypatch.setattr(store, "point", other_first)
    with pytest.raises(ChangedMeanwhile):
        promote(first)
    assert models.standing().champion == second


def test_a_promotion_whose_answer_was_lost_is_ours(monkeypatch):
    name = offered()
    save = store.ModelItem.save

    def losing(item, condition=None):
        save(item, condition)
        if item.kind == store.POINTER:
            save(item, condition)

    monkeypatch.setattr(store.ModelItem, "save", losing)

    assert promote(name).champion == name


def test_a_promotion_that_failed_for_another_reason_is_not_ours(monkeypatch):
    name = offered()

    def failing(to, before):
        raise StaleError

    monkeypatch.setattr(store, "point", failing)
    with pytest.raises(ChangedMeanwhile):
        promote(name)


def test_offers_are_listed_newest_first():
    from datetime import timedelta

    models.offer(OWNER, made.new(1), NOON)
    models.offer(OWNER, made.new(2), NOON + timedelta(days=1))

    assert [row.name for row in models.standing().offered] == [made.name(2), made.name(1)]
