"""Passwords of local accounts: argon2id, away from the event loop, few at a time."""

import asyncio
import secrets
from functools import cached_property

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

#: Shortest password that is taken, as NIST SP 800-63B advises for a single factor.
SHORTEST = 15
LONGEST = 200
#: argon2 takes 64 MiB each: more at once would let strangers use up the memory.
_AT_ONCE = 2
_GENERATED_BYTES = 18


class Passwords:
    """Hashes and checks. Costs are for tests, which hash often."""

    def __init__(self, time_cost: int = 3, memory_cost: int = 65_536) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=time_cost, memory_cost=memory_cost, parallelism=1),))
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @cached_property
    def _nobody(self) -> str:
        """What the password of an account that is not there is checked against."""
        return self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The hash to keep, with a salt of its own."""
        return self._hasher.hash(password)

    async def hashed(self, password: str) -> str:
        """As `hash`, away from the event loop."""
        async with self._turn:
            return await asyncio.to_thread(self.hash, password)

    async def check(self, password: str, kept: str) -> tuple[bool, str]:
        """Whether it is the password, and a hash with present-day costs where the kept one has others.

        Without a kept hash it takes as long as with one: nobody learns which accounts exist.
        """
        async with self._turn:
            right, fresh = await asyncio.to_thread(self._hasher.verify_and_update, password, kept or self._nobody)
        return right and bool(kept), fresh or ""


def refusal(password: str) -> str:
    """Why this password is not taken; empty when it is."""
    if len(password) < SHORTEST:
        return f"A password has {SHORTEST} characters or more; several words are easiest to keep in mind."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    return ""


def generated() -> str:
    """A password nobody can guess."""
    return secrets.token_urlsafe(_GENERATED_BYTES)
