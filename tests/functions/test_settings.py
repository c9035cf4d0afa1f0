from pathlib import Path

import pytest

from functions.settings import ALL, SettingsError, optional, setting, stage

README = Path(__file__).parents[2] / "README.md"


def test_every_setting_is_explained_in_the_readme():
    text = README.read_text(encoding="utf-8")

    assert [name for name in ALL.values() if f"`{name}`" not in text] == []


def test_all_missing_settings_are_named_at_once(settings, monkeypatch):
    monkeypatch.delenv("KHIDMAT_ISSUER")
    monkeypatch.setenv("KHIDMAT_JWKS", "")

    with pytest.raises(SettingsError, match="KHIDMAT_ISSUER, KHIDMAT_JWKS"):
        settings()


def test_a_consumers_own_setting_is_named_when_it_is_missing(monkeypatch):
    monkeypatch.delenv("KHIDMAT_LEDGER_BUCKET")

    with pytest.raises(SettingsError, match="KHIDMAT_LEDGER_BUCKET"):
        setting("ledger_bucket")
    assert optional("ledger_bucket") == ""


def test_allowed_origins_are_a_list_with_commas(settings, monkeypatch):
    monkeypatch.setenv("KHIDMAT_CORS_ORIGINS", "https://a.example, https://b.example,")

    assert settings().allowed_origins == {"https://a.example", "https://b.example"}


def test_a_short_cursor_key_is_refused(settings, monkeypatch):
    monkeypatch.setenv("KHIDMAT_CURSOR_KEY", "short")

    with pytest.raises(SettingsError, match="32"):
        settings()


def test_a_consumer_needs_to_know_the_stage_alone(monkeypatch):
    monkeypatch.delenv("KHIDMAT_ISSUER")

    assert stage() == "test"
