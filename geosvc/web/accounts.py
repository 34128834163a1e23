"""Signing in and out, and what a cookie or a token stands for: the same for web and command line.

Whoever signs in, fails to, or changes how, is logged. A name that nobody has never enters the log:
people type their password there.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from geosvc.errors import Issue, LockedOutError, UserError, WrongPasswordError
from geosvc.store.lockout import Backoff, Mark
from geosvc.store.sessions import SignIn, end_others, sign_ins
from geosvc.web import one_time, passwords
from geosvc.web.address import customer
from geosvc.web.registry import LONGEST_TOKEN_DAYS, MOST_NAME, Person, Registry, tidy
from geosvc.web.roles import as_role, rights_of

if TYPE_CHECKING:
    from geosvc.store.people import User

__all__ = ["IDLE", "LIFE", "LONGEST_TOKEN_DAYS", "MOST_NAME", "Accounts", "Person"]
BY_PAIR = Backoff(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=24))
"""After five wrong passwords for a name from one address: 30 s, 1 min, 2 min … 15 min."""
BY_ACCOUNT = Backoff(20, timedelta(seconds=10), timedelta(minutes=2), timedelta(hours=24))
"""Of all addresses that the name was never signed in to from: strangers cannot lock it for long."""
BY_ADDRESS = Backoff(30, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1))
"""An office may share one address, so it has more tries."""
LIFE = timedelta(hours=12)
"""A session ends then, used or not."""
IDLE = timedelta(minutes=60)
"""A session that nobody uses ends then."""


class Accounts(Registry):
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
        user = self.people.find(tidy(name))
        self._hold_back(tidy(name), address)
        with passwords.slot():
            self._judge(user, tidy(name), password, address=address)
            if user is None:  # pragma: no cover - nobody has no password
                raise WrongPasswordError
            is_lasting = not one_time.is_marked(user.password_hash)
            if is_lasting and passwords.is_outdated(user.password_hash):
                self.people.improve_hash(user, passwords.hash_password(password))
        self._write("sign_in", user.name, actor=user.name, address=address)
        return self.open_session(user, address=address)

    def _hold_back(self, name: str, address: str) -> None:
        """Refuse who has to wait, before they take a place in the queue from anybody else."""
        if wait := self.people.wait(self._marks(name, address), now=self._now()):
            raise _locked_out(wait)

    def _judge(self, user: User | None, name: str, password: str, *, address: str) -> None:
        """Count the try, hold the password against the user's, and forgive the try if it is."""
        now = self._now()
        marks = self._marks(name, address)
        if wait := self.people.attempt(marks, now=now):
            raise _locked_out(wait)
        hashed = one_time.usable(user.password_hash, now=now) if user else None
        is_right = passwords.is_password(hashed, password)
        if user is None or user.disabled_at is not None or not is_right:
            failures, wait = self.people.failures(marks[0], now=now)
            actor = user.name if user else ""
            detail = {"failures": failures, "locked_s": int(wait.total_seconds())}
            self._write("sign_in_failed", actor, actor=actor, address=address, detail=detail)
            raise WrongPasswordError(left=max(BY_PAIR.free - failures, 0))
        self.people.succeed(marks, pair=marks[0], now=now)

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
        user, must_change = found.user, one_time.is_marked(found.user.password_hash)
        rights = frozenset({"own"}) if must_change else rights_of(user.role)
        return Person(user.name, user.role, rights, found.csrf, key, must_change=must_change)

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
        name = tidy(name)
        _check_new(name, role)
        passwords.check_password(password, name=name)
        hashed = passwords.hash_password(password)
        made = self.people.add(name, role=role, password_hash=hashed, now=self._now())
        self._write("user_added", made.name, actor=actor, detail={"role": role})
        return made

    def invite(self, name: str, *, role: str, actor: str, address: str = "") -> tuple[User, str]:
        """Make a user with a one-time password, and return both.

        Raises
        ------
        UserError
            If the name or the role will not do, or the name is taken.
        BusyError
            If too many people sign in at this moment.
        """
        name = tidy(name)
        _check_new(name, role)
        password, hashed = self._one_time()
        made = self.people.add(name, role=role, password_hash=hashed, now=self._now())
        detail = {"role": role}
        self._write("user_added", made.name, actor=actor, address=address, detail=detail)
        return made, password

    def renew_password(self, name: str, *, actor: str, address: str = "") -> str:
        """Give a user a one-time password, and return it; their sessions and tokens end.

        Raises
        ------
        UserError
            If there is no such user.
        BusyError
            If too many people sign in at this moment.
        """
        user = self.people.user(tidy(name))
        password, hashed = self._one_time()
        self.people.reset_password(user, hashed, now=self._now())
        self._forgive(user)
        self._write("password_reset", user.name, actor=actor, address=address)
        return password

    def unlock(self, name: str, *, actor: str, address: str = "") -> None:
        """Forgive a user the wrong passwords that were typed for their name.

        Raises
        ------
        UserError
            If there is no such user.
        """
        user = self.people.user(tidy(name))
        self._forgive(user)
        self._write("user_unlocked", user.name, actor=actor, address=address)

    def set_password(self, name: str, password: str, *, actor: str) -> None:
        """Give a user another password, which ends sessions and tokens and forgives failures.

        Raises
        ------
        UserError
            If there is no such user, or the password will not do.
        """
        user = self.people.user(tidy(name))
        passwords.check_password(password, name=user.name)
        self.people.reset_password(user, passwords.hash_password(password), now=self._now())
        self._forgive(user)
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
            if new == old:
                raise UserError(user.name, issues=[Issue("same_password", user.name)])
            self.people.set_password(user, passwords.hash_password(new), keep=person.session)
        self._write("password_changed", user.name, actor=user.name, address=address)

    def sign_ins(self, person: Person) -> tuple[SignIn, ...]:
        """Return where a person has signed in, the last used first."""
        user = self.people.user(person.name)
        return sign_ins(self.people, user, now=self._now(), idle=IDLE)

    def end_others(self, person: Person, *, address: str) -> int:
        """End a person's sessions but the one that asks; return how many they were."""
        count = end_others(self.people, self.people.user(person.name), keep=person.session)
        detail = {"count": count}
        self._write(
            "sessions_ended", person.name, actor=person.name, address=address, detail=detail
        )
        return count

    def set_role(self, name: str, role: str, *, actor: str, address: str = "") -> None:
        """Give a user another role.

        Raises
        ------
        UserError
            If there is no such user or role, or they are the last administrator.
        """
        user = self.people.user(tidy(name))
        _check_role(user.name, role)
        self.people.set_role(user, role)
        detail = {"role": role}
        self._write("role_changed", user.name, actor=actor, address=address, detail=detail)

    def set_enabled(self, name: str, *, enabled: bool, actor: str, address: str = "") -> None:
        """Let a user in again, or no more.

        Raises
        ------
        UserError
            If there is no such user, or they are the last administrator.
        """
        user = self.people.user(tidy(name))
        if enabled:
            self.people.enable(user)
        else:
            self.people.disable(user, now=self._now())
        action = "user_enabled" if enabled else "user_disabled"
        self._write(action, user.name, actor=actor, address=address)

    def locked_for(self, user: User) -> timedelta:
        """Return how long a user's name is locked out."""
        return self.people.locked(self._account(user.name), now=self._now())

    def _one_time(self) -> tuple[str, str]:
        password = one_time.make()
        with passwords.slot():
            return password, one_time.mark(passwords.hash_password(password), now=self._now())

    def _forgive(self, user: User) -> None:
        self.people.release(self._account(user.name))

    def _marks(self, name: str, address: str) -> tuple[Mark, ...]:
        """Return whom a try counts against; the pair of account and address first."""
        account, place = self._account(name), customer(address)
        pair = Mark("pair", f"{account.subject} {self._key('address', place)}", BY_PAIR)
        marks = (pair, Mark("address", place, BY_ADDRESS))
        is_known = self.people.is_known(pair, now=self._now())
        return marks if is_known else (*marks, account)

    def _account(self, name: str) -> Mark:
        return Mark("account", self._key("account", name.casefold()), BY_ACCOUNT)


def _is_name(name: str) -> bool:
    # what may stand in a log, a command line and a page without being taken for something else
    rest = name.replace(".", "").replace("-", "").replace("_", "")
    return 0 < len(name) <= MOST_NAME and rest.isalnum() and name[0].isalnum()


def _check_new(name: str, role: str) -> None:
    if not _is_name(name):
        raise UserError(name, issues=[Issue("bad_name", name, expected=str(MOST_NAME))])
    _check_role(name, role)


def _locked_out(wait: timedelta) -> LockedOutError:
    return LockedOutError(wait_s=max(int(wait.total_seconds()), 1))


def _check_role(name: str, role: str) -> None:
    if as_role(role) is None:
        raise UserError(name, issues=[Issue("bad_role", name, found=role)])
