"""A board to look at: topics in three scripts, plainly invented, written as the ranking would write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from functions.domain import board
from functions.storage import board as board_store
from functions.storage import feedback as store
from functions.storage import topics as topic_store
from functions.storage.feedback import Labelled
from schemas.feedback import Feedback, Labels
from schemas.topics import Quote, RankedTopic

APP = "pk.khidmat.app"
OTHER_APP = "com.sample.challan"
AS_OF = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)
PARTS = ("people", "severity", "trend", "rating", "recency", "reach")

TOPICS: list[dict[str, Any]] = [
    {
        "en": "One-time code does not arrive", "area": "sign_in", "ur": "تصدیقی کوڈ نہیں آتا", "type": "bug", "people": 1204,
        "weeks": (14, 22, 31, 55, 80, 118, 160, 204), "severity": 4.2, "trend": "escalating",
        "parts": (31, 22, 9, 8, 9, 5), "languages": ("en", "ur", "ur-Latn"), "versions": ("3.4.0", "3.4.1", "3.5.0"),
        "terms": ("code", "otp", "nahi aa raha", "کوڈ"),
        "quotes": [
            ("ur-Latn", "code ka intezar karte karte thak gaya, subah se teen dafa koshish ki", 1),
            ("ur", "تصدیقی کوڈ موصول ہی نہیں ہوتا، کئی بار کوشش کر چکا ہوں، پھر بھی وہی صفحہ۔", 1),
            ("en", "The one time code never comes. I tried two numbers and waited an hour.", 1),
        ],
    },
    {
        "en": "Character certificate late", "area": "certificates", "ur": "کریکٹر سرٹیفکیٹ میں تاخیر", "type": "service_complaint",
        "people": 988, "weeks": (96, 101, 110, 98, 120, 131, 118, 125), "severity": 3.4, "trend": "ongoing",
        "parts": (29, 17, 5, 9, 5, 6.4), "languages": ("ur", "ur-Latn"), "versions": ("3.4.1",),
        "terms": ("certificate", "din ho gaye", "سرٹیفکیٹ"),
        "quotes": [
            ("ur", "پندرہ دن ہو گئے، کریکٹر سرٹیفکیٹ ابھی تک نہیں ملا۔ دفتر والے کہتے ہیں ایپ دیکھیں۔", 2),
            ("ur-Latn", "certificate ke liye 3 hafte se chakkar laga raha hoon", 1),
        ],
    },
    {
        "en": "Payment slip is not made", "area": "payments", "ur": "ادائیگی کی پرچی نہیں بنتی", "type": "bug", "people": 402,
        "weeks": (2, 1, 3, 2, 4, 61, 66, 58), "severity": 4.0, "trend": "new", "parts": (20, 21, 9, 7, 9, 4.6),
        "languages": ("en", "ur"), "versions": ("3.5.0",), "terms": ("slip", "payment", "challan"),
        "quotes": [
            ("en", "Money was taken but no payment slip was made, and the button only turns and turns.", 1),
            ("ur", "پیسے کٹ گئے مگر پرچی نہیں بنی۔", 1),
        ],
    },
    {
        "en": "App closes when a photo is added", "area": "app", "ur": "تصویر لگانے پر ایپ بند ہو جاتی ہے", "type": "bug",
        "people": 377, "weeks": (20, 31, 28, 35, 40, 44, 52, 61), "severity": 4.6, "trend": "escalating",
        "parts": (18, 24, 7, 6, 7, 4), "languages": ("en", "ur-Latn", "mixed"), "versions": ("3.3.2", "3.4.0", "3.4.1", "3.5.0"),
        "terms": ("photo", "band ho jati", "crash"),
        "quotes": [
            ("mixed", "photo upload karte hi app band ho جاتی ہے, very bad experience", 1),
            ("en", "Crashes each time I attach a picture of the document.", 2),
        ],
    },
    {
        "en": "Asked to sign in every time", "area": "sign_in", "ur": "ہر بار سائن اِن کرنا پڑتا ہے", "type": "usability", "people": 318,
        "weeks": (40, 38, 41, 36, 39, 42, 37, 40), "severity": 2.8, "trend": "ongoing", "parts": (17, 14, 5, 7, 4, 5),
        "languages": ("en", "ur"), "versions": ("3.4.1", "3.5.0"), "terms": ("login", "again", "بار بار"),
        "quotes": [
            ("ur", "ایپ کھولتے ہی دوبارہ لاگ اِن مانگتی ہے، بزرگوں کے لیے بہت مشکل ہے۔", 3),
            ("en", "Why do I have to log in again every single time?", 2),
        ],
    },
    {
        "en": "Slow on older telephones", "area": "app", "ur": "پرانے فون پر بہت سست", "type": "performance", "people": 290,
        "weeks": (33, 36, 30, 34, 29, 31, 33, 30), "severity": 3.0, "trend": "ongoing", "parts": (16, 15, 4, 7, 4, 5.4),
        "languages": ("en", "ur", "ur-Latn"), "versions": ("3.2.0", "3.3.2", "3.4.1"), "terms": ("slow", "hang", "سست"),
        "quotes": [
            ("ur-Latn", "bohat slow hai, form kholne mein do minute lagte hain", 2),
            ("en", "Takes forever to load the list of stations on my old phone.", 2),
        ],
    },
    {
        "en": "Forms in Urdu are wanted", "area": "language", "ur": "فارم اردو میں چاہییں", "type": "feature_request", "people": 241,
        "weeks": (18, 21, 19, 24, 26, 22, 25, 27), "severity": 2.1, "trend": "ongoing", "parts": (15, 9, 5, 4, 5, 8),
        "languages": ("ur", "ur-Latn"), "versions": ("3.4.1", "3.5.0"), "terms": ("urdu", "اردو", "zaban"),
        "quotes": [
            ("ur", "سارے فارم انگریزی میں ہیں۔ ہمیں اردو میں چاہییں تاکہ خود بھر سکیں۔", 4),
            ("ur-Latn", "urdu zaban bhi honi chahiye form mein", 4),
        ],
    },
    {
        "en": "Complaint number is not shown again", "area": "complaints", "ur": "شکایت نمبر دوبارہ نظر نہیں آتا", "type": "usability",
        "people": 187, "weeks": (9, 12, 14, 18, 17, 21, 24, 26), "severity": 3.1, "trend": "escalating",
        "parts": (12, 14, 6, 4, 6, 3), "languages": ("en", "ur"), "versions": ("3.5.0",), "terms": ("number", "complaint", "نمبر"),
        "quotes": [("en", "I closed the page and the complaint number was gone. Where can I see it?", 2)],
    },
    {
        "en": "How to change the district", "area": "registration", "ur": "ضلع کیسے بدلیں", "type": "question", "people": 122,
        "weeks": (15, 14, 16, 13, 15, 12, 14, 13), "severity": 1.6, "trend": "ongoing", "parts": (10, 7, 3, 4, 3, 7),
        "languages": ("ur-Latn",), "versions": ("3.4.1",), "terms": ("zila", "district", "kaise"),
        "quotes": [("ur-Latn", "zila kaise tabdeel karun? galti se dusra select ho gaya", 3)],
    },
    {
        "en": "Map shows the wrong station", "area": "centres", "ur": "نقشہ غلط تھانہ دکھاتا ہے", "type": "bug", "people": 96,
        "weeks": (30, 26, 22, 18, 12, 9, 6, 4), "severity": 3.3, "trend": "fading", "parts": (8, 15, 1, 4, 1, 3),
        "languages": ("en",), "versions": ("3.3.2",), "terms": ("map", "station", "wrong"),
        "quotes": [("en", "The map sends me to a station on the other side of the city.", 2)],
    },
]  # fmt: skip


def topic_id(number: int) -> str:
    return f"t-{number:016x}"


def number_of(topic_id: str) -> int:
    return int(topic_id.removeprefix("t-"), 16)


def row(number: int, given: dict[str, Any], app: str = APP) -> RankedTopic:
    weights = dict(zip(PARTS, (float(points) for points in given["parts"]), strict=True))
    said = [
        Quote(
            feedback_id=f"{number:026x}",
            text=text,
            language=language,
            type=given["type"],
            rating=rating,
            version=given["versions"][-1],
            source=("play", "app_store", "in_app")[place % 3],
            written_at=AS_OF - timedelta(days=place),
        )
        for place, (language, text, rating) in enumerate(given["quotes"])
    ]
    return RankedTopic(
        topic_id=topic_id(number),
        app=app,
        type=given["type"],
        name={"en": given["en"], "ur": given["ur"]},
        rank=number,
        score=sum(weights.values()),
        parts=weights,
        people=given["people"],
        texts=given["people"] + sum(given["weeks"]) // 4,
        weeks=given["weeks"],
        severity=given["severity"],
        languages=given["languages"],
        versions=given["versions"],
        trend=given["trend"],
        status="new",
        version=1,
        as_of=AS_OF,
        quotes=tuple(said),
        terms=given["terms"],
        area=given.get("area", "none"),
        place=2 if number == 3 else number,
        tied=number in (2, 3),
        low_rank=max(1, number - 1),
        high_rank=number + 2,
        margin=round(2 + 60 / given["people"] ** 0.5, 1),
    )


def facts(given: dict[str, Any]) -> board.Facts:
    """26 weeks, the last of them the row's own; people by version and district, invented as all here."""
    first, people = given["weeks"][0], given["people"]
    before = tuple(max(0, first - 2 * ago + ago % 3) for ago in range(18, 0, -1))
    shares = [people // (2 + place) for place in range(len(given["versions"]))]
    versions = [
        board.InVersion(version, count + count // 5, count)
        if count >= 10
        else board.InVersion(version, None, None)
        for version, count in zip(reversed(given["versions"]), shares, strict=True)
    ]
    districts = ("ds-lahore", "ds-kasur")[: 1 + (people > 300)]
    return board.Facts(
        AS_OF.isoformat(timespec="seconds"), before + given["weeks"], tuple(versions), districts
    )


def write_board() -> None:
    """What a night would leave of the topics for the lists."""
    found = [(topic_store.get(topic_id(n)), given) for n, given in enumerate(TOPICS, start=1)]
    entries = tuple(board.entry(topic, facts(given)) for topic, given in found if topic)
    kept = board.Board(APP, entries, sum(given["people"] for given in TOPICS) - 311, AS_OF)
    board_store.publish(APP, board._written(kept), board_store.head(APP), frozenset())


def write() -> None:
    """All topics of APP, each with texts to page through; OTHER_APP is known and has none."""
    store.forget_registered()
    store.register(APP, {"2026-02", "2026-03"})
    store.register(OTHER_APP, {"2026-02"})
    for number, given in enumerate(TOPICS, start=1):
        rows = [_labelled(number, given, copy) for copy in range(24)]
        store.put_many(rows)
        topic_store.save_ranking(row(number, given), [each.feedback.feedback_id for each in rows])
    store.ranked_as_of(APP, AS_OF.isoformat())
    write_board()


def _labelled(number: int, given: dict[str, Any], copy: int) -> Labelled:
    language, text, rating = given["quotes"][copy % len(given["quotes"])]
    sent = Feedback(
        source=("play", "app_store", "in_app")[copy % 3],
        app=APP,
        external_id=f"invented-{number}-{copy}",
        written_at=AS_OF - timedelta(hours=7 * copy),
        text=text,
        rating=rating,
        version=given["versions"][copy % len(given["versions"])],
    )
    labels = Labels(
        type=given["type"], types=(given["type"],), language=language, sentiment="negative", severity=4,
        confidence=0.9, why=given["terms"][:1],
    )  # fmt: skip
    return Labelled(sent, labels, sent.content_digest)
