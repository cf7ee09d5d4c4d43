"""Floor 0, the words: units, listings, commands, events, records. Pure data, no behaviour."""
