"""What is promised, attacked: run by pytest in small, and by `python -m tests.faults` for longer."""
