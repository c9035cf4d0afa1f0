"""Drawings: in proportion, named, and without a way for a name to become markup."""

import re
from datetime import UTC, datetime
from math import inf
from xml.etree import ElementTree as ET

import pytest

from feedback_ml.report import drawing
from feedback_ml.report.confusion import Band
from feedback_ml.report.drawing import Told
from feedback_ml.report.trends import Mark

TOLD = Told("x", 'A <b> & "c"', "</desc><script>")


def shapes(image, kind):
    return [one.attrib for one in ET.fromstring(str(image)).iter(kind)]


def test_the_parts_of_a_bar_follow_each_other_in_proportion():
    image = drawing.stacked([("people", 30.0), ("severity", 10.0)], of=50, margin=5, told=TOLD)
    assert [(one["x"], one["width"]) for one in shapes(image, "rect")] == [
        ("0.0", "600.0"),
        ("600.0", "200.0"),
    ]
    assert "M700.0 14H900.0" in image


def test_an_interval_is_cut_at_the_edges():
    assert "M0.0 14H1000.0" in drawing.stacked([("people", 5.0)], of=10, margin=9, told=TOLD)


def test_names_and_descriptions_are_text_and_never_markup():
    image = drawing.columns([1], [], most=1, told=TOLD)
    assert "<script>" not in image
    root = ET.fromstring(str(image))
    assert [root[0].text, root[1].text] == [TOLD.title, TOLD.description]
    assert root.attrib["aria-labelledby"] == "x-t x-d"


def test_the_tallest_column_fills_the_height_and_nothing_is_no_column():
    image = drawing.columns([0, 2, 4], [], most=4, told=TOLD)
    assert [float(one["height"]) for one in shapes(image, "rect")] == [46.0, 92.0]


def test_a_release_that_was_to_help_is_drawn_otherwise_than_the_others():
    at = datetime(2026, 5, 1, tzinfo=UTC)
    marks = [Mark("1<2", at, 0.25, is_about=True), Mark("2", at, 0.5, is_about=False)]
    image = drawing.columns([1], marks, most=1, told=TOLD)
    assert 'class="about" d="M250.0' in image
    assert 'class="mark" d="M500.0' in image
    assert "1&lt;2, 2026-05-01" in image


@pytest.mark.parametrize(
    ("ratio", "at"), [(1.0, 500), (2.0, 625), (0.5, 375), (16, 1000), (inf, 1000), (0, 0)]
)
def test_a_ratio_stands_at_its_doublings(ratio, at):
    image = drawing.forest(ratio, ratio, ratio, verdict="helped", told=TOLD)
    assert re.search(r'class="point v-helped" d="M([\d.]+)', image)[1] == f"{at:.1f}"


def test_a_ratio_that_there_is_none_of_has_its_interval_alone():
    assert "point" not in drawing.forest(None, 0.1, inf, verdict="too_early", told=TOLD)


def test_a_band_on_the_diagonal_is_drawn_on_it():
    image = drawing.calibration([Band(9, 0.5, 0.5, 0.2, 0.8)], TOLD, across="Sure", up="Right")
    (dot,) = shapes(image, "circle")
    assert (dot["cx"], dot["cy"]) == ("150.0", "150.0")
