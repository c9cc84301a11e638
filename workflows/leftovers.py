"""Parcels that their return recorded and will never book: each goes on in a workflow of its own (E20, E29)."""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.messages import PARCEL_WORKFLOW, RETURNS_QUEUE
from domain.parcel import DIGEST_MEMO, ParcelStart
from workflows.case import ReturnCase
from workflows.receiving import next_inspection
from workflows.visible import search_attributes


async def hand_over_leftovers(case: ReturnCase) -> None:
    """What is in them goes to quarantine there, and a person decides; it outlives the return."""
    while inspection := next_inspection(case):
        start = ParcelStart(
            ref=case.ref,
            inspection=inspection,
            erp_queue=case.start.erp_queue,
            platform_queue=case.start.platform_queue,
        )
        with suppress(WorkflowAlreadyStartedError):  # the warehouse sent it again after the end: it is taken in
            await workflow.start_child_workflow(
                PARCEL_WORKFLOW,
                start,
                id=start.workflow_id,
                task_queue=RETURNS_QUEUE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                memo={DIGEST_MEMO: start.digest},
                search_attributes=search_attributes(case.ref),
                static_summary=f"Parcel {inspection.inspection_id} of return {case.ref.return_id}",
            )
        case.discarded.add(inspection.inspection_id)
