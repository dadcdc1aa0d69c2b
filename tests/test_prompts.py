"""Prompts are filled in as written, are versions like other objects, and reach nothing else."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite import EasyPrompt, MessagesPrompt, StringPrompt
from weavelite.errors import PromptError

NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True)


def test_the_digest_is_weave_s(client):
    """The same prompt is the same version in Weave and here."""
    ref = weavelite.publish(StringPrompt("hi {n}"))
    assert ref.digest == "GdJX6Hprpgb6XnfTADS8YqEHtLP9oPnkWnieA5xAZDg"


@pytest.mark.parametrize(
    "prompt",
    [
        StringPrompt("hi {n}", name="hello"),
        MessagesPrompt([{"role": "user", "content": "hi {n}"}], name="hello"),
        EasyPrompt("hi {n}", name="hello", temperature=0.5).require("n", min=3),
    ],
)
def test_a_published_prompt_comes_back(client, prompt):
    """What is read is of the same class, and says the same."""
    found = weavelite.publish(prompt).get()
    assert type(found) is type(prompt)
    assert found == prompt
    assert found.format(n=7) == prompt.format(n=7)


@given(st.text(alphabet=st.characters(exclude_characters="{}")), NAMES, st.text())
def test_values_stand_where_the_placeholders_stood(text, name, value):
    """A value is put in as it is: what looks like a placeholder in it stays text."""
    assert StringPrompt(f"{text}{{{name}}}{text}").format(**{name: value}) == text + value + text


def test_messages_are_filled_in_at_any_depth():
    """Texts and parts are filled in; images and numbers stay."""
    image = {"type": "image_url", "image_url": {"url": "https://example.org/{x}.png"}}
    prompt = MessagesPrompt(
        [
            {"role": "system", "content": "You are {role}."},
            {"role": "user", "content": [{"type": "text", "text": "{q}"}, image]},
        ]
    )
    assert prompt.format(role="kind", q="why", x="y") == [
        {"role": "system", "content": "You are kind."},
        {"role": "user", "content": [{"type": "text", "text": "why"}, image]},
    ]


@pytest.mark.parametrize(
    "prompt", [StringPrompt("{a} {b}"), MessagesPrompt([{"role": "user", "content": "{a} {b}"}])]
)
def test_a_missing_value_is_named(prompt):
    """The error names what is missing and what was given."""
    with pytest.raises(PromptError, match="'b'; given: a"):
        prompt.format(a=1)


@pytest.mark.parametrize("template", ["{x.__class__}", "{x[__a]}", "{x._secret}", "{x.a._b}"])
def test_a_template_reaches_no_private_name(template):
    """A stored template cannot read what an object hides."""
    with pytest.raises(PromptError, match="not allowed"):
        StringPrompt(template).format(x=object())


def test_roles_come_from_prefixes_or_are_given():
    """A text says its role itself, unless it is told."""
    prompt = EasyPrompt(["system: be kind", "and brief"])
    prompt.append("system: as it is", role="user")
    prompt.append("\n    indented\n", dedent=True)
    assert prompt() == [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "and brief"},
        {"role": "user", "content": "system: as it is"},
        {"role": "user", "content": "indented"},
    ]


def test_what_is_not_bound_stays_a_placeholder():
    """Values come in steps; formats are kept."""
    prompt = EasyPrompt("{x:.3}, {y} and {z}, {z} above all").bind(y="b")
    assert prompt.placeholders == ["x", "y", "z"]
    assert prompt.unbound_placeholders == ["x", "z"]
    assert prompt()[0]["content"] == "{x:.3}, b and {z}, {z} above all"
    assert prompt(x=3.14159, z="c")[0]["content"] == "3.14, b and c, c above all"
    assert prompt.is_bound


def test_limits_are_kept():
    """A value out of its limits is refused, and a default stands in."""
    prompt = EasyPrompt("{n} {flavour} {unit}").require("n", min=1, max=3)
    prompt.require("flavour", oneof=("mint",)).require("unit", default="cups")
    with pytest.raises(ValueError, match=r"n \(7\) is greater than max \(3\)"):
        prompt.bind(n=7)
    with pytest.raises(ValueError, match="must be one of mint"):
        prompt.bind(flavour="lemon")
    assert prompt(n=2, flavour="mint")[0]["content"] == "2 mint cups"


def test_a_copy_and_a_part_are_their_own():
    """What is done to a copy, a sum or a slice does not reach the prompt."""
    prompt = EasyPrompt(["a {x}", "b"], model="m")
    more = prompt + "c"
    first = prompt[:1].bind(x=1)
    assert (len(prompt), len(more), len(first)) == (2, 3, 1)
    assert not prompt.is_bound and first.is_bound
    assert prompt["model"] == "m"
    assert [row()[0]["content"] for row in prompt.bind_rows([{"x": 1}, {"x": 2}])] == ["a 1", "a 2"]


def test_files_keep_all(tmp_path):
    """What is written to a file is read again."""
    prompt = EasyPrompt("system: {x}", model="m").require("x", min=1)
    prompt.dump_file(tmp_path / "prompt.json")
    assert EasyPrompt.load_file(tmp_path / "prompt.json") == prompt
    stream = io.StringIO()
    prompt.dump(stream)
    stream.seek(0)
    assert EasyPrompt.load(stream).as_dict() == prompt.as_dict()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{a.__class__}", r"^.?The prompt reaches for 'a.__class__', which is not allowed"),
        ("{a.nothing}", "no attribute 'nothing'"),
        ("{a[7]}", "not there"),
        ("{}", "a value for '{}'"),
    ],
)
def test_what_a_prompt_reaches_for_in_vain_is_said(template, said):
    """Parts of values that are not there or not allowed are named as that."""
    with pytest.raises(PromptError, match=said):
        StringPrompt(template).format(a=[1])
