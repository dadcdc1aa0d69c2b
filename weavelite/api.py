"""The functions that users call, over the client of this process."""

import dataclasses
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from weavelite.autopatch import install as install_patches
from weavelite.autopatch import patch as patch_library
from weavelite.content import Content
from weavelite.errors import InvalidNameError, NotStartedError
from weavelite.ids import fresh_uuid
from weavelite.objects import Object
from weavelite.redaction import Redactor, Wanted, make_redactor
from weavelite.refs import Ref, is_ref, parse_project, parse_ref
from weavelite.settings import Settings, as_capture, read_settings
from weavelite.trace import context, labels, manual, recording, remote, threads
from weavelite.trace.call import Call
from weavelite.trace.client import PATIENCE, Client
from weavelite.trace.context import SESSION, ThreadContext
from weavelite.trace.manual import DisplayName, Particulars
from weavelite.trace.options import PLAIN, Options
from weavelite.trace.remote import Parent

logger = logging.getLogger("weavelite")

AUTO = object()
"""Asks for a new thread id."""


def init(
    project: str | None = None,
    *,
    store: str | Path | None = None,
    export: str | None = None,
    postprocess_inputs: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    postprocess_output: Callable[[Any], Any] | None = None,
    attributes: Mapping[str, Any] | None = None,
    redact: Wanted | None = None,
    redact_keys: Sequence[str] = (),
    capture: str | None = None,
    **others: Any,
) -> Client:
    """Starts tracing into a project, and returns its client.

    Called again with the same project it returns the same client; with another, it finishes the
    first. Raises InvalidNameError and SettingError for what has to be put right in the program; a
    disk that cannot be written to is logged, and the program goes on.

    Args:
        project: `name` or `entity/name`; by default WEAVELITE_PROJECT, else the name of the git
            repository or of the folder.
        store: a file; by default weavelite.db in WEAVELITE_HOME (~/.weavelite).
        export: "otlp" also sends ended calls to the OTEL_EXPORTER_OTLP_* endpoint.
        postprocess_inputs: makes what is kept of the inputs of every call, after the op's own.
        postprocess_output: makes what is kept of the output of every call, after the op's own.
        attributes: kept with every call.
        redact: beside keys and passwords: any of "email", "card", "phone", "iban", and functions of
            a value, as JSON has it, that return what is kept; or "none".
        redact_keys: names of keys whose values are redacted, beside the known ones.
        capture: "metadata" keeps times, tokens and scores, and no content; by default "full".
        **others: Weave's names `global_postprocess_inputs` and the like.

    """
    options = Options(
        postprocess_inputs=postprocess_inputs or others.pop("global_postprocess_inputs", None),
        postprocess_output=postprocess_output or others.pop("global_postprocess_output", None),
        attributes=attributes or others.pop("global_attributes", None),
    )
    if others:
        raise TypeError(f"init() does not know {', '.join(sorted(others))}.")
    settings = read_settings()
    if capture is not None:
        settings = dataclasses.replace(settings, capture=as_capture(capture))
    redactor = _redactor(settings, redact, redact_keys)
    name = parse_project(project or settings.project or default_project())
    export = export or settings.export
    path = Path(store).expanduser().absolute() if store is not None else settings.store
    running = SESSION.client
    if running is not None:
        if running.is_for(name, path, export, settings.capture):
            if redact is not None or redact_keys:
                running.redact = redactor
            if options != PLAIN:
                running.options = options
            return running
        finish()
    client = Client(name, path, settings, export, options=options, redact=redactor)
    _begin(client)
    return client


def _redactor(
    settings: Settings, redact: Wanted | None, redact_keys: Sequence[str]
) -> Redactor | None:
    wanted = settings.redact if redact is None else redact
    return make_redactor(wanted, [*settings.redact_keys, *redact_keys])


def _begin(client: Client) -> None:
    settings = client.settings
    SESSION.client = client
    SESSION.tracing = None if settings.disabled else client
    if settings.patch_threads and not settings.disabled:
        threads.install()
    install_patches()
    if settings.print_link and not settings.disabled and not SESSION.is_joined:
        url = client.url("traces")
        print(f"weavelite: {client.project} at {url} (run: weavelite ui)", file=sys.stderr)


def default_project() -> str:
    """Names the git repository that the program runs in, else its folder."""
    import subprocess

    folder = Path.cwd()
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, timeout=5
        )
        if answer.returncode == 0:
            folder = Path(answer.stdout.strip())
    except (OSError, subprocess.SubprocessError):
        pass
    try:
        return str(parse_project(folder.name).name)
    except InvalidNameError:
        return "default"


def finish(timeout: float = PATIENCE) -> None:
    """Ends tracing: what was written rests in the store when this returns.

    While another process holds the store it waits for at most `timeout` seconds. What could not be
    stored by then is kept in the journal, from which the next drain, or `weavelite ui`, stores it.
    """
    client, SESSION.client, SESSION.tracing = SESSION.client, None, None
    threads.uninstall()
    if client is not None:
        client.finish(timeout)


def get_client() -> Client | None:
    """Returns the client of this process, None before `init`."""
    return SESSION.client


def require_client(what: str) -> Client:
    """Returns the client of this process; raises NotStartedError that says what needs it."""
    client = SESSION.client or context.tracing_client()
    if client is None:
        raise NotStartedError(what)
    return client


def get_current_call() -> Call | None:
    """Returns the innermost call that runs here, None outside of any."""
    return context.current()


def under(parent: Parent) -> AbstractContextManager[None]:
    """Makes the calls of a block children of a call that may run in another process.

    Args:
        parent: a call, its `traceparent` (text that can be pickled, and sent as the header or set
            as the variable TRACEPARENT), the headers of a request, or None for new traces.

    """
    return remote.under(parent)


def attributes(values: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Adds attributes to every call that starts inside the `with` block; inner values win."""
    return context.attributes(dict(values))


def set_view(
    name: str,
    content: Content | str,
    *,
    extension: str | None = None,
    mimetype: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    encoding: str = "utf-8",
) -> None:
    """Gives the call that runs here a view of itself: a page, an image, a text to be looked at.

    Args:
        name: names the view; given again, it is replaced.
        content: what is shown; text is made content by the arguments below.
        extension: of the text, such as `md` or `html`.
        mimetype: of the text.
        metadata: kept with the text.
        encoding: of the text.

    """
    call = context.current()
    if call is not None:  # the program is traced
        manual.add_view(call, name, content, extension, mimetype, metadata, encoding)


def thread(thread_id: str | object | None = AUTO) -> AbstractContextManager[ThreadContext]:
    """Makes the calls of a block part of a conversation; each of its outermost calls is a turn.

    Args:
        thread_id: names the conversation, so that it can go on later; by default a new one. None
            takes the calls inside out of the conversation around them.

    """
    if thread_id is AUTO:
        thread_id = fresh_uuid()
    return context.thread(None if thread_id is None else str(thread_id))


def open_call(
    op: Any,
    inputs: Mapping[str, Any] | None = None,
    *,
    kind: str = "op",
    model: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    display_name: DisplayName | None = None,
    parent: Parent = None,
    started_at: datetime | None = None,
) -> AbstractContextManager[Call]:
    """Makes a call of a `with` block: `with weavelite.open_call("search", {"q": q}) as call`.

    Inside, `call.output = ...` says what comes out of it. What the block raises is on the call.

    Args:
        op: the name of the call, or an op.
        inputs: what goes in, by name.
        kind: llm, tool, agent, chain, retriever, embedding, scorer; by default op.
        model: the name of the language model, for calls of one.
        attributes: kept with the call.
        display_name: what lists show in place of the name; text, or a function of the call.
        parent: a call, or the `traceparent` of one; by default the innermost call here.
        started_at: by default now.

    """
    particulars = Particulars(
        kind=kind, parent=parent, attributes=attributes, display_name=display_name, model=model,
        started_at=started_at,
    )  # fmt: skip
    return manual.open_call(op, inputs or {}, particulars)


def log_call(
    op: Any,
    inputs: Mapping[str, Any],
    output: Any = None,
    *,
    parent: Parent = None,
    attributes: Mapping[str, Any] | None = None,
    display_name: DisplayName | None = None,
    use_stack: bool = True,
    exception: BaseException | str | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    kind: str = "op",
    model: str | None = None,
    usage: Mapping[str, Any] | None = None,
) -> Call:
    """Records a call that has taken place, and returns it.

    Args:
        op: the name of the call, or an op.
        inputs: what went in, by name.
        output: what came out.
        parent: a call, which may have ended, or the `traceparent` of one.
        attributes: kept with the call.
        display_name: what lists show in place of the name; text, or a function of the call.
        use_stack: without a parent, takes the innermost call here; else the call is a root.
        exception: what was raised, or its traceback as text; the call is an error then.
        started_at: by default the same as `ended_at`.
        ended_at: by default now. Times without a zone are local.
        kind: llm, tool, agent, chain, retriever, embedding, scorer; by default op.
        model: the name of the language model, for calls of one.
        usage: what the provider reports about tokens, word for word.

    """
    particulars = Particulars(
        kind=kind, parent=parent, use_stack=use_stack, attributes=attributes,
        display_name=display_name, model=model, started_at=started_at or ended_at,
    )  # fmt: skip
    call = manual.start(op, inputs, particulars)
    manual.end(call, output, exception=exception, usage=usage, ended_at=ended_at)
    return call


def require_current_call() -> Call:
    """Returns the innermost call that runs here; raises LookupError outside of any."""
    call = context.current()
    if call is None:
        raise LookupError("No call runs here: require_current_call() is for the inside of an op.")
    return call


def publish(
    value: Any,
    name: str | None = None,
    tags: Sequence[str] | None = None,
    aliases: Sequence[str] | None = None,
) -> Ref:
    """Publishes a value as the newest version of a name, and returns its ref.

    The same content again is the same version.

    Args:
        value: an `Object`, an op, or anything that JSON can hold.
        name: by default the value's own name, else the name of its class.
        tags: labels that are put on this version.
        aliases: names that point at this version from now on.

    """
    client = require_client("publish")
    if name is None and not isinstance(value, Object) and not hasattr(value, "name"):
        raise InvalidNameError('A plain value needs a name: publish(value, "my-name").')
    made = client.publish(value, name, labels.checked_aliases(aliases or ()))
    if tags:
        labels.add_tags(made, tags)
    return BoundRef.of(made)


class BoundRef(Ref):
    """Is a ref that can be read: `ref.get()`."""

    @classmethod
    def of(cls, ref: Ref) -> "BoundRef":
        """Makes a ref readable."""
        return cls(ref.project, ref.kind, ref.name, ref.version, ref.extra)

    @property
    def uri(self) -> str:
        """Is the ref as text."""
        return str(self)

    @property
    def digest(self) -> str:
        """Is the version, as it was asked for."""
        return self.version

    def get(self) -> Any:
        """Reads what the ref points to; raises NotFoundError."""
        return require_client("ref.get()").get(self)

    def set_alias(self, alias: str) -> None:
        """Points an alias at this version."""
        labels.set_aliases(self, alias)

    def __str__(self) -> str:
        return Ref.__str__(self)


def ref(text: str) -> BoundRef:
    """Makes a ref of `weave:///...`, of `name`, or of `name:version`; nothing is read yet.

    A version is a digest or the start of one, `v3`, an alias, or `latest`.
    """
    if not isinstance(text, str):
        raise InvalidNameError(f"A ref is a text such as 'name:latest' or 'weave:///…': {text!r}")
    if is_ref(text) or text.startswith("weave://"):
        return BoundRef.of(parse_ref(text))
    name, _, version = text.partition(":")
    project = require_client("ref").project
    return BoundRef(project, "object", name, version or "latest")


def get(target: str | Ref) -> Any:
    """Reads what a ref points to, given as a ref or as its text; raises NotFoundError."""
    return require_client("get").get(ref(target) if isinstance(target, str) else target)


def patch(library: str) -> None:
    """Traces a library by hand, such as "langchain"; most are traced when they are imported."""
    require_client("patch")
    patch_library(library)


def _start_by_environment() -> Client | None:
    """Starts tracing at the first call of an op, when WEAVELITE_PROJECT is set."""
    return _quietly_started() if read_settings().project else None


def _quietly_started() -> Client | None:
    started: list[Client] = []
    recording.guarded(lambda: started.append(init()), "weavelite could not be started")
    return SESSION.tracing if started else None


SESSION.start, SESSION.start_anyhow, SESSION.init = _start_by_environment, _quietly_started, init
