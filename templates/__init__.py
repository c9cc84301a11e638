"""Starting points for new adapters, and the command that copies them: `make vendor NAME=acme`."""
