"""Whole lives of cases, walked at random, with the faults of a store, a stream and a carrier in between.

What was acknowledged exists once and with all its steps; what was not may or may not have happened, and never
twice; whoever is to be told is told once, whatever order and how often the stream brings it.
"""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pydantic import TypeAdapter
from pynamodb.exceptions import PutError

from functions import events
from functions.domain import complaints, dispatch, lifecycle, messages, steps, sweep
from functions.domain.access import Caller, Role
from functions.domain.audit import _differs
from functions.domain.errors import InvalidRequest, KhidmatError
from functions.domain.history import first_broken
from functions.storage import cases, queues
from functions.storage.messages import MessageItem
from functions.storage.notices import NoticeItem
from functions.storage.tables import StoreFailureError
from schemas.complaints import NewComplaint
from schemas.steps import Step
from tests.factories import CENTRAL_OFFICE, CITIZEN, DPO, NOON, OTHER_CITIZEN, RPO, SDPO, complaint_body
from tests.outbox import Told

pytestmark = pytest.mark.usefixtures("tables")
STEP = TypeAdapter(Step)
CLOCK_ONLY = {"attempt", "call_back", "object", "lapse"}
TEXT = "Enough was written here to be read."
FIELDS = {
    "contact": {"outcome": "reached"},
    "report": {"finding": "substantiated", "text": TEXT},
    "transfer": {"office": "sd-lhr-model-town", "text": TEXT},
    "mark": {"office": "sd-lhr-city"},
    "reject": {"reason": "no_facts", "text": TEXT},
    **{action: {"text": TEXT} for action in ("ask", "inform", "dispute", "reopen", "appeal")},
}
OFFICERS = (SDPO, DPO, RPO, CENTRAL_OFFICE, Caller("sdpo-7", Role.SDPO, "sd-lhr-model-town"))
FAULTS = ("", "", "", "throttled", "lost reply")


class Lives(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.now, self.faults, self.stream = NOON, [], []
        self.acknowledged: dict[str, Counter] = {}
        self.keys, self.unsent = {}, []
        self.carrier = Told()
        for model in (cases.CaseItem, NoticeItem, MessageItem):
            for item in list(model.scan()):
                item.delete()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(cases.CaseItem, "save", self._saving(cases.CaseItem.save))
        # All of it happens in one district: the other partitions are empty, and each costs a query.
        self.patch.setattr(sweep, "districts", lambda: ("ds-lahore",))
        self.patch.setattr(queues, "ask_to_send_message", self._queued)

    def teardown(self):
        self.faults.clear()
        self._bring(list(self.stream))
        self.every_acknowledged_step_is_there_once()
        self._assert_told_once()
        self.patch.undo()

    # --- the faults

    def _saving(self, real):
        def save(item, *args, **more):
            fault = self.faults.pop() if self.faults else ""
            if fault == "throttled":
                raise PutError("throttled", cause=None)
            before = (
                cases.CaseItem._get_connection().get_item(item.reference, consistent_read=True).get("Item")
            )
            real(item, *args, **more)
            after = cases.CaseItem._get_connection().get_item(item.reference, consistent_read=True)["Item"]
            self.stream.append((before, after))
            if fault == "lost reply":
                real(item, *args, **more)  # the library asks again, and runs into its own write

        return save

    def _queued(self, message):
        if self.faults and self.faults.pop():
            raise StoreFailureError("the queue is gone")
        self.unsent.append(message)

    # --- what happens

    @rule(
        key=st.integers(0, 4), fault=st.sampled_from(FAULTS), caller=st.sampled_from((CITIZEN, OTHER_CITIZEN))
    )
    def lodge(self, key, fault, caller):
        self.faults = [fault]
        new = NewComplaint(**complaint_body(narrative=f"The station refused to write report number {key}."))
        try:
            case = complaints.lodge(caller, new, f"key-{key}", self.now)
        except StoreFailureError:
            return
        known = self.keys.setdefault((caller.subject, key), case.reference)
        assert known == case.reference
        self.acknowledged.setdefault(case.reference, Counter(lodge=1))

    @precondition(lambda self: self.acknowledged)
    @rule(data=st.data(), fault=st.sampled_from(FAULTS), rating=st.sampled_from((None, 1, 5)))
    def take_a_step(self, data, fault, rating):
        reference = data.draw(st.sampled_from(sorted(self.acknowledged)))
        case = cases.get(reference)
        caller = data.draw(st.sampled_from((self._owner(case), *OFFICERS)))
        allowed = [
            a for a in lifecycle.steps_from(case.state, caller.role) if a not in CLOCK_ONLY | {"merge"}
        ]
        if not allowed:
            return
        action = data.draw(st.sampled_from(allowed))
        fields = FIELDS.get(action, {}) | ({"rating": rating} if action == "confirm" and rating else {})
        self.faults = [fault]
        try:
            after = steps.take(
                caller, reference, STEP.validate_python({"action": action, **fields}), self.now, case.version
            )
        except (KhidmatError, InvalidRequest, StoreFailureError):
            return
        self.acknowledged[reference][after.history[-1].action] += 1

    @rule(hours=st.sampled_from((1, 5, 30, 80)), fault=st.sampled_from(FAULTS))
    def time_passes_and_the_sweep_comes_by(self, hours, fault):
        self.now += timedelta(hours=hours)
        self.faults = [fault]
        sweep.flag_overdue(self.now)
        self.faults = []
        sweep.flag_overdue(self.now)

    @precondition(lambda self: self.stream)
    @rule(data=st.data(), fault=st.sampled_from(("", "the consumer dies", "queue gone")))
    def the_stream_brings_something(self, data, fault):
        """Doubled, reordered, cut short by a death between writing and handing over."""
        batch = data.draw(st.lists(st.sampled_from(self.stream), min_size=1, max_size=4))
        if fault == "queue gone":
            self.faults = ["queue gone"]
        with pytest.MonkeyPatch.context() as patch:
            if fault == "the consumer dies":
                patch.setattr(messages, "record_change", self._dies)
            self._bring(batch)
        self.faults = []

    @rule()
    def messages_are_sent(self):
        self._deliver()

    # --- what must hold

    @invariant()
    def every_acknowledged_step_is_there_once(self):
        for reference, taken in self.acknowledged.items():
            case = cases.get(reference)
            history = complaints.whole_history(case)
            found = Counter(entry.action for entry in history if entry.role != lifecycle.CLOCK)
            assert found == taken, reference
            assert first_broken(history) is None
            assert _differs(f"case:{reference}", history) is None
            flags = [dict(e.facts)["clock"] for e in history if e.action == "flag_overdue"]
            assert len([f for f in flags if f != "appeal"]) == len({f for f in flags if f != "appeal"})

    def _assert_told_once(self):
        known = {row.message for row in MessageItem.scan()}
        for reference in self.acknowledged:
            assert any(message.startswith(f"{reference}#") for message in known)
        self._deliver()
        sent = Counter((letter.key, letter.channel) for letter in self.carrier.accepted)
        assert all(times == 1 for times in sent.values()), sent
        notices = Counter((row.recipient, row.notice_key) for row in NoticeItem.scan())
        assert all(times == 1 for times in notices.values())

    def _bring(self, batch):
        for old, new in batch:
            try:
                events._follow(old or {}, new)
            except StoreFailureError:
                continue  # it comes again: the whole stream is brought once more at the end

    def _deliver(self):
        waiting = [row.message for row in MessageItem.scan() if row.state == "waiting"]
        for message in (*waiting, *waiting[:1]):
            dispatch.deliver(message, self.carrier, self.now + timedelta(days=400))

    @staticmethod
    def _dies(*_):
        raise StoreFailureError("the process went")

    @staticmethod
    def _owner(case):
        return CITIZEN if case.owner == CITIZEN.subject else OTHER_CITIZEN


def test_whatever_fails_nothing_acknowledged_is_lost_and_nobody_is_told_twice():
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
