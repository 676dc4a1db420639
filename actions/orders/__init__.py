"""Order store: customers, orders, verification, delivery. Knows nothing of Rasa."""
