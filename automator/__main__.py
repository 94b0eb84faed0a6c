"""`python -m automator` is `mi-automator`."""

from automator.cli import main

if __name__ == "__main__":
    main()
