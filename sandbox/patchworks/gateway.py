"""Patchworks' own doors: callbacks, Start (raw) and Core, with the refusals that it answers itself.

Operation names for fault plans are the envelope's `operation`, at every door; `flow_runs` is the Core list.
"""

import hmac
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.kit.app import under_faults
from sandbox.kit.faults import Fault, FaultPlan
from sandbox.patchworks.background import Background
from sandbox.patchworks.envelope import Envelope
from sandbox.patchworks.flow import UNDOS, WRITES, Flow
from sandbox.patchworks.refusal import Code, Refused
from sandbox.patchworks.runs import Runs
from sandbox.patchworks.switches import Switches
from sandbox.patchworks.wire import BadJson, Json, json_answer, read_object

MOST_BYTES = 8 * 1024 * 1024
BLANK = Envelope({})
TROUBLE: dict[float, Code] = {0: "ERP_UNAVAILABLE", 1: "ERP_TIMEOUT", 2: "RATE_LIMITED"}
"""`seconds` of a fault `unavailable` with status 200 → the error that the flow answers without calling the ERP."""


@dataclass(frozen=True)
class Access:
    """Where the flow is reached, and with what."""

    company: str
    callback_id: str
    signature: str
    api_key: str
    flow_id: str


class Quota:
    """So many calls in any minute of the clock; None: as many as they like."""

    def __init__(self, per_minute: int | None, clock: Callable[[], datetime]) -> None:
        self._most = per_minute
        self._clock = clock
        self._calls: deque[datetime] = deque()

    def wait(self) -> int:
        """0, and the call is counted; or whole seconds until there is room."""
        if self._most is None:
            return 0
        now = self._clock()
        while self._calls and (now - self._calls[0]).total_seconds() >= 60:
            self._calls.popleft()
        if len(self._calls) < self._most:
            self._calls.append(now)
            return 0
        return ceil(60 - (now - self._calls[0]).total_seconds())


class Gateway:
    """The routes of one company."""

    def __init__(
        self,
        access: Access,
        flow: Flow,
        runs: Runs,
        switches: Switches,
        faults: FaultPlan,
        quota: Quota,
        background: Background,
    ) -> None:
        self._access = access
        self._flow = flow
        self._runs = runs
        self._switches = switches
        self._faults = faults
        self._quota = quota
        self._background = background
        self._in_flight = 0
        self.most_in_flight = 0

    @property
    def routes(self) -> list[Route]:
        """All of them."""
        callback, start = "/api/v1/{company}/{callback_id}", "/api/v1/flows/{flow_id}/start/raw"
        return [
            Route("/api/v1/flow-runs", self._flow_runs, methods=["GET"]),
            Route(start, self._start, methods=["POST"]),
            Route(start + "/{version_id}", self._start, methods=["POST"]),
            Route(callback, self._callback, methods=["GET", "POST"]),
            Route(callback + "/{ve_prefix}", self._callback, methods=["GET", "POST"]),
        ]

    async def _callback(self, request: Request) -> Response:
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            return self._closed_door(request) or await self._call(request)
        finally:
            self._in_flight -= 1

    def _closed_door(self, request: Request) -> Response | None:
        """404, 403 or 429, before the body is looked at."""
        mine = (self._access.company, self._access.callback_id)
        if (request.path_params["company"], request.path_params["callback_id"]) != mine or not self._switches.enabled:
            return _message(404, "Not found.")
        signature = request.headers.get("patchworks-signature") or request.query_params.get("patchworks_signature", "")
        if not _same(signature, self._access.signature):
            return _message(403, "Invalid signature.")
        return _too_many(wait) if (wait := self._quota.wait()) else None

    async def _call(self, request: Request) -> Response:
        body = await request.body()
        if refusal := _bad_size(body):
            return refusal
        try:
            asked = Envelope(read_object(body))
        except BadJson as wrong:
            return _invalid("body", str(wrong))

        async def handle(lag: float) -> Response:
            return self._garbled(request, self._answer(asked, lag))

        return await self._faulty(asked, body, handle)

    def _answer(self, asked: Envelope, lag: float) -> Response:
        if (asked.operation in WRITES or asked.operation in UNDOS) and self._switches.take("slow_calls"):
            began = self._flow.begin(asked)
            self._background.spawn(lambda: self._work_on(asked, began))
            return PlainTextResponse("Gateway Timeout", 504)
        element = self._flow.handle(asked, lag)
        if not self._switches.take("odd_answers"):
            return json_answer([element])
        odd: dict[str, object] = {"empty": [], "object": element, "two": [element, element]}
        return json_answer(odd[self._switches.odd_shape])

    def _work_on(self, asked: Envelope, began: bool) -> None:
        time.sleep(self._switches.slow_seconds)
        self._flow.handle(asked, began=began)

    def _garbled(self, request: Request, answer: Response) -> Response:
        """Without both JSON headers a reply may be malformed: here it always is."""
        headers = (request.headers.get("content-type", ""), request.headers.get("accept", ""))
        if all("application/json" in header for header in headers) or answer.status_code != 200:
            return answer
        return Response('<?xml version="1.0"?><response/>', 200, media_type="application/xml")

    async def _start(self, request: Request) -> Response:
        if refusal := self._locked_out(request):
            return refusal
        if request.path_params["flow_id"] != self._access.flow_id:
            return _message(404, "Not found.")
        if not self._switches.enabled:
            return _invalid("flow", "The flow has no deployed version.")
        body = await request.body()
        if refusal := _bad_size(body):
            return refusal
        try:
            asked = Envelope(read_object(body)) if body else BLANK
        except BadJson as wrong:
            return _invalid("payload", str(wrong))

        async def handle(_lag: float) -> Response:
            return json_answer({"message": "Flow initialised.", "flow_run_id": self._runs.start(asked)})

        return await self._faulty(asked, body, handle)

    async def _flow_runs(self, request: Request) -> Response:
        if refusal := self._locked_out(request):
            return refusal

        async def handle(lag: float) -> Response:
            try:
                return json_answer(self._runs.page(request.query_params, lag))
            except (ValueError, TypeError) as wrong:
                return _invalid("query", str(wrong))

        return await under_faults(self._faults, "flow_runs", str(request.url.query), handle, _refuse)

    def _locked_out(self, request: Request) -> Response | None:
        """The raw key is the whole header: no `Bearer`."""
        known = _same(request.headers.get("authorization", ""), self._access.api_key)
        return None if known else _message(401, "Unauthenticated.")

    async def _faulty(self, asked: Envelope, body: bytes, handle: Callable[[float], Awaitable[Response]]) -> Response:
        def refuse(fault: Fault) -> Response:
            if fault.kind != "unavailable" or fault.status != 200:
                return _refuse(fault)
            return json_answer([self._trouble(asked, fault)])

        name = asked.operation or "unreadable"
        return await under_faults(self._faults, name, body.decode(errors="replace"), handle, refuse)

    def _trouble(self, asked: Envelope, fault: Fault) -> Json:
        refused = Refused(TROUBLE.get(fault.seconds, "RATE_LIMITED"), "the ERP cannot be reached by the flow")
        if asked.operation in WRITES or asked.operation in UNDOS:
            self._flow.note_error(asked, refused)
        head = {"operation": asked.operation, "idempotencyKey": asked.key}
        return {"status": "error", **head, "duplicate": False, "error": refused.error}


def _refuse(fault: Fault) -> Response:
    if fault.kind == "throttle":
        return _too_many(ceil(fault.seconds))
    return _message(fault.status, "Server Error")


def _bad_size(body: bytes) -> Response | None:
    return _message(413, "Payload Too Large") if len(body) > MOST_BYTES else None


def _too_many(wait: int) -> Response:
    """`Retry-After` only where there is something to wait for."""
    return json_answer({"message": "Too Many Attempts."}, 429, {"Retry-After": str(wait)} if wait else None)


def _invalid(field: str, text: str) -> Response:
    return json_answer({"message": "The given data was invalid.", "errors": {field: [text]}}, 422)


def _message(status: int, text: str) -> Response:
    return json_answer({"message": text}, status)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
