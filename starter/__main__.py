"""`python -m starter`: the command ``backhaul``, where its script is not on the path."""

from starter.cli import main

if __name__ == "__main__":
    main()
