"""A change for the worse is stopped, and others are not: the whole way, in a repository."""

import pytest

from tests.testing.sample import MODEL, WORSE, Repository


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def by_command(repository):
    return repository.evaluate("--not-worse", "exact=0.02")


def by_pytest(repository):
    return repository.test("-q")


def by_pytest_in_parallel(repository):
    return repository.test("-q", "-n2")


@pytest.mark.parametrize("gate", [by_command, by_pytest, by_pytest_in_parallel])
def test_a_worse_prompt_is_red_and_a_change_of_style_is_green(repository, gate):
    """Green on main, red on a worse prompt, again and again, and green on a change of style."""
    first = gate(repository)
    assert first.returncode == 1 and "there is no run at" in first.stdout, first.stdout
    green = gate(repository)
    assert green.returncode == 0, green.stdout + green.stderr

    repository.git("checkout", "-q", "-b", "worse")
    repository.write("prompt.txt", WORSE)
    repository.commit("A shorter prompt")
    for _ in range(2):  # a second run is not held against the first, which was as bad
        red = gate(repository)
        assert red.returncode == 1
        assert "worse by more than 2.0 points: −33.3 points" in red.stdout, red.stdout

    repository.git("checkout", "-q", "main")
    repository.git("checkout", "-q", "-b", "style")
    repository.write("model.py", MODEL.replace("n * 2", "2 * n"))
    repository.commit("Another style")
    green = gate(repository)
    assert green.returncode == 0, green.stdout + green.stderr
    assert "the same as" in green.stdout


def test_a_worse_prompt_that_is_not_committed_is_red(repository):
    """While somebody works on main, the run of its last commit is what counts."""
    repository.evaluate()
    repository.write("prompt.txt", WORSE)
    for _ in range(2):
        assert by_command(repository).returncode == 1


def test_main_is_held_against_the_commits_before(repository):
    """A worse commit on main itself is red, when CI runs it again, too."""
    repository.evaluate()
    repository.write("prompt.txt", WORSE)
    repository.commit("A shorter prompt")
    for _ in range(2):
        red = by_command(repository)
        assert red.returncode == 1 and "✗" in red.stdout, red.stdout


def test_a_marked_run_comes_first(repository):
    """Who marks a baseline has the last word, unless one is named."""
    repository.evaluate()
    repository.write("prompt.txt", WORSE)
    repository.evaluate()
    repository.run("-m", "weavelite", "eval", "baseline", "latest")
    assert by_command(repository).returncode == 0
    good = repository.run("-m", "weavelite", "sql", "--json", "select id from evaluations_v1")
    assert good.returncode == 0, good.stderr


def test_another_main_branch_can_be_named(repository):
    """`--main` says where the branch left; what git does not know is said."""
    repository.git("branch", "-m", "trunk")
    repository.evaluate()
    repository.git("checkout", "-q", "-b", "worse")
    repository.write("prompt.txt", WORSE)
    repository.commit("A shorter prompt")
    repository.evaluate()
    assert repository.evaluate("--not-worse", "exact", "--main", "trunk").returncode == 1
    unknown = repository.evaluate("--not-worse", "exact", "--main", "nowhere")
    assert unknown.returncode == 2 and "nowhere" in unknown.stderr
