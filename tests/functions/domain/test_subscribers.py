"""Who is written to every week."""

import pytest

from functions.domain import preferences
from functions.domain.preferences import Addressee, Contact
from functions.domain.subscribers import subscriber, subscribers
from functions.settings import SettingsError

OFFICE = "sd-lhr-civil-lines"
OWNER = "owner@example.org"


@pytest.fixture
def listed(monkeypatch):
    return lambda said: monkeypatch.setenv("KHIDMAT_DIGEST_TO", said)


def test_the_list_has_offices_and_addresses_each_once_in_its_order(listed):
    listed(f"ur:{OWNER}, {OFFICE},,en:{OWNER.upper()}, en:two@example.org")
    found = subscribers()
    assert [(each.office, each.address, each.tongue) for each in found] == [
        ("", OWNER, "ur"),
        (OFFICE, "", "en"),
        ("", "two@example.org", "en"),
    ]


def test_the_outbox_never_learns_an_address(listed):
    listed(f"en:{OWNER}")
    (found,) = subscribers()
    assert found.recipient.startswith("digest:")
    assert "@" not in found.recipient
    assert OWNER not in repr(found)


def test_without_the_setting_there_is_nobody(monkeypatch):
    monkeypatch.delenv("KHIDMAT_DIGEST_TO", raising=False)
    assert subscribers() == []
    assert subscriber("digest:0") is None


@pytest.mark.parametrize("entry", [OWNER, f"fr:{OWNER}", "no-such-office", "en:a@b c@d", "en:a:b@c"])
def test_what_is_neither_is_refused_by_the_settings_name_and_not_repeated(listed, entry):
    listed(entry)
    with pytest.raises(SettingsError, match="KHIDMAT_DIGEST_TO") as refused:
        subscribers()
    assert entry not in str(refused.value)


def test_an_address_is_reached_in_its_language_while_it_is_on_the_list(listed):
    listed(f"ur:{OWNER}")
    (found,) = subscribers()
    assert preferences.addressee(found.recipient) == Addressee("ur", ("email",), {"email": OWNER})
    listed("")
    assert preferences.addressee(found.recipient) is None


@pytest.mark.parametrize(
    ("contact", "reached"),
    [
        (
            Contact("ur", ("sms", "email"), "+923000000001", OWNER),
            Addressee("ur", ("email",), {"email": OWNER}),
        ),
        (Contact("en", ("sms",), "+923000000001", OWNER), None),
        (Contact("en", ("email",), "", ""), None),
        (Contact(), None),
    ],
)
def test_an_office_is_reached_by_email_alone_and_only_if_it_wants_email(
    listed, monkeypatch, contact, reached
):
    listed(OFFICE)
    monkeypatch.setattr(preferences, "contact_of", lambda office: contact if office == OFFICE else None)
    assert preferences.addressee(f"digest:{OFFICE}") == reached
