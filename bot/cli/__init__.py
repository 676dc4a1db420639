"""`python -m bot`: run, train, chat, doctor, report."""
