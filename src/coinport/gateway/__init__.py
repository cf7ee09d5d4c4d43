"""Floor 4, HTTP: JSON and decimal text outside, integers and commands inside."""
