"""Floor 3, operations: what operators can ask for, what they did, and what they announce."""
