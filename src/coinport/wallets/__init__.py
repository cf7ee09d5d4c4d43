"""Money in and out: addresses, chains and their nodes, keys in a process of their own."""
