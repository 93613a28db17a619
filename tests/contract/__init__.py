"""Judges recorded requests and answers by the vendor's own OpenAPI document."""
