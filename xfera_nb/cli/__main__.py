"""``python -m xfera_nb.cli``: the command ``xfera`` where scripts are not on the path."""

import sys

from xfera_nb.cli import main

if __name__ == "__main__":
    sys.exit(main())
