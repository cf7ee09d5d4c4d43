"""Floor 2, the truth: one writer, the durable log, snapshots, the feed."""
