"""Floor 3, people and keys: passwords, sessions, tokens, one-time codes. Never in the journal."""
