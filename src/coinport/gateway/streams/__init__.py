"""Streams: the exchange live, over one WebSocket, and the same orders as over HTTP."""
