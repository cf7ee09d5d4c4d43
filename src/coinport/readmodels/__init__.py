"""Floor 3, what people look at: projections of the journal. They can be dropped and rebuilt."""
