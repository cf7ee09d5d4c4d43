"""Floor 1, the rules: what a command does. Pure: no clock, file, thread, randomness or float."""
