"""One message on its way: which channel, when, how often; and what is left when something breaks."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.domain import dispatch, messages, notices, preferences
from functions.domain.dispatch import deliver
from functions.domain.messages import BACK_OFF_SECONDS, LEASE_SECONDS
from functions.domain.preferences import Addressee
from functions.domain.quiet_hours import USUAL
from functions.storage import messages as store
from functions.storage.messages import MessageRow
from functions.storage.tables import StoreFailureError
from schemas.cases import Entry
from tests.factories import NOON, case
from tests.news import change_of
from tests.outbox import EMAIL, PERSON, PHONE, DiedError, Memory, Told

KEY = "KH-2345-6789-A#2#citizen-1"
LEASE = timedelta(seconds=LEASE_SECONDS)


def message(**changes):
    made = MessageRow(KEY, "citizen-1", "KH-2345-6789-A", "accept", 2, "open", "waiting", NOON, NOON)
    return replace(made, **changes)


@pytest.fixture
def memory(monkeypatch):
    kept = Memory()
    kept.add(message())
    monkeypatch.setattr(dispatch, "messages", kept)
    return kept


@pytest.fixture(autouse=True)
def person(monkeypatch):
    """How the recipient wants it; a test may change it."""
    wanted = {"citizen-1": PERSON}
    monkeypatch.setattr(preferences, "addressee", wanted.get)
    return wanted


def outcomes(memory):
    return [(each.channel, each.outcome) for each in memory.rows[KEY].tried]


def state(memory):
    return memory.rows[KEY].state


def test_it_goes_by_the_channel_that_is_preferred_and_no_other(memory):
    carrier = Told()

    assert deliver(KEY, carrier, NOON) == "sent"
    (letter,) = carrier.accepted
    assert (letter.channel, letter.address, letter.tongue) == ("sms", PHONE, "en")
    assert (letter.event, letter.reference, letter.to_office) == ("accept", "KH-2345-6789-A", False)
    assert outcomes(memory) == [("sms", "sent")]
    assert memory.rows[KEY].next_at is None


@pytest.mark.parametrize("first", ["email", "whatsapp"])
def test_the_order_is_the_recipients_own(memory, person, first):
    person["citizen-1"] = replace(PERSON, channels=(first, "sms"), tongue="ur")
    carrier = Told()
    deliver(KEY, carrier, NOON)

    assert [(letter.channel, letter.tongue) for letter in carrier.accepted] == [(first, "ur")]


def test_what_is_refused_goes_by_the_next_channel_at_once(memory):
    carrier = Told(["refused", "refused"])

    assert deliver(KEY, carrier, NOON) == "sent"
    assert [letter.channel for letter in carrier.asked] == ["sms", "whatsapp", "email"]
    assert [letter.address for letter in carrier.accepted] == [EMAIL]
    assert outcomes(memory) == [("sms", "refused"), ("whatsapp", "refused"), ("email", "sent")]


def test_a_channel_without_address_or_not_set_up_is_passed_over(memory, person):
    person["citizen-1"] = replace(PERSON, addresses={"whatsapp": PHONE, "email": EMAIL})
    carrier = Told(not_set_up=frozenset({"whatsapp"}))

    assert deliver(KEY, carrier, NOON) == "sent"
    assert [letter.channel for letter in carrier.asked] == ["email"]


@pytest.mark.parametrize(
    "to",
    [Addressee("ur"), replace(PERSON, channels=()), replace(PERSON, addresses={})],
    ids=["without a name", "wants none", "no address"],
)
def test_where_no_way_leads_the_app_alone_tells(memory, person, to):
    person["citizen-1"] = to
    carrier = Told()

    assert deliver(KEY, carrier, NOON) == "in_app_only"
    assert carrier.asked == []


def test_whoever_was_forgotten_is_told_nothing(memory, person):
    del person["citizen-1"]

    assert deliver(KEY, Told(), NOON) == "lapsed"


def test_a_discreet_letter_holds_no_reference(memory):
    memory.rows[KEY] = message(manner="discreet")
    carrier = Told()
    deliver(KEY, carrier, NOON)

    assert carrier.accepted[0].reference == ""


def test_refused_by_all_it_waits_longer_each_time_and_then_has_failed(memory):
    carrier, now, waits = Told(["refused"] * 100), NOON, []
    while state(memory) == "waiting":
        deliver(KEY, carrier, now)
        due = memory.rows[KEY].next_at
        assert deliver(KEY, carrier, now) is None  # not before its time
        if due is not None:
            waits.append(int((due - now).total_seconds()))
            now = due

    assert tuple(waits) == BACK_OFF_SECONDS
    assert state(memory) == "failed"
    assert len(carrier.asked) == 3 * (len(BACK_OFF_SECONDS) + 1)


def test_a_later_round_begins_with_the_preferred_channel_again(memory):
    carrier = Told(["refused"] * 3)
    deliver(KEY, carrier, NOON)

    assert deliver(KEY, carrier, NOON + timedelta(seconds=60)) == "sent"
    assert [letter.channel for letter in carrier.accepted] == ["sms"]


def test_at_night_it_waits_for_the_morning(memory, person):
    person["citizen-1"] = replace(PERSON, quiet=USUAL)
    night, morning = NOON + timedelta(hours=11), NOON + timedelta(hours=19)  # 23:00 and 07:00 in Karachi
    memory.rows[KEY] = message(next_at=night)
    carrier = Told()

    assert deliver(KEY, carrier, night) == "waiting"
    assert memory.rows[KEY].next_at == morning
    assert deliver(KEY, carrier, morning - timedelta(seconds=1)) is None
    assert deliver(KEY, carrier, morning) == "sent"


def test_what_is_two_days_old_is_not_told_any_more(memory):
    assert deliver(KEY, Told(), NOON + timedelta(hours=48, seconds=1)) == "lapsed"


def test_what_is_there_no_more_or_was_sent_is_not_sent(memory):
    carrier = Told()
    deliver(KEY, carrier, NOON)

    assert deliver(KEY, carrier, NOON) is None
    assert deliver("KH-2345-6789-A#9#citizen-1", carrier, NOON) is None
    assert len(carrier.asked) == 1


# --- what may have gone out is not sent again


def test_an_answer_that_did_not_come_ends_it(memory):
    carrier = Told(["accepted, no answer"])

    assert deliver(KEY, carrier, NOON) == "unknown"
    assert deliver(KEY, carrier, NOON + timedelta(days=1)) is None
    assert [letter.channel for letter in carrier.asked] == ["sms"]


@pytest.mark.parametrize("death", ["dies before", "dies after"])
def test_a_crash_while_it_is_sent_ends_it_when_the_lease_is_over(memory, death):
    carrier = Told([death])
    with pytest.raises(DiedError):
        deliver(KEY, carrier, NOON)

    assert deliver(KEY, carrier, NOON + LEASE - timedelta(seconds=1)) is None
    assert deliver(KEY, carrier, NOON + LEASE) == "unknown"
    assert len(carrier.asked) == 1
    assert outcomes(memory) == [("sms", "unknown")]


@pytest.mark.parametrize("fault", ["refused", "lost"])
def test_a_record_that_could_not_be_written_sends_nothing_twice(memory, fault):
    carrier = Told()
    memory.faults = ["", fault]
    with pytest.raises(StoreFailureError):
        deliver(KEY, carrier, NOON)
    deliver(KEY, carrier, NOON + LEASE)

    assert len(carrier.accepted) == 1
    assert state(memory) == ("sent" if fault == "lost" else "unknown")


def test_a_claim_that_could_not_be_written_sends_nothing_yet(memory):
    carrier = Told()
    memory.faults = ["refused"]
    with pytest.raises(StoreFailureError):
        deliver(KEY, carrier, NOON)

    assert carrier.asked == []
    assert deliver(KEY, carrier, NOON) == "sent"


@pytest.mark.parametrize("death", ["dies before", "dies after"])
def test_a_carrier_that_knows_a_letter_again_is_given_it_again(memory, death):
    carrier = Told([death], is_repeatable=True)
    with pytest.raises(DiedError):
        deliver(KEY, carrier, NOON)

    assert deliver(KEY, carrier, NOON + LEASE) == "sent"
    assert len(carrier.accepted) == 1


def test_of_two_workers_at_once_one_sends(memory, monkeypatch):
    seen, carrier = memory.rows[KEY], Told()
    deliver(KEY, carrier, NOON)
    monkeypatch.setattr(memory, "get", lambda _: seen)  # what the second had read before

    assert deliver(KEY, carrier, NOON) is None
    assert len(carrier.asked) == 1


def test_another_worker_meanwhile_finds_it_taken(memory):
    carrier = Told()
    carrier.meanwhile = [lambda: deliver(KEY, carrier, NOON)]

    assert deliver(KEY, carrier, NOON) == "sent"
    assert len(carrier.asked) == 1


@pytest.mark.usefixtures("tables")
def test_the_table_keeps_what_was_tried_and_what_waits():
    assert deliver(KEY, Told(), NOON) is None  # not there yet
    store.add(message())
    carrier = Told(["refused"] * 3)
    assert deliver(KEY, carrier, NOON) == "waiting"
    row = store.get(KEY)

    assert [(each.channel, each.outcome, each.waits) for each in row.tried] == [
        ("sms", "refused", 0), ("whatsapp", "refused", 0), ("email", "refused", 0),
    ]  # fmt: skip
    assert (row.waits, row.next_at) == (1, NOON + timedelta(minutes=1))
    assert deliver(KEY, carrier, row.next_at) == "sent"
    assert [key for shard in store.SHARDS for key in store.due_before(NOON + timedelta(days=9), shard)] == []


# --- whatever happens in whatever order


class Outbox(RuleBasedStateMachine):
    """Streams, queues, workers and providers that fail as they like."""

    @initialize()
    def begin(self):
        self.patch = pytest.MonkeyPatch()
        self.memory, self.carrier, self.notices = Memory(), Told(), set()
        self.now, self.seen, self.queue = NOON, [], []
        entries = [Entry(2, NOON, "o", "sdpo", "accept"), Entry(3, NOON, "citizen-1", "citizen", "comment")]
        self.change = change_of(case(), entries)
        self.patch.setattr(dispatch, "messages", self.memory)
        for name in ("add", "due_before"):
            self.patch.setattr(messages.messages, name, getattr(self.memory, name))
        self.patch.setattr(
            notices.notices, "add", lambda who, row, number, _: self.notices.add((who, number)) or True
        )
        self.patch.setattr(notices.cases, "children_of", lambda _: [])
        quiet = replace(USUAL, begin=time(13), end=time(13, 10))
        self.patch.setattr(preferences, "addressee", lambda _: replace(PERSON, quiet=quiet))

    def teardown(self):
        if not hasattr(self, "patch"):
            return
        try:
            self._let_it_end()
        finally:
            self.patch.undo()

    def _let_it_end(self):
        """All is well from now on: the record comes again, the schedule runs, and everything settles."""
        self.memory.faults.clear()
        self.carrier.answers.clear()
        self.carrier.meanwhile.clear()
        self.stream(crash=False)
        for _ in range(4):
            self.now += LEASE
            for key in messages.waiting(self.now, has_time=lambda: True):
                deliver(key, self.carrier, self.now)
        self._each_at_most_once()
        states = {row.state for row in self.memory.rows.values()}
        assert states <= {"sent", "unknown", "failed", "lapsed"}, states
        for key, row in self.memory.rows.items():
            accepted = sum(letter.key == key for letter in self.carrier.accepted)
            assert accepted == 1 if row.state == "sent" else accepted <= 1
            assert row.state not in ("failed", "lapsed") or accepted == 0
            assert (row.recipient, row.sequence) in self.notices

    @rule(crash=st.booleans())
    def stream(self, crash):
        """The record comes, perhaps again; perhaps the process goes between its writes."""
        try:
            notices.record_change(self.change)
            if crash:
                return
            self.queue += messages.record_change(self.change, self.now)
        except StoreFailureError:
            return

    @rule(minutes=st.sampled_from([0, 1, 4, 6, 70]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(faults=st.lists(st.sampled_from(["", "refused", "lost"]), max_size=4))
    def store_is_ill(self, faults):
        self.memory.faults = faults

    @rule(
        answers=st.lists(
            st.sampled_from(["refused", "accepted, no answer", "no answer", "dies before", "dies after"]),
            max_size=4,
        )
    )
    def provider_is_ill(self, answers):
        self.carrier.answers = answers

    @rule()
    def look(self):
        """A worker reads the row and is then held up."""
        self.seen = list(self.memory.rows.values())

    @precondition(lambda self: self.seen)
    @rule()
    def go_on(self):
        for row in self.seen:
            if row.state == "waiting" and row.next_at <= self.now:
                self._safely(lambda row=row: dispatch._taken_up(row, self.carrier, self.now))

    @rule(later=st.sampled_from([0, LEASE_SECONDS, 2 * LEASE_SECONDS]))
    def somebody_else_meanwhile(self, later):
        """While the next letter is on its way another worker takes everything up, perhaps after the lease."""

        def others():
            for key in list(self.memory.rows):
                self._safely(lambda key=key: deliver(key, self.carrier, self.now + timedelta(seconds=later)))

        self.carrier.meanwhile = [others]

    @rule(twice=st.booleans())
    def work(self, twice):
        for key in list(self.memory.rows) * (1 + twice):
            self._safely(lambda key=key: deliver(key, self.carrier, self.now))

    def _safely(self, act):
        try:
            act()
        except (DiedError, StoreFailureError, store.StaleError):
            return

    @invariant()
    def _each_at_most_once(self):
        keys = [letter.key for letter in getattr(self, "carrier", Told()).accepted]
        assert len(keys) == len(set(keys)), "a message was given out twice"


Outbox.TestCase.settings = settings(
    max_examples=120, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOutbox = Outbox.TestCase
