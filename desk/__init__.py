"""What people see of returns and what they may do to them; the command line, the bridge and the console share it."""
