"""What is handed to a colleague as Markdown: a shift, or everything that is known of one incident.

Pure: facts in, text out, with nothing private in it that was not asked for. The client collects the facts.
"""
