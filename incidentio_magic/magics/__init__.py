"""What a user types: `%incidents`, its subcommands, the cell magics and completion.

Each module reads a command line and calls `client`, a form or the sandbox; `session` holds the notebook's connection.
Imports from every room below; loaded by `%load_ext incidentio_magic`.
"""
