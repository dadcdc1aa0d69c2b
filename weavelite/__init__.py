"""Local-first tracing and evaluation of LLM applications."""

from weavelite import errors, scorers
from weavelite.annotations import AnnotationSpec
from weavelite.api import (
    attributes,
    finish,
    get,
    get_client,
    get_current_call,
    init,
    log_call,
    open_call,
    patch,
    publish,
    ref,
    require_current_call,
    set_view,
    thread,
    under,
)
from weavelite.codecs import register_codec
from weavelite.content import Audio, Content, File, Markdown
from weavelite.eval.applying import ApplyScorerResult
from weavelite.eval.dataset import Dataset
from weavelite.eval.evaluation import Evaluation
from weavelite.eval.leaderboard import Leaderboard, LeaderboardColumn, get_leaderboard_results
from weavelite.eval.logger import EvaluationLogger
from weavelite.eval.model import Model
from weavelite.eval.scorer import Scorer
from weavelite.objects import Object
from weavelite.prompts import EasyPrompt, MessagesPrompt, Prompt, StringPrompt
from weavelite.refs import Ref
from weavelite.tables import Table
from weavelite.trace.call import Call
from weavelite.trace.client import Client
from weavelite.trace.labels import (
    add_tags,
    get_aliases,
    get_tags,
    get_tags_and_aliases,
    list_aliases,
    list_tags,
    remove_aliases,
    remove_tags,
    set_aliases,
)
from weavelite.trace.op import as_op, op
from weavelite.trace.threads import Thread, ThreadPoolExecutor
from weavelite.version import __version__

__all__ = [
    "AnnotationSpec",
    "ApplyScorerResult",
    "Audio",
    "Call",
    "Client",
    "Content",
    "Dataset",
    "EasyPrompt",
    "Evaluation",
    "EvaluationLogger",
    "File",
    "Leaderboard",
    "LeaderboardColumn",
    "Markdown",
    "MessagesPrompt",
    "Model",
    "Object",
    "Prompt",
    "Ref",
    "Scorer",
    "StringPrompt",
    "Table",
    "Thread",
    "ThreadPoolExecutor",
    "__version__",
    "add_tags",
    "as_op",
    "attributes",
    "errors",
    "finish",
    "get",
    "get_aliases",
    "get_client",
    "get_current_call",
    "get_leaderboard_results",
    "get_tags",
    "get_tags_and_aliases",
    "init",
    "list_aliases",
    "list_tags",
    "log_call",
    "op",
    "open_call",
    "patch",
    "publish",
    "ref",
    "register_codec",
    "remove_aliases",
    "remove_tags",
    "require_current_call",
    "scorers",
    "set_aliases",
    "set_view",
    "thread",
    "under",
]
