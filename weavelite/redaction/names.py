"""Names of keys whose values are secrets: known ones, and the user's."""

import re
from collections.abc import Collection, Iterable

_ENDINGS = (
    "apikey", "apikeys", "apitoken", "authheaders", "authorization", "authtoken", "accesskey",
    "accesstoken", "bearertoken", "bottoken", "cookie", "cookies", "credential", "credentials",
    "csrftoken", "githubtoken", "gitlabtoken", "hftoken", "hubtoken", "jwttoken", "npmtoken",
    "oauthtoken", "passphrase", "passwd", "password", "passwords", "privatekey", "refreshtoken",
    "secret", "secrets", "secretaccesskey", "secretkey", "securitytoken", "sessiontoken",
    "signingkey", "slacktoken",
)  # fmt: skip
"""A key that ends so is secret: OPENAI_API_KEY, userPassword, x-api-key, proxy_authorization.

Not `token`, which is a word of a text as often as a secret (`{"token": "Hi", "logprob": -0.1}`),
and `pwd`, which is a folder.
"""
_WHOLE = ("idtoken",)
"""These are secret only by themselves: a valid_token is none."""
_BETWEEN = "[_ .-]*"
_LEFT_OUT = dict.fromkeys(map(ord, "_ .-"))
_SPELT = "|".join((
    "api_key", "api-key", "apikey", "apiKey", "API_KEY", "[aA]uthorization", "[cC]ookie",
    "[pP]assword", "PASSWORD", "passwd", "[sS]ecret", "SECRET", "secret_key", "secret_access_key",
    "access_token", "auth_token", "id_token", "refresh_token", "session_token", "[aA]pi-[kK]ey",
))  # fmt: skip


class Names:
    """Knows which keys are secret; case, spaces, `.`, `-` and `_` do not count."""

    def __init__(self, added: Collection[str] = ()) -> None:
        added = [name for name in added if _bare(name)]
        self._whole = frozenset([*_WHOLE, *map(_bare, added)])
        own = sorted(self._whole)
        variables = "[A-Z0-9]_(?:KEY|TOKEN)"
        self.hint = (
            rf"(?:(?i-u:{_spelt_any(_ENDINGS)})|(?i:{_spelt_any(own)})|{variables})"
            rf"{_BETWEEN}\\*\":"
        )
        """A regex of Rust's for JSON with such keys; it ends in what is quickly looked for."""
        self.other_hint = rf"(?:{'|'.join([_SPELT, *map(re.escape, added)])})[\"'][,:]"
        """The same for pairs, and for dictionaries as Python prints them, in usual spelling."""
        self.hint_in_text = rf"(?i:{_spelt_any([*_ENDINGS, *own])}){_BETWEEN}\\*[\"']\s*:"
        name = rf"(?i:{_spelt_any(_ENDINGS)}|(?<![\w-]){_BETWEEN}(?:{_spelt_any(own)})){_BETWEEN}"
        self._quoted = re.compile(
            rf"({name}\\*[\"']\s*:\s*(\\*[\"']))(?:(?!\2)(?:\\.|[^\\]))*+", re.DOTALL
        )

    def has(self, key: str) -> bool:
        """Tells whether the values of a key are secret."""
        bare = _bare(key)
        return bare.endswith(_ENDINGS) or bare in self._whole

    def hidden_in(self, text: str, redacted: str) -> str:
        """Hides what stands in quotes behind such names, as in JSON that was cut or printed."""
        return self._quoted.sub(lambda found: found[1] + redacted, text)


def _bare(key: str) -> str:
    return key.translate(_LEFT_OUT).casefold()


def _spelt(name: str) -> str:
    return _BETWEEN.join(re.escape(letter) for letter in name)


def _spelt_any(names: Iterable[str]) -> str:
    return "|".join(_spelt(name) for name in names)
