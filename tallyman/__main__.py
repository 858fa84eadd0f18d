"""`python -m tallyman`: the command, where its script is not on the path."""

from tallyman.cli import main

if __name__ == "__main__":
    main()
