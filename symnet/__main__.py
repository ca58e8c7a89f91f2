"""`python -m symnet` is the command `symnet`."""

from .cli import main

main()
