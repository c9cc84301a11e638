#!/bin/sh
# Creates both databases of Temporal, or brings them to the schema of this version. Safe to run again.
# Needs: POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, SQL_PASSWORD.
set -eu

schema() {
    database=$1
    versions=$2
    shift 2
    tool() {
        temporal-sql-tool --plugin postgres12 --endpoint "$POSTGRES_HOST" --port "$POSTGRES_PORT" \
            --user "$POSTGRES_USER" --database "$database" "$@"
    }
    tool create-database
    tool setup-schema -v 0.0
    tool update-schema -d "/etc/temporal/schema/postgresql/v12/$versions/versioned"
}

schema temporal temporal
schema temporal_visibility visibility
