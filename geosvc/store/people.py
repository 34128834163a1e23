"""Users, their sessions and tokens, and the failures of those who are not let in.

Nothing here is a secret in the clear: passwords arrive hashed, and of cookies and tokens only a
keyed hash is kept. The log and the features have their own connection, so that looking up a session
never waits for an import.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from geosvc.errors import Issue, StoreUnavailableError, UserError
from geosvc.store import lockout
from geosvc.store.opened import Opened

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from geosvc.store.lockout import Mark

logger = logging.getLogger(__name__)
SEEN_EVERY = timedelta(minutes=1)
"""How often the use of a session or a token is written down."""
SKEW = timedelta(minutes=5)
"""How far a clock may go backward before sessions and tokens from its future are refused."""


@dataclass(frozen=True, slots=True)
class User:
    """One person who may sign in; ``disabled_at`` is None while they may."""

    id: int
    name: str
    role: str
    password_hash: str
    created_at: str
    disabled_at: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of a user; instants are ISO 8601 in UTC."""

    user: User
    csrf: str
    created_at: str
    seen_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Token:
    """A key for programs; ``scope`` joins what it may be used for by spaces."""

    id: int
    name: str
    scope: str
    created_at: str
    expires_at: str
    used_at: str | None
    revoked_at: str | None


_ADMINISTRATOR = "administrator"
_USER = "u.id, u.name, u.role, u.password_hash, u.created_at, u.disabled_at"
_KEYS = "t.id, t.name, t.scope, t.created_at, t.expires_at, t.used_at, t.revoked_at"


class People(Opened):
    """The people of one store; threads may share it, processes may not."""

    def add(self, name: str, *, role: str, password_hash: str, now: datetime) -> User:
        """Make a user.

        Raises
        ------
        UserError
            If there is one of this name, in whatever case.
        """
        with self.writing() as opened:
            cursor = opened.execute(
                """INSERT INTO user (name, role, password_hash, created_at) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING""",
                (name, role, password_hash, _text(now)),
            )
            if not cursor.rowcount:
                raise UserError(name, issues=[Issue("user_exists", name)])
        return self.user(name)

    def find(self, name: str) -> User | None:
        """Return the user of a name, in whatever case, or None."""
        with self.reading() as opened:
            row = opened.execute(f"SELECT {_USER} FROM user u WHERE u.name = ?", (name,)).fetchone()  # noqa: S608 - our columns
            return User(*row) if row else None

    def user(self, name: str) -> User:
        """Return the user of a name.

        Raises
        ------
        UserError
            If there is none.
        """
        found = self.find(name)
        if found is None:
            raise UserError(name, issues=[Issue("no_such_user", name)])
        return found

    def users(self) -> tuple[User, ...]:
        """Return all users by name."""
        with self.reading() as opened:
            rows = opened.execute(f"SELECT {_USER} FROM user u ORDER BY u.name").fetchall()  # noqa: S608 - our columns
        return tuple(User(*row) for row in rows)

    def set_password(self, user: User, password_hash: str, *, keep: str = "") -> None:
        """Give a user another password; their sessions end but the one whose hash is ``keep``."""
        with self.writing() as opened:
            opened.execute(
                "UPDATE user SET password_hash = ? WHERE id = ?", (password_hash, user.id)
            )
            opened.execute("DELETE FROM session WHERE user = ? AND hash <> ?", (user.id, keep))

    def reset_password(self, user: User, password_hash: str, *, now: datetime) -> None:
        """Give a user another password than they know: sessions end and tokens are revoked."""
        with self.writing() as opened:
            opened.execute(
                "UPDATE user SET password_hash = ? WHERE id = ?", (password_hash, user.id)
            )
            opened.execute("DELETE FROM session WHERE user = ?", (user.id,))
            opened.execute(
                "UPDATE token SET revoked_at = coalesce(revoked_at, ?) WHERE user = ?",
                (_text(now), user.id),
            )

    def improve_hash(self, user: User, password_hash: str) -> None:
        """Keep a stronger hash of the same password; sessions go on."""
        with self.writing() as opened:
            opened.execute(
                "UPDATE user SET password_hash = ? WHERE id = ?", (password_hash, user.id)
            )

    def set_role(self, user: User, role: str) -> None:
        """Give a user another role, from the next request on.

        Raises
        ------
        UserError
            If they are the last administrator who may sign in, and would be none.
        """
        with self.writing() as opened:
            if role != _ADMINISTRATOR:
                _hold_last(opened, user)
            opened.execute("UPDATE user SET role = ? WHERE id = ?", (role, user.id))

    def disable(self, user: User, *, now: datetime) -> None:
        """Let a user in no more: sessions end, tokens are refused.

        Raises
        ------
        UserError
            If they are the last administrator who may sign in.
        """
        with self.writing() as opened:
            _hold_last(opened, user)
            opened.execute("UPDATE user SET disabled_at = ? WHERE id = ?", (_text(now), user.id))
            opened.execute("DELETE FROM session WHERE user = ?", (user.id,))

    def enable(self, user: User) -> None:
        """Let a disabled user in again."""
        with self.writing() as opened:
            opened.execute("UPDATE user SET disabled_at = NULL WHERE id = ?", (user.id,))

    def attempt(self, marks: Sequence[Mark], *, now: datetime) -> timedelta:
        """Count a try as failed before it is judged, unless it has to wait.

        Tries that come at once are counted one after another, so that none slips through while
        another's password is still being hashed.

        Returns
        -------
        wait
            How long the try must wait; zero where it was counted.
        """
        with self.writing() as opened:
            return lockout.attempt(opened, marks, now=now)

    def wait(self, marks: Sequence[Mark], *, now: datetime) -> timedelta:
        """Return how long a try would have to wait, without counting it."""
        with self.reading() as opened:
            return lockout.wait(opened, marks, now=now)

    def failures(self, mark: Mark, *, now: datetime) -> tuple[int, timedelta]:
        """Return how often a mark failed, and how long it has to wait."""
        with self.reading() as opened:
            return lockout.failures(opened, mark, now=now)

    def succeed(self, marks: Sequence[Mark], *, pair: Mark, now: datetime) -> None:
        """Forgive the try that was counted, and know the address from now on.

        ``pair`` and the account are forgiven all, the address the one that was counted for this.
        """
        with self.writing() as opened:
            lockout.forgive(opened, marks)
            lockout.know(opened, pair, now=now)

    def is_known(self, pair: Mark, *, now: datetime) -> bool:
        """Tell whether an account was signed in to from an address not too long ago."""
        with self.reading() as opened:
            return lockout.is_known(opened, pair, now=now)

    def release(self, account: Mark) -> None:
        """Forgive an account all failures, from wherever they came."""
        with self.writing() as opened:
            lockout.release(opened, account)

    def locked(self, account: Mark, *, now: datetime) -> timedelta:
        """Return the longest wait of an account, from wherever its failures came."""
        with self.reading() as opened:
            return lockout.locked(opened, account, now=now)

    def open_session(
        self, user: User, *, key: str, csrf: str, address: str, span: tuple[datetime, datetime]
    ) -> None:
        """Keep a new session under the keyed hash of its cookie, and drop those that ended.

        ``span`` is when it begins and when it ends at the latest.
        """
        begun, ends = map(_text, span)
        with self.writing() as opened:
            opened.execute("DELETE FROM session WHERE expires_at <= ?", (begun,))
            opened.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, user.id, csrf, address, begun, begun, ends),
            )

    def session(self, key: str, *, now: datetime, idle: timedelta) -> Session | None:
        """Return the session of a cookie's hash, None where it has ended.

        A session ends when it expires, when nobody used it for ``idle``, when its user is disabled,
        and where the clock went back to before it began.
        """
        with self.reading() as opened:
            row = opened.execute(
                f"""SELECT {_USER}, s.csrf, s.created_at, s.seen_at, s.expires_at FROM session s
                JOIN user u ON u.id = s.user
                WHERE s.hash = ? AND u.disabled_at IS NULL""",  # noqa: S608 - our columns
                (key,),
            ).fetchone()
        if row is None:
            return None
        found = Session(User(*row[:6]), *row[6:])
        begun, seen = _moment(found.created_at), _moment(found.seen_at)
        if not begun - SKEW <= now < min(_moment(found.expires_at), seen + idle):
            return None
        if now - seen >= SEEN_EVERY:
            self._seen("UPDATE session SET seen_at = ? WHERE hash = ?", _text(now), key)
        return found

    def end_session(self, key: str) -> None:
        """End a session; nothing happens where there is none."""
        with self.writing() as opened:
            opened.execute("DELETE FROM session WHERE hash = ?", (key,))

    def add_token(
        self, user: User, name: str, *, key: str, scope: str, span: tuple[datetime, datetime]
    ) -> None:
        """Keep a new token under its keyed hash; ``span`` is when it begins and ends."""
        begun, ends = map(_text, span)
        with self.writing() as opened:
            opened.execute(
                """INSERT INTO token (user, name, hash, scope, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?)""",
                (user.id, name, key, scope, begun, ends),
            )

    def token(self, key: str, *, now: datetime) -> tuple[User, Token] | None:
        """Return whose token this is, None where it has expired, was revoked or is not known."""
        with self.reading() as opened:
            row = opened.execute(
                f"""SELECT {_USER}, {_KEYS} FROM token t JOIN user u ON u.id = t.user
                WHERE t.hash = ? AND t.revoked_at IS NULL AND u.disabled_at IS NULL""",  # noqa: S608 - our columns
                (key,),
            ).fetchone()
        if row is None:
            return None
        user, found = User(*row[:6]), Token(*row[6:])
        if not _moment(found.created_at) - SKEW <= now < _moment(found.expires_at):
            return None
        if found.used_at is None or now - _moment(found.used_at) >= SEEN_EVERY:
            self._seen("UPDATE token SET used_at = ? WHERE id = ?", _text(now), found.id)
        return user, found

    def tokens(self, user: User) -> tuple[Token, ...]:
        """Return a user's tokens, the latest first."""
        with self.reading() as opened:
            rows = opened.execute(
                f"SELECT {_KEYS} FROM token t WHERE t.user = ? ORDER BY t.id DESC",  # noqa: S608 - our columns
                (user.id,),
            ).fetchall()
        return tuple(Token(*row) for row in rows)

    def revoke_token(self, user: User, number: int, *, now: datetime) -> Token:
        """Refuse a user's token from now on.

        Raises
        ------
        UserError
            If the user has no such token.
        """
        with self.writing() as opened:
            opened.execute(
                "UPDATE token SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? AND user = ?",
                (_text(now), number, user.id),
            )
        found = next((item for item in self.tokens(user) if item.id == number), None)
        if found is None:
            raise UserError(user.name, issues=[Issue("no_such_token", user.name)])
        return found

    def _seen(self, update: str, *given: object) -> None:
        try:
            with self.writing() as opened:
                opened.execute(update, given)
        except StoreUnavailableError:
            # who may read goes on reading while nothing can be written
            logger.warning("a use was not written down", exc_info=True)


def _hold_last(opened: sqlite3.Connection, user: User) -> None:
    # asked inside the transaction: two administrators may each turn the other out at once
    rows = opened.execute(
        "SELECT id FROM user WHERE role = ? AND disabled_at IS NULL", (_ADMINISTRATOR,)
    )
    if rows.fetchall() == [(user.id,)]:
        raise UserError(user.name, issues=[Issue("last_administrator", user.name)])


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
