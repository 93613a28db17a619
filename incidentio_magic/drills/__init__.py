"""Drills: scripted incidents to practise on, their reports and their scores.

Scenarios are read from TOML files, played by the sandbox, and scored from what was recorded there.
Imports from `client` and the rooms below it; imported by `magics` and `__main__`, which hands it to the sandbox.
"""
