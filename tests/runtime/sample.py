"""A small workflow for the tests: waits for one signal, then calls one activity."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity, workflow


class Note(BaseModel):
    text: str


class SampleActivities:
    def __init__(self, call: Callable[[], Awaitable[None]]) -> None:
        self._call = call

    @activity.defn
    async def visit(self, note: Note) -> Note:
        logging.getLogger("tests.sample").info("visiting")
        await self._call()
        return Note(text=f"visited {note.text}")


@workflow.defn
class SampleWorkflow:
    @workflow.init
    def __init__(self, note: Note) -> None:
        self._pokes: list[str] = []

    @workflow.run
    async def run(self, note: Note) -> Note:
        await workflow.wait_condition(lambda: bool(self._pokes))
        workflow.logger.info("poked")
        return await workflow.execute_activity_method(
            SampleActivities.visit, note, start_to_close_timeout=timedelta(seconds=10)
        )

    @workflow.signal
    def poke(self, note: Note) -> None:
        self._pokes.append(note.text)


@workflow.defn
class FailingWorkflow:
    @workflow.run
    async def run(self, note: Note) -> None:
        raise workflow_failure(note.text)


def workflow_failure(text: str) -> Exception:
    from temporalio.exceptions import ApplicationError

    return ApplicationError(text, non_retryable=True)
