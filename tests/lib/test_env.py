from __future__ import annotations

from pathlib import Path

import pytest

from northstar.lib import env


@pytest.fixture(autouse=True)
def a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("THING", "THING_FILE"):
        monkeypatch.delenv(name, raising=False)


def given(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("THING", value)


def test_a_value_not_set_takes_the_default() -> None:
    assert env.text("THING", "plain") == "plain"
    assert env.text("THING", "") == ""
    assert env.flag("THING", False) is False
    assert env.number("THING", 7) == 7
    assert env.listing("THING", ("a",)) == ["a"]
    assert env.secret("THING", "from the data folder") == "from the data folder"


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, "  ")
    assert env.text("THING", "plain") == "plain"


def test_a_value_that_is_needed_says_how_to_set_it() -> None:
    for read in (env.text, env.flag, env.number, env.secret):
        with pytest.raises(env.ConfigError, match="THING is not set. Set THING, or THING_FILE"):
            read("THING")


def test_a_value_is_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, " yes\n")
    assert env.text("THING") == "yes"


def test_a_file_gives_the_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "thing").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "thing"))
    assert env.text("THING") == "from a file"


def test_a_file_that_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THING_FILE", str(tmp_path / "absent"))
    with pytest.raises(env.ConfigError, match="cannot be read: No such file"):
        env.text("THING", "plain")


def test_a_file_that_is_not_text_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "thing").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "thing"))
    with pytest.raises(env.ConfigError, match="it is not UTF-8 text"):
        env.text("THING", "plain")


def test_a_value_and_a_file_together_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given(monkeypatch, "x")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "thing"))
    with pytest.raises(env.ConfigError, match="Both THING and THING_FILE are set"):
        env.text("THING")


@pytest.mark.parametrize("word", ["1", "true", "yes", "TRUE", "Yes"])
def test_a_flag_is_on(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    given(monkeypatch, word)
    assert env.flag("THING", False) is True


@pytest.mark.parametrize("word", ["0", "false", "no", "False", "NO"])
def test_a_flag_is_off(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    given(monkeypatch, word)
    assert env.flag("THING", True) is False


@pytest.mark.parametrize("word", ["on", "off", "2", "y", "ture", "None"])
def test_a_flag_that_is_a_typo_is_refused(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    given(monkeypatch, word)
    with pytest.raises(env.ConfigError, match="which is neither yes nor no"):
        env.flag("THING", True)


def test_a_number_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, "-12")
    assert env.number("THING") == -12


@pytest.mark.parametrize("word", ["1_000", "1.5", "ten", "-", "٣", "1e3", "²"])
def test_a_number_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    given(monkeypatch, word)
    with pytest.raises(env.ConfigError, match="not a whole number"):
        env.number("THING", 1)


def test_a_number_out_of_its_range_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, "5")
    assert env.number("THING", low=5, high=5) == 5
    with pytest.raises(env.ConfigError, match="the smallest value allowed is 6"):
        env.number("THING", low=6)
    with pytest.raises(env.ConfigError, match="the largest value allowed is 4"):
        env.number("THING", high=4)


def test_a_listing_is_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, "a.example, b.example,,")
    assert env.listing("THING") == ["a.example", "b.example"]


@pytest.mark.parametrize("word", ["changeme", "Change-Me", "secret", "---", "a" * 50])
def test_a_secret_that_anybody_guesses_is_refused(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    given(monkeypatch, word)
    with pytest.raises(env.ConfigError, match="anybody could guess"):
        env.secret("THING")


def test_a_short_secret_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, "tr0ub4dor")
    with pytest.raises(env.ConfigError, match="has 9 characters and needs at least 50") as caught:
        env.secret("THING", shortest=50)
    assert "tr0ub4dor" not in str(caught.value)


def test_a_good_secret_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, "tr0ub4dor")
    assert env.secret("THING") == "tr0ub4dor"
