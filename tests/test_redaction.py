"""Secrets are found wherever they stand, and nothing else is touched."""

import json
import time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelite.errors import SettingError
from weavelite.redaction import FAILED, KINDS, REDACTED, figures_of, make_redactor, name_of_error
from weavelite.serialize import encode
from weavelite.settings import read_settings

REDACT = make_redactor(tuple(KINDS), ["my-pin", "Geheimnis"])
USUAL = make_redactor()
SECRETS = {
    "openai": "sk-proj-abcDEF123456ghiJKL789",
    "anthropic": "sk-ant-api03-abcDEF123456ghiJKL789",
    "github": "ghp_abcdefghijklmnopqrst0123456789ABCDEF",
    "slack": "xoxb-123456789012-abcdefABCDEF",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "google": "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "hugging face": "hf_abcdefghij0123456789",
    "gitlab": "glpat-abcdefghij0123456789",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "bearer": "Bearer abcdef0123456789abcdef",
    "address": "postgres://me:hunter2@host/db",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+IBAA/KCAQ==\n-----END RSA PRIVATE KEY-----",
}
SECRET_KEYS = [
    "api_key", "API-KEY", "apiKey", "x-api-key", "OPENAI_API_KEY", "Authorization", "password",
    "db_password", "Set-Cookie", "client_secret", "aws_secret_access_key", "session_token",
    "id_token", "private_key", "my_pin", "MYPIN", "geheimnis", "api key", "openai.api.key",
    "hf_token", "GITHUB_TOKEN", "slack-token",
]  # fmt: skip
HARMLESS_KEYS = [
    "tokens", "max_tokens", "total_tokens", "input_tokens", "token", "valid_token", "next_token",
    "author", "authors", "key", "keys", "pwd", "passage", "session_id", "mypins", "primary_key",
    "sort_key", "PRIMARY_KEY", "EOS_TOKEN", "MAX_TOKENS", "token_count",
]  # fmt: skip


def redacted(value, redact=REDACT):
    return orjson.loads(redact(orjson.dumps(value)))


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_values_of_secret_names_are_hidden(key):
    """Whatever its case and its separators, at any depth, and in JSON inside of text."""
    forms = [
        {key: "swordfish"},
        {"a": [{"b": {key: ["swordfish", {"c": "swordfish"}]}}]},
        {"arguments": json.dumps({key: "swordfish"})},
        {"arguments": json.dumps({"inner": json.dumps({key: 'sword"fish swordfish'})})},
    ]
    for form in forms:
        assert "swordfish" not in str(redacted(form)), form


@pytest.mark.parametrize("key", ["api_key", "API_KEY", "password", "db_password", "my-pin"])
def test_dictionaries_that_were_printed_are_read(key):
    """In the usual spelling, what Python prints and what was cut short is understood, too."""
    assert redacted(f"{{'{key}': 'swordfish', 'x'") == f"{{'{key}': '{REDACTED}', 'x'"
    assert redacted(f'data: {{"{key}": "swordf') == f'data: {{"{key}": "{REDACTED}'


@pytest.mark.parametrize("name", ["authorization", "Authorization", "x-api-key", "Cookie"])
def test_headers_are_hidden(name):
    """Headers as pairs and as named values lose what is secret, and nothing else."""
    pairs = [[name, "swordfish"], ["accept", "x"]]
    assert redacted(pairs) == [[name, REDACTED], ["accept", "x"]]
    named = [{"name": name, "value": "swordfish"}, {"name": "accept", "value": "x"}]
    assert redacted(named) == [{"name": name, "value": REDACTED}, named[1]]


@pytest.mark.parametrize("key", HARMLESS_KEYS)
def test_names_that_look_alike_are_left(key):
    """Counts of tokens, and words that merely hold a secret's name, stay."""
    value = {key: "swordfish", "n": {key: 3}}
    assert redacted(value) == value


def test_schemas_of_tools_can_be_read():
    """A parameter that is called password keeps its description, and loses its default."""
    schema = {"properties": {"password": {"type": "string", "description": "d", "default": "q"}}}
    kept = redacted(schema)["properties"]["password"]
    assert kept == {"type": "string", "description": "d", "default": REDACTED}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_unmistakable_secrets_are_hidden(secret):
    """In the middle of a text, after a line's end, in a key, and in JSON inside of text."""
    found = str(
        redacted([f"x {secret} y", f"\n{secret}", {secret: 1}, json.dumps([secret])], USUAL)
    )
    assert secret not in found and "hunter2" not in found and "MIIEow" not in found


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("before", ["\n", "\t", "a\r\n"])
def test_secrets_at_the_start_of_a_line_are_hidden_in_what_is_quoted(secret, before):
    """In JSON inside of text, and in what Python prints, a letter stands before them: an `n`."""
    value = {"content": f"keys:{before}{secret}"}
    for text in (json.dumps(value), f"could not read {json.dumps(value)}", repr(value)):
        assert REDACTED in str(redacted({"arguments": text}))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "ada@example.org"),
        ("card", "4111 1111 1111 1111"),
        ("phone", "+49 170 1234567"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
    ],
)
def test_the_rest_is_hidden_when_asked_for(kind, text):
    """What a text may well hold is hidden only if its kind is named."""
    assert redacted(f"a {text}, b", make_redactor(kind)) == f"a {REDACTED}, b"
    assert redacted(f"a {text}, b", USUAL) == f"a {text}, b"


def test_numbers_that_do_not_check_are_left():
    """What has the look of a card or an IBAN, and a wrong check digit, is none."""
    text = "4111 1111 1111 1112 and DE88 3704 0044 0532 0130 00"
    assert redacted(text, make_redactor("card,iban")) == text


def test_prose_and_code_are_left():
    """Text about secrets that holds none stays as it is."""
    text = (
        "The bearer of this task-based sk-learn sk-container-id password: see https://a.b/c:d "
        "risk-free AKIA eyJ and -----BEGIN CERTIFICATE----- or hf_hub_download(repo_id)"
    )
    assert redacted(text, USUAL) == text


PLAIN = st.text(st.sampled_from("abc xyz.,:;{}[]'\"\\/é\n"), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=12,
)


def planted(secret):
    key = st.sampled_from(SECRET_KEYS)
    spot = st.just(f"so {secret}") | st.builds(lambda k, v: {k: [v, "swordfish!"]}, key, VALUES)
    return st.recursive(
        spot,
        lambda inner: (
            st.builds(lambda a, i, b: [a, i, b], VALUES, inner, VALUES)
            | st.builds(lambda d, k, i: {**d, k: i}, st.dictionaries(PLAIN, VALUES), PLAIN, inner)
            | st.builds(json.dumps, inner)
        ),
        max_leaves=1,
    )


@given(st.sampled_from(sorted(set(SECRETS.values()) - {SECRETS["pem"]})).flatmap(planted))
def test_no_planted_secret_survives(value):
    """However values are nested, in whatever text, no secret is left in the JSON."""
    text = REDACT(orjson.dumps(value)).decode()
    assert "swordfish" not in text and "hunter2" not in text
    assert not any(secret in text for name, secret in SECRETS.items() if name != "pem")


@given(VALUES)
def test_what_has_no_secret_is_given_back_as_it_is(value):
    """Values without secrets are the same bytes after redaction."""
    text = orjson.dumps(value)
    assert USUAL(text) is text or USUAL(text) == text


@given(
    st.lists(
        st.sampled_from([*SECRETS.values(), "a@b.co", "-", "_", "x", " ", "\n", '{"password":"'])
    )
)
def test_redaction_is_idempotent(parts):
    """Redacted JSON is not changed by redaction."""
    once = REDACT(orjson.dumps("".join(parts)))
    assert REDACT(once) == once


@pytest.mark.parametrize(
    "piece",
    ["a", "sk-", "eyJ", "eyJa.", "-----BEGIN RSA PRIVATE KEY-----", "a.", "a@", "1 ", "://a:",
     "Bearer ", "password=", "password: ", "?token=", "A_KEY=", "token: ", "cookie: ",
     'password":"', "password':'", "\\", "DE89 ", "+1 ", "sk-0123456789abcdef0"],
)  # fmt: skip
def test_time_is_linear(piece):
    """Four times the text takes about four times as long, whatever it is made of."""

    def seconds(size):
        text = orjson.dumps(piece * (size // len(piece)))
        started = time.process_time()
        REDACT(text)
        return time.process_time() - started

    seconds(1000)
    assert seconds(800_000) < max(0.5, 16 * seconds(200_000))


GIVEN = st.from_regex(r"[a-z]{3,8}[0-9]{2,6}[A-Za-z0-9_-]{6,12}", fullmatch=True)
ASSIGNMENTS = [
    "https://a.b/c?api_key={}&x=1", "/cb?state=1&token={}", "api_key='{}'", 'Client(api_key="{}")',
    "API_KEY={}", "export GITHUB_TOKEN={}", "HF_TOKEN={}", "MY_SERVICE_KEY={}", "DB_PASSWORD={}",
    "token: {}", "api key: {}", "api.key = {}", "x-api-key: {}", "hf_token={}", "password: {}.",
    "Authorization: Bearer {}", "host=db password={} user=me", "client_secret := '{}'",
    '{{"password": "{}", "x": 1}}', 'os.environ["HF_TOKEN"] = "{}"', "Cookie: session={}; a=b",
    "my-pin={}", "secret => '{}'", "aws_secret_access_key = {}", '{{"access_token": "{}"',
]  # fmt: skip
AROUND = st.lists(
    st.sampled_from(["see", "the", "value", "of", "it:", "a=b", "x", "and (so)", "\n", "- ", "1,"]),
    max_size=90,
).map(" ".join)


@pytest.mark.parametrize("form", ASSIGNMENTS)
def test_every_form_is_known(form):
    """Each way to name a secret is found by itself: none waits for chance to try it."""
    secret = "abc12345defGHI678jkl"
    assert secret not in redacted(form.format(secret))


@given(st.sampled_from(ASSIGNMENTS), GIVEN, AROUND, AROUND)
def test_secrets_named_in_text_go(form, secret, before, after):
    """What text assigns to a secret's name goes, wherever it stands, and all around it stays."""
    secret += "a1" * 8
    said = form.format(secret)
    text = f"{before}\n{said}\n{after}"
    for value in (text, {"a": [text]}):
        found = REDACT(orjson.dumps(value)).decode()
        assert secret not in found and REDACTED in found
    kept = redacted(text)
    assert kept.startswith(f"{before}\n") and kept.endswith(f"\n{after}")


HARMLESS = [
    "max_tokens: 5", "max_tokens=4096, temperature=0.2", "token_count: 12", '"tokens": 12',
    '{"tokens": 12, "token": "Hi"}', "total_tokens=300", "the key = value of life",
    "primary_key=5", "sort_key=abc12345", "PRIMARY_KEY=user12345", "EOS_TOKEN=</s>",
    "api_key=api_key", "api_key=os.environ['A']", "api_key=os.getenv('A')", "secret=$SECRET",
    "api_key=settings.api_key", "password: see https://a.b/c:d", "password: str = None",
    "def f(password: str, token: int = 5)", "The secret: be kind.", "token = tokenizer.decode(5)",
    "password=None", "cookies: 24 pieces", "the password: a word that you know", "token: 15339",
    "PASSWORD=${DB_PASSWORD}", "password = input()", "id_token: string", "self.token = token",
    "next_token: 8", "Which password? Mine: none", "tokens per second: 120", "key: C major",
]  # fmt: skip


@given(st.lists(st.sampled_from(HARMLESS) | AROUND, max_size=30).map("\n".join))
def test_prose_about_secrets_stays(text):
    """Numbers of tokens, code that hands secrets on, and prose about them are the same bytes."""
    for value in (text, {"a": [text]}):
        assert USUAL(orjson.dumps(value)) == orjson.dumps(value)


@pytest.mark.parametrize(("name", "hidden"), [("MY_KEY", True), ("my_key", False)])
def test_variables_of_the_environment_are_known_by_their_names(name, hidden):
    """A value that looks given goes where the name is like a variable's; a short word stays."""
    assert (redacted({name: "abc12345"}) == {name: REDACTED}) == hidden
    assert redacted({name: "id"}) == {name: "id"}


def test_a_function_of_the_users_has_its_say():
    """It gets the value, and what it returns is kept, without secrets."""
    redact = make_redactor([lambda value: {**value, "b": SECRETS["aws"]}, "email"])
    assert redacted({"a": "x@y.org"}, redact) == {"a": REDACTED, "b": REDACTED}


def test_a_function_that_fails_keeps_nothing(caplog):
    """In place of the value stands that redaction failed, which is said once."""
    redact = make_redactor(lambda value: value["missing"])
    assert [redacted({"a": 1}, redact) for _ in range(3)] == [FAILED] * 3
    assert len(caplog.records) == 1
    assert redacted({"a": 1}, make_redactor(lambda value: object())) == FAILED


def test_settings_name_what_there_is():
    """The setting and the argument know the same kinds, and `none` turns all off."""
    assert make_redactor("none") is None
    environ = {"WEAVELITE_REDACT": ",".join(KINDS), "WEAVELITE_REDACT_KEYS": "a, b"}
    assert read_settings(environ).redact == tuple(KINDS)
    assert read_settings(environ).redact_keys == ("a", "b")
    with pytest.raises(SettingError, match="expected"):
        make_redactor("emails")
    with pytest.raises(SettingError, match="WEAVELITE_REDACT"):
        read_settings({"WEAVELITE_REDACT": "emails"})


def test_content_of_a_hidden_value_is_not_kept():
    """Bytes under a secret's name are taken out before they are kept by digest."""
    kept = []
    keep = lambda data: kept.append(data) or "d" * 43  # noqa: E731
    text = encode({"password": b"p" * 5000, "data": b"d" * 5000}, None, keep, USUAL)
    assert kept == [b"d" * 5000]
    assert orjson.loads(text)["password"] == REDACTED


def test_figures_are_what_is_left_of_content():
    """Numbers under names stay; texts and lists do not."""
    value = {"a": 1, "b": "text", "c": {"d": True, "e": [1.0, 2.0]}, "f": {"g": "h"}}
    assert figures_of(value) == {"a": 1, "c": {"d": True}}
    assert name_of_error("Traceback ...\nValueError: the secret") == "ValueError"
    assert name_of_error("something went wrong with the secret") == "error"
