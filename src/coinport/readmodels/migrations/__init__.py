"""Migrations of the read models. One that changes what a table holds deletes all rows and sets the
checkpoint to 0: the projector then makes them anew from the journal."""
