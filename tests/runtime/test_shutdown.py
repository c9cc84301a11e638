"""SIGTERM and SIGINT are wishes to leave, not deaths."""

import os
import signal

import pytest

from runtime.shutdown import stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_sets_the_event_and_the_old_handler_returns(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        await stop.wait()
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before
