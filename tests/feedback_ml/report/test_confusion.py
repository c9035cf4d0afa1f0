"""The classifier against labels that people gave."""

import pytest

from feedback_ml.report import confusion
from tests.feedback_ml.report.reviews import Sayer


def lines(count, kind="bug", text="the otp code never arrives"):
    return [{"text": f"{text} {n}", "type": kind} for n in range(count)]


def test_too_few_labelled_texts_give_no_figure():
    assert confusion.judge(lines(19), Sayer()) is None


def test_each_text_is_counted_where_it_belongs_and_where_it_was_put():
    judged = confusion.judge([*lines(18), *lines(6, "praise")], Sayer())
    (matrix,) = judged.matrices
    assert (matrix.language, matrix.texts) == ("en", 24)
    assert matrix.counts[0][0] == 18
    assert matrix.counts[6][0] == 6
    assert matrix.macro_f1.low <= matrix.macro_f1.value <= matrix.macro_f1.high


def test_languages_come_in_the_order_of_the_product_and_unknown_ones_last():
    said = [{**line, "lang": lang} for line, lang in zip(lines(21), ["xx", "ur", "en"] * 7, strict=True)]
    assert [one.language for one in confusion.judge(said, Sayer()).matrices] == ["en", "ur", "xx"]


def test_types_that_the_classifier_does_not_know_are_passed_over_and_counted():
    judged = confusion.judge([*lines(20), *lines(3, "poem")], Sayer())
    assert judged.passed_over == 3


def test_confidence_is_held_against_the_share_right():
    judged = confusion.judge([*lines(18), *lines(6, "praise")], Sayer(confidence=0.95))
    (band,) = judged.bands
    assert (band.texts, band.right) == (24, 0.75)
    assert band.low < 0.75 < band.high
    assert judged.calibration.value == pytest.approx(0.2)
    full = confusion.judge(lines(20), Sayer(confidence=1.0))
    assert full.bands[0].confidence == 1.0


def test_wilsons_interval_is_as_published():
    """Newcombe 1998, table II: 81 of 263."""
    assert confusion.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert confusion.wilson(0, 10)[0] == 0.0
