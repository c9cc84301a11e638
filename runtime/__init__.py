"""What a process needs to run: settings, Temporal client, codec, telemetry, logs. No business words."""
