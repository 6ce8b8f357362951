"""`python -m los_cli` is `los`."""

from los_cli import main

main()
