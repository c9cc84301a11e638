"""The world around Backhaul, for tests and demo: vendors emulated over real HTTP.

Nothing here imports from the product: an emulator that shared a mapping with its adapter would agree with
its mistakes.
"""
