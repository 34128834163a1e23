"""Signing in and out, and what a cookie or a token stands for: the same for web and command line.

Whoever signs in, fails to, or changes how, is logged. A name that nobody has never enters the log:
people type their password there.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from geosvc.errors import Issue, LockedOutError, UserError, WrongPasswordError
from geosvc.store.people import Backoff, Mark, People
from geosvc.web import passwords
from geosvc.web.address import customer
from geosvc.web.roles import SCOPES, as_role, rights_of
from geosvc.web.secret import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geosvc.settings import Settings
    from geosvc.store.people import Token, User

BY_ACCOUNT = Backoff(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=24))
"""After five wrong passwords for a name: 30 s, 1 min, 2 min … 15 min."""
BY_ADDRESS = Backoff(30, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1))
"""An office may share one address, so it has more tries."""
LIFE = timedelta(hours=12)
"""A session ends then, used or not."""
IDLE = timedelta(minutes=60)
"""A session that nobody uses ends then."""
LONGEST_TOKEN_DAYS = 366
MOST_NAME = 40


@dataclass(frozen=True, slots=True)
class Person:
    """Who sends a request. ``csrf`` is what their forms must carry; None where a token speaks."""

    name: str
    role: str
    rights: frozenset[str]
    csrf: str | None = field(default=None, repr=False)
    session: str = field(default="", repr=False)


class Log(Protocol):
    """Takes an entry of the log."""

    def __call__(
        self, action: str, *, actor: str, address: str, target: str, detail: Mapping[str, Any]
    ) -> object:
        """Keep who did what."""


class Accounts:
    """The people of one instance.

    Parameters
    ----------
    settings
        Where the instance is.
    log
        Where what they do is written.
    now
        The clock.
    """

    def __init__(
        self,
        settings: Settings,
        log: Log,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.people = People(settings.instance / "geosvc.sqlite")
        self._secret = read_secret(settings.instance)
        self._log = log
        self._now = now

    def sign_in(self, name: str, password: str, *, address: str) -> str:
        """Open a session.

        Parameters
        ----------
        name, password
            As they were typed.
        address
            Where they came from.

        Returns
        -------
        cookie
            What the browser keeps; the store has only its keyed hash.

        Raises
        ------
        WrongPasswordError
            If there is no such user, or another password.
        LockedOutError
            If there were too many of these for this name or this address.
        BusyError
            If too many people sign in at this moment; nothing is counted then.
        """
        user = self.people.find(_tidy(name))
        with passwords.slot():
            self._judge(user, _tidy(name), password, address=address)
            if user is None:  # pragma: no cover - nobody has no password
                raise WrongPasswordError
            if passwords.is_outdated(user.password_hash):
                self.people.improve_hash(user, passwords.hash_password(password))
        self._write("sign_in", user.name, actor=user.name, address=address)
        return self.open_session(user, address=address)

    def _judge(self, user: User | None, name: str, password: str, *, address: str) -> None:
        """Count the try, hold the password against the user's, and forgive the try if it is."""
        now = self._now()
        account, origin = self._marks(name, address)
        if wait := self.people.attempt([account, origin], now=now):
            raise LockedOutError(wait_s=max(int(wait.total_seconds()), 1))
        is_right = passwords.is_password(user.password_hash if user else None, password)
        if user is None or user.disabled_at is not None or not is_right:
            failures, wait = self.people.failures(account, now=now)
            actor = user.name if user else ""
            detail = {"failures": failures, "locked_s": int(wait.total_seconds())}
            self._write("sign_in_failed", actor, actor=actor, address=address, detail=detail)
            raise WrongPasswordError(left=max(BY_ACCOUNT.free - failures, 0))
        self.people.succeed(account, origin)

    def open_session(self, user: User, *, address: str) -> str:
        """Open a session for a user who has proved who they are; return its cookie."""
        cookie, now = secrets.token_urlsafe(32), self._now()
        self.people.open_session(
            user,
            key=self._key("session", cookie),
            csrf=secrets.token_urlsafe(24),
            address=address,
            span=(now, now + LIFE),
        )
        return cookie

    def sign_out(self, person: Person, *, address: str) -> None:
        """End a person's session."""
        self.people.end_session(person.session)
        self._write("sign_out", person.name, actor=person.name, address=address)

    def by_cookie(self, cookie: str) -> Person | None:
        """Return whose session a cookie stands for; None where it has ended."""
        key = self._key("session", cookie)
        found = self.people.session(key, now=self._now(), idle=IDLE)
        if found is None:
            return None
        user = found.user
        return Person(user.name, user.role, rights_of(user.role), found.csrf, key)

    def by_token(self, text: str) -> Person | None:
        """Return whose token this is, with the rights that its scope leaves."""
        found = self.people.token(self._key("token", text), now=self._now())
        if found is None:
            return None
        user, token = found
        return Person(user.name, user.role, rights_of(user.role, scope=token.scope))

    def form_key(self, nonce: str) -> str:
        """Return what a form must carry whose page left this nonce in a cookie."""
        return self._key("form", nonce)

    def add(self, name: str, password: str, *, role: str, actor: str) -> User:
        """Make a user.

        Raises
        ------
        UserError
            If the name, the role or the password will not do, or the name is taken.
        """
        name = _tidy(name)
        if not _is_name(name):
            raise UserError(name, issues=[Issue("bad_name", name, expected=str(MOST_NAME))])
        _check_role(name, role)
        passwords.check_password(password, name=name)
        hashed = passwords.hash_password(password)
        made = self.people.add(name, role=role, password_hash=hashed, now=self._now())
        self._write("user_added", made.name, actor=actor, detail={"role": role})
        return made

    def set_password(self, name: str, password: str, *, actor: str) -> None:
        """Give a user another password, which ends their sessions and forgives their failures.

        Raises
        ------
        UserError
            If there is no such user, or the password will not do.
        """
        user = self.people.user(_tidy(name))
        passwords.check_password(password, name=user.name)
        self.people.set_password(user, passwords.hash_password(password))
        self.people.succeed(*self._marks(user.name, ""))
        self._write("password_changed", user.name, actor=actor)

    def change_own_password(self, person: Person, old: str, new: str, *, address: str) -> None:
        """Let a person choose another password; their other sessions end.

        Raises
        ------
        WrongPasswordError
            If the old one is wrong.
        LockedOutError
            If it was wrong too often.
        UserError
            If the new one will not do.
        """
        user = self.people.user(person.name)
        with passwords.slot():
            self._judge(user, user.name, old, address=address)
            passwords.check_password(new, name=user.name)
            self.people.set_password(user, passwords.hash_password(new), keep=person.session)
        self._write("password_changed", user.name, actor=user.name, address=address)

    def set_role(self, name: str, role: str, *, actor: str) -> None:
        """Give a user another role.

        Raises
        ------
        UserError
            If there is no such user or role.
        """
        user = self.people.user(_tidy(name))
        _check_role(user.name, role)
        self.people.set_role(user, role)
        self._write("role_changed", user.name, actor=actor, detail={"role": role})

    def set_enabled(self, name: str, *, enabled: bool, actor: str) -> None:
        """Let a user in again, or no more.

        Raises
        ------
        UserError
            If there is no such user.
        """
        user = self.people.user(_tidy(name))
        if enabled:
            self.people.enable(user)
        else:
            self.people.disable(user, now=self._now())
        self._write("user_enabled" if enabled else "user_disabled", user.name, actor=actor)

    def make_token(
        self, name: str, label: str, *, scope: str, days: int, actor: str, address: str = ""
    ) -> str:
        """Make a token and return it; it cannot be shown again.

        Raises
        ------
        UserError
            If there is no such user, or scope, days or label will not do.
        """
        user = self.people.user(_tidy(name))
        wanted = scope.split()
        label = _tidy(label)
        if not wanted or not set(wanted) <= rights_of(user.role, scope=" ".join(SCOPES)):
            allowed = " ".join(item for item in SCOPES if item in rights_of(user.role))
            raise UserError(name, issues=[Issue("bad_scope", name, found=scope, expected=allowed)])
        if not 0 < days <= LONGEST_TOKEN_DAYS:
            issue = Issue("bad_days", name, found=str(days), expected=str(LONGEST_TOKEN_DAYS))
            raise UserError(name, issues=[issue])
        if not 0 < len(label) <= MOST_NAME:
            raise UserError(name, issues=[Issue("bad_name", label, expected=str(MOST_NAME))])
        text, now = f"geosvc_{secrets.token_urlsafe(32)}", self._now()
        chosen = " ".join(item for item in SCOPES if item in wanted)
        self.people.add_token(
            user,
            label,
            key=self._key("token", text),
            scope=chosen,
            span=(now, now + timedelta(days=days)),
        )
        self._write(
            "token_made",
            user.name,
            actor=actor,
            address=address,
            detail={"token": label, "scope": chosen},
        )
        return text

    def revoke_token(self, name: str, number: int, *, actor: str, address: str = "") -> Token:
        """Refuse a token from now on.

        Raises
        ------
        UserError
            If the user has no such token.
        """
        user = self.people.user(_tidy(name))
        found = self.people.revoke_token(user, number, now=self._now())
        detail = {"token": found.name}
        self._write("token_revoked", user.name, actor=actor, address=address, detail=detail)
        return found

    def locked_for(self, user: User) -> timedelta:
        """Return how long a user's name is locked out."""
        return self.people.failures(self._marks(user.name, "")[0], now=self._now())[1]

    def _write(
        self,
        action: str,
        target: str,
        *,
        actor: str,
        address: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self._log(action, actor=actor, address=address, target=target, detail=detail or {})

    def _marks(self, name: str, address: str) -> tuple[Mark, Mark]:
        subject = self._key("account", name.casefold())
        return (
            Mark("account", subject, BY_ACCOUNT),
            Mark("address", customer(address), BY_ADDRESS),
        )

    def _key(self, purpose: str, text: str) -> str:
        message = f"{purpose}\0{text}".encode("utf-8", "replace")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def _tidy(name: str) -> str:
    # what is no character cannot be stored, nor is it anybody's name
    known = name.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", known).strip()


def _is_name(name: str) -> bool:
    # what may stand in a log, a command line and a page without being taken for something else
    rest = name.replace(".", "").replace("-", "").replace("_", "")
    return 0 < len(name) <= MOST_NAME and rest.isalnum() and name[0].isalnum()


def _check_role(name: str, role: str) -> None:
    if as_role(role) is None:
        raise UserError(name, issues=[Issue("bad_role", name, found=role)])
