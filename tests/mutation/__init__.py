"""Change one thing at a time in the code that must not be wrong, and see whether the tests notice."""
