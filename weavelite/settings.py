"""The only reader of the environment: every WEAVELITE_* variable, its default and its meaning."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from weavelite.errors import SettingError

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}
METADATA = "metadata"
"""Is the value of `capture` by which no content is kept."""
_STANDARD = {"traceparent"}  # variables that other tools set and read, too


def _home(text: str) -> Path:
    return Path(text).expanduser().absolute()  # the program may change its folder later


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in TRUE | FALSE:
        raise ValueError("expected true or false")
    return lowered in TRUE


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("expected a whole number of 1 or more")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("expected a whole number of 0 or more")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise ValueError("expected seconds above 0")
    return number


def _choice(*allowed: str) -> Any:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"expected one of: {', '.join(allowed)}")
        return text

    return read


def _names(*allowed: str) -> Any:
    def read(text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(",") if name.strip())
        if allowed and not set(names) <= set(allowed):
            raise ValueError(f"expected some of: {', '.join(allowed)}, with commas between")
        if "none" in allowed and "none" in names and len(names) > 1:
            raise ValueError("expected none alone, or others without it")
        return names

    return read


def _setting(default: Any, read: Any, meaning: str) -> Any:
    return field(default=default, metadata={"read": read, "meaning": meaning})


_capture = _choice("full", METADATA)


def as_capture(text: str) -> str:
    """Checks an argument `capture`; raises SettingError."""
    try:
        return str(_capture(text))
    except ValueError as error:
        raise SettingError(f"capture={text!r}: {error}.") from None


@dataclass(frozen=True, slots=True)
class Settings:
    """Holds one value a setting; the field `home` is the variable WEAVELITE_HOME, and so on."""

    home: Path = _setting(
        Path("~/.weavelite").expanduser(), _home, "folder of the store, the journal and the content"
    )
    project: str | None = _setting(
        None, str, "project to trace into when a program does not call init"
    )
    disabled: bool = _setting(False, _flag, "turns all tracing off")
    trace_langchain: bool = _setting(False, _flag, "traces LangChain and LangGraph")
    print_link: bool = _setting(True, _flag, "prints the link to the viewer once at init")
    export: str | None = _setting(
        None, _choice("otlp"), "sends calls on to the OTEL_EXPORTER_OTLP_* endpoint, too"
    )
    export_content: bool = _setting(
        False, _flag, "sends inputs, outputs and errors along with exported calls"
    )
    drain: str = _setting(
        "auto",
        _choice("auto", "thread", "process", "none"),
        "who moves calls from the journal to the store; auto: a thread, a process when busy",
    )
    capture_max: int = _setting(
        16 * 1024 * 1024, _positive, "bytes above which one captured value becomes a stub"
    )
    capture: str = _setting(
        "full",
        _capture,
        "full, or metadata: times, tokens and scores, and no content of calls",
    )
    redact: tuple[str, ...] = _setting(
        (),
        _names("none", "email", "card", "phone", "iban"),
        "what is redacted beside keys and passwords, with commas between; or none at all",
    )
    redact_keys: tuple[str, ...] = _setting(
        (), _names(), "names of keys whose values are redacted, too, with commas between"
    )
    patch_threads: bool = _setting(
        True, _flag, "threads and tasks of pools nest under the call that starts them"
    )
    traceparent: str | None = _setting(
        None, str, "call of another process under which this one's roots nest (W3C trace context)"
    )
    journal_max: int = _setting(
        4 * 1024**3, _positive, "bytes of calls that may wait for the store; more are lost, counted"
    )
    parallelism: int = _setting(20, _positive, "rows that an evaluation runs at once")
    retries: int = _setting(
        3, _count, "times that an evaluation tries again after an infrastructure error"
    )
    row_timeout: float | None = _setting(
        None, _seconds, "seconds that a row of an evaluation may take; by default there is no limit"
    )
    reuse: bool = _setting(
        False, _flag, "evaluations take over unchanged cells of earlier runs, and say how many"
    )
    compare: bool = _setting(
        True, _flag, "says after each run of an evaluation how it compares with its baseline"
    )
    resume: str | None = _setting(
        None, str, "run that the next evaluation goes on with: its id, or latest"
    )
    autoload: bool = _setting(
        True, _flag, "lets LangChain be traced by a variable alone; read when Python starts"
    )
    port: int = _setting(8420, _positive, "port of the viewer")

    @property
    def store(self) -> Path:
        """Is where the calls rest when no store is named."""
        return self.home / "weavelite.db"


@dataclass(frozen=True, slots=True)
class Origin:
    """Says what value a setting has, and where it comes from."""

    variable: str
    value: Any
    origin: str
    meaning: str


def variable(name: str) -> str:
    """Names the environment variable of a setting."""
    return name.upper() if name in _STANDARD else f"WEAVELITE_{name.upper()}"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Reads all settings from the environment; raises SettingError that names the variable."""
    environ = os.environ if environ is None else environ
    values = {}
    for entry in fields(Settings):
        text = environ.get(variable(entry.name))
        if text is None or (text == "" and entry.metadata["read"] is not _flag):
            continue
        try:
            values[entry.name] = entry.metadata["read"](text)
        except ValueError as error:
            raise SettingError(f"{variable(entry.name)}={text!r}: {error}.") from None
    return Settings(**values)


def origins(environ: Mapping[str, str] | None = None) -> list[Origin]:
    """Lists every setting with its value and its origin, as `weavelite settings` prints them."""
    environ = os.environ if environ is None else environ
    settings = read_settings(environ)
    return [
        Origin(
            variable=variable(entry.name),
            value=getattr(settings, entry.name),
            origin="environment" if environ.get(variable(entry.name)) else "default",
            meaning=entry.metadata["meaning"],
        )
        for entry in fields(Settings)
    ]


def unknown_variables(environ: Mapping[str, str] | None = None) -> list[tuple[str, str | None]]:
    """Lists variables that look like settings and are none, each with the setting it resembles."""
    from difflib import get_close_matches  # 15 ms, for doctor alone

    environ = os.environ if environ is None else environ
    known = [variable(entry.name) for entry in fields(Settings)]
    odd = sorted(name for name in environ if name.startswith("WEAVELITE_") and name not in known)
    return [(name, next(iter(get_close_matches(name, known, 1)), None)) for name in odd]
