"""What secrets look like: those that nothing else looks like, and those that are asked for.

Each regex takes linear time on a text of any length and malice: a match starts at the edge of a
word, and repetition is possessive or bounded. What its groups capture stays in the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

REDACTED = "[redacted]"

_WORD = "[A-Za-z0-9_-]"
_ESCAPED = r"(?<=\\[nrt])"
"""Such stand before what begins a line in JSON inside of a text, and in what Python prints."""
_EDGE = rf"(?:(?<![\w-])|{_ESCAPED})"
_NOT_IN_BASE64 = rf"(?:(?<![\w+/-])|{_ESCAPED})"
_PREFIXES = "|".join((
    "sk-", "gh[pousr]_", "github_pat_", "glpat-", "hf_", "xox[abeprs]-", "gsk_", "xai-", "pplx-",
    "nvapi-", "tvly-", "npm_", "pypi-", "dop_v1_", "[rs]k_live_", "[rs]k_test_", "whsec_", "lsv2_",
    "r8_", r"ya29\.",
))  # fmt: skip
_PEM = r"PRIVATE KEY(?: BLOCK)?-----"
_TOKEN = "[A-Za-z0-9_.~+/=-]"


def is_card(text: str) -> bool:
    """Tells whether the digits of a text can be those of a card: the last one checks (Luhn)."""
    digits = [int(letter) for letter in text if letter.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Tells whether a text can be an IBAN: it checks (ISO 7064)."""
    letters = text.replace(" ", "")
    return int("".join(str(int(letter, 36)) for letter in letters[4:] + letters[:4])) % 97 == 1


@dataclass(frozen=True, slots=True)
class Kind:
    """Is a kind of secret.

    Args:
        hint: a regex of Rust's for JSON in which it may stand; it may find too much.
        regex: what it is, in a text.
        check: has the last word.

    """

    hint: str
    regex: re.Pattern[str]
    check: Callable[[str], bool] | None = None

    def hidden_in(self, text: str) -> str:
        """Puts a mark in the place of each."""
        return self.regex.sub(self._mark, text)

    def _mark(self, found: re.Match[str]) -> str:
        if self.check is not None and not self.check(found[0]):
            return found[0]
        return "".join(group for group in found.groups() if group) + REDACTED


def _kind(hint: str, regex: str, check: Callable[[str], bool] | None = None) -> Kind:
    return Kind(hint, re.compile(regex, re.ASCII), check)


CERTAIN = (
    _kind(
        "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY",
        rf"-----BEGIN [A-Z0-9 ]{{0,40}}{_PEM}"
        rf"(?:[A-Za-z0-9+/=\s\\:,]|-(?!----))*+(?:-----END [A-Z0-9 ]{{0,40}}{_PEM})?",
    ),
    _kind(
        rf"(?:{_PREFIXES}){_WORD}{{16}}",
        rf"{_EDGE}(?:{_PREFIXES})(?=[\w-]{{0,200}}\d)[\w-]{{16,}}+",
    ),
    _kind(
        "A(?:KIA|SIA)[A-Z0-9]{16}",
        rf"{_NOT_IN_BASE64}A(?:KIA|SIA)[A-Z0-9]{{16}}(?![\w+/-])",
    ),
    _kind(f"AIza{_WORD}{{35}}", rf"{_NOT_IN_BASE64}AIza[\w-]{{35}}(?![\w+/-])"),
    _kind(
        rf"eyJ{_WORD}+\.eyJ",  # a JWT: two objects and a signature
        rf"{_EDGE}eyJ[\w-]{{8,}}+\.eyJ[\w-]{{4,}}+\.[\w-]*+",
    ),
    _kind(
        f"(?i:bearer) {_TOKEN}{{16}}",
        rf"{_EDGE}((?i:bearer) )(?={_TOKEN}{{0,200}}\d){_TOKEN}{{16,}}+",
    ),
    _kind(
        r"(?i:authorization): ?[A-Za-z]+ [^\s]{8}",
        rf"((?i:authorization): ?[A-Za-z]{{1,20}}+ ){_TOKEN}{{8,}}+",
    ),
    _kind(
        r"://[^\s/:@]*:[^\s/@]+@",  # the password in an address
        r"(://[^\s/:@\"']{0,128}+:)(?!\[redacted\]@)[^\s/@\"']{1,256}+(?=@)",
    ),
)

KINDS = {
    "email": _kind(
        r"@[A-Za-z0-9-]+\.[A-Za-z]",
        r"(?<![\w.%+-])[\w.%+-]{1,64}+@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}(?![\w-])",
    ),
    "card": _kind("[0-9](?:[ -]?[0-9]){12}", r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])", is_card),
    "phone": _kind(
        r"\+[0-9]{1,3}[ .(-]?[0-9]|[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}",
        r"(?<![\w+.-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){5,11}"
        r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w-])",
    ),
    "iban": _kind(
        "[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4}",
        r"(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\w-])",
        is_iban,
    ),
}
"""What is redacted when it is asked for by name: a text may well hold such without harm."""
