"""Drills: scripted incidents to practise on, and what became of them."""
