"""Where returns start: the webhook bridge, its dispatch to Temporal, the command line."""
