"""Aliases and tags of versions, as the user sets and reads them.

An alias is a name that moves: it points at one version of an object at a time. A tag is a label on
a version, of which there may be many. Both keep their history.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from weavelite.errors import NotFoundError, NotStartedError
from weavelite.refs import LATEST, Ref, alias_name, is_ref, label_name, parse_ref
from weavelite.trace.client import Client
from weavelite.trace.context import SESSION

if TYPE_CHECKING:
    from weavelite.records.answers import ObjectVersion

AnyRef = Ref | str
"""Is a ref, its text, or `name:version`; a version is a digest, `v3`, an alias or `latest`."""


def set_aliases(ref: AnyRef, alias: str | Sequence[str]) -> None:
    """Points names at a version; raises InvalidNameError and NotFoundError."""
    client, found = _client("set_aliases"), _object(ref)
    for name in checked_aliases(alias):
        client.store.set_alias(str(found.project), found.name, name, found.version)


def checked_aliases(alias: str | Sequence[str]) -> list[str]:
    """Returns names that can be aliases; raises InvalidNameError for others."""
    return [alias_name(name) for name in _names(alias)]


def remove_aliases(ref: AnyRef, alias: str | Sequence[str]) -> None:
    """Takes names away that point at a version; those that point elsewhere stay."""
    client, found = _client("remove_aliases"), _object(ref)
    there = _version(client, found).aliases
    for name in _names(alias):
        if name in there and name != LATEST:
            client.store.set_alias(str(found.project), found.name, name, None)


def get_aliases(ref: AnyRef) -> list[str]:
    """Returns the names that point at a version, `latest` among them."""
    return get_tags_and_aliases(ref)[1]


def add_tags(ref: AnyRef, tags: str | Sequence[str]) -> None:
    """Puts tags on a version; raises InvalidNameError and NotFoundError."""
    client, found = _client("add_tags"), _object(ref)
    for tag in _names(tags):
        client.store.set_tag(str(found.project), found.name, found.version, tag)


def remove_tags(ref: AnyRef, tags: str | Sequence[str]) -> None:
    """Takes tags off a version."""
    client, found = _client("remove_tags"), _object(ref)
    for tag in _names(tags):
        client.store.set_tag(str(found.project), found.name, found.version, tag, is_set=False)


def get_tags(ref: AnyRef) -> list[str]:
    """Returns the tags of a version."""
    return get_tags_and_aliases(ref)[0]


def get_tags_and_aliases(ref: AnyRef) -> tuple[list[str], list[str]]:
    """Returns the tags of a version, and the names that point at it."""
    version = _version(_client("get_tags_and_aliases"), _object(ref))
    return version.tags, version.aliases


def list_aliases() -> list[str]:
    """Returns the names that the project has for versions, without `latest`."""
    client = _client("list_aliases")
    return client.store.aliases(str(client.project))


def list_tags() -> list[str]:
    """Returns the tags that the project uses."""
    client = _client("list_tags")
    return client.store.tags(str(client.project))


def _client(what: str) -> Client:
    if SESSION.client is None:
        raise NotStartedError(f"{what}()")
    return SESSION.client


def _object(ref: AnyRef) -> Ref:
    if isinstance(ref, str) and not is_ref(ref):
        name, _, version = ref.partition(":")
        ref = Ref(_client("a ref").project, "object", name, version or LATEST)
    found = parse_ref(ref) if isinstance(ref, str) else ref
    if found.kind != "object":
        raise NotFoundError(f"{found} is not an object: only objects have aliases and tags.")
    return found


def _version(client: Client, ref: Ref) -> "ObjectVersion":
    return client.store.object_version(str(ref.project), ref.name, ref.version)


def _names(names: str | Sequence[str]) -> list[str]:
    return [label_name(name) for name in ([names] if isinstance(names, str) else names)]
