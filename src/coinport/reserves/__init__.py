"""Proof of liabilities: what is published so that anybody can check what the exchange owes."""
