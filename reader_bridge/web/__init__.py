"""The HTTP API on 127.0.0.1: who may call, and what they get."""
