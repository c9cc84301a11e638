#!/bin/sh
# Creates the namespace when it is not there. Safe to run again.
# Needs: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_RETENTION.
set -eu

tries=0
until temporal operator cluster health; do
    tries=$((tries + 1))
    test "$tries" -lt 30 || { echo "Temporal at $TEMPORAL_ADDRESS is not healthy" >&2; exit 1; }
    sleep 2
done

if temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    echo "Namespace $TEMPORAL_NAMESPACE is there"
else
    temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
fi
