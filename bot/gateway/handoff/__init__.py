"""From bot to person and back: the states, and the queue in the database."""
