from __future__ import annotations

import getpass
import io
import sys
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from geosvc.__main__ import main
from geosvc.errors import LockedOutError, WrongPasswordError
from geosvc.settings import Settings
from geosvc.store import Store
from geosvc.web import passwords
from geosvc.web.accounts import Accounts

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "北港 to 金桥 22"


class Terminal(io.StringIO):
    """Standard input where somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSVC_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GOOD}\n"))
    return tmp_path / "instance"


def accounts(instance: Path) -> Accounts:
    store = Store(instance / "geosvc.sqlite")
    return Accounts(Settings(instance=instance), store.log)


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{text}\n"))


def test_the_first_administrator_is_made_on_an_empty_machine(
    instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["user", "add", "lihong", "--role", "administrator"]) == 0
    assert "Account lihong made (administrator)" in capsys.readouterr().err
    assert accounts(instance).sign_in("lihong", GOOD, address="1.2.3.4")
    assert sorted(item.name for item in instance.iterdir() if item.suffix != ".sqlite-wal")


def test_nobody_is_there_by_default(capsys: pytest.CaptureFixture[str], instance: Path) -> None:
    assert main(["user", "list"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "geosvc user add" in captured.err
    assert accounts(instance).people.users() == ()


def test_a_weak_password_makes_nobody(
    instance: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for weak in ("", "admin", "lihong2024!"):
        typed(monkeypatch, weak)
        assert main(["user", "add", "lihong"]) == 1
    assert "easily guessed" in capsys.readouterr().out
    assert accounts(instance).people.users() == ()


def test_a_name_is_taken_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["user", "add", "lihong"]) == 0
    typed(monkeypatch, GOOD)
    assert main(["user", "add", "LiHong", "--lang", "zh"]) == 1
    assert "已有这个账号" in capsys.readouterr().out


def test_a_password_is_typed_twice(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([GOOD, GOOD, GOOD, "other"])
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))
    monkeypatch.setattr(sys, "stdin", Terminal())
    assert main(["user", "add", "lihong"]) == 0
    assert main(["user", "password", "lihong"]) == 1
    assert accounts(instance).sign_in("lihong", GOOD, address="")


def test_people_are_listed_with_what_they_are(
    instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["user", "add", "lihong", "--role", "editor"])
    main(["user", "token", "lihong", "--label", "gis", "--scope", "read", "edit"])
    capsys.readouterr()
    main(["user", "list"])
    first, second = capsys.readouterr().out.splitlines()
    assert first.split("\t")[:3] == ["lihong", "editor", "active"]
    assert second.split("\t")[1:4] == ["token 1", "gis", "read edit"]
    main(["user", "disable", "lihong"])
    main(["user", "token", "lihong", "--revoke", "1"])
    capsys.readouterr()
    main(["user", "list"])
    text = capsys.readouterr().out
    assert "\tdisabled\t" in text
    assert "revoked" in text
    assert accounts(instance).people.user("lihong").disabled_at


def test_a_token_is_all_that_goes_to_standard_output(
    instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["user", "add", "lihong"])
    capsys.readouterr()
    assert main(["user", "token", "lihong", "--days", "7"]) == 0
    text = capsys.readouterr().out.strip()
    found = accounts(instance).by_token(text)
    assert found
    assert found.rights == {"read"}
    assert main(["user", "token", "lihong", "--scope", "administer"]) == 1
    assert main(["user", "token", "lihong", "--days", "999"]) == 1
    assert main(["user", "token", "lihong", "--revoke", "99"]) == 1


def test_a_role_and_a_ban_can_be_changed(instance: Path) -> None:
    main(["user", "add", "lihong"])
    assert main(["user", "role", "lihong", "enforcement"]) == 0
    assert accounts(instance).people.user("lihong").role == "enforcement"
    assert main(["user", "disable", "lihong"]) == 0
    assert main(["user", "enable", "lihong"]) == 0
    assert accounts(instance).sign_in("lihong", GOOD, address="")


def test_a_new_password_replaces_the_old(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["user", "add", "lihong"])
    typed(monkeypatch, "泰北路 at seven 7")
    assert main(["user", "password", "lihong"]) == 0
    assert accounts(instance).sign_in("lihong", "泰北路 at seven 7", address="")


@pytest.mark.parametrize("verb", ["disable", "enable", "unlock", "password", "token"])
def test_somebody_who_is_not_there_is_an_error(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["user", verb, "nobody"]) == 1
    assert "no such account" in capsys.readouterr().out


def test_what_is_done_there_is_logged(instance: Path) -> None:
    main(["user", "add", "lihong"])
    main(["user", "disable", "lihong"])
    entries = Store(instance / "geosvc.sqlite").log_entries()
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("geosvc user", "user_disabled"),
        ("geosvc user", "user_added"),
    ]


def test_hashes_of_tests_are_weak() -> None:
    assert isinstance(passwords.HASHER, PasswordHasher)
    assert passwords.HASHER.memory_cost == 8


def test_an_account_is_unlocked_from_the_machine(
    instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["user", "add", "lihong"])
    own = accounts(instance)
    for _ in range(5):
        with pytest.raises(WrongPasswordError):
            own.sign_in("lihong", "wrong", address="1.2.3.4")
    with pytest.raises(LockedOutError):
        own.sign_in("lihong", GOOD, address="1.2.3.4")
    assert main(["user", "unlock", "lihong"]) == 0
    assert "Account lihong unlocked" in capsys.readouterr().err
    assert own.sign_in("lihong", GOOD, address="1.2.3.4")
    assert [entry.action for entry in Store(own.people.path).log_entries()][:2] == [
        "sign_in",
        "user_unlocked",
    ]


def test_a_new_password_revokes_tokens(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["user", "add", "lihong"])
    own = accounts(instance)
    token = own.make_token("lihong", "gis", scope="read", days=7, actor="lihong")
    assert own.by_token(token)
    typed(monkeypatch, "泰北路 at seven 7")
    assert main(["user", "password", "lihong"]) == 0
    assert own.by_token(token) is None
    token = own.make_token("lihong", "gis", scope="read", days=7, actor="lihong")
    own.renew_password("lihong", actor="root")
    assert own.by_token(token) is None


def test_the_last_administrator_stays(capsys: pytest.CaptureFixture[str]) -> None:
    main(["user", "add", "lihong", "--role", "administrator"])
    assert main(["user", "disable", "lihong"]) == 1
    assert main(["user", "role", "lihong", "viewer"]) == 1
    assert capsys.readouterr().out.count("last administrator") == 2
