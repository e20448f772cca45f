"""`python -m rehearsal.cli` is `rehearse`."""

from rehearsal.cli.entry import main

main()
