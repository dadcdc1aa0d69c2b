"""An op's version in notebooks, classes and values; looking at code is bounded and harmless."""

import importlib
import linecache
import sys
import types

import pytest

import weavelite
from weavelite.errors import NotFoundError
from weavelite.trace import source_text
from weavelite.trace.capture import source_of


def _cell(scope, text):
    """Runs a cell as a notebook does: its lines are in linecache, and in no file."""
    name = f"/tmp/ipykernel/{len(linecache.cache)}-{abs(hash(text))}.py"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    exec(compile(text, name, "exec"), scope)


NOTEBOOK = {
    "a method": ("class H:\n    def go(self, x): return x + 1\n", "x + 1", "x + 2"),
    "a field": ("from pydantic import BaseModel\nclass H(BaseModel):\n    k: int = 1\n", "1", "2"),
    "a field's type": (
        "from pydantic import BaseModel\nclass H(BaseModel):\n    k: int = 1\n",
        "int",
        "float",
    ),
    "an attribute": ("class H:\n    size = 1\n", "1", "2"),
    "an annotation": ("class H:\n    size: int\n", "int", "float"),
}


@pytest.mark.parametrize("change", NOTEBOOK)
def test_classes_of_a_notebook_are_versioned(monkeypatch, change):
    """A helper class whose source is in no file is known by its methods, fields and attributes."""
    text, old, new = NOTEBOOK[change]
    digests = []
    for helper in (text, text.replace(old, new), text):
        module = types.ModuleType("__main__")
        monkeypatch.setitem(sys.modules, "__main__", module)
        _cell(vars(module), helper)
        _cell(vars(module), "def f(x): return H().go(x)\n")
        digests.append(source_of(module.f, None).digest)
    assert digests[0] == digests[2] != digests[1]


def test_a_file_is_read_once(tmp_path, monkeypatch):
    """However many classes of a file an op reaches, the file is parsed once."""
    names = [f"C{n}" for n in range(150)]
    classes = "".join(f"class {name}:\n    def go(self): return 1\n" for name in names)
    (tmp_path / "many_classes.py").write_text(f"{classes}def f(x): return [{', '.join(names)}]\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    many = importlib.import_module("many_classes")
    parsed = []
    real = source_text.parse
    monkeypatch.setattr(source_text, "parse", lambda text: parsed.append(text) or real(text))
    text = source_of(many.f, None).text
    assert all(f"class {name}:" in text for name in names)
    assert source_of(many.f, None).text == text
    assert len(parsed) == 1


def test_the_walk_is_bounded(tmp_path, monkeypatch):
    """Of more than 2,000 functions some are left out, always the same, and the code says so."""
    text = "def h0(x): return x\n"
    text += "".join(f"def h{n}(x): return h{n - 1}(x)\n" for n in range(1, 2500))
    (tmp_path / "long_chain.py").write_text(text + "def f(x): return h2499(x)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    chain = importlib.import_module("long_chain")
    source = source_of(chain.f, None)
    assert "the limit of 2000 parts was met" in source.text
    assert source.text.count("def h") == 1999
    assert source.digest == source_of(chain.f, None).digest


def test_looking_runs_no_code_of_the_user():
    """The capture asks no object of the user's anything: no repr, no property, no attribute."""
    asked = []

    class Meta(type):
        def __instancecheck__(cls, value):
            asked.append("instancecheck")
            return True

    class Odd(metaclass=Meta):
        def __getattr__(self, name):
            asked.append(name)
            raise RuntimeError(name)

        def __repr__(self):
            asked.append("repr")
            return ""

        def __eq__(self, other):
            asked.append("eq")
            return True

        def __hash__(self):
            return 1

        @property
        def size(self):
            asked.append("size")

        @property
        def __class__(self):
            asked.append("class")
            return int

    class OddDict(dict):
        def items(self):
            asked.append("items")

        def __iter__(self):
            asked.append("iter")

    odd, held = Odd(), OddDict(a=1)
    held["self"] = held

    def f(x=odd):
        return odd.size, held, x

    text = source_of(f, Odd).text
    assert "could not be read" not in text and "class Odd" in text
    assert asked == []


class Asking(weavelite.Model):
    @weavelite.op
    def predict(self, x):
        return self.build(x)

    def build(self, x):
        return x


def _asking(body, method="build"):
    """Makes a subclass of `Asking` with a method of its own, as a cell of a notebook would."""
    scope = {"Asking": Asking, "__name__": __name__}
    _cell(scope, f"class Shouting(Asking):\n    def {method}(self, x):\n        return {body}\n")
    return scope["Shouting"]()


def test_a_subclass_that_overrides_what_an_op_calls_has_versions_of_its_own(client):
    """A model whose inherited op calls an overridden method is versioned with that method."""
    refs = [weavelite.publish(_asking(body), "m").digest for body in ("x + 1", "x + 2", "x + 1")]
    assert refs[0] == refs[2] != refs[1]
    record = client.store.object_version("local/test", "m", refs[-1]).value
    assert "/op/Shouting.predict:" in record["predict"]
    version = record["predict"].rpartition(":")[2]
    code = client.store.op_version("local/test", "Shouting.predict", version).code
    assert "return self.build(x)" in code and "return x + 1" in code


def test_a_subclass_that_overrides_nothing_an_op_calls_has_the_op_of_its_base(client):
    """An inherited op that means the same in the subclass is the same version."""
    weavelite.publish(_asking("x + 1", "other"), "m")
    record = client.store.object_version("local/test", "m", "latest").value
    assert "/op/Asking.predict:" in record["predict"]


def _evaluation(factor):
    return weavelite.Evaluation(
        dataset=[{"a": 1}], scorers=[], preprocess_model_input=lambda row: {"x": row["a"] * factor}
    )


def test_a_function_in_a_value_stands_by_its_code(client):
    """An evaluation whose `preprocess_model_input` is changed is another version of it."""
    refs = [weavelite.publish(_evaluation(factor), "e").digest for factor in (1, 2, 1)]
    assert refs[0] == refs[2] != refs[1]
    evaluation = _evaluation(1)
    first = weavelite.publish(evaluation, "e")
    evaluation.preprocess_model_input = lambda row: {"x": row["a"] + 1}
    assert weavelite.publish({"of": evaluation}, "d").get()["of"].ref.version != first.digest


def test_a_stored_function_does_not_run(client):
    """An evaluation is read back with its function by name; calling it says what to do."""
    ref = weavelite.publish(_evaluation(1), "e")
    back = ref.get()
    with pytest.raises(NotFoundError, match="set the field that holds it"):
        back.preprocess_model_input({"a": 1})
    assert weavelite.publish(back, "e").digest == ref.digest
