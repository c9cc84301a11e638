"""Structured logs on stderr: ours and those of every library, in one form, without personal data."""

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Literal, TextIO

import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger
from temporalio import activity, workflow

from runtime.redaction import redact

__all__ = ["bound_contextvars", "configure_logs"]

_TEMPORAL_EXTRAS = ["temporal_workflow", "temporal_activity"]
_QUIET = (
    "httpx",
    "httpcore",
    "uvicorn.access",
    "asyncio",
    "aiosqlite",
    "urllib3",
)  # their lines below a warning hold whole URLs, or nothing of use


def configure_logs(
    *,
    form: Literal["json", "console"] = "json",
    level: str = "INFO",
    stream: TextIO | None = None,
    fields_of: Callable[[str], Mapping[str, str]] = lambda _: {},
) -> None:
    """Route structlog and the standard library's logging to one handler. Calling it again replaces the first.

    `fields_of` turns a workflow id into log fields (connection, return_id): lines from inside a workflow or
    activity carry them without being told. Elsewhere: ``with bound_contextvars(connection=…, return_id=…)``.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _temporal_fields(fields_of),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=_TEMPORAL_EXTRAS), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                redact,
                _renderer(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    _tame_libraries()


def _renderer(form: Literal["json", "console"]) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _tame_libraries() -> None:
    logging.captureWarnings(capture=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False


def _temporal_fields(fields_of: Callable[[str], Mapping[str, str]]) -> Processor:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        workflow_id, where = _running_in()
        if workflow_id:
            for key, value in {"workflow_id": workflow_id, **where, **fields_of(workflow_id)}.items():
                event.setdefault(key, value)
        for extra in _TEMPORAL_EXTRAS:
            event.pop(extra, None)  # the same again, at length
        return event

    return add


def _running_in() -> tuple[str, dict[str, str | int]]:
    if activity.in_activity():
        info = activity.info()
        return info.workflow_id or "", {"activity": info.activity_type, "attempt": info.attempt}
    if workflow.in_workflow():
        return workflow.info().workflow_id, {}
    return "", {}
