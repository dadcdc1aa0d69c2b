"""Secrets that running text names: `?api_key=…`, `password: …`, `export GITHUB_TOKEN=…`.

A name and a sign are no proof, for people write about passwords and programs hand them on: what
stands in quotes goes, and a bare value only when it looks like one that somebody was given. A
number is a secret only where a name says that it can be: not in `max_tokens=5` or `sort_key=5`.
"""

import re
from collections.abc import Callable, Collection

_SEPARATED = "[_ .-]?"
_NAMES = tuple(
    name.replace(" ", _SEPARATED)
    for name in (
        "passwords?", "passwd", "passphrases?", "secrets?", "secret access key", "credentials?",
        "(?:api|access|private|secret|signing|encryption) keys?", "cookie",
        "(?:api|auth|access|bearer|refresh|session|security|id|csrf|bot|hf|hub|github|gitlab|gh"
        "|slack|npm|jwt|oauth) token",
    )
)  # fmt: skip
_PARTS = (
    "[kK][eE]y|KEY|oken|OKEN|ass[ _.-]?[wWpP]|ASS[ _.-]?[wWpP]|ecret|ECRET|edential|EDENTIAL"
    "|ookie|OOKIE|uthori|UTHORI|[hH]eaders|HEADERS"
)
"""Has a piece of each name that `Names` or this module knows, in usual spelling."""
_ENV = "(?:TOKEN|SECRET|KEY|PASSWORD)"
_NO_BARE = r"\s\"'`,;&<>(){}\[\]|\\"
"""Letters that no bare value has."""
_PLACES = ("primary", "foreign", "public", "partition", "sort", "cache", "next", "page", "pad",
           "eos", "bos", "unk", "mask", "sep", "cls", "image", "continuation")  # fmt: skip
"""What comes before `_KEY` and `_TOKEN` where they are no secrets."""
_WORDS = frozenset({"none", "null", "true", "false", "required", "optional", "undefined"})
_LEAST, _OPAQUE, _TOKEN = 4, 8, 16

_INDIFFERENT = re.compile(r"[_ .-]+")


class Assigned:
    """Finds what text assigns to names that are secret.

    Args:
        added: the user's names, beside the known ones.

    """

    def __init__(self, added: Collection[str] = ()) -> None:
        own = [_in_any_spelling(name) for name in added]
        names = "|".join([*_NAMES, *own])
        self.word_hint = "|".join([_PARTS, *(f"(?i:{name})" for name in own)])
        """A regex of Rust's that finds quickly whether to look for the others at all."""
        self.equals_hint = rf"(?:(?i:{names}|token)|[A-Z0-9]_{_ENV})\\*[\"']?\]? {{0,2}}:?="
        """A regex of Rust's for JSON with such text; it ends in what is quickly looked for."""
        self.colon_hint = rf"(?:(?i:{names}|token)|[A-Z0-9]_{_ENV})\\*[\"']? ?: "
        end = r"\\*[\"']?\]?[ \t]{0,3}"
        self._quoted = re.compile(
            rf"((?:(?i:{names})|[A-Z0-9]_{_ENV}){end}(?:=|:=|:|=>)\s{{0,3}}[fbr]?(\\*[\"']))"
            rf"(?:(?!\2)(?:\\.|[^\\]))++",
            re.DOTALL,
        )
        sign = r"(=|:=|:|=>)"
        bare = rf"([ \t]{{0,3}})([^{_NO_BARE}]++)(?![(\[])"
        self._bare = re.compile(rf"((?i:{names}){end}){sign}{bare}")
        self._env = re.compile(
            rf"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]{{0,60}}_{_ENV}{end}){sign}{bare}"
        )
        self._token = re.compile(rf"(?<![\w.-])((?i:token){end}){sign}{bare}")
        self._query = re.compile(
            rf"([?&](?:[\w.-]{{0,60}}(?i:{names})|(?i:token|sig|signature))=)[^\s&\"'#<>\\]+"
        )
        self._cookie = re.compile(r"((?i:cookie): )(?=[^\r\n\"'\\]{0,200}=)[^\r\n\"'\\]++")

    def hidden_in(self, text: str, redacted: str) -> str:
        """Hides the values, and leaves the names."""
        text = self._query.sub(lambda found: found[1] + redacted, text)
        text = self._cookie.sub(lambda found: found[1] + redacted, text)
        text = self._quoted.sub(lambda found: found[1] + redacted, text)
        for regex, is_secret in (
            (self._env, _is_opaque),
            (self._token, _is_token),
            (self._bare, _is_given),
        ):
            text = regex.sub(lambda found: _hidden(found, is_secret, redacted), text)  # noqa: B023
        return text


def is_secret_variable(name: str, value: object) -> bool:
    """Tells whether a name like a variable's of the environment, ending in _KEY, has a secret."""
    ends = name.endswith(("_KEY", "_TOKEN")) and name.isupper()
    return ends and isinstance(value, str) and _is_opaque(name, value, tight=True)


def _hidden(
    found: re.Match[str], is_secret: Callable[[str, str, bool], bool], redacted: str
) -> str:
    name, sign, space, value = found.groups()
    core = value.rstrip(".:!?")
    tight = not space and sign == "="
    if redacted in found[0] or not is_secret(name, core, tight):
        return found[0]
    return name + sign + space + redacted + value[len(core) :]


def _is_given(name: str, value: str, tight: bool) -> bool:
    """Tells whether a bare value behind a secret's name is one, and not what people write there.

    Without spaces around the sign nearly all is; else a word with a digit in it is.
    """
    if len(value) < _LEAST or value[0] in "$%*=/" or value.lower() in _WORDS or "://" in value:
        return False
    if re.fullmatch(r"[A-Za-z_][\w.]*", value) and _is_reference(value):
        return False
    has_digit = any(letter.isdigit() for letter in value)
    if tight:
        return has_digit or len(value) > 2 * _LEAST - 2
    return has_digit and len(value) > _LEAST


def _is_reference(value: str) -> bool:
    """Tells whether a value names where the secret is: `password`, `settings.api_key`."""
    last = value.lower().rpartition(".")[2]
    named = last.endswith(("password", "passwd", "secret", "key", "token", "cookie"))
    return named or ("." in value and value.replace(".", "").replace("_", "").isalpha())


def _is_opaque(name: str, value: str, tight: bool) -> bool:
    first = name.rpartition("_")[0].rpartition("_")[2].lower()
    if first in _PLACES or len(value) < _OPAQUE or value[0] in "$%*=/" or _is_reference(value):
        return False
    return any(letter.isdigit() for letter in value) or (tight and len(value) >= _TOKEN)


def _is_token(name: str, value: str, tight: bool) -> bool:
    """Tells whether what stands behind `token` is one, and not a piece of a text or its number."""
    has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return has_both and len(value) >= _TOKEN and not _is_reference(value)


def _in_any_spelling(name: str) -> str:
    """Writes a name as a regex that takes any sign, or none, between its words."""
    return _SEPARATED.join(map(re.escape, _INDIFFERENT.split(name.strip("_ .-"))))
