"""Answers generated from the vendor's own contract, odd in every way, read through everything that reads."""
