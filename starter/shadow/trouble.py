"""What can go wrong with a rehearsal itself. The text is for people."""


class ShadowTrouble(Exception):
    """A system does not answer, or a part of the rehearsal did not start."""
