"""Floor 2, SQL: connect and migrate."""
