"""The realtime protocol: sockets, and the algorithm that makes events complete and ordered."""
