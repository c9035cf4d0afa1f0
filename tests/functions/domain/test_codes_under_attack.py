"""An attacker who guesses, replays, swaps and asks anew, for days, against what the codes promise.

The attacker has as many telephones and addresses as wanted, and sees every code but those of the owner's
telephone. The model knows them all: a challenge that can be opened is worth three guesses, so what bounds
the chance is how many guesses were compared for one document in any rolling day.
"""

import os
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from functions.domain import accounts, codes, phone_changes, signing_in
from functions.domain.access import Caller, Role
from functions.domain.errors import CodeRefused, PhoneFull, TooManyRequests
from functions.storage import people
from functions.storage.keyring import keyring
from tests.codes import Telephones, wrong

BEGIN = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ATTACKS = int(os.environ.get("KHIDMAT_ATTACKS", "6"))
"""Attacks of each kind a run."""
GUESSES_A_DAY = 30
"""Thirty of a million: 3e-5 for a document and day."""
VICTIM, NEWCOMER = "cnic:0000000000001", "cnic:0000000000002"
OWNERS = {VICTIM: "+923000000001", NEWCOMER: "+923000000002"}
ATTACKERS = ("+923000009001", "+923000009002")
PHONES = (*OWNERS.values(), *ATTACKERS)
CHANGE = "change_phone"
addresses = count(1)


class Attack(RuleBasedStateMachine):
    challenges = Bundle("challenges")

    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.telephones = Telephones(self.patch)
        self.now = BEGIN
        self.compared = {document: [] for document in OWNERS}
        self.opened = {}
        self.known = {}
        self.patch.setattr(codes, "_fits", self._watched(codes._fits))
        # The worst: what was stolen is the token of a device that signed in just now.
        self.patch.setattr(accounts, "require_fresh", lambda *_: None)
        self.subject = ""

    def _watched(self, real):
        """Notes each comparison that might have come out equal: a decoy's never can."""

        def fits(stored, claim, phone, code):
            if self.known.get(claim.nonce):
                self.compared[self._document(claim)].append(self.now)
            return real(stored, claim, phone, code)

        return fits

    @staticmethod
    def _document(claim):
        return next(d for d in OWNERS if keyring().index("document", d) == claim.document)

    def teardown(self):
        self.patch.undo()

    @initialize()
    def the_victim_is_registered(self):
        person = signing_in.registered(VICTIM, OWNERS[VICTIM], self.now - DAY * 30)
        self.subject = person.person

    def _asked(self, document, phone, purpose, issue):
        before = len(self.telephones.bodies)
        try:
            issued = issue()
        except TooManyRequests:
            assert len(self.telephones.bodies) == before
            return None
        message = self.telephones.messages[-1]
        claim = codes.claim_of(issued.challenge, purpose)
        self.known[claim.nonce] = message.code if message else ""
        return issued.challenge, document, phone, purpose, self.known[claim.nonce]

    @rule(
        target=challenges,
        document=st.sampled_from(tuple(OWNERS)),
        phone=st.sampled_from(PHONES),
        is_new_address=st.booleans(),
    )
    def ask(self, document, phone, is_new_address):
        address = f"2001:db8:{next(addresses):x}::1" if is_new_address else "203.0.113.1"

        def issue():
            return signing_in.ask(document, phone, channel="sms", tongue="en", address=address, now=self.now)

        return self._asked(document, phone, "sign_in", issue)

    @rule(target=challenges, phone=st.sampled_from(PHONES))
    def ask_to_change_the_telephone(self, phone):
        """With a stolen token: what is left to guess then is the code at a telephone of somebody else."""
        address = f"2001:db8:{next(addresses):x}::1"

        def issue():
            return phone_changes.ask(
                self._caller(), phone, channel="sms", tongue="en", address=address, now=self.now
            )

        return self._asked(VICTIM, phone, CHANGE, issue)

    def _caller(self):
        return Caller(self.subject, Role.CITIZEN, session="none")

    def _redeem(self, challenge, phone, purpose, code):
        address = f"2001:db8:{next(addresses):x}::1"
        try:
            if purpose == CHANGE:
                phone_changes.confirm(self._caller(), challenge, phone, code, address=address, now=self.now)
            else:
                signing_in.sign_in(challenge, phone, code, device="", address=address, now=self.now)
        except CodeRefused:
            return False
        except PhoneFull:  # the code was right and is used up
            return True
        return True

    @rule(made=challenges, by=st.integers(1, 999_999), times=st.integers(1, 4))
    def guess(self, made, by, times):
        if made is None:
            return
        challenge, _, phone, purpose, code = made
        for step in range(times):
            wanted = wrong(code or "000000", by + step)
            if wanted != code:
                assert not self._redeem(challenge, phone, purpose, wanted)

    @rule(made=challenges)
    def present_the_right_code_and_again(self, made):
        """Whoever holds the telephone opens it once at most; the same again never opens anything."""
        if made is None or not made[4]:
            return
        challenge, _, phone, purpose, code = made
        if self._redeem(challenge, phone, purpose, code):
            self.opened[challenge] = self.opened.get(challenge, 0) + 1
        assert not self._redeem(challenge, phone, purpose, code)

    @rule(made=challenges, other=challenges)
    def swap_the_challenge(self, made, other):
        if made is None or other is None or made[0] == other[0] or made[4] in ("", other[4]):
            return
        assert not self._redeem(other[0], other[2], other[3], made[4])

    @rule(made=challenges, phone=st.sampled_from(PHONES))
    def swap_the_telephone(self, made, phone):
        if made is None or not made[4] or phone == made[2]:
            return
        assert not self._redeem(made[0], phone, made[3], made[4])

    @rule(made=challenges)
    def swap_the_purpose(self, made):
        if made is None or not made[4]:
            return
        assert not self._redeem(made[0], made[2], "sign_in" if made[3] == CHANGE else CHANGE, made[4])

    @rule(made=challenges, place=st.integers(0, 300))
    def forge_the_challenge(self, made, place):
        if made is None:
            return
        at = place % len(made[0])
        letter = "B" if made[0][at] == "A" else "A"
        forged = made[0][:at] + letter + made[0][at + 1 :]
        if forged.rstrip("=")[:-1] != made[0].rstrip("=")[:-1]:  # the last letter has bits that say nothing
            assert not self._redeem(forged, made[2], made[3], made[4] or "000000")

    @rule(span=st.sampled_from((1, 60, 299, 300, 301, 3_600, 14_400, 86_100, 86_400)))
    def wait(self, span):
        self.now += timedelta(seconds=span)

    @invariant()
    def a_code_opens_once(self):
        assert all(times == 1 for times in self.opened.values())

    @invariant()
    def no_document_is_guessed_more_than_thirty_times_in_any_day(self):
        for times in self.compared.values():
            for begin in times:
                within = [time for time in times if begin <= time < begin + DAY]
                assert len(within) <= GUESSES_A_DAY


class GreedyAttack(Attack):
    """Asks and guesses as often as it may, from everywhere: the bound is reached, and not passed."""

    @rule(document=st.sampled_from(tuple(OWNERS)), times=st.integers(5, 15))
    def burn(self, document, times):
        for _ in range(times):
            made = self._burn_one(document)
            if made:
                self.guess_thrice(made)

    def _burn_one(self, document):
        address = f"2001:db8:{next(addresses):x}::1"
        return self._asked(
            document,
            OWNERS[document],
            "sign_in",
            lambda: signing_in.ask(
                document, OWNERS[document], channel="sms", tongue="en", address=address, now=self.now
            ),
        )

    def guess_thrice(self, made):
        challenge, _, phone, purpose, code = made
        for by in (1, 2, 3):
            assert not self._redeem(challenge, phone, purpose, wrong(code or "000000", by))


def clear(client):
    for table in ("codes", "people"):
        name = f"khidmat-test-{table}"
        key = client.describe_table(TableName=name)["Table"]["KeySchema"][0]["AttributeName"]
        for item in client.scan(TableName=name)["Items"]:
            client.delete_item(TableName=name, Key={key: item[key]})


@pytest.mark.parametrize("machine", [Attack, GreedyAttack])
def test_no_attack_gets_more_than_thirty_guesses_a_day_or_opens_anything_twice(machine, tables):
    def begun():
        clear(tables)
        return machine()

    run_state_machine_as_test(
        begun,
        settings=settings(
            max_examples=ATTACKS,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_bound_is_reached_and_not_passed(tables):
    attack = GreedyAttack()
    try:
        attack.the_victim_is_registered()
        for _ in range(20):
            attack.guess_thrice(attack._burn_one(VICTIM))
            attack.now += timedelta(minutes=1)
        assert len(attack.compared[VICTIM]) == GUESSES_A_DAY
        assert people.holder_of(keyring().index("document", VICTIM)).person == attack.subject
    finally:
        attack.teardown()
