"""`python -m bot …`: what an operator or developer does from a terminal."""
