#!/bin/sh
# Registers the search attributes that every return sets; without them Temporal refuses to start a return.
# Safe to run again. A new namespace is known to all parts of the server only after some seconds, hence the loop.
# One call each: CLI 1.9.1 takes several --name, answers 0 and registers the first one only.
# Needs: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE.
set -eu

for name in BackhaulConnection BackhaulReturn BackhaulAttention; do
    tries=0
    until temporal operator search-attribute create --type Keyword --name "$name"; do
        tries=$((tries + 1))
        test "$tries" -lt 15 || exit 1
        sleep 2
    done
done
