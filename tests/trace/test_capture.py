"""An op's version covers its code, and all of the user's code that it reaches."""

import importlib
import os
import subprocess
import sys
import textwrap

import pytest

import weavelite
from weavelite.trace.capture import source_of

FILES = {
    "app.py": """
        import json
        import weavelite
        import tools
        from tools import shorten
        from deep.nested import rule

        LIMIT = 10
        API_KEY = "sk-secret"

        def local(x):
            return x[:LIMIT]

        class Plan:
            size = 2
            def run(self, x):
                return helper(x) * self.size

        def helper(x):
            return x

        @weavelite.op
        def answer(x):
            json.dumps(x)
            print(API_KEY)
            return local(shorten(x)), tools.pad(x), rule(x), Plan().run(x)
        """,
    "tools.py": """
        WIDTH = 3
        def shorten(x):
            return x.strip()
        def pad(x):
            return fill(x, WIDTH)
        def fill(x, width):
            return x.ljust(width)
        def unused(x):
            return x
        """,
    "deep/__init__.py": "",
    "deep/nested.py": """
        def rule(x):
            return x.upper()
        """,
}


@pytest.fixture
def digest_with(tmp_path):
    """Gives the digest of `answer` after replacing text in one of the user's files."""

    def digest(file=None, old="", new=""):
        for name, text in FILES.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            text = textwrap.dedent(text)
            if name == file:
                assert old in text
                text = text.replace(old, new)
            path.write_text(text)
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True\n"
            "import app\n"
            "from weavelite.trace.capture import source_of\n"
            "print(source_of(app.answer, None).digest)"
        )
        answer = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
        )
        return answer.stdout.strip()

    return digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("app.py", "json.dumps(x)", "json.dumps([x])"),
        ("app.py", "LIMIT = 10", "LIMIT = 11"),
        ("app.py", "return x[:LIMIT]", "return x[1:LIMIT]"),
        ("app.py", "size = 2", "size = 3"),
        ("app.py", "return x\n", "return x + x\n"),
        ("tools.py", "x.strip()", "x.lstrip()"),
        ("tools.py", "WIDTH = 3", "WIDTH = 4"),
        ("tools.py", "x.ljust(width)", "x.rjust(width)"),
        ("deep/nested.py", "x.upper()", "x.lower()"),
    ],
)
def test_a_change_of_reached_code_is_a_new_version(digest_with, file, old, new):
    """A change anywhere in what the op reaches, in any of the user's modules, is a new version."""
    assert digest_with() != digest_with(file, old, new)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tools.py", "def unused(x):\n    return x", "def unused(x):\n    return 1"),
        ("app.py", "sk-secret", "sk-another"),
    ],
)
def test_a_change_elsewhere_is_the_same_version(digest_with, file, old, new):
    """Code that the op does not reach, and the values of keys, are not part of its version."""
    assert digest_with() == digest_with(file, old, new)


def test_the_code_can_be_read(tmp_path, digest_with, monkeypatch):
    """The captured code holds the op last, what it reaches before, and no secret."""
    digest_with()
    monkeypatch.syspath_prepend(str(tmp_path))
    app = importlib.import_module("app")
    text = source_of(app.answer, None).text
    assert text.startswith("import json\n")
    assert text.rstrip().endswith("return local(shorten(x)), tools.pad(x), rule(x), Plan().run(x)")
    assert "def fill(x, width):" in text and "unused" not in text
    assert "sk-secret" not in text
    for name in ("app", "tools", "deep.nested", "deep"):
        sys.modules.pop(name, None)


def test_methods_reach_the_methods_of_their_class(client):
    """A model's version covers the methods that its op calls on itself."""

    def model(factor):
        class Doubler(weavelite.Model):
            @weavelite.op
            def predict(self, x):
                return self.twice(x)

            if factor == 2:

                def twice(self, x):
                    return x * 2
            else:

                def twice(self, x):
                    return x + x

        return Doubler()

    refs = [weavelite.publish(model(factor), "doubler").version for factor in (2, 1, 2)]
    assert refs[0] == refs[2] != refs[1]


def test_code_without_a_source_has_a_version():
    """A function that was made by `exec` is versioned by its bytecode."""
    digests = []
    for body in ("x + 1", "x + 2", "x + 1"):
        scope = {}
        exec(f"def made(x): return {body}", scope)
        digests.append(source_of(scope["made"], None).digest)
    assert digests[0] == digests[2] != digests[1]


def _text(files, tmp_path, seed="0", digest_only=True):
    """Captures `main.f` in a process of its own; its class is `main.OWNER`, if there is one."""
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True\n"
        "import main\n"
        "from weavelite.trace.capture import source_of\n"
        "source = source_of(main.f, getattr(main, 'OWNER', None))\n"
        f"print(source.digest if {digest_only} else source.text)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    return answer.stdout


CHANGES = {
    "a number whose name has a secret's": (
        "MAX_TOKENS = 100\ndef f(x): return x[:MAX_TOKENS]",
        "100",
        "200",
    ),
    "the second of two closures": (
        """
        def make(n):
            def inner(x): return x * n
            return inner
        double, triple = make(2), make(3)
        def f(x): return double(x) + triple(x)
        """,
        "make(3)",
        "make(4)",
    ),
    "closures that change places": (
        """
        def make(n):
            def inner(x): return x * n
            return inner
        double, triple = make(2), make(3)
        def f(x): return double(x) - triple(x)
        """,
        "double, triple",
        "triple, double",
    ),
    "a lambda beside another": (
        "h, g = lambda x: x + 1, lambda x: x + 2\nf = lambda x: h(g(x))",
        "x + 2",
        "x + 3",
    ),
    "functions that change names": (
        """
        def one(x): return x
        def two(x): return -x
        first, second = one, two
        def f(x): return first(x) + second(2 * x)
        """,
        "first, second =",
        "second, first =",
    ),
    "an argument bound by partial": (
        "import functools\ndef g(x, k): return x * k\nf = functools.partial(g, k=2)",
        "k=2",
        "k=3",
    ),
    "an argument bound by a partial helper": (
        """
        import functools
        def g(x, k): return x * k
        h = functools.partial(g, k=2)
        def f(x): return h(x)
        """,
        "k=2",
        "k=3",
    ),
    "a default that is named": ("LIMIT = 10\ndef f(x, n=LIMIT): return x[:n]", "= 10", "= 20"),
    "the body of a decorator": (
        """
        import functools
        def deco(fn):
            @functools.wraps(fn)
            def wrapper(*a): return fn(*a) + 1
            return wrapper
        @deco
        def h(x): return x
        def f(x): return h(x)
        """,
        "+ 1",
        "+ 2",
    ),
    "a decorated function": (
        """
        import functools
        def deco(fn):
            @functools.wraps(fn)
            def wrapper(*a): return fn(*a)
            return wrapper
        @deco
        def h(x): return x + 1
        def f(x): return h(x)
        """,
        "x + 1",
        "x + 2",
    ),
    "a cached function": (
        "import functools\n@functools.cache\ndef h(x): return x + 1\ndef f(x): return h(x)",
        "x + 1",
        "x + 2",
    ),
    "a function that dispatches on types": (
        """
        import functools
        @functools.singledispatch
        def h(x): return x
        @h.register
        def of_int(x: int): return x + 1
        def f(x): return h(x)
        """,
        "x + 1",
        "x + 2",
    ),
    "the state of a callable object": (
        """
        class Cut:
            def __init__(self, k): self.k = k
            def __call__(self, x): return x[:self.k]
        cut = Cut(1)
        def f(x): return cut(x)
        """,
        "Cut(1)",
        "Cut(2)",
    ),
    "a dataclass": (
        """
        from dataclasses import dataclass
        @dataclass
        class Config:
            k: int = 1
        CONFIG = Config(1)
        def f(x): return CONFIG.k
        """,
        "Config(1)",
        "Config(2)",
    ),
    "a pydantic object": (
        """
        from pydantic import BaseModel
        class Config(BaseModel):
            k: int = 1
        CONFIG = Config(k=1)
        def f(x): return CONFIG.k
        """,
        "k=1",
        "k=2",
    ),
    "a set": ("TAGS = {'a', 'b', 'c'}\ndef f(x): return x in TAGS", "'c'", "'d'"),
    "a function in a dictionary": (
        "def one(x): return x\nTOOLS = {'one': one}\ndef f(x): return TOOLS['one'](x)",
        "return x\n",
        "return -x\n",
    ),
    "a method that overrides": (
        """
        class A:
            def predict(self, x): return self.build(x)
            def build(self, x): return x
        class B(A):
            def build(self, x): return x + 1
        f, OWNER = A.predict, B
        """,
        "x + 1",
        "x + 2",
    ),
    "a method beside a function of its name": (
        """
        class A:
            def predict(self, x): return self.build(x)
            def build(self, x): return x + 1
        def build(x): return x
        f, OWNER = A.predict, A
        """,
        "x + 1",
        "x + 2",
    ),
    "a value that a class names": (
        "SIZE = 2\nclass A:\n    size = SIZE\ndef f(x): return A().size",
        "SIZE = 2",
        "SIZE = 3",
    ),
    "a value beside a large one": (
        "BIG, k = list(range(10**6)), {'k': 1}\ndef f(x): return BIG[0] + k['k']",
        "'k': 1",
        "'k': 2",
    ),
    "the length of a large value": (
        "BIG = list(range(10**6))\ndef f(x): return len(BIG)",
        "10**6",
        "10**6 + 1",
    ),
    "a date": (
        "import datetime\nDAY = datetime.date(2024, 1, 1)\ndef f(x): return x > DAY",
        "1, 1",
        "1, 2",
    ),
    "a type": ("SHAPE = list[int] | None\ndef f(x): return SHAPE", "int", "str"),
    "a pattern": (
        "import re\nWORD = re.compile('a')\ndef f(x): return WORD.sub('', x)",
        "'a'",
        "'b'",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_behaviour_is_a_new_version(tmp_path, change):
    """Whatever an op reaches, in whatever form, its version changes with it."""
    text, old, new = CHANGES[change]
    assert old in text
    before = _text({"main": text}, tmp_path)
    assert before != _text({"main": text.replace(old, new)}, tmp_path)


@pytest.mark.parametrize(("file", "old"), [("main", "PROMPT = 'm'"), ("tools", "PROMPT = 'one'")])
def test_constants_of_one_name_in_two_modules_both_count(tmp_path, file, old):
    """A constant is known by its module and its name."""
    files = {
        "main": "from tools import h\nPROMPT = 'm'\ndef f(x): return h(x) + PROMPT\n",
        "tools": "PROMPT = 'one'\ndef h(x): return PROMPT + x\n",
    }
    changed = {**files, file: files[file].replace(old, "PROMPT = 'two'")}
    assert _text(files, tmp_path) != _text(changed, tmp_path)


STABLE = """
    import threading
    TAGS = {'a', 'b', 'c', ('d', 1), 2}
    class Tool:
        def __init__(self, k): self.k, self.lock = k, threading.Lock()
        def run(self, x): return x * self.k
    def one(x): return x
    def two(x): return x
    TOOLS = {one, two}
    TOOL = Tool(3)
    scope = {'__name__': 'main'}
    exec('def made(x): return x in {"a", "b", "c", "dd", "ee"}', scope)
    made = scope['made']
    h, g = lambda x: x + 1, lambda x: x + 2
    def f(x): return TOOL.run(x), x in TAGS, made(x), h(g(x)), TOOLS
    """


def test_a_version_is_the_same_in_each_process(tmp_path):
    """Neither hashes, nor addresses, nor the lines that code stands on enter a version."""
    moved = "# a comment\n\nimport os\nUNUSED = 1\n" + textwrap.dedent(STABLE)
    digests = [
        _text({"main": text}, tmp_path, seed)
        for text, seed in ((STABLE, "1"), (STABLE, "2"), (moved, "3"))
    ]
    assert len(set(digests)) == 1


def test_secrets_are_not_kept_and_no_version(tmp_path):
    """A value that is a secret by its name or by its shape is hidden, and can be changed freely."""
    text = """
        config = {"api_key": "abc-ONE", "model": "gpt-4", "auth": [{"password": "ONE"}]}
        HEADERS = {"X": "Bearer abcdefghONE1", "Authorization": "ONE"}
        URL = "https://me:ONE@example.org/"
        JWT = ("eyJhbGciOi.eyJzdWIiONE.c2lnbmF0dXJl", "sk-proj-ONE45678")
        access_token = b"ONE"
        def make(client_secret):
            def inner(): return client_secret
            return inner
        held = make("ONE")
        tokenizer, keywords, EOS_TOKEN = "bpe", ["kept"], "</s>"
        def f(x): return (config, HEADERS, URL, JWT, access_token, held(), tokenizer, keywords,
                          EOS_TOKEN)
        """
    shown = _text({"main": text}, tmp_path, digest_only=False)
    values = [line for line in shown.splitlines() if " = " in line and "def " not in line]
    assert "ONE" not in "".join(values) and "gpt-4" in shown
    assert all(kept in shown for kept in ("bpe", "kept", "</s>"))
    assert shown == _text({"main": text.replace("ONE", "TWO")}, tmp_path, digest_only=False)
