"""Administration: what an operator asks of a running exchange, over a socket in its directory."""
