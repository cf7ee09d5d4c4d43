"""`python -m coinport` is `coinport`."""

from coinport.app.cli import main

main()
