"""The only part that faces the network: conversations, hand-off, staff."""
