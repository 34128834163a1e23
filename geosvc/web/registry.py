"""What accounts stand on: the people of an instance, keyed hashes, the log, tokens for programs."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from geosvc.errors import Issue, UserError
from geosvc.store.people import People
from geosvc.web.roles import SCOPES, rights_of
from geosvc.web.secret import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geosvc.settings import Settings
    from geosvc.store.people import Token

LONGEST_TOKEN_DAYS = 366
MOST_NAME = 40


@dataclass(frozen=True, slots=True)
class Person:
    """Who sends a request. ``csrf`` is what their forms must carry; None where a token speaks.

    Who ``must_change`` the password that they were handed has a right to nothing but that.
    """

    name: str
    role: str
    rights: frozenset[str]
    csrf: str | None = field(default=None, repr=False)
    session: str = field(default="", repr=False)
    must_change: bool = False


class Log(Protocol):
    """Takes an entry of the log."""

    def __call__(
        self, action: str, *, actor: str, address: str, target: str, detail: Mapping[str, Any]
    ) -> object:
        """Keep who did what."""


class Registry:
    """The people of one instance and their tokens.

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

    def by_token(self, text: str) -> Person | None:
        """Return whose token this is, with the rights that its scope leaves."""
        found = self.people.token(self._key("token", text), now=self._now())
        if found is None:
            return None
        user, token = found
        return Person(user.name, user.role, rights_of(user.role, scope=token.scope))

    def make_token(
        self, name: str, label: str, *, scope: str, days: int, actor: str, address: str = ""
    ) -> str:
        """Make a token and return it; it cannot be shown again.

        Raises
        ------
        UserError
            If there is no such user, or scope, days or label will not do.
        """
        user = self.people.user(tidy(name))
        wanted = scope.split()
        label = tidy(label)
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
        user = self.people.user(tidy(name))
        found = self.people.revoke_token(user, number, now=self._now())
        detail = {"token": found.name}
        self._write("token_revoked", user.name, actor=actor, address=address, detail=detail)
        return found

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

    def _key(self, purpose: str, text: str) -> str:
        message = f"{purpose}\0{text}".encode("utf-8", "replace")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def tidy(name: str) -> str:
    """Return a name as it is kept: in one spelling, without blanks around it.

    >>> tidy(" Ｌｉ "), tidy("")
    ('Li', '')
    """
    # what is no character cannot be stored, nor is it anybody's name
    known = name.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", known).strip()
