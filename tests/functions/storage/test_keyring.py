import base64
import json
from datetime import UTC, datetime

import boto3
import pytest

from functions.settings import SettingsError
from functions.storage import keyring as rings
from functions.storage.keyring import keyring
from functions.storage.tables import StoreFailureError
from infra import keyring as command
from tests import keys

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_the_ring_opens_once_a_process(monkeypatch):
    opened = []
    real = rings.opened
    monkeypatch.setattr(rings, "opened", lambda guarded: opened.append(1) or real(guarded))
    for _ in range(5):
        keyring()

    assert opened == [1]


def test_an_index_finds_the_same_value_and_only_of_its_kind():
    assert keyring().index("document", "cnic:1") == keyring().index("document", "cnic:1")
    assert keyring().index("document", "cnic:1") != keyring().index("phone", "cnic:1")
    assert keyring().index("document", "cnic:1") != keyring().digest("document", "cnic:1")


def test_parts_of_a_digest_cannot_be_shifted():
    assert keyring().digest("use", "ab", "c") != keyring().digest("use", "a", "bc")


def test_without_the_ring_an_index_cannot_be_tried():
    other = rings.read(command.new_content(NOW))

    assert other.index("document", "cnic:1") != keyring().index("document", "cnic:1")


def test_secrets_are_not_shown():
    shown = repr(keyring())

    assert base64.b64encode(keyring().root).decode() not in shown
    assert keyring().signing["d"] not in shown


def test_a_rotation_keeps_what_was_wrapped_before():
    before = rings.read(keys.RING_CONTENT)
    after = rings.read(command.rotated(keys.RING_CONTENT, NOW))

    assert after.current != before.current
    assert after.wrapping[before.current] == before.wrapping[before.current]
    assert (after.root, after.signing) == (before.root, before.signing)


@pytest.mark.parametrize("guarded", ["", "plain", "file:!!", "kms:!!", "file:AAAA"])
def test_what_is_no_guarded_ring_is_named_so(guarded, monkeypatch):
    monkeypatch.setenv("KHIDMAT_KEYRING", guarded)
    rings.forget()

    with pytest.raises(SettingsError, match=r"KHIDMAT_KEY"):
        keyring()


def test_a_key_file_is_for_a_local_run_alone(monkeypatch):
    monkeypatch.setenv("KHIDMAT_STAGE", "live")
    rings.forget()

    with pytest.raises(SettingsError, match="kms:"):
        keyring()


@pytest.mark.parametrize("path", ["", "/nowhere/keyring.key"])
def test_a_missing_key_file_is_named(path, monkeypatch):
    monkeypatch.setenv("KHIDMAT_KEY_FILE", path)
    rings.forget()

    with pytest.raises(SettingsError, match="KHIDMAT_KEY_FILE"):
        keyring()


@pytest.mark.usefixtures("tables")
def test_kms_guards_a_ring_and_opens_it_for_its_context_alone(monkeypatch, capsys):
    key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    assert command.main(["new", "--kms-key", key]) == 0
    guarded = capsys.readouterr().out.strip()
    monkeypatch.setenv("KHIDMAT_KEYRING", guarded)
    rings.forget()

    assert keyring().current.startswith("20")
    blob = base64.b64decode(guarded.removeprefix("kms:"))
    with pytest.raises(Exception, match="InvalidCiphertext"):
        boto3.client("kms").decrypt(CiphertextBlob=blob, EncryptionContext={"khidmat": "other"})
    assert command.main(["rotate", "--kms-key", key]) == 0
    monkeypatch.setenv("KHIDMAT_KEYRING", capsys.readouterr().out.strip())
    first = keyring()
    rings.forget()
    assert (len(keyring().wrapping), keyring().root) == (2, first.root)


@pytest.mark.usefixtures("tables")
def test_a_silent_kms_is_a_failure_that_can_be_tried_again(monkeypatch):
    monkeypatch.setenv("KHIDMAT_KEYRING", "kms:" + base64.b64encode(b"not of this account").decode())
    rings.forget()

    with pytest.raises(StoreFailureError):
        keyring()


def test_a_ring_fits_what_kms_takes_and_the_environment_holds():
    assert len(keys.RING_CONTENT) < 1_100
    assert json.loads(keys.RING_CONTENT)["signing"]["alg"] == "ES256"
