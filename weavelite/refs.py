"""Addresses: what a ref says, how it is written and read, and which names are allowed."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from weavelite.errors import InvalidNameError

SCHEME = "weave:///"
DEFAULT_ENTITY = "local"
NAME_LIMIT = 128

_PROJECT_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]*")
LATEST = "latest"
"""Is the alias that each publication moves."""

_LABEL = re.compile(r"[^\s/:*]{1,128}")
_VERSION_NUMBER = re.compile(r"v\d+")
_NOT_IN_NAMES = re.compile(r"[^\w._]+")
_REF = re.compile(
    r"weave:///(?P<entity>[^/]+)/(?P<project>[^/]+)/(?P<kind>object|op|table|call)"
    r"/(?P<name>[^/:]+)(?::(?P<version>[^/]+))?(?P<extra>(?:/[^/]+)*)"
)


@dataclass(frozen=True, slots=True)
class Project:
    """Names a project: an entity, and a name in it."""

    entity: str
    name: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.name}"


@dataclass(frozen=True, slots=True)
class Ref:
    """Addresses an object, an op, a table or a call of a project.

    `version` is a digest, `v3`, an alias or `latest`; tables and calls have none. `extra` is the
    path into the value, as pairs of an edge (`attr`, `key`, `index`, `id`) and its value.
    """

    project: Project
    kind: str
    name: str
    version: str = ""
    extra: tuple[str, ...] = ()

    def __str__(self) -> str:
        version = f":{self.version}" if self.version else ""
        path = "".join(f"/{quote(part, safe='')}" for part in self.extra)
        return f"{SCHEME}{self.project}/{self.kind}/{self.name}{version}{path}"


def parse_ref(text: str) -> Ref:
    """Reads `weave:///entity/project/kind/name:version/...`; raises InvalidNameError."""
    match = _REF.fullmatch(text)
    if match is None:
        raise InvalidNameError(
            f"{text!r} is not a ref: it looks like weave:///local/my-project/object/name:version."
        )
    extra = tuple(unquote(part) for part in match["extra"].split("/")[1:])
    project = Project(match["entity"], match["project"])
    return Ref(project, match["kind"], match["name"], match["version"] or "", extra)


def is_ref(value: object) -> bool:
    """Tells whether a value is the text of a ref."""
    return isinstance(value, str) and value.startswith(SCHEME) and _REF.fullmatch(value) is not None


def parse_project(text: str) -> Project:
    """Reads `name` or `entity/name`; raises InvalidNameError that says what is allowed."""
    if not isinstance(text, str):
        raise InvalidNameError(f"A project is named by a text such as 'my-project': {text!r}")
    entity, slash, name = text.rpartition("/")
    entity = entity if slash else DEFAULT_ENTITY
    for part in (entity, name):
        if not _PROJECT_PART.fullmatch(part) or len(part) > NAME_LIMIT:
            raise InvalidNameError(
                f"{text!r} is not a project name: use 'name' or 'entity/name' of letters, digits, "
                f"'.', '_', '-' and spaces, starting with a letter or digit, at most {NAME_LIMIT} "
                "characters each."
            )
    return Project(entity, name)


def object_name(text: str) -> str:
    """Makes a name that a ref can carry: other characters become '-', as in Weave."""
    name = _NOT_IN_NAMES.sub("-", text).strip("-_.")[:NAME_LIMIT]
    if not name:
        raise InvalidNameError(f"{text!r} is not a name: it needs at least one letter or digit.")
    return name


def op_name(text: str) -> str:
    """Makes the name that an op's ref carries; a function may be named `_`."""
    return object_name(text) if any(map(str.isalnum, text)) else "op"


def label_name(text: object) -> str:
    """Returns a name that can be an alias or a tag; raises InvalidNameError for others."""
    if not isinstance(text, str) or not _LABEL.fullmatch(text):
        raise InvalidNameError(
            f"{text!r} is not an alias or a tag: use up to {NAME_LIMIT} characters without spaces, "
            "'/', ':' and '*'."
        )
    return text


def alias_name(text: object) -> str:
    """Returns a name that can be an alias; raises InvalidNameError for others."""
    name = label_name(text)
    if name == LATEST or _VERSION_NUMBER.fullmatch(name):
        raise InvalidNameError(f"{name!r} is not for aliases: versions are called that.")
    return name
