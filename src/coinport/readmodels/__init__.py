"""Floor 3, what people look at: projections of the journal. They can be dropped and rebuilt.

In SQL, written by `Projector`: orders, trades, transfers, balances, candles, accounts, listings. In
memory, never behind an answer, in `LiveViews`: depth, tickers, listings, who is suspended.
"""
