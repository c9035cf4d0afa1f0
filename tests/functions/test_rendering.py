"""Words, dates and languages of the pages."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from typing import get_args

import pytest

from feedback_ml.priority import PARTS
from functions import rendering
from functions.danger_pages import OUTCOMES
from functions.danger_view import STATES
from functions.desk_forms import ANSWERS
from functions.desk_view import FORMS
from functions.domain.access import PURPOSES, Role
from functions.domain.drift import Alarm
from functions.roadmap_pages import COLUMNS, KEYS
from functions.source_pages import COUNTS
from functions.storage.fetches import FetchState
from schemas.cases import CLOCKS, Action, State
from schemas.feedback import Area, FeedbackType, Language, Source, Status, Verdict
from schemas.releases import ReleaseState
from schemas.topics import Trend

TEMPLATES = sorted((rendering.FOLDER / "templates").rglob("*.html"))
TOPIC_ACTIONS = (
    "merge",
    "merged",
    "split",
    "rename",
    "override",
    "remove_override",
    "undo",
    "unmerge",
    "ship",
)
URDU = re.compile("[\u0600-\u06ff]")


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_every_sentence_is_there_in_both_languages_with_the_same_gaps():
    for key, row in rendering.words().items():
        assert set(row) == {"en", "ur"}, key
        assert gaps(row["en"]) == gaps(row["ur"]), key


def test_urdu_sentences_are_urdu():
    plain = {key for key, row in rendering.words().items() if not URDU.search(row["ur"])}
    assert plain == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_use_only_sentences_that_exist(template):
    used = re.findall(r'\bt\("([\w-]+)"(?!\s*~)', template.read_text(encoding="utf-8"))
    assert {key for key in used if not key.endswith("_")} <= set(rendering.words())


def test_every_value_a_page_can_show_has_its_word():
    values = {
        "role": [role.value for role in Role],
        "type": get_args(FeedbackType),
        "language": get_args(Language),
        "source": get_args(Source),
        "status": get_args(Status),
        "verdict": get_args(Verdict),
        "trend": get_args(Trend),
        "part": PARTS,
        "state": get_args(State),
        "clock": CLOCKS,
        "entry": get_args(Action),
        "purpose": PURPOSES,
        "step": [form.name for form in FORMS],
        "do": [form.name for form in FORMS if form.fields],
        **ANSWERS,
        "danger_state": STATES,
        "danger_none": [*STATES, *(f"{state}_text" for state in STATES)],
        "call": ("raise", "flag_overdue", "acknowledge", "reach", "settle"),
        "did": ("promote", "force", "roll_back", *TOPIC_ACTIONS),
        "act": TOPIC_ACTIONS,
        "area": get_args(Area),
        "release": get_args(ReleaseState),
        "release_done": ("entered", "saved", "shipped"),
        "roadmap_none": [name for name, _ in COLUMNS],
        "move": [*KEYS, "in_release", "declined"],
        "col": ("rank", "people", "severity", "score"),
        "changelog": [verdict for verdict in get_args(Verdict) if verdict != "too_early"],
        "alarm": get_args(Alarm),
        "fetch": get_args(FetchState),
        "rows": COUNTS,
        "sources": [f"{what}_{asked}" for what in ("do", "waits", "asked") for asked in ("run", "dry_run")],
    }
    wanted = {f"{kind}_{value}" for kind, names in values.items() for value in names}
    wanted |= {f"outcome_{value}" for value in OUTCOMES}
    assert wanted - set(rendering.words()) == set()


def test_no_sentence_is_left_over():
    text = " ".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    text += " ".join(path.read_text(encoding="utf-8") for path in rendering.FOLDER.parent.glob("*.py"))
    prefixes = ("role_", "type_", "language_", "source_", "status_", "trend_", "part_", "refused_")
    prefixes += ("state_", "clock_", "entry_", "by_", "step_", "do_", "hint_", "field_", "show_", "fact_")
    prefixes += ("left_", "late_", "purpose_", "outcome_", "finding_", "reason_")
    prefixes += (
        "act_",
        "area_",
        "release_",
        "roadmap_none_",
        "move_",
        "col_",
        "changelog_",
        "verdict_",
        "sort_",
    )
    prefixes += ("danger_state_", "danger_none_", "call_", "did_", "alarm_", "fetch_", "rows_", "sources_")
    unused = {key for key in rendering.words() if f'"{key}"' not in text and not key.startswith(prefixes)}
    assert unused == set()


def test_days_are_those_of_karachi_as_people_there_write_them():
    late = datetime(2026, 2, 28, 20, 30, tzinfo=UTC)
    assert rendering.day(late, "en") == "1 Mar 2026"
    assert rendering.day(late, "ur") == "01-03-2026"


@pytest.mark.parametrize(
    ("text", "language"),
    [("کوڈ نہیں آیا", "ur"), ("code nahi aya", "ur-Latn"), ("app بند ho gai", "ur"), ("", "ur-Latn")],
)
def test_the_script_of_a_quote_decides_its_font(text, language):
    assert rendering.quote_lang(text) == language


def test_cookies_are_for_https_alone_where_the_pages_are(monkeypatch, settings):
    assert "Secure" not in rendering.cookie("a", "b", 1)
    monkeypatch.setenv("KHIDMAT_BASE_URL", "https://khidmat.example")
    settings.cache_clear()
    assert rendering.cookie("a", "b", 1) == "a=b; Path=/; Max-Age=1; HttpOnly; SameSite=Lax; Secure"
