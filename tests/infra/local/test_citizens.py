import pytest

from functions import callers
from functions.domain import signing_in
from functions.settings import settings
from functions.storage import keyring, people
from infra.local import __main__ as command
from infra.local import citizens
from infra.local.tokens import UnknownPersonError
from tests.factories import NOON
from tests.storage import forget_connections


def test_every_citizen_is_plainly_invented():
    for citizen in citizens.citizens():
        assert citizen.document["number"].startswith("00000-")
        assert "Sample" in citizen.shown


@pytest.mark.usefixtures("tables")
def test_a_citizen_is_one_person_however_often_asked_for():
    first, second = citizens.citizens()

    assert citizens.person(first, NOON).person == citizens.person(first, NOON).person
    assert citizens.caller(first, NOON).subject != citizens.caller(second, NOON).subject


@pytest.mark.usefixtures("tables")
def test_a_citizen_who_was_erased_is_started_over(monkeypatch):
    erased = people.Person("p-1", None, b"", b"", b"", "", NOON)
    monkeypatch.setattr(signing_in, "registered", lambda *_: erased)

    with pytest.raises(UnknownPersonError, match="FRESH=1"):
        citizens.caller(citizens.citizen_of(), NOON)


@pytest.mark.engine
def test_a_citizens_token_is_the_products_own_and_is_all_that_is_printed(place, capsys):
    forget = (forget_connections, settings.cache_clear, keyring.forget, callers.forget_keys)
    for each in forget:
        each()
    try:
        assert command.main(["token", "citizen", "--name", "citizen-2"]) == 0
        (token,) = capsys.readouterr().out.split()
        claims = callers.claims_of_token(token)
    finally:
        for each in forget:
            each()

    assert claims["iss"] == "http://localhost:8000/citizens"
    assert claims["exp"] - claims["iat"] == 600
