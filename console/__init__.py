"""The pages where people work: made on the server, usable without scripts, by keyboard and on a phone."""
