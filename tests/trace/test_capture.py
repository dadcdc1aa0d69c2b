"""An op's version covers its code, and all of the user's code that it reaches."""

import importlib
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
