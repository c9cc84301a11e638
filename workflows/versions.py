"""Every patch of workflow code, one named function each (D12): ``workflow.patched`` is called nowhere else.

There is none yet: what changed so far travels as data, in the `FlowPolicy` of the RMA (docs/decisions/0011). A change
that moves commands of open returns gets a function here, named for what it brings::

    def asks_the_carrier() -> bool:
        return workflow.patched("asks-the-carrier")

It goes when no open return is older than it: first to ``workflow.deprecate_patch``, then altogether.
"""
