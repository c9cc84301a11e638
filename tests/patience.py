"""How long tests wait for what must happen."""

#: Seconds until a test says that something never came. It is no requirement: on a machine that is busy with other tests
#: all takes longer. Where a requirement has a limit, its test has that limit.
PATIENCE = 60.0
