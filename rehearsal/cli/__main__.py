"""`python -m rehearsal.cli` is `rehearse`."""

from rehearsal.cli.app import main

main()
