"""Who may do what: the only table of roles, and of the right that each address asks for.

========== ============================================= ========= ====== ======= =========== =====
right      what it allows                                anonymous viewer editor  enforcement admin
========== ============================================= ========= ====== ======= =========== =====
open       signing in, the state of the service, static  yes       yes    yes     yes         yes
embed      a map in somebody's page, always as anonymous *         *      *       *           *
read       maps, layers, masked downloads                *         yes    yes     yes         yes
own        one's own account, password and tokens        no        yes    yes     yes         yes
edit       writing features, starting and ending jobs    no        no     yes     yes         yes
personal   the true values of personal fields            no        no     no      yes         yes
administer the log                                       no        no     no      no          yes
accounts   the accounts of others                        no        no     no      no          yes
========== ============================================= ========= ====== ======= =========== =====

``*`` where ``GEOSVC_ANONYMOUS`` is on, which it is unless it is switched off; ``embed`` is then
closed to all. A field whose ``privacy`` names the administrator is personal to them alone. Who has
``edit`` writes the personal values that a new feature requires, and sees their masks then. In the
``public`` profile nobody has ``personal``, and features are not written (`geosvc.web.editing`). A
token has the rights of its user that its scope names too, and never ``own`` or ``accounts``. An
address that is not in `RIGHTS` is closed to all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.settings import Settings

Right: TypeAlias = Literal[
    "open", "embed", "read", "own", "edit", "personal", "administer", "accounts"
]
Role: TypeAlias = Literal["viewer", "editor", "enforcement", "administrator"]

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "viewer": frozenset({"read", "own"}),
    "editor": frozenset({"read", "own", "edit"}),
    "enforcement": frozenset({"read", "own", "edit", "personal"}),
    "administrator": frozenset({"read", "own", "edit", "personal", "administer", "accounts"}),
}
"""What each role may do besides what is open to all."""

SCOPES: Final = ("read", "edit", "personal", "administer")
"""The rights that a token may have."""

_ROOMS: Final[Mapping[str, Mapping[str, Right]]] = {
    "data": {
        "static": "open",
        "favicon": "open",
        "embed_script": "embed",
        "data": "read",
        "manifest": "read",
        "map_script": "read",
        "search": "read",
        "rows": "read",
        "schema": "read",
        "download": "read",
    },
    "points": {
        "positions": "read",
        "column": "read",
        "page": "read",
        "place": "read",
    },
    "health": {
        "health": "open",
    },
    "people": {
        "sign_in_page": "open",
        "sign_in": "open",
        "account": "own",
        "sign_out": "own",
        "change_password": "own",
        "make_token": "own",
        "revoke_token": "own",
        "end_sessions": "own",
        "me": "read",
    },
    "administration": {
        "log": "administer",
        "users": "accounts",
        "add_user": "accounts",
        "set_role": "accounts",
        "disable_user": "accounts",
        "enable_user": "accounts",
        "unlock_user": "accounts",
        "reset_password": "accounts",
    },
    "coordinates": {
        "place": "read",
    },
    "embed": {
        "show": "embed",
    },
    "figures": {
        "show": "read",
        "chart": "read",
    },
    "ground": {
        "tiles": "read",
    },
    "share": {
        "word": "read",
        "one_file": "read",
        "qr": "read",
        "tally": "edit",
    },
    "oembed": {
        "show": "embed",
    },
    "pages": {
        "index": "read",
        "show_map": "read",
        "layers": "read",
        "show_layer": "read",
    },
    "guide": {
        "show": "read",
    },
    "hotspots": {
        "show": "read",
        "rerun": "edit",
        "run": "edit",
    },
    "editing": {
        "show": "read",
        "page": "edit",
        "past": "edit",
        "create": "edit",
        "replace": "edit",
        "delete": "edit",
        "restore": "edit",
        "undo": "edit",
    },
    "jobs": {
        "index": "edit",
        "show": "edit",
        "cancel": "edit",
    },
    "scorecard": {
        "show": "read",
        "numbers": "read",
        "block": "embed",
    },
    "snapshots": {
        "index": "read",
        "show": "read",
        "part": "read",
        "status": "read",
        "embed": "embed",
        "embed_part": "embed",
    },
    "publishing": {
        "publish": "edit",
        "withdraw": "edit",
    },
    "reports": {
        "index": "read",
        "build": "edit",
    },
    "siting": {
        "show": "read",
        "ask": "edit",
        "run": "edit",
        "why": "edit",
        "why_said": "edit",
    },
    "scenarios": {
        "index": "read",
        "show": "read",
        "compare": "read",
        "save": "edit",
        "rename": "edit",
        "copy": "edit",
        "delete": "edit",
        "restore": "edit",
        "rerun": "edit",
        "why": "edit",
        "write": "edit",
    },
    "siting_downloads": {
        "of_scenario": "read",
        "of_run": "edit",
    },
    "personal": {
        "rows": "personal",
        "feature": "personal",
        "download": "personal",
    },
}
RIGHTS: Final[Mapping[str, Right]] = {
    f"{room}.{view}": right for room, views in _ROOMS.items() for view, right in views.items()
}
"""The right that each address (endpoint of Flask) asks for."""


def granted(right: Right, rights: frozenset[str], settings: Settings) -> bool:
    """Tell whether a right is there.

    Parameters
    ----------
    right
        What the address asks for.
    rights
        What the person may do; empty for nobody.
    settings
        Whether reading needs no sign-in, and the profile.

    Examples
    --------
    >>> from geosvc.settings import Settings
    >>> granted("read", frozenset(), Settings()), granted("edit", ROLES["viewer"], Settings())
    (True, False)
    >>> granted("read", frozenset(), Settings(anonymous=False))
    False
    """
    if right == "open" or (right in {"embed", "read"} and settings.anonymous):
        return True
    if right == "personal" and settings.profile == "public":
        return False
    return right in rights


def right_of(endpoint: str) -> Right | None:
    """Return the right that an address asks for; None closes it.

    >>> right_of("pages.index"), right_of("")
    ('read', None)
    """
    return RIGHTS.get(endpoint)


def rights_of(role: str, *, scope: str | None = None) -> frozenset[str]:
    """Return what a role may do, within the scope of a token where there is one.

    >>> sorted(rights_of("editor")), sorted(rights_of("editor", scope="read administer"))
    (['edit', 'own', 'read'], ['read'])
    >>> sorted(rights_of("nobody"))
    []
    """
    own = ROLES.get(role, frozenset())
    return own if scope is None else own & frozenset(scope.split()) & frozenset(SCOPES)


def sees(role: str, privacy: str) -> bool:
    """Tell whether a role sees the true values of a field whose ``privacy`` names a role.

    >>> sees("enforcement", "enforcement"), sees("enforcement", "administrator")
    (True, False)
    >>> sees("viewer", "viewer"), sees("", "viewer")
    (False, False)
    """
    order = list(ROLES)
    if "personal" not in ROLES.get(role, frozenset()):
        return False
    return order.index(role) >= order.index(privacy)


def as_role(text: str) -> Role | None:
    """Return a role of this name, or None."""
    return cast("Role", text) if text in ROLES else None
